import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Account } from '../../src/engine/aws/deploy/account.ts';
import { type Bundle, readBundle } from '../../src/engine/aws/deploy/bundle.ts';
import { AwsError } from './emulator/aws-error.ts';
import { bodyOf, sendError, type Xml, xmlOf } from './emulator/protocols.ts';

/** As much of CloudFormation, S3 and STS as deploying asks for, on loopback: the real SDK clients talk to it. What happens to a stack is scripted. */

export const ACCOUNT = '123456789012';
export const ARTIFACTS = `mailwright-artifacts-${ACCOUNT}-eu-west-1`;

/** An event that CloudFormation tells: resource, type, status and, maybe, a reason. The resource "" is the stack itself. */
export type Told = readonly [resource: string, type: string, status: string, reason?: string];

export interface FakeBucket {
  owner: string;
  readonly objects: Map<string, Buffer>;
  readonly settings: Map<string, string>;
  readonly uploads: Set<string>;
}

export interface FakeStack {
  id: string;
  name: string;
  status: string;
  parameters: Record<string, string>;
  outputs: Record<string, string>;
  isProtected: boolean;
  /** Oldest first. */
  events: { readonly id: string; readonly told: Told }[];
  /** Logical id to type and physical id. */
  resources: Record<string, readonly [type: string, physical: string, status?: string]>;
}

interface FakeChangeSet {
  readonly stack: FakeStack;
  readonly given: Record<string, string>;
  looks: number;
}

const PAGE = 2;

export class FakeCloud {
  readonly buckets = new Map<string, FakeBucket>();
  readonly stacks = new Map<string, FakeStack>();
  /** What was asked that changes something: "CreateStack x". */
  readonly asked: string[] = [];
  /** The change sets that were made, by what was given of their parameters. */
  readonly changeSets: Record<string, string>[] = [];
  /** What a change set changes; or why it cannot. */
  changes: Record<string, string>[] | string = [{ Action: 'Add', LogicalResourceId: 'Bucket', ResourceType: 'AWS::S3::Bucket' }];
  /** What carrying out a change set, deleting and calling off bring: one batch each time that events are asked for. */
  onExecute: Told[][] = [[['', STACK, 'CREATE_IN_PROGRESS']], [['', STACK, 'CREATE_COMPLETE']]];
  onDelete: Told[][] = [
    [
      ['', STACK, 'DELETE_IN_PROGRESS'],
      ['', STACK, 'DELETE_COMPLETE'],
    ],
  ];
  onCancel: Told[][] = [];
  /** Subresources of S3 that it does not know. */
  unknown: readonly string[] = [];
  /** Called before an answer, by the action asked for. */
  before: (action: string) => void = () => {};
  /** Known by their ids for a while, not by their names. */
  private readonly deleted: FakeStack[] = [];
  private pending: Told[][] = [];
  private readonly open = new Map<string, FakeChangeSet>();
  private readonly server: Server;
  private count = 0;

  constructor() {
    this.server = createServer((request, response) => void this.answer(request, response));
  }

