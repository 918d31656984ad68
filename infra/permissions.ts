import { Aws } from 'aws-cdk-lib';
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { type FunctionName, PREFIX, stateMachineArn } from './names.ts';

const allow = (service: string, actions: readonly string[], resource: string): PolicyStatement =>
  new PolicyStatement({ effect: Effect.ALLOW, actions: actions.map((action) => `${service}:${action}`), resources: [resource] });

/** Actions on the objects of all jobs. */
export const onCorpora = (bucket: Bucket, ...actions: string[]): PolicyStatement =>
  allow('s3', actions, bucket.arnForObjects(`${PREFIX}*`));

/**
 * Listing the jobs, and 404 instead of 403 for a key that is not there. `IfExists`: when S3 decides between the two, the
 * request is a GetObject, and has no prefix.
 */
function listing(bucket: Bucket): PolicyStatement {
  const statement = allow('s3', ['ListBucket'], bucket.bucketArn);
  statement.addCondition('StringLikeIfExists', { 's3:prefix': `${PREFIX}*` });
  return statement;
}

const sending = (queue: Queue): PolicyStatement => allow('sqs', ['SendMessage'], queue.queueArn);

/** What Lambda does for a function that an event source of a queue feeds. */
const receiving = (queue: Queue): PolicyStatement =>
  allow('sqs', ['ReceiveMessage', 'DeleteMessage', 'ChangeMessageVisibility', 'GetQueueAttributes'], queue.queueArn);

const starting = (): PolicyStatement => allow('states', ['StartExecution'], stateMachineArn);

/** What each function may do, besides writing its log. */
export function permissionsOf(name: FunctionName, bucket: Bucket, shards: Queue, deadLetters: Queue): PolicyStatement[] {
  switch (name) {
    case 'coordinator':
      return [onCorpora(bucket, 'GetObject', 'PutObject', 'DeleteObject'), listing(bucket), starting()];
    case 'dispatcher':
      return [onCorpora(bucket, 'GetObject'), listing(bucket), sending(shards)];
    case 'worker':
      return [onCorpora(bucket, 'GetObject', 'PutObject', 'AbortMultipartUpload'), listing(bucket), receiving(shards)];
    case 'supervisor':
      return [onCorpora(bucket, 'GetObject', 'PutObject', 'AbortMultipartUpload'), listing(bucket), sending(shards), starting()];
    case 'deadletter':
      return [onCorpora(bucket, 'GetObject', 'PutObject'), listing(bucket), receiving(deadLetters)];
  }
}

/** A function writes to its own log group, which the stack has made. */
export const logging = (logGroupArn: string): PolicyStatement => allow('logs', ['CreateLogStream', 'PutLogEvents'], logGroupArn);

/** What the state machine may do: its tasks. */
export const tasks = (functionArns: readonly string[], topicArn: string): PolicyStatement[] => [
  new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [...functionArns] }),
  allow('sns', ['Publish'], topicArn),
];

/** What Step Functions needs to set up its log: these actions know no resources. */
export const logDelivery = (): PolicyStatement =>
  allow(
    'logs',
    [
      'CreateLogDelivery',
      'GetLogDelivery',
      'UpdateLogDelivery',
      'DeleteLogDelivery',
      'ListLogDeliveries',
      'PutResourcePolicy',
      'DescribeResourcePolicies',
      'DescribeLogGroups',
    ],
    '*',
  );

/** A service acts only for this account. */
export const forThisAccount = { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } };
