import { CfnCondition, CfnParameter, Fn } from 'aws-cdk-lib';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { USUAL_STACK } from '../src/job/cost.ts';

/** Days that CloudWatch Logs can keep a log. */
const LOG_DAYS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

/** What who deploys the stack may choose. */
export class Parameters {
  readonly codeBucket: string;
  /** Workers at once. */
  readonly concurrency: CfnParameter;
  readonly mostMessages: CfnParameter;
  readonly mostCost: CfnParameter;
  readonly mostShards: CfnParameter;
  readonly expiryDays: CfnParameter;
  readonly notifyEmail: CfnParameter;
  readonly logDays: RetentionDays;
  readonly hasEmail: CfnCondition;
  readonly hasHttpApi: CfnCondition;

  constructor(scope: Construct) {
    const number = (name: string, of: { description: string; default: number; minValue: number; maxValue: number }): CfnParameter =>
      new CfnParameter(scope, name, { type: 'Number', ...of });
    this.codeBucket = new CfnParameter(scope, 'CodeBucket', {
      description: 'The bucket that holds the code of the functions, in this region. mailwright deploy makes it and sets this.',
      minLength: 3,
      maxLength: 63,
    }).valueAsString;
    this.concurrency = number('Concurrency', {
      description:
        'Workers at once. S3 takes about 3,500 messages a second at first, which a few workers reach: more of them pay off for zip and mbox.',
      default: USUAL_STACK.concurrency,
      minValue: 2,
      maxValue: 1000,
    });
    this.mostMessages = number('MostMessages', {
      description: 'The largest job that is accepted, in messages.',
      default: 10_000_000,
      minValue: 1,
      maxValue: 1_000_000_000,
    });
    this.mostCost = number('MostCost', {
      description: 'The dearest job that is accepted: its estimated cost in US dollars.',
      default: 100,
      minValue: 1,
      maxValue: 1_000_000,
    });
    this.mostShards = number('MostShards', {
      description: 'The most shards of a job: all of them are queued at once.',
      default: 30_000,
      minValue: 1,
      maxValue: 999_999,
    });
    this.expiryDays = number('ExpiryDays', {
      description: 'Days after which S3 deletes what belongs to a corpus.',
      default: USUAL_STACK.expiryDays,
      minValue: 1,
      maxValue: 3650,
    });
    this.notifyEmail = new CfnParameter(scope, 'NotifyEmail', {
      description:
        'A mail address that is told when an attempt has ended, and of alarms; empty: none. It has to confirm both subscriptions.',
      default: '',
      maxLength: 320,
      allowedPattern: '^$|^[^\\s@]+@[^\\s@]+$',
      constraintDescription: 'a mail address, or nothing',
    });
    const httpApi = new CfnParameter(scope, 'HttpApi', {
      description: 'Whether the calls of the coordinator are also offered as an HTTP API, signed with IAM.',
      default: 'off',
      allowedValues: ['off', 'on'],
    });
    const logDays = new CfnParameter(scope, 'LogDays', {
      type: 'Number',
      description: 'Days for which logs are kept.',
      default: 30,
      allowedValues: LOG_DAYS.map(String),
    });
    this.logDays = logDays.valueAsNumber;
    this.hasEmail = new CfnCondition(scope, 'HasEmail', { expression: Fn.conditionNot(Fn.conditionEquals(this.notifyEmail, '')) });
    this.hasHttpApi = new CfnCondition(scope, 'HasHttpApi', { expression: Fn.conditionEquals(httpApi, 'on') });
  }
}