  async start(): Promise<void> {
    await new Promise<void>((done) => this.server.listen(0, '127.0.0.1', done));
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  account(signal?: AbortSignal): Promise<Account> {
    return Account.open({ endpoint: this.endpoint, region: 'eu-west-1' }, signal);
  }

  addBucket(name: string, keys: readonly string[] = [], owner = ACCOUNT): FakeBucket {
    const bucket = { owner, objects: new Map(keys.map((key) => [key, Buffer.from('x')])), settings: new Map(), uploads: new Set<string>() };
    this.buckets.set(name, bucket);
    return bucket;
  }

  addStack(name: string, status: string, more: Partial<FakeStack> = {}): FakeStack {
    const stack: FakeStack = {
      id: `arn:aws:cloudformation:eu-west-1:${ACCOUNT}:stack/${name}/${++this.count}`,
      name,
      status,
      parameters: { CodeBucket: ARTIFACTS },
      outputs: {},
      isProtected: false,
      events: [],
      resources: {},
      ...more,
    };
    this.stacks.set(name, stack);
    return stack;
  }

  tell(stack: FakeStack, told: Told): void {
    stack.events.push({ id: String(++this.count), told });
    if (told[0] === '') stack.status = told[2];
    if (stack.status === 'DELETE_COMPLETE' && this.stacks.delete(stack.name)) this.deleted.push(stack);
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    const isQuery = request.method === 'POST' && request.url === '/';
    try {
      const text = isQuery ? this.query(new URLSearchParams(body.toString())) : this.s3(request, body);
      response.writeHead(text === '' && request.method === 'DELETE' ? 204 : 200, { 'content-type': 'text/xml' });
      response.end(text);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      sendError(response, isQuery ? 'query' : 'rest-xml', error, request.method === 'HEAD');
    }
  }

  private query(form: URLSearchParams): string {
    const action = form.get('Action')!;
    this.before(action);
    const result = this.cloudFormation(action, form);
    return `<${action}Response><${action}Result>${xmlOf(result)}</${action}Result></${action}Response>`;
  }

  private cloudFormation(action: string, form: URLSearchParams): Xml {
    const name = form.get('StackName') ?? '';
    if (/^(Create|Execute|Delete|Cancel)/.test(action)) this.asked.push(`${action} ${name.split('/')[1] ?? name}`);
    switch (action) {
      case 'GetCallerIdentity':
        return { Account: ACCOUNT, Arn: `arn:aws:iam::${ACCOUNT}:user/somebody`, UserId: 'AIDA' };
      case 'DescribeStacks': {
        const stacks = name === '' ? [...this.stacks.values()] : [this.stack(name)];
        const from = Number(form.get('NextToken') ?? 0);
        return { Stacks: stacks.slice(from, from + PAGE).map(describe), NextToken: from + PAGE < stacks.length ? from + PAGE : undefined };
      }
      case 'DescribeStackEvents': {
        const stack = this.stack(name);
        for (const told of this.pending.shift() ?? []) this.tell(stack, told);
        const events = stack.events.toReversed();
        const from = Number(form.get('NextToken') ?? 0);
        return {
          StackEvents: events.slice(from, from + PAGE).map((event) => eventXml(stack, event)),
          NextToken: from + PAGE < events.length ? from + PAGE : undefined,
        };
      }
      case 'DescribeStackResources':
        return {
          StackResources: Object.entries(this.stack(name).resources).map(([id, [type, physical, status = 'CREATE_COMPLETE']]) => ({
            LogicalResourceId: id,
            ResourceType: type,
            PhysicalResourceId: physical,
            ResourceStatus: status,
            Timestamp: TIME,
          })),
        };
      case 'CreateChangeSet':
        return this.createChangeSet(name, form);
      case 'DescribeChangeSet': {
        const set = this.changeSet(form);
        if (set.looks++ === 0) return { Status: 'CREATE_IN_PROGRESS' };
        if (typeof this.changes === 'string') return { Status: 'FAILED', StatusReason: this.changes };
        const from = Number(form.get('NextToken') ?? 0);
        return {
          Status: 'CREATE_COMPLETE',
          Changes: this.changes.slice(from, from + PAGE).map((change) => ({ Type: 'Resource', ResourceChange: change })),
          NextToken: from + PAGE < this.changes.length ? from + PAGE : undefined,
        };
      }
      case 'DeleteChangeSet':
        this.changeSet(form);
        this.open.delete(form.get('ChangeSetName')!);
        return {};
      case 'ExecuteChangeSet': {
        const { stack, given } = this.changeSet(form);
        this.open.delete(form.get('ChangeSetName')!);
        stack.parameters = Object.fromEntries(
          Object.entries(given).map(([key, value]) => [key, value === PREVIOUS ? stack.parameters[key]! : value]),
        );
        stack.outputs = { Bucket: 'mailwright-corpora' };
        this.pending = [...this.onExecute];
        return {};
      }
      case 'CancelUpdateStack':
        this.pending = [...this.onCancel];
        return {};
      case 'DeleteStack': {
        const stack = this.stack(name);
        if (stack.status === 'REVIEW_IN_PROGRESS') this.stacks.delete(stack.name);
        else this.pending = [...this.onDelete];
        return {};
      }
    }
    throw new AwsError(400, 'InvalidAction', action);
  }

  private createChangeSet(name: string, form: URLSearchParams): Xml {
    const [bucket, ...key] = form.get('TemplateURL')!.slice(`${this.endpoint}/`.length).split('/');
    if (!this.buckets.get(bucket!)?.objects.has(key.join('/'))) throw new AwsError(400, 'ValidationError', 'S3 error: Access Denied');
    if (form.get('Capabilities.member.1') !== 'CAPABILITY_NAMED_IAM')
      throw new AwsError(400, 'InsufficientCapabilitiesException', 'Requires capabilities');
    const isNew = form.get('ChangeSetType') === 'CREATE';
    const given: Record<string, string> = {};
    for (let i = 1; form.has(`Parameters.member.${i}.ParameterKey`); i++)
      given[form.get(`Parameters.member.${i}.ParameterKey`)!] = form.get(`Parameters.member.${i}.ParameterValue`) ?? PREVIOUS;
    if (given['Concurrency'] === '0')
      throw new AwsError(400, 'ValidationError', "Parameter 'Concurrency' must be a number not less than 2");
    if (isNew && this.stacks.get(name)?.status !== 'REVIEW_IN_PROGRESS' && this.stacks.has(name))
      throw new AwsError(400, 'ValidationError', 'it exists');
    const stack = isNew ? (this.stacks.get(name) ?? this.addStack(name, 'REVIEW_IN_PROGRESS', { parameters: {} })) : this.stack(name);
    if (isNew) this.tell(stack, ['', STACK, 'REVIEW_IN_PROGRESS']);
    const id = `arn:changeSet/${++this.count}`;
    this.open.set(id, { stack, given, looks: 0 });
    this.changeSets.push(given);
    return { Id: id, StackId: stack.id };
  }

  /** How many change sets are neither carried out nor deleted. */
  get openChangeSets(): number {
    return this.open.size;
  }

  private changeSet(form: URLSearchParams): FakeChangeSet {
    const found = this.open.get(form.get('ChangeSetName')!);
    if (!found) throw new AwsError(404, 'ChangeSetNotFound', 'ChangeSet does not exist');
    return found;
  }

  private stack(nameOrId: string): FakeStack {
    const found = this.stacks.get(nameOrId) ?? [...this.stacks.values(), ...this.deleted].find(({ id }) => id === nameOrId);
    if (!found) throw new AwsError(400, 'ValidationError', `Stack with id ${nameOrId} does not exist`);
    return found;
  }

  private s3({ method, url, headers }: IncomingMessage, body: Buffer): string {
    const { pathname, searchParams } = new URL(url!, this.endpoint);
    const [, name = '', ...rest] = pathname.split('/').map(decodeURIComponent);
    const key = rest.join('/');
    const subresource = [...searchParams.keys()].find((one) => SUBRESOURCES.has(one)) ?? '';
    const action = `${method} ${key === '' ? 'bucket' : 'object'}${subresource === '' ? '' : ` ${subresource}`}`;
    this.before(action);
    if (this.unknown.includes(subresource)) throw new AwsError(501, 'NotImplemented', subresource);
    const bucket = this.buckets.get(name);
    if (action === 'PUT bucket') {
      if (bucket) throw new AwsError(409, 'BucketAlreadyExists', 'The requested bucket name is not available.');
      this.addBucket(name).settings.set('create', body.toString());
      return '';
    }
    if (!bucket) throw new AwsError(404, 'NoSuchBucket', 'The specified bucket does not exist');
    if (headers['x-amz-expected-bucket-owner'] !== bucket.owner) throw new AwsError(403, 'AccessDenied', 'Access Denied');
    switch (action) {
      case 'HEAD bucket':
        return '';
      case 'HEAD object':
        if (!bucket.objects.has(key)) throw new AwsError(404, 'NotFound', '');
        return '';
      case 'PUT object':
        this.asked.push(`PutObject ${key}`);
        bucket.objects.set(key, body);
        return '';
      case 'GET bucket list-type':
        return list(bucket, searchParams);
      case 'POST bucket delete':
        for (const [, doomed] of body.toString().matchAll(/<Key>([^<]*)<\/Key>/g)) bucket.objects.delete(doomed!);
        return '<DeleteResult/>';
      case 'GET bucket uploads':
        return `<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>${[...bucket.uploads].map((id) => `<Upload><Key>k</Key><UploadId>${id}</UploadId></Upload>`).join('')}</ListMultipartUploadsResult>`;
      case 'DELETE object uploadId':
        bucket.uploads.delete(searchParams.get('uploadId')!);
        return '';
      case 'DELETE bucket':
        if (bucket.objects.size > 0) throw new AwsError(409, 'BucketNotEmpty', 'The bucket you tried to delete is not empty');
        this.buckets.delete(name);
        return '';
    }
    if (method === 'PUT' && key === '' && subresource !== '') {
      bucket.settings.set(subresource, body.toString());
      return '';
    }
    throw new AwsError(501, 'NotImplemented', action);
  }
}

export const STACK = 'AWS::CloudFormation::Stack';
export const PREVIOUS = '(previous)';
const TIME = '2026-03-06T12:00:00Z';
const SUBRESOURCES = new Set([
  'list-type',
  'delete',
  'uploads',
  'uploadId',
  'policy',
  'encryption',
  'publicAccessBlock',
  'ownershipControls',
]);

const describe = (stack: FakeStack): Xml => ({
  StackId: stack.id,
  StackName: stack.name,
  StackStatus: stack.status,
  CreationTime: TIME,
  EnableTerminationProtection: stack.isProtected,
  Parameters: Object.entries(stack.parameters).map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue })),
  Outputs: Object.entries(stack.outputs).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue })),
});

