import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { unzipSync } from 'fflate';
import { EventSource } from '../event-sources.ts';
import { functionNamed } from '../lambda-api.ts';
import type { FunctionCode } from '../lambda-host.ts';
import type { Services } from '../services.ts';
import { nameOf, number, text, type ResourceKind, type Site } from './resource-kind.ts';
import { roleFor } from './resources-identity.ts';
import { scaledVisibility } from './resources-messaging.ts';
import type { Properties } from './template.ts';

/** Lambda: functions, versions, aliases, permissions, and what feeds functions. */

interface Code {
  readonly S3Bucket?: string;
  readonly S3Key?: string;
  readonly ZipFile?: string;
}

/** Seconds under which no time-out is scaled, but that of the clockwork: processors are not. */
const SHORTEST_TIMEOUT = 10;

/** Puts a function's code into a folder; the same code is put there once. */
function unpack({ folder, storage }: Services, { S3Bucket, S3Key, ZipFile }: Code): string {
  const place = (content: Buffer): string => join(folder, createHash('sha256').update(content).digest('hex').slice(0, 32));
  const write = (file: string, content: Uint8Array | string): void => {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  };
  if (ZipFile !== undefined) {
    const root = place(Buffer.from(ZipFile));
    write(join(root, 'index.js'), ZipFile);
    return root;
  }
  const zip = storage.objects.buckets.get(S3Bucket!)?.get(S3Key!);
  if (!zip)
    throw new Error('Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist.');
  const root = place(zip.body);
  if (existsSync(root)) return root;
  for (const [name, content] of Object.entries(unzipSync(zip.body))) {
    const file = join(root, name);
    if (!file.startsWith(root + sep)) throw new Error(`Could not unzip uploaded file: ${name} leads out of it`);
    if (!name.endsWith('/')) write(file, content);
  }
  return root;
}

/** The environment with the times of the job's clockwork divided, where it has them. */
function inScale(environment: Readonly<Record<string, string>>, scale: number): Record<string, string> {
  const { TIMES } = environment;
  if (TIMES === undefined || scale === 1) return { ...environment };
  const times = Object.entries(JSON.parse(TIMES) as Record<string, number>);
  // `receives` is a number, no time.
  const divided = times.map(([name, value]) => [name, name === 'receives' ? value : value / scale]);
  return { ...environment, TIMES: JSON.stringify(Object.fromEntries(divided)) };
}

/** Milliseconds. The worker's time-out is a part of the clockwork; others are only there for what hangs. */
function scaledTimeout(timeout: number, environment: Readonly<Record<string, string>>, scale: number): number {
  const { workerTimeout } = JSON.parse(environment['TIMES'] ?? '{}') as { workerTimeout?: number };
  const seconds = timeout === workerTimeout ? timeout / scale : Math.max(timeout / scale, Math.min(timeout, SHORTEST_TIMEOUT));
  return seconds * 1000;
}

function codeOf({ services }: Site, name: string, properties: Properties): FunctionCode {
  const runtime = text(properties, 'Runtime');
  if (!runtime?.startsWith('nodejs'))
    throw new Error(`Value ${runtime} at 'runtime' failed to satisfy constraint: the emulator runs nodejs`);
  const { Variables = {} } = (properties['Environment'] ?? {}) as { Variables?: Record<string, unknown> };
  const environment = Object.fromEntries(Object.entries(Variables).map(([variable, value]) => [variable, String(value)]));
  const timeout = number(properties, 'Timeout') ?? 3;
  const role = roleFor(services, text(properties, 'Role')!, 'lambda.amazonaws.com');
  return {
    folder: unpack(services, properties['Code'] as Code),
    handler: text(properties, 'Handler')!,
    memory: number(properties, 'MemorySize') ?? 128,
    timeout,
    scaledTimeout: scaledTimeout(timeout, environment, services.scale),
    environment: inScale(environment, services.scale),
    role: { ...role, arn: `${role.arn}/${name}` },
  };
}

