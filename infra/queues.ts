import { Duration } from 'aws-cdk-lib';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { TIMES } from '../src/job/times.ts';
import { DEADLETTER_TIMEOUT } from './functions.ts';

/**
 * The queue of the shards and its dead letters. They have no names of their own: SQS takes no name again within a minute of
 * its deletion, so that `destroy` and `deploy` in a row would fail.
 */
export function makeQueues(scope: Construct): { readonly shards: Queue; readonly deadLetters: Queue } {
  const common = { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true };
  const deadLetters = new Queue(scope, 'DeadLetterQueue', {
    ...common,
    // SQS counts the age of a dead letter from its first sending: it has to live longer than the queue's messages.
    retentionPeriod: Duration.days(14),
    visibilityTimeout: Duration.seconds(6 * DEADLETTER_TIMEOUT),
  });
  const shards = new Queue(scope, 'ShardQueue', {
    ...common,
    // An attempt is closed after TIMES.deadline, a day: what is older belongs to none that could still use it.
    retentionPeriod: Duration.days(4),
    visibilityTimeout: Duration.seconds(TIMES.visibility),
    deadLetterQueue: { queue: deadLetters, maxReceiveCount: TIMES.receives },
  });
  return { shards, deadLetters };
}
