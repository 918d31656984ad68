import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CloudFormationClient,
  CreateChangeSetCommand,
  DeleteStackCommand,
  DescribeChangeSetCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  ExecuteChangeSetCommand,
  type StackEvent,
} from '@aws-sdk/client-cloudformation';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import aws4 from 'aws4';
import { fromIni } from '@aws-sdk/credential-providers';
import { until } from '../e2e/support.ts';
import { startCloud, type Cloud, type Login } from './emulator/cloud.ts';
import { Evaluation, inOrder, parseTemplate } from './emulator/cloudformation/template.ts';
import { allowed, statementsOf } from './emulator/policy.ts';
import { bundle, stackTemplate } from './small-stack.ts';

const CODE = { codeBucket: 'artifacts', codeKey: 'code.zip' };
const SCALE = 60;

function settings(cloud: Cloud, login: Login) {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = cloud.environment(login);
  return {
    endpoint: cloud.endpoint,
    region: cloud.region,
    credentials: { accessKeyId: AWS_ACCESS_KEY_ID!, secretAccessKey: AWS_SECRET_ACCESS_KEY! },
    maxAttempts: 1,
  };
}

async function putCode(cloud: Cloud): Promise<void> {
  const s3 = new S3Client(settings(cloud, 'admin'));
  await s3.send(new CreateBucketCommand({ Bucket: CODE.codeBucket }));
  await s3.send(new PutObjectCommand({ Bucket: CODE.codeBucket, Key: CODE.codeKey, Body: bundle() }));
}

const parametersOf = (values: Readonly<Record<string, string>>) =>
  Object.entries(values).map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue }));

/** Makes a change set and executes it; answers with the stack's status at the end. */
async function deploy(
  cloud: Cloud,
  template: string,
  more: Readonly<Record<string, string>> = {},
): Promise<{ status: string; outputs: Record<string, string>; changes: string[] }> {
  const client = new CloudFormationClient(settings(cloud, 'admin'));
  const s3 = new S3Client(settings(cloud, 'admin'));
  await s3.send(new PutObjectCommand({ Bucket: CODE.codeBucket, Key: 'template.json', Body: template }));
  const StackName = 'test';
  const there = await client.send(new DescribeStacksCommand({ StackName })).catch(() => undefined);
  const { Id } = await client.send(
    new CreateChangeSetCommand({
      StackName,
      ChangeSetName: `change-${Date.now()}`,
      ChangeSetType: there ? 'UPDATE' : 'CREATE',
      TemplateURL: `${cloud.endpoint}/${CODE.codeBucket}/template.json`,
      Parameters: parametersOf({ CodeBucket: CODE.codeBucket, CodeKey: CODE.codeKey, ...more }),
      Capabilities: ['CAPABILITY_NAMED_IAM'],
    }),
  );
  const changes: string[] = [];
  let token: string | undefined;
  do {
    const page = await client.send(new DescribeChangeSetCommand({ ChangeSetName: Id, NextToken: token }));
    if (page.Status === 'FAILED') return { status: page.StatusReason!, outputs: {}, changes };
    for (const { ResourceChange } of page.Changes ?? [])
      changes.push([ResourceChange!.Action, ResourceChange!.LogicalResourceId, ResourceChange!.Replacement].filter(Boolean).join(' '));
    token = page.NextToken;
  } while (token !== undefined);
  await client.send(new ExecuteChangeSetCommand({ ChangeSetName: Id }));
  const stack = await until('the change set is carried out', async () => {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName }));
    return Stacks!.find(({ StackStatus }) => !StackStatus!.endsWith('_IN_PROGRESS'));
  });
  const outputs = Object.fromEntries((stack.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey!, OutputValue!]));
  return { status: stack.StackStatus!, outputs, changes };
}

async function events(cloud: Cloud, StackName = 'test'): Promise<StackEvent[]> {
  const client = new CloudFormationClient(settings(cloud, 'admin'));
  const all: StackEvent[] = [];
  let token: string | undefined;
  do {
    const page = await client.send(new DescribeStackEventsCommand({ StackName, NextToken: token }));
    all.push(...page.StackEvents!);
    token = page.NextToken;
  } while (token !== undefined);
  return all;
}

async function invoke(cloud: Cloud, login: Login, name: string, event: object, more: object = {}) {
  const client = new LambdaClient(settings(cloud, login));
  const answer = await client.send(new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(event), ...more }));
  const text = Buffer.from(answer.Payload ?? []).toString();
  return { ...answer, result: text === '' ? undefined : (JSON.parse(text) as Record<string, unknown>) };
}