const eventXml = (stack: FakeStack, { id, told: [resource, type, status, reason] }: FakeStack['events'][number]): Xml => ({
  StackId: stack.id,
  EventId: id,
  StackName: stack.name,
  LogicalResourceId: resource === '' ? stack.name : resource,
  PhysicalResourceId: resource === '' ? stack.id : `physical-${resource}`,
  ResourceType: type,
  Timestamp: TIME,
  ResourceStatus: status,
  ResourceStatusReason: reason,
});

function list(bucket: FakeBucket, query: URLSearchParams): string {
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter');
  const after = query.get('continuation-token') ?? '';
  const names = [...bucket.objects.keys()]
    .filter((key) => key.startsWith(prefix))
    .map((key) => {
      const end = delimiter === null ? -1 : key.indexOf(delimiter, prefix.length);
      return end < 0 ? key : key.slice(0, end + 1);
    });
  const left = [...new Set(names)].sort().filter((name) => name > after);
  const page = left.slice(0, PAGE);
  const entries = page.map((name) =>
    delimiter !== null && name.endsWith(delimiter)
      ? `<CommonPrefixes><Prefix>${name}</Prefix></CommonPrefixes>`
      : `<Contents><Key>${name}</Key></Contents>`,
  );
  const more = left.length > PAGE;
  return `<ListBucketResult><IsTruncated>${more}</IsTruncated>${more ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : ''}${entries.join('')}</ListBucketResult>`;
}

