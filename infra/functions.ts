import { Duration, Fn, RemovalPolicy } from 'aws-cdk-lib';
import { Role, ServicePrincipal, PolicyDocument } from 'aws-cdk-lib/aws-iam';
import {
  Alias,
  Architecture,
  type CfnVersion,
  Code,
  EventSourceMapping,
  Function,
  type IVersion,
  LoggingFormat,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { USUAL_STACK } from '../src/job/cost.ts';
import { ASSUMED } from '../src/job/prices.ts';
import { TIMES } from '../src/job/times.ts';
import { ALIAS, FUNCTIONS, functionName, type FunctionName, PREFIX, stateMachineArn } from './names.ts';
import type { Parameters } from './parameters.ts';
import { logging, permissionsOf } from './permissions.ts';

export const DEADLETTER_TIMEOUT = 60;

/** `timeout` in seconds, `memory` in MB. */
const SIZES: Readonly<Record<FunctionName, { readonly timeout: number; readonly memory: number; readonly does: string }>> = {
  coordinator: {
    timeout: 120,
    memory: ASSUMED.processorMemory,
    does: 'Answers the calls: describe, start, status, cancel, retry, list, delete',
  },
  dispatcher: { timeout: 900, memory: 512, does: 'Puts the shards of an attempt on the queue' },
  worker: { timeout: TIMES.workerTimeout, memory: USUAL_STACK.workerMemory, does: 'Makes the messages of one shard' },
  supervisor: { timeout: 900, memory: 1024, does: 'Watches over an attempt, and ends it' },
  deadletter: { timeout: DEADLETTER_TIMEOUT, memory: 256, does: 'Records shards that were given up' },
};

/** Bytes of a user's own packs, as JSON: an invocation may have 6 MB. */
const MOST_PACK_BYTES = 4_000_000;

interface Uses {
  readonly parameters: Parameters;
  readonly bucket: Bucket;
  readonly shards: Queue;
  readonly deadLetters: Queue;
  readonly topic: Topic;
}

/** The functions, each with a role and a log of its own, and what feeds them. */
export class Functions {
  readonly coordinator: Alias;
  readonly dispatcher: Function;
  readonly worker: Function;
  readonly supervisor: Function;
  readonly deadletter: Function;

  /** `code` is the key of the code in its bucket: one zip for all of them, with an entry point each. */
  constructor(scope: Construct, code: string, uses: Uses) {
    const { parameters, bucket, shards, deadLetters } = uses;
    const codeBucket = Bucket.fromBucketName(scope, 'Code', parameters.codeBucket);
    const make = (name: FunctionName): Function => {
      const id = name[0]!.toUpperCase() + name.slice(1);
      const logGroup = new LogGroup(scope, `${id}Log`, {
        logGroupName: `/aws/lambda/${functionName(name)}`,
        retention: parameters.logDays,
        removalPolicy: RemovalPolicy.DESTROY,
      });
      const role = new Role(scope, `${id}Role`, {
        assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
        inlinePolicies: {
          [name]: new PolicyDocument({
            statements: [...permissionsOf(name, bucket, shards, deadLetters), logging(logGroup.logGroupArn)],
          }),
        },
      });
      const { timeout, memory, does } = SIZES[name];
      return new Function(scope, `${id}Function`, {
        functionName: functionName(name),
        description: does,
        runtime: Runtime.NODEJS_24_X,
        architecture: Architecture.ARM_64,
        handler: `${name}.handler`,
        code: Code.fromBucketV2(codeBucket, code),
        timeout: Duration.seconds(timeout),
        memorySize: memory,
        role,
        logGroup,
        loggingFormat: LoggingFormat.TEXT, // the functions write JSON lines themselves: Lambda would wrap them, and the metrics in them
        environment: {
          TIMES: JSON.stringify(TIMES),
          BUCKET: bucket.bucketName,
          PREFIX,
          ...environmentOf(name, uses),
        },
      });
    };
    const made = Object.fromEntries(FUNCTIONS.map((name) => [name, make(name)])) as Record<FunctionName, Function>;
    this.dispatcher = made.dispatcher;
    this.worker = made.worker;
    this.supervisor = made.supervisor;
    this.deadletter = made.deadletter;
    this.coordinator = publish(scope, made.coordinator, parameters);

    new EventSourceMapping(scope, 'WorkerSource', {
      target: this.worker,
      eventSourceArn: shards.queueArn,
      batchSize: 1,
      reportBatchItemFailures: true,
      maxConcurrency: parameters.concurrency.valueAsNumber,
    });
    new EventSourceMapping(scope, 'DeadletterSource', {
      target: this.deadletter,
      eventSourceArn: deadLetters.queueArn,
      batchSize: 10,
      reportBatchItemFailures: true,
      maxConcurrency: 2,
    });
    // Of executions that ended badly: see the rule.
    this.supervisor.configureAsyncInvoke({ retryAttempts: 2, maxEventAge: Duration.hours(6) });
  }
}

/** What one function is told besides what all are told. */
function environmentOf(name: FunctionName, { parameters, shards, topic }: Uses): Record<string, string> {
  switch (name) {
    case 'coordinator':
      return {
        STATE_MACHINE: stateMachineArn,
        TOPIC: topic.topicArn,
        LIMITS: Fn.sub(`{"messages":\${MostMessages},"cost":\${MostCost},"shards":\${MostShards},"packBytes":${MOST_PACK_BYTES}}`),
        CONCURRENCY: parameters.concurrency.valueAsString,
        WORKER_MEMORY: String(SIZES.worker.memory),
        EXPIRY_DAYS: parameters.expiryDays.valueAsString,
      };
    case 'dispatcher':
    case 'worker':
      return { QUEUE: shards.queueUrl };
    case 'supervisor':
      return { QUEUE: shards.queueUrl, STATE_MACHINE: stateMachineArn };
    case 'deadletter':
      return {};
  }
}

/**
 * The alias that users invoke. CDK gives the version another name when the code or the settings change in the template;
 * parameters change outside it, so they stand in the description: another description is another version.
 */
function publish(scope: Construct, coordinator: Function, parameters: Parameters): Alias {
  const version: IVersion = coordinator.currentVersion as IVersion; // `as`: CDK's types are less exact about what is optional
  const { mostMessages, mostCost, mostShards, concurrency, expiryDays } = parameters;
  const values = [mostMessages, mostCost, mostShards, concurrency, expiryDays].map((parameter) => parameter.valueAsString);
  const resource = version.node.defaultChild as CfnVersion;
  resource.description = Fn.join(' ', values);
  resource.addDeletionOverride('Metadata'); // CDK's note to itself
  return new Alias(scope, 'CoordinatorLive', { aliasName: ALIAS, version, description: 'What users invoke' });
}
