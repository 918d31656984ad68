import { CfnSubscription, Topic } from 'aws-cdk-lib/aws-sns';
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Aws } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Parameters } from './parameters.ts';
import { forThisAccount } from './permissions.ts';

/**
 * What the stack tells: `notices` has one message for each attempt that has ended and nothing else, so that a program may
 * read it; `alarms` is for who runs the stack.
 */
export function makeTopics(scope: Construct, parameters: Parameters): { readonly notices: Topic; readonly alarms: Topic } {
  const make = (id: string, name: string, displayName: string): Topic => {
    const topic = new Topic(scope, id, { topicName: `${Aws.STACK_NAME}-${name}`, displayName, enforceSSL: true });
    const subscription = new CfnSubscription(scope, `${id}Email`, {
      topicArn: topic.topicArn,
      protocol: 'email',
      endpoint: parameters.notifyEmail.valueAsString,
    });
    subscription.cfnOptions.condition = parameters.hasEmail;
    return topic;
  };
  const notices = make('NoticesTopic', 'notices', 'Mailwright');
  const alarms = make('AlarmsTopic', 'alarms', 'Mailwright alarms');
  alarms.addToResourcePolicy(
    new PolicyStatement({
      sid: 'AlarmsMayPublish',
      effect: Effect.ALLOW,
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['sns:Publish'],
      resources: [alarms.topicArn],
      conditions: forThisAccount,
    }),
  );
  return { notices, alarms };
}