/** The environment of somebody who has keys, and no profiles. */
export const environment = (): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_'))),
  AWS_ACCESS_KEY_ID: 'AKIAFAKE',
  AWS_SECRET_ACCESS_KEY: 'fake',
  AWS_CONFIG_FILE: '/nonexistent',
  AWS_SHARED_CREDENTIALS_FILE: '/nonexistent',
});

/** Sets that environment; answers with what puts back the one before. */
export function withKeys(): () => void {
  const before = process.env;
  process.env = environment();
  return () => {
    process.env = before;
  };
}

/** Writes what a synthesis leaves: the functions' code, and a template with three parameters. */
export function writeInfra(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mailwright-infra-'));
  const write = (file: string, text: string): { file: string; sha256: string } => {
    writeFileSync(join(folder, file), text);
    return { file, sha256: createHash('sha256').update(text).digest('hex') };
  };
  const zip = write('functions.zip', 'zip of functions');
  const code = { ...zip, key: `functions/${zip.sha256}.zip` };
  const parameter = { Type: 'String' };
  const Parameters = { CodeBucket: parameter, Concurrency: parameter, NotifyEmail: parameter };
  const template = write('template.json', JSON.stringify({ Parameters }));
  write('infra.json', JSON.stringify({ version: '0.1.0', generator: '1', template, code }));
  return folder;
}

export function bundle(): Bundle {
  const folder = writeInfra();
  try {
    return readBundle(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
