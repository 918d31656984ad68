import { App, Aws, type CfnElement, CfnOutput, type IStackSynthesizer, LegacyStackSynthesizer, Stack } from 'aws-cdk-lib';
import { ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Attempts } from './attempts.ts';
import { Functions } from './functions.ts';
import { HttpApi } from './http-api.ts';
import { Monitoring } from './monitoring.ts';
import { partsOf, PREFIX } from './names.ts';
import { Parameters } from './parameters.ts';
import { onCorpora } from './permissions.ts';
import { makeQueues } from './queues.ts';
import { makeBucket } from './storage.ts';
import { makeTopics } from './topics.ts';

/** Mailwright in the cloud, as DESIGN.md has it: one stack, for any account and region. */
export class MailwrightStack extends Stack {
  constructor(app: App, version: string, code: string) {
    super(app, 'Mailwright', {
      description: `Mailwright ${version}: synthetic e-mail corpora`,
      synthesizer: new LegacyStackSynthesizer() as IStackSynthesizer, // needs no bootstrap stack: there are no assets
      analyticsReporting: false,
    });
    const parameters = new Parameters(this);
    const bucket = makeBucket(this, parameters.expiryDays);
    const { shards, deadLetters } = makeQueues(this);
    const { notices, alarms } = makeTopics(this, parameters);
    const functions = new Functions(this, code, { parameters, bucket, shards, deadLetters, topic: notices });
    const attempts = new Attempts(this, parameters, functions, notices);
    const monitoring = new Monitoring(this, { functions, attempts, shards, deadLetters }, alarms);
    new HttpApi(this, parameters, functions.coordinator);

    const userPolicy = new ManagedPolicy(this, 'UserAccess', {
      managedPolicyName: `${Aws.STACK_NAME}-user`,
      description: 'What a user of Mailwright needs: calls of the coordinator, and reading corpora',
      statements: [
        new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [functions.coordinator.functionArn] }),
        onCorpora(bucket, 'GetObject'),
      ],
    });

    this.tell('Bucket', bucket.bucketName, 'The bucket of the corpora');
    this.tell('Prefix', PREFIX, 'Where the corpora are in it');
    this.tell('Coordinator', functions.coordinator.functionArn, 'What users invoke');
    this.tell('UserPolicy', userPolicy.managedPolicyArn, 'The policy that lets somebody use this stack: attach it to them');
    this.tell('Topic', notices.topicArn, 'Tells when an attempt has ended');
    this.tell('AlarmTopic', alarms.topicArn, 'Tells of alarms');
    this.tell('StateMachine', attempts.machine.stateMachineArn, 'One execution an attempt');
    this.tell('Queue', shards.queueUrl, 'The shards that wait for a worker');
    this.tell('DeadLetters', deadLetters.queueUrl, 'Shards that were given up');
    this.tell('Dashboard', monitoring.dashboardUrl, 'The dashboard');
  }

  private tell(name: string, value: string, description: string): void {
    new CfnOutput(this, name, { value, description });
  }

  /** Names that a person can read in a change set: the path, without the hash that CDK adds. It refuses names that are taken. */
  protected override allocateLogicalId(element: CfnElement): string {
    return partsOf(element.node.path).join('');
  }
}