const errorOf = async (promise: Promise<unknown>): Promise<Error & { $metadata?: { httpStatusCode?: number } }> =>
  promise.then(
    () => assert.fail('it did not fail'),
    (error: Error) => error,
  );

describe('the embedded cloud', function () {
  let cloud: Cloud;
  let outputs: Record<string, string>;

  before(async () => {
    cloud = await startCloud({ scale: SCALE, concurrency: 2 });
    await putCode(cloud);
    const deployed = await deploy(cloud, stackTemplate({ times: { workerTimeout: 180, receives: 5 } }));
    assert.equal(deployed.status, 'CREATE_COMPLETE', JSON.stringify(await events(cloud), undefined, 1));
    outputs = deployed.outputs;
  });

  after(() => cloud.stop());

  afterEach(() => {
    cloud.faults = {};
  });

  describe('CloudFormation', () => {
    it('tells of what it did, newest first', async () => {
      const all = await events(cloud);
      assert.equal(all[0]!.ResourceStatus, 'CREATE_COMPLETE');
      assert.equal(all[0]!.ResourceType, 'AWS::CloudFormation::Stack');
      assert.equal(all.at(-1)!.ResourceStatus, 'REVIEW_IN_PROGRESS');
      assert.equal(new Set(all.map(({ EventId }) => EventId)).size, all.length);
    });

    it('has nothing to do where nothing changed', async () => {
      const again = await deploy(cloud, stackTemplate({ times: { workerTimeout: 180, receives: 5 } }));
      assert.match(again.status, /didn't contain changes/);
    });

    it('changes what a parameter changes, and what hangs on that', async () => {
      const { status, changes } = await deploy(cloud, stackTemplate({ times: { workerTimeout: 180, receives: 5 } }), {
        Level: '2',
        Email: 'someone@bank.example',
      });
      assert.equal(status, 'UPDATE_COMPLETE');
      assert.deepEqual(changes.sort(), [
        'Add Mail',
        'Modify Watcher False',
        'Modify WatcherLive Conditional',
        'Modify WatcherVersion True',
        'Modify Worker False',
      ]);
      assert.deepEqual(
        cloud.subscriptions.map(({ protocol, endpoint }) => [protocol, endpoint]),
        [['email', 'someone@bank.example']],
      );
      const { ExecutedVersion } = await invoke(cloud, 'user', outputs['Watcher']!, { do: 'echo' });
      assert.equal(ExecutedVersion, '2');
    });

    it('refuses parameters that break their rules', async () => {
      assert.match((await errorOf(deploy(cloud, stackTemplate(), { Level: '4' }))).message, /'Level'.*not greater than 3/);
      assert.match((await errorOf(deploy(cloud, stackTemplate(), { Nobody: 'x' }))).message, /\[Nobody\] do not exist/);
    });

    it('rolls an update back that fails', async () => {
      cloud.broken.set('Worker', 'it is broken');
      const { status } = await deploy(cloud, stackTemplate({ times: { workerTimeout: 180, receives: 5 } }), { Level: '3' });
      cloud.broken.clear();
      assert.equal(status, 'UPDATE_ROLLBACK_COMPLETE');
      const failed = (await events(cloud)).find(({ ResourceStatus }) => ResourceStatus === 'UPDATE_FAILED');
      assert.equal(failed?.LogicalResourceId, 'Worker');
      assert.match(failed.ResourceStatusReason!, /it is broken/);
    });

    it('takes a new stack back that fails, and a resource that it does not know fails', async () => {
      const other = await startCloud();
      try {
        await putCode(other);
        const template = JSON.parse(stackTemplate()) as { Resources: Record<string, object> };
        template.Resources['Table'] = { Type: 'AWS::DynamoDB::Table', DependsOn: 'Machine' };
        const { status } = await deploy(other, JSON.stringify(template));
        assert.equal(status, 'ROLLBACK_COMPLETE');
        const all = await events(other);
        const failed = all.find(({ ResourceStatus }) => ResourceStatus === 'CREATE_FAILED');
        assert.equal(failed?.LogicalResourceId, 'Table');
        assert.match(failed.ResourceStatusReason!, /AWS::DynamoDB::Table is not supported/);
        assert.deepEqual(other.functions, []);
      } finally {
        await other.stop();
      }
    });

    it('deletes a stack, but no bucket with something in it', async () => {
      const other = await startCloud();
      try {
        await putCode(other);
        assert.equal((await deploy(other, stackTemplate())).status, 'CREATE_COMPLETE');
        const s3 = new S3Client(settings(other, 'admin'));
        const client = new CloudFormationClient(settings(other, 'admin'));
        await s3.send(new PutObjectCommand({ Bucket: 'test-corpora', Key: 'corpora/x', Body: 'x' }));
        const [stack] = (await client.send(new DescribeStacksCommand({ StackName: 'test' }))).Stacks!;
        const StackName = stack!.StackId!;
        const remove = async (): Promise<string> => {
          await client.send(new DeleteStackCommand({ StackName }));
          return until('the stack is deleted, or cannot be', async () => {
            const { Stacks } = await client.send(new DescribeStacksCommand({ StackName }));
            return Stacks!.map(({ StackStatus }) => StackStatus!).find((status) => !status.endsWith('_IN_PROGRESS'));
          });
        };
        assert.equal(await remove(), 'DELETE_FAILED');
        await s3.send(new DeleteObjectsCommand({ Bucket: 'test-corpora', Delete: { Objects: [{ Key: 'corpora/x' }] } }));
        assert.equal(await remove(), 'DELETE_COMPLETE');
        const error = await errorOf(client.send(new DescribeStacksCommand({ StackName: 'test' })));
        assert.match(error.message, /does not exist/);
      } finally {
        await other.stop();
      }
    });
  });

  describe('Lambda', () => {
    it('runs a handler in a process of its own, with times in scale', async () => {
      const { result } = await invoke(cloud, 'admin', 'test-watcher', { do: 'echo', x: 1 });
      assert.deepEqual(result!['event'], { do: 'echo', x: 1 });
      assert.equal(result!['name'], 'test-watcher');
      assert.equal(result!['memory'], '128');
      assert.deepEqual(JSON.parse(result!['times'] as string), { workerTimeout: 3, receives: 5 });
    });

    it('uses a warm sandbox again', async () => {
      await invoke(cloud, 'admin', 'test-watcher', { do: 'echo' });
      const before = cloud.counts('test-watcher').coldStarts;
      await invoke(cloud, 'admin', 'test-watcher', { do: 'echo' });
      assert.equal(cloud.counts('test-watcher').coldStarts, before);
    });

    it('tells what a handler throws, and the end of its log', async () => {
      const { FunctionError, result } = await invoke(cloud, 'admin', 'test-watcher', { do: 'throw' });
      assert.equal(FunctionError, 'Unhandled');
      assert.equal(result!['errorType'], 'TestError');
      const { LogResult } = await invoke(cloud, 'admin', 'test-watcher', { do: 'log' }, { LogType: 'Tail' });
      assert.match(Buffer.from(LogResult!, 'base64').toString(), /"Messages":256/);
      assert.deepEqual(
        cloud.metrics.map(({ namespace, name, value, dimensions }) => [namespace, name, value, dimensions]),
        [['Mailwright', 'Messages', 256, { Function: 'test' }]],
      );
    });

    it('stops what exits, and what takes too much memory', async () => {
      const exit = await invoke(cloud, 'admin', 'test-watcher', { do: 'exit' });
      assert.match(exit.result!['errorMessage'] as string, /exit status 3/);
      const fill = await invoke(cloud, 'admin', 'test-watcher', { do: 'fill' });
      assert.equal(fill.result!['errorType'], 'Runtime.ExitError');
    });

    it('stops what takes too long', async () => {
      const template = stackTemplate({ times: { workerTimeout: 20, receives: 5 } });
      await deploy(cloud, template, { Level: '2', Email: 'someone@bank.example' });
      const { result } = await invoke(cloud, 'admin', 'test-watcher', { do: 'sleep', milliseconds: 60_000 });
      assert.match(result!['errorMessage'] as string, /Task timed out after 20.00 seconds/);
      await deploy(cloud, stackTemplate({ times: { workerTimeout: 180, receives: 5 } }), { Level: '2', Email: 'someone@bank.example' });
    });

    it('refuses more than its sandboxes can do', async () => {
      const event = { do: 'sleep', milliseconds: 1500 };
      const all = await Promise.allSettled([1, 2, 3].map(() => invoke(cloud, 'admin', 'test-watcher', event)));
      assert.deepEqual(all.map((each) => (each.status === 'rejected' ? (each.reason as Error).name : each.status)).sort(), [
        'TooManyRequestsException',
        'fulfilled',
        'fulfilled',
      ]);
    });

    it('says what is not there or too large', async () => {
      assert.equal((await errorOf(invoke(cloud, 'admin', 'nobody', {}))).name, 'ResourceNotFoundException');
      assert.equal((await errorOf(invoke(cloud, 'admin', 'test-watcher:nobody', {}))).name, 'ResourceNotFoundException');
      const large = await errorOf(invoke(cloud, 'admin', 'test-watcher', { x: 'x'.repeat(6_300_000) }));
      assert.equal(large.name, 'RequestTooLargeException');
    });

    it('tries an asynchronous invocation twice more', async () => {
      const before = cloud.counts('test-watcher').errors;
      const { StatusCode } = await invoke(cloud, 'admin', 'test-watcher', { do: 'throw' }, { InvocationType: 'Event' });
      assert.equal(StatusCode, 202);
      await until('all tries have failed', () => cloud.counts('test-watcher').errors === before + 3);
    });

    it('kills a sandbox on demand', async () => {
      const answer = invoke(cloud, 'admin', 'test-watcher', { do: 'sleep', milliseconds: 60_000 });
      await until('a sandbox is at work', () => cloud.kill('test-watcher'));
      assert.match((await answer).result!['errorMessage'] as string, /signal: killed/);
    });
  });

  describe('the queue', () => {
    it('feeds the function, and gives up what fails again and again', async () => {
      cloud.enqueue('test-Queue', JSON.stringify({ key: 'corpora/one' }));
      cloud.enqueue('test-Queue', JSON.stringify({ poison: true }));
      await until('the good message is worked off', () => cloud.object('test-corpora', 'corpora/one'));
      await until('the poison is a dead letter', () => cloud.queued('test-DeadLetters').waiting === 1);
      assert.deepEqual(cloud.queued('test-Queue-'), { waiting: 0, received: 0 });
    });

    it('delivers twice on demand', async () => {
      cloud.faults = { duplicates: 0.9 };
      const before = cloud.counts('test-worker').invocations;
      for (let i = 0; i < 10; i++) cloud.enqueue('test-Queue', JSON.stringify({ key: 'corpora/twice' }));
      await until('messages have come twice', () => cloud.counts('test-worker').invocations >= before + 15);
      cloud.faults = {};
      await until('the queue is empty', () => cloud.queued('test-Queue-').waiting === 0 && cloud.queued('test-Queue-').received === 0);
    });

    it('has its time in scale', async () => {
      const sqs = new SQSClient(settings(cloud, 'admin'));
      const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: outputs['Queue'], AttributeNames: ['All'] }));
      assert.equal(Attributes!['VisibilityTimeout'], '1');
    });
  });

  describe('the state machine', () => {
    const client = () => new SFNClient(settings(cloud, 'admin'));
    const start = (name: string, input: object) =>
      client().send(new StartExecutionCommand({ stateMachineArn: outputs['Machine'], name, input: JSON.stringify(input) }));
    const ended = (executionArn: string | undefined) =>
      until('the execution has ended', async () => {
        const execution = await client().send(new DescribeExecutionCommand({ executionArn }));
        return execution.status === 'RUNNING' ? undefined : execution;
      });

    it('goes its way: functions, waits, a message', async () => {
      const { executionArn } = await start('way', { do: 'wait' });
      assert.equal((await ended(executionArn)).status, 'SUCCEEDED');
      const notification = cloud.notifications.at(-1)!;
      assert.equal(notification.subject, 'done');
      assert.deepEqual(notification.attributes, { outcome: 'fine' });
      assert.equal((JSON.parse(notification.message) as { turn: number }).turn, 3);
    });

    it('tries again, then catches', async () => {
      const before = cloud.counts('test-watcher').errors;
      const { executionArn } = await start('catch', { do: 'throw' });
      assert.equal((await ended(executionArn)).status, 'SUCCEEDED');
      assert.equal(cloud.counts('test-watcher').errors, before + 2);
      const { failure } = JSON.parse(cloud.notifications.at(-1)!.message) as { failure: { Error: string; Cause: string } };
      assert.equal(failure.Error, 'TestError');
      assert.equal((JSON.parse(failure.Cause) as { errorMessage: string }).errorMessage, 'no');
    });

    it('takes a name once: the same again while it runs, and no other', async () => {
      const first = await start('name', { do: 'sleep', milliseconds: 700 });
      const again = await start('name', { do: 'sleep', milliseconds: 700 });
      assert.equal(again.executionArn, first.executionArn);
      assert.equal((await errorOf(start('name', { do: 'echo' }))).name, 'ExecutionAlreadyExists');
      await ended(first.executionArn);
      assert.equal((await errorOf(start('name', { do: 'sleep', milliseconds: 700 }))).name, 'ExecutionAlreadyExists');
    });

    it('is aborted: nothing follows, and the rule tells', async () => {
      const { executionArn } = await start('abort', { do: 'sleep', milliseconds: 300 });
      const notified = cloud.notifications.length;
      await until('the function is at work', () => cloud.counts('test-watcher').most > 0);
      await client().send(new StopExecutionCommand({ executionArn }));
      assert.equal((await ended(executionArn)).status, 'ABORTED');
      const line = await until('the function is told of it', () =>
        cloud.log('test-watcher').find((each) => each.startsWith('told') && each.includes(executionArn!)),
      );
      const event = JSON.parse(line.slice('told '.length)) as { source: string; detail: { status: string; name: string; input: string } };
      assert.equal(event.source, 'aws.states');
      assert.deepEqual([event.detail.status, event.detail.name], ['ABORTED', 'abort']);
      assert.deepEqual(JSON.parse(event.detail.input), { do: 'sleep', milliseconds: 300 });
      await until('the function has time for us', () =>
        invoke(cloud, 'admin', 'test-watcher', { do: 'sleep', milliseconds: 400 }).catch((error: Error) => {
          if (error.name !== 'TooManyRequestsException') throw error; // there may be one of it at a time
        }),
      );
      assert.equal(cloud.notifications.length, notified);
      assert.deepEqual(cloud.undelivered, []);
    });
  });

  describe('permissions', () => {
    const user = () => new S3Client(settings(cloud, 'user'));

    it('lets the user read corpora and invoke the alias, and nothing else', async () => {
      await new S3Client(settings(cloud, 'admin')).send(
        new PutObjectCommand({ Bucket: 'test-corpora', Key: 'corpora/there', Body: 'there' }),
      );
      const before = cloud.denials.length;
      const there = await user().send(new GetObjectCommand({ Bucket: 'test-corpora', Key: 'corpora/there' }));
      assert.equal(await there.Body!.transformToString(), 'there');
      await invoke(cloud, 'user', outputs['Watcher']!, { do: 'echo' });
      assert.equal(cloud.denials.length, before);

      const refused: [string, () => Promise<unknown>][] = [
        ['s3:PutObject', () => user().send(new PutObjectCommand({ Bucket: 'test-corpora', Key: 'corpora/x', Body: 'x' }))],
        ['s3:GetObject', () => user().send(new GetObjectCommand({ Bucket: 'test-corpora', Key: 'elsewhere' }))],
        ['s3:ListBucket', () => user().send(new ListObjectsV2Command({ Bucket: 'test-corpora' }))],
        ['s3:ListBucket', () => user().send(new GetObjectCommand({ Bucket: 'test-corpora', Key: 'corpora/absent' }))],
        ['lambda:InvokeFunction', () => invoke(cloud, 'user', 'test-watcher', {})],
      ];
      for (const [action, call] of refused) {
        const error = await errorOf(call());
        assert.equal(error.$metadata?.httpStatusCode, 403, action);
        assert.match(error.name, /^AccessDenied(Exception)?$/);
        assert.match(error.message, new RegExp(`mailwright-user is not authorized to perform: ${action}`));
      }
      assert.deepEqual(
        cloud.denials
          .slice(before)
          .map(({ principal, action }) => `${principal} ${action}`)
          .sort(),
        refused.map(([action]) => `user ${action}`).sort(),
      );
    });

    it('holds functions to their roles', async () => {
      const get = async (name: string, key: string): Promise<unknown> =>
        (await invoke(cloud, 'admin', name, { do: 'get', key })).result!['status'];
      assert.equal(await get('test-worker', 'corpora/absent'), 404);
      assert.equal(await get('test-watcher', 'corpora/absent'), 403); // it may not list
      const put = await invoke(cloud, 'admin', 'test-watcher', { do: 'put', key: 'corpora/x' });
      assert.equal(put.result!['status'], 403);
    });

    it('knows keys that have expired, and keys that nobody has', async () => {
      cloud.expire('user');
      const sts = (login: Login) => new STSClient(settings(cloud, login));
      assert.equal((await errorOf(user().send(new ListObjectsV2Command({ Bucket: 'test-corpora' })))).name, 'ExpiredToken');
      assert.equal((await errorOf(invoke(cloud, 'user', outputs['Watcher']!, {}))).name, 'ExpiredTokenException');
      assert.equal((await errorOf(sts('user').send(new GetCallerIdentityCommand({})))).name, 'ExpiredToken');
      cloud.renew('user');
      assert.match((await sts('user').send(new GetCallerIdentityCommand({}))).Arn!, /user\/mailwright-user$/);

      const unknown = { ...settings(cloud, 'user'), credentials: { accessKeyId: 'AKIANOBODY', secretAccessKey: 'x' } };
      const errors = await Promise.all([
        errorOf(new S3Client(unknown).send(new ListObjectsV2Command({ Bucket: 'test-corpora' }))),
        errorOf(new LambdaClient(unknown).send(new InvokeCommand({ FunctionName: 'test-watcher' }))),
        errorOf(new STSClient(unknown).send(new GetCallerIdentityCommand({}))),
      ]);
      assert.deepEqual(
        errors.map(({ name }) => name),
        ['InvalidAccessKeyId', 'UnrecognizedClientException', 'InvalidClientTokenId'],
      );
    });

    it('refuses a wrong signature', async () => {
      const wrong = settings(cloud, 'user');
      wrong.credentials.secretAccessKey = 'x';
      const errors = await Promise.all([
        errorOf(new S3Client(wrong).send(new GetObjectCommand({ Bucket: 'test-corpora', Key: 'corpora/there' }))),
        errorOf(new LambdaClient(wrong).send(new InvokeCommand({ FunctionName: outputs['Watcher'] }))),
        errorOf(new STSClient(wrong).send(new GetCallerIdentityCommand({}))),
      ]);
      assert.deepEqual(
        errors.map(({ name }) => name),
        ['SignatureDoesNotMatch', 'InvalidSignatureException', 'SignatureDoesNotMatch'],
      );
    });

    it('writes profiles that work: keys, a process, a role', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'mailwright-test-'));
      try {
        const { AWS_CONFIG_FILE: configFilepath, AWS_SHARED_CREDENTIALS_FILE: filepath } = cloud.writeProfiles(folder);
        const arns: string[] = [];
        for (const name of ['user', 'admin', 'process', 'role']) {
          const sts = new STSClient({
            endpoint: cloud.endpoint,
            region: cloud.region,
            credentials: fromIni({
              profile: `mailwright-${name}`,
              configFilepath: configFilepath!,
              filepath: filepath!,
              clientConfig: { endpoint: cloud.endpoint, region: cloud.region },
            }),
          });
          arns.push((await sts.send(new GetCallerIdentityCommand({}))).Arn!.split(':').slice(4).join(':'));
        }
        assert.deepEqual(arns.slice(0, 3), [
          `${cloud.account}:user/mailwright-user`,
          `${cloud.account}:user/mailwright-admin`,
          `${cloud.account}:user/mailwright-user`,
        ]);
        assert.match(arns[3]!, /assumed-role\/mailwright-user/);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });

    it('lets the user assume a role', async () => {
      const { Credentials: keys } = await new STSClient(settings(cloud, 'user')).send(
        new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${cloud.account}:role/mailwright-user`, RoleSessionName: 'test' }),
      );
      const s3 = new S3Client({
        ...settings(cloud, 'user'),
        credentials: { accessKeyId: keys!.AccessKeyId!, secretAccessKey: keys!.SecretAccessKey!, sessionToken: keys!.SessionToken! },
      });
      assert.ok(await s3.send(new GetObjectCommand({ Bucket: 'test-corpora', Key: 'corpora/there' })));
    });
  });

  describe('S3', () => {
    const admin = () => new S3Client(settings(cloud, 'admin'));
    const put = (Key: string, more: object = {}) => admin().send(new PutObjectCommand({ Bucket: 'test-corpora', Key, Body: 'x', ...more }));

    it('writes on condition, and notes it', async () => {
      const { ETag } = await put('corpora/condition', { IfNoneMatch: '*' });
      assert.equal((await errorOf(put('corpora/condition', { IfNoneMatch: '*' }))).name, 'PreconditionFailed');
      assert.equal((await errorOf(put('corpora/condition', { IfMatch: '"0"' }))).name, 'PreconditionFailed');
      await put('corpora/condition', { IfMatch: ETag });
      assert.deepEqual(
        cloud.writes
          .filter(({ key }) => key === 'corpora/condition')
          .map(({ principal, method, conditional, status }) => [principal, method, conditional, status]),
        [
          ['admin', 'PUT', 'if-none-match', 200],
          ['admin', 'PUT', 'if-none-match', 412],
          ['admin', 'PUT', 'if-match', 412],
          ['admin', 'PUT', 'if-match', 200],
        ],
      );
      assert.ok(cloud.writes.every(({ count }, i) => count === i + 1));
    });

    it('refuses a body that is not what its digest says', async () => {
      assert.equal((await errorOf(put('corpora/digest', { ChecksumSHA256: 'AAAA' }))).name, 'BadDigest');
      assert.equal(cloud.object('test-corpora', 'corpora/digest'), undefined);
    });

    it('makes an object of parts, and lists uploads that are not finished', async () => {
      const where = { Bucket: 'test-corpora', Key: 'corpora/parts' };
      const { UploadId } = await admin().send(new CreateMultipartUploadCommand(where));
      const { Uploads } = await admin().send(new ListMultipartUploadsCommand({ Bucket: 'test-corpora' }));
      assert.deepEqual(
        Uploads!.map((upload) => [upload.Key, upload.UploadId]),
        [['corpora/parts', UploadId]],
      );
      const Body = Buffer.alloc(12 * 1024 * 1024, 'x');
      const { ETag } = await admin().send(new UploadPartCommand({ ...where, UploadId, PartNumber: 1, Body }));
      const last = await admin().send(new UploadPartCommand({ ...where, UploadId, PartNumber: 2, Body: 'y' }));
      const Parts = [
        { PartNumber: 1, ETag },
        { PartNumber: 2, ETag: last.ETag },
      ];
      await admin().send(new CompleteMultipartUploadCommand({ ...where, UploadId, MultipartUpload: { Parts } }));
      assert.equal(cloud.object('test-corpora', 'corpora/parts')!.length, Body.length + 1);
      assert.equal((await admin().send(new ListMultipartUploadsCommand({ Bucket: 'test-corpora' }))).Uploads, undefined);
    });

    it('lists keys in order, page by page', async () => {
      const keys = ['B', 'a', 'é', 'Z/1', 'Z/2', '-', '_', '0'].map((name) => `order/${name}`);
      await Promise.all(keys.map((key) => put(key)));
      const found: string[] = [];
      let token: string | undefined;
      do {
        const page: ListObjectsV2CommandOutput = await admin().send(
          new ListObjectsV2Command({ Bucket: 'test-corpora', Prefix: 'order/', MaxKeys: 3, ContinuationToken: token }),
        );
        found.push(...page.Contents!.map(({ Key }) => Key!));
        token = page.NextContinuationToken;
      } while (token !== undefined);
      assert.deepEqual(
        found,
        keys.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
      );
    });
  });

  describe('a template', () => {
    const template = parseTemplate(
      JSON.stringify({
        Parameters: { Size: { Type: 'Number', Default: 2 }, Zones: { Type: 'CommaDelimitedList', Default: 'a,b' } },
        Mappings: { Sizes: { small: { cores: '1' } } },
        Conditions: {
          Small: { 'Fn::Equals': [{ Ref: 'Size' }, 2] },
          Large: { 'Fn::Not': [{ Condition: 'Small' }] },
          Both: { 'Fn::And': [{ Condition: 'Small' }, { Condition: 'Large' }] },
          Any: { 'Fn::Or': [{ Condition: 'Small' }, { Condition: 'Large' }] },
        },
        Resources: {
          Thing: { Type: 'A' },
          Other: { Type: 'A', DependsOn: 'Last' },
          Last: { Type: 'A', Properties: { x: { Ref: 'Thing' } } },
        },
      }),
    );
    const evaluation = new Evaluation(template, { Size: '2', Zones: 'a,b' }, { 'AWS::Region': 'here' }, (id) =>
      id === 'Thing' ? { physicalId: 'thing-1', attributes: { 'Endpoint.Port': '80' } } : undefined,
    );

    for (const [value, result] of [
      [{ Ref: 'Thing' }, 'thing-1'],
      [{ Ref: 'Zones' }, ['a', 'b']],
      [{ 'Fn::GetAtt': 'Thing.Endpoint.Port' }, '80'],
      [{ 'Fn::Sub': '${Thing}:${Thing.Endpoint.Port} ${AWS::Region} ${!Thing}' }, 'thing-1:80 here ${Thing}'],
      [{ 'Fn::Sub': ['${x}-${Thing}', { x: { Ref: 'Size' } }] }, '2-thing-1'],
      [{ 'Fn::Select': [1, { 'Fn::Split': ['-', { Ref: 'Thing' }] }] }, '1'],
      [{ 'Fn::FindInMap': ['Sizes', 'small', 'cores'] }, '1'],
      [{ a: { 'Fn::If': ['Large', 1, { Ref: 'AWS::NoValue' }] }, b: [{ 'Fn::If': ['Both', 1, { Ref: 'AWS::NoValue' }] }, 2] }, { b: [2] }],
      [{ 'Fn::If': ['Any', 'yes', 'no'] }, 'yes'],
    ] as const)
      it(`evaluates ${JSON.stringify(value)}`, () => assert.deepEqual(evaluation.value(value), result));

    it('has an order, and says what cannot have one', () => {
      assert.deepEqual(inOrder(template, evaluation), ['Thing', 'Last', 'Other']);
      const circular = parseTemplate('{"Resources":{"A":{"Type":"A","DependsOn":"B"},"B":{"Type":"A","DependsOn":"A"}}}');
      assert.throws(() => inOrder(circular, new Evaluation(circular, {}, {}, () => undefined)), /Circular dependency/);
    });

    it('says what it speaks of and has not', () => {
      assert.throws(() => evaluation.value({ Ref: 'Nobody' }), /Unresolved resource dependencies \[Nobody\]/);
      assert.throws(() => evaluation.value({ 'Fn::GetAtt': ['Thing', 'Arn'] }), /does not support attribute type Arn/);
      assert.throws(() => evaluation.value({ 'Fn::Base64': 'x' }), /Fn::Base64/);
    });
  });

  describe('a policy', () => {
    const statements = statementsOf({
      Statement: [
        { Effect: 'Allow', Action: ['s3:Get*', 's3:ListBucket'], Resource: 'arn:aws:s3:::b*' },
        { Effect: 'Deny', Action: 's3:GetObject', Resource: 'arn:aws:s3:::b/secret/*' },
        { Effect: 'Allow', Action: 's3:PutObject', Resource: '*', Condition: { StringLike: { 's3:prefix': 'corpora/*' } } },
      ],
    });
    const may = (action: string, resource: string, keys = {}): boolean => allowed(statements, action, resource, keys);

    it('allows what it names, but what it denies', () => {
      assert.ok(may('s3:GetObject', 'arn:aws:s3:::b/x'));
      assert.ok(may('S3:getobject', 'arn:aws:s3:::b/x'));
      assert.ok(!may('s3:GetObject', 'arn:aws:s3:::b/secret/x'));
      assert.ok(!may('s3:GetObject', 'arn:aws:s3:::c/x'));
      assert.ok(!may('s3:DeleteObject', 'arn:aws:s3:::b/x'));
    });

    it('keeps to its conditions', () => {
      assert.ok(may('s3:PutObject', 'x', { 's3:prefix': 'corpora/1' }));
      assert.ok(!may('s3:PutObject', 'x', { 's3:prefix': 'other' }));
      assert.ok(!may('s3:PutObject', 'x'));
    });

    it('is refused where it cannot be judged', () => {
      const statement = { Effect: 'Allow', NotAction: 's3:*', Resource: '*' };
      assert.throws(() => statementsOf({ Statement: [statement] }), /NotAction/);
      const condition = { Effect: 'Allow', Action: '*', Resource: '*', Condition: { IpAddress: { 'aws:SourceIp': '::1' } } };
      assert.throws(() => statementsOf({ Statement: [condition] }), /IpAddress/);
    });
  });

  it('has HTTP APIs: signed, and given to a function', async () => {
    const url = new URL(outputs['Url']!);
    const call = (login: Login): Promise<Response> => {
      const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = cloud.environment(login);
      const body = '{"call":"describe"}';
      const request = aws4.sign(
        { service: 'execute-api', region: cloud.region, host: url.host, method: 'POST', path: url.pathname, body },
        { accessKeyId: accessKeyId!, secretAccessKey: secretAccessKey! },
      );
      return fetch(url, { method: 'POST', headers: request.headers as Record<string, string>, body });
    };
    const answer = await call('admin');
    assert.equal(answer.status, 201);
    assert.deepEqual(await answer.json(), { call: 'describe' });
    assert.equal((await call('user')).status, 403);
  });

  describe('faults', () => {
    const put = (key: string) => invoke(cloud, 'admin', 'test-worker', { do: 'put', key });

    it('refuses calls of functions, and of nobody else', async () => {
      cloud.faults = { s3: { slowDown: 1 } };
      const { result } = await put('corpora/slow');
      assert.equal(result!['status'], 503);
      assert.match(result!['body'] as string, /SlowDown/);
      const write = cloud.writes.at(-1)!;
      assert.deepEqual([write.key, write.status], ['corpora/slow', 503]);
      await new S3Client(settings(cloud, 'admin')).send(new PutObjectCommand({ Bucket: 'test-corpora', Key: 'corpora/quick', Body: 'x' }));
    });

    it('breaks single keys', async () => {
      cloud.faults = { s3: { broken: (key) => key.endsWith('/broken') } };
      assert.equal((await put('corpora/broken')).result!['status'], 500);
      assert.equal((await put('corpora/whole')).result!['status'], 200);
    });

    it('resets connections before or after the work was done', async () => {
      cloud.faults = { s3: { resetBefore: 1 } };
      assert.equal((await put('corpora/before')).FunctionError, 'Unhandled');
      assert.equal(cloud.object('test-corpora', 'corpora/before'), undefined);
      cloud.faults = { s3: { resetAfter: 1 } };
      assert.equal((await put('corpora/after')).FunctionError, 'Unhandled');
      assert.ok(cloud.object('test-corpora', 'corpora/after'));
    });

    it('comes at its rate', async () => {
      cloud.faults = { s3: { internalError: 0.5 } };
      const statuses: unknown[] = [];
      for (let i = 0; i < 60; i++) statuses.push((await put(`corpora/rate${i}`)).result!['status']);
      const failed = statuses.filter((status) => status === 500).length;
      assert.ok(failed > 10 && failed < 50, String(failed));
    });
  });
});