const lambdaFunction: ResourceKind = {
  replaceOn: ['FunctionName'],
  create(site, properties) {
    const name = nameOf(site, properties, 'FunctionName');
    site.services.lambda.create(name, codeOf(site, name, properties), number(properties, 'ReservedConcurrentExecutions'));
    return { physicalId: name, attributes: { Arn: site.services.lambda.arnOf(name) } };
  },
  update(site, built, properties) {
    const name = built.physicalId;
    site.services.lambda.update(name, codeOf(site, name, properties), number(properties, 'ReservedConcurrentExecutions'));
    return built;
  },
  delete({ services }, { physicalId }) {
    services.lambda.delete(physicalId);
  },
};

const version: ResourceKind = {
  create({ services }, properties) {
    const { name } = functionNamed(text(properties, 'FunctionName')!);
    const made = services.lambda.publish(name);
    const arn = `${services.lambda.arnOf(name)}:${made}`;
    return { physicalId: arn, attributes: { Version: made, FunctionArn: arn } };
  },
  delete({ services }, { physicalId, attributes }) {
    services.lambda.removeVersion(functionNamed(physicalId).name, attributes['Version']!);
  },
};

const alias: ResourceKind = {
  replaceOn: ['FunctionName', 'Name'],
  create({ services }, properties) {
    const { name } = functionNamed(text(properties, 'FunctionName')!);
    const aliasName = text(properties, 'Name')!;
    services.lambda.setAlias(name, aliasName, text(properties, 'FunctionVersion')!);
    const arn = `${services.lambda.arnOf(name)}:${aliasName}`;
    return { physicalId: arn, attributes: { AliasArn: arn } };
  },
  update({ services }, built, properties) {
    const { name, qualifier } = functionNamed(built.physicalId);
    services.lambda.setAlias(name, qualifier!, text(properties, 'FunctionVersion')!);
    return built;
  },
  delete({ services }, { physicalId }) {
    const { name, qualifier } = functionNamed(physicalId);
    if (services.lambda.has(name)) services.lambda.setAlias(name, qualifier!, undefined);
  },
};

const permission: ResourceKind = {
  create(site, properties) {
    const { services } = site;
    const { name, qualifier } = functionNamed(text(properties, 'FunctionName')!);
    const arn = qualifier === undefined ? services.lambda.arnOf(name) : `${services.lambda.arnOf(name)}:${qualifier}`;
    const physicalId = nameOf(site, {}, '');
    services.lambda.permissions.set(physicalId, {
      arn,
      principal: text(properties, 'Principal')!,
      sourceArn: text(properties, 'SourceArn'),
    });
    return { physicalId, attributes: { Id: physicalId } };
  },
  delete({ services }, { physicalId }) {
    services.lambda.permissions.delete(physicalId);
  },
};

/** Properties of an event source that change nothing here, or are honoured. */
const EVENT_SOURCE_PROPERTIES = ['FunctionName', 'EventSourceArn', 'BatchSize', 'FunctionResponseTypes', 'ScalingConfig', 'Enabled'];
const IGNORED = ['MaximumBatchingWindowInSeconds', 'MetricsConfig', 'Tags'];

function eventSource({ services }: Site, properties: Properties): EventSource {
  const unknown = Object.keys(properties).find((name) => ![...EVENT_SOURCE_PROPERTIES, ...IGNORED].includes(name));
  if (unknown !== undefined) throw new Error(`${unknown}: the emulator does not know this property of an event source`);
  const { name, qualifier } = functionNamed(text(properties, 'FunctionName')!);
  const queueArn = text(properties, 'EventSourceArn')!;
  const queue = services.storage.queues.getQueueByArn(queueArn);
  if (!queue) throw new Error(`Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue: ${queueArn}`);
  const { role, timeout, scaledTimeout: milliseconds } = services.lambda.codeOf(name);
  for (const action of ['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'])
    if (!services.access.allows(role, `sqs:${action}`, queueArn))
      throw new Error(`The provided execution role does not have permissions to call ${action} on SQS`);
  if (Number(queue.attributes['VisibilityTimeout']) * 1000 < milliseconds && scaledVisibility(queue) * services.scale < timeout)
    throw new Error(
      `Queue visibility timeout: ${scaledVisibility(queue) * services.scale} seconds is less than Function timeout: ${timeout} seconds`,
    );
  const { MaximumConcurrency } = (properties['ScalingConfig'] ?? {}) as { MaximumConcurrency?: unknown };
  if (MaximumConcurrency !== undefined && !(Number(MaximumConcurrency) >= 2 && Number(MaximumConcurrency) <= 1000))
    throw new Error(
      `Value ${JSON.stringify(MaximumConcurrency)} at 'scalingConfig.maximumConcurrency' failed to satisfy constraint: 2 to 1000`,
    );
  return new EventSource(
    {
      functionName: name,
      qualifier,
      queue,
      visibility: scaledVisibility(queue),
      batchSize: number(properties, 'BatchSize') ?? 10,
      maximumConcurrency: MaximumConcurrency === undefined ? undefined : Number(MaximumConcurrency),
      reportsFailures: ((properties['FunctionResponseTypes'] ?? []) as string[]).includes('ReportBatchItemFailures'),
      region: services.region,
    },
    services.storage,
    services.lambda,
    services.faults,
    services.random,
  );
}

const eventSourceMapping: ResourceKind = {
  replaceOn: ['EventSourceArn'],
  create(site, properties) {
    const physicalId = nameOf(site, {}, '');
    site.services.eventSources.set(physicalId, eventSource(site, properties));
    return { physicalId, attributes: { Id: physicalId } };
  },
  update(site, built, properties) {
    site.services.eventSources.get(built.physicalId)?.stop();
    site.services.eventSources.set(built.physicalId, eventSource(site, properties));
    return built;
  },
  delete({ services }, { physicalId }) {
    services.eventSources.get(physicalId)?.stop();
    services.eventSources.delete(physicalId);
  },
};

function setAsync({ services }: Site, properties: Properties): void {
  const { OnFailure } = (properties['DestinationConfig'] ?? {}) as { OnFailure?: { Destination: string } };
  const queue = OnFailure && services.storage.queues.getQueueByArn(OnFailure.Destination);
  if (OnFailure && !queue) throw new Error(`${OnFailure.Destination}: the emulator tells failures to queues only`);
  const { role } = services.lambda.codeOf(text(properties, 'FunctionName')!);
  services.lambda.setAsync(text(properties, 'FunctionName')!, {
    retries: number(properties, 'MaximumRetryAttempts') ?? 2,
    ...(queue && {
      onFailure: (record) => {
        if (services.access.allows(role, 'sqs:SendMessage', queue.arn)) services.storage.send(queue, JSON.stringify(record));
      },
    }),
  });
}

const eventInvokeConfig: ResourceKind = {
  replaceOn: ['FunctionName', 'Qualifier'],
  create(site, properties) {
    setAsync(site, properties);
    return { physicalId: nameOf(site, {}, ''), attributes: {} };
  },
  update(site, built, properties) {
    setAsync(site, properties);
    return built;
  },
  delete({ services }, _built, properties) {
    const name = text(properties, 'FunctionName')!;
    if (services.lambda.has(name)) services.lambda.setAsync(name, { retries: 2 });
  },
};

export const lambdaKinds: Readonly<Record<string, ResourceKind>> = {
  'AWS::Lambda::Function': lambdaFunction,
  'AWS::Lambda::Version': version,
  'AWS::Lambda::Alias': alias,
  'AWS::Lambda::Permission': permission,
  'AWS::Lambda::EventSourceMapping': eventSourceMapping,
  'AWS::Lambda::EventInvokeConfig': eventInvokeConfig,
};
