import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { AwsError } from '../aws-error.ts';
import type { Caller } from '../callers.ts';
import { bodyOf, sendQueryResult, type Xml } from '../protocols.ts';
import { objectOf } from '../s3-requests.ts';
import type { Services } from '../services.ts';
import { NAMED_IDENTITIES } from './resources-identity.ts';
import { Stack, type Change, type Goal } from './stack.ts';
import { parameterValues, parseTemplate, type Template } from './template.ts';

/** CloudFormation's API: change sets, stacks, their events and resources. */

/** Events, or changes, in a page: a few, so that a client has to turn pages. */
const PAGE = 20;

interface ChangeSet {
  readonly id: string;
  readonly name: string;
  readonly stack: Stack;
  readonly type: string;
  readonly goal: Goal;
  readonly onFailure: string;
  readonly created: Date;
  readonly changes: readonly Change[] | undefined;
}

/** The parameters of a request; lists are `Name.member.1`, `Name.member.2` and so on. */
class Request {
  private readonly parameters: URLSearchParams;

  constructor(body: string) {
    this.parameters = new URLSearchParams(body);
  }

  get(name: string): string | undefined {
    return this.parameters.get(name) ?? undefined;
  }

  need(name: string): string {
    const value = this.get(name);
    if (value === undefined || value === '')
      throw invalid(`1 validation error detected: Value at '${name}' failed to satisfy constraint: Member must not be null`);
    return value;
  }

  list(name: string): string[] {
    const values: string[] = [];
    for (let i = 1; this.parameters.has(`${name}.member.${i}`); i++) values.push(this.get(`${name}.member.${i}`)!);
    return values;
  }

  /** Parameters of the template, and those that stay as they are. */
  templateParameters(): { given: Map<string, string>; asBefore: Set<string> } {
    const given = new Map<string, string>();
    const asBefore = new Set<string>();
    for (let i = 1; this.parameters.has(`Parameters.member.${i}.ParameterKey`); i++) {
      const key = this.get(`Parameters.member.${i}.ParameterKey`)!;
      if (this.get(`Parameters.member.${i}.UsePreviousValue`) === 'true') asBefore.add(key);
      else given.set(key, this.get(`Parameters.member.${i}.ParameterValue`) ?? '');
    }
    return { given, asBefore };
  }
}

const invalid = (message: string): AwsError => new AwsError(400, 'ValidationError', message);

export class CloudFormationApi {
  /** Makes a resource fail, by its logical id: the reason. */
  readonly broken = new Map<string, string>();
  /** Makes a resource last, by its logical id: until when. */
  readonly held = new Map<string, Promise<void>>();
  private readonly services: Services;
  /** All there ever were, the deleted ones too. */
  private readonly stacks: Stack[] = [];
  private readonly changeSets = new Map<string, ChangeSet>();

  constructor(services: Services) {
    this.services = services;
  }

  async handle(request: IncomingMessage, response: ServerResponse, caller: Caller): Promise<void> {
    const parameters = new Request((await bodyOf(request)).toString('utf8'));
    const action = parameters.need('Action');
    const name = parameters.get('StackName');
    const { region, account, access } = this.services;
    const resource =
      name === undefined || name.startsWith('arn:') ? (name ?? '*') : `arn:aws:cloudformation:${region}:${account}:stack/${name}/*`;
    access.check(caller, `cloudformation:${action}`, resource);
    sendQueryResult(response, action, this.answer(action, parameters));
  }

  /** When all stacks have ended what they do. */
  async settled(): Promise<void> {
    await Promise.all(this.stacks.map((stack) => stack.settled()));
  }

  private answer(action: string, request: Request): Xml {
    switch (action) {
      case 'CreateChangeSet':
        return this.createChangeSet(request);
      case 'DescribeChangeSet':
        return this.describeChangeSet(request);
      case 'ExecuteChangeSet':
        return this.execute(this.changeSet(request));
      case 'DeleteChangeSet':
        this.changeSets.delete(this.changeSet(request).id);
        return {};
      case 'DescribeStacks':
        return this.describeStacks(request);
      case 'DescribeStackEvents': {
        const { id, name, events } = this.stack(request.need('StackName'));
        const { items, next } = page([...events].reverse(), request);
        return {
          StackEvents: items.map((event) => ({
            StackId: id,
            StackName: name,
            EventId: event.id,
            LogicalResourceId: event.logicalId,
            PhysicalResourceId: event.physicalId,
            ResourceType: event.type,
            Timestamp: event.at,
            ResourceStatus: event.status,
            ResourceStatusReason: event.reason,
          })),
          NextToken: next,
        };
      }
      case 'DescribeStackResources': {
        const { id, name, resources } = this.stack(request.need('StackName'));
        return {
          StackResources: [...resources].map(([logicalId, { type, built, status, at }]) => ({
            StackId: id,
            StackName: name,
            LogicalResourceId: logicalId,
            PhysicalResourceId: built.physicalId,
            ResourceType: type,
            ResourceStatus: status,
            Timestamp: at,
          })),
        };
      }
      case 'GetTemplate':
        return { TemplateBody: this.stack(request.need('StackName')).goal?.text, StagesAvailable: ['Original', 'Processed'] };
      case 'CancelUpdateStack': {
        const stack = this.stack(request.need('StackName'));
        if (stack.status !== 'UPDATE_IN_PROGRESS')
          throw invalid(`CancelUpdateStack cannot be called from current stack status ${stack.status}`);
        stack.cancel();
        return {};
      }
      case 'DeleteStack': {
        const stack = this.find(request.need('StackName'));
        if (stack && stack.status !== 'DELETE_COMPLETE') stack.delete(request.list('RetainResources'));
        return {};
      }
      default:
        throw new AwsError(400, 'InvalidAction', `${action}: not part of the emulator`);
    }
  }

  private createChangeSet(request: Request): Xml {
    const stackName = request.need('StackName');
    const name = request.need('ChangeSetName');
    const type = request.get('ChangeSetType') ?? 'UPDATE';
    const text = this.templateText(request);
    const template = parseTemplate(text);
    let stack = this.find(stackName);
    if (stack?.status === 'DELETE_COMPLETE') stack = undefined;
    if (type === 'UPDATE' && !stack) throw invalid(`Stack [${stackName}] does not exist`);
    if (type === 'CREATE' && stack && stack.status !== 'REVIEW_IN_PROGRESS')
      throw invalid(`Stack [${stackName}] already exists and cannot be created again with the changeSet [${name}].`);
    if (type === 'UPDATE' && !/^(CREATE|UPDATE|UPDATE_ROLLBACK|IMPORT)_COMPLETE$/.test(stack!.status))
      throw invalid(`Stack:${stack!.id} is in ${stack!.status} state and can not be updated.`);
    needCapabilities(template, request.list('Capabilities'));

    const { given, asBefore } = request.templateParameters();
    const parameters = parameterValues(template, given, stack?.goal?.parameters ?? {}, asBefore);
    if (!stack) {
      stack = new Stack(stackName, this.services, this);
      this.stacks.push(stack);
      stack.review();
    }
    const goal = { template, text, parameters };
    const { region, account } = this.services;
    const changeSet: ChangeSet = {
      id: `arn:aws:cloudformation:${region}:${account}:changeSet/${name}/${randomUUID()}`,
      name,
      stack,
      type,
      goal,
      onFailure: request.get('OnStackFailure') ?? 'ROLLBACK',
      created: new Date(),
      changes: stack.changes(goal),
    };
    this.changeSets.set(changeSet.id, changeSet);
    return { Id: changeSet.id, StackId: stack.id };
  }

  private templateText(request: Request): string {
    const body = request.get('TemplateBody');
    if (body !== undefined) return body;
    const url = new URL(request.need('TemplateURL'));
    // https://bucket.s3.region.amazonaws.com/key, or path style: at AWS, or here.
    const host = /^(.+)\.s3[.-][^/]*amazonaws\.com$/.exec(url.hostname);
    const { bucket, key } = host ? { bucket: host[1]!, key: decodeURIComponent(url.pathname.slice(1)) } : objectOf(url.pathname);
    const object = this.services.storage.objects.buckets.get(bucket)?.get(key);
    if (!object)
      throw invalid(
        'S3 error: The specified key does not exist.\nFor more information check http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html',
      );
    return object.body.toString('utf8');
  }

  private changeSet(request: Request): ChangeSet {
    const name = request.need('ChangeSetName');
    const stackName = request.get('StackName');
    const found =
      this.changeSets.get(name) ??
      [...this.changeSets.values()].find((each) => each.name === name && (each.stack.name === stackName || each.stack.id === stackName));
    if (!found) throw new AwsError(404, 'ChangeSetNotFound', `ChangeSet [${name}] does not exist`);
    return found;
  }

  private describeChangeSet(request: Request): Xml {
    const { id, name, stack, goal, created, changes } = this.changeSet(request);
    const { items, next } = page(changes ?? [], request);
    return {
      ChangeSetName: name,
      ChangeSetId: id,
      StackId: stack.id,
      StackName: stack.name,
      Parameters: parametersXml(goal),
      CreationTime: created,
      ExecutionStatus: changes ? 'AVAILABLE' : 'UNAVAILABLE',
      Status: changes ? 'CREATE_COMPLETE' : 'FAILED',
      StatusReason: changes
        ? undefined
        : "The submitted information didn't contain changes. Submit different information to create a change set.",
      Changes: items.map(({ action, logicalId, physicalId, type, replacement }) => ({
        Type: 'Resource',
        ResourceChange: {
          Action: action,
          LogicalResourceId: logicalId,
          PhysicalResourceId: physicalId,
          ResourceType: type,
          Replacement: replacement,
          Scope: action === 'Modify' ? ['Properties'] : [],
          Details: [],
        },
      })),
      NextToken: next,
    };
  }

  private execute({ id, stack, type, goal, onFailure, changes }: ChangeSet): Xml {
    if (!changes)
      throw new AwsError(400, 'InvalidChangeSetStatus', `ChangeSet [${id}] cannot be executed in its current status of [FAILED]`);
    if (type === 'CREATE') stack.create(goal, onFailure);
    else stack.update(goal);
    for (const [other, changeSet] of this.changeSets) if (changeSet.stack === stack) this.changeSets.delete(other);
    return {};
  }

  private describeStacks(request: Request): Xml {
    const name = request.get('StackName');
    const stacks = name === undefined ? this.stacks.filter(({ status }) => status !== 'DELETE_COMPLETE') : [this.stack(name)];
    return {
      Stacks: stacks.map((stack) => ({
        StackId: stack.id,
        StackName: stack.name,
        Description: stack.goal?.template.Description,
        Parameters: parametersXml(stack),
        CreationTime: stack.created,
        StackStatus: stack.status,
        StackStatusReason: stack.reason,
        DisableRollback: false,
        EnableTerminationProtection: false,
        Outputs: stack.outputs.map(({ name: OutputKey, value: OutputValue, description: Description }) => ({
          OutputKey,
          OutputValue,
          Description,
        })),
      })),
    };
  }

  /** The newest of a name, or the one of an id. */
  private find(nameOrId: string): Stack | undefined {
    return this.stacks.findLast(({ id, name }) => id === nameOrId || name === nameOrId);
  }

  /** A deleted stack is found by its id alone. */
  private stack(nameOrId: string): Stack {
    const stack = this.find(nameOrId);
    if (!stack || (stack.status === 'DELETE_COMPLETE' && nameOrId === stack.name))
      throw invalid(`Stack with id ${nameOrId} does not exist`);
    return stack;
  }
}

const parametersXml = ({ parameters }: Pick<Goal, 'parameters'>): Xml =>
  Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue }));

function page<T>(all: readonly T[], request: Request): { items: readonly T[]; next: string | undefined } {
  // The newest come first and push the others back: so the place is counted from the end.
  const before = request.get('NextToken');
  const from = before === undefined ? 0 : all.length - Number(before);
  const items = all.slice(from, from + PAGE);
  const left = all.length - from - items.length;
  return { items, next: left > 0 ? String(left) : undefined };
}

function needCapabilities(template: Template, given: readonly string[]): void {
  const identities = Object.values(template.Resources).filter(({ Type }) => Type in NAMED_IDENTITIES);
  const named = identities.some(({ Type, Properties }) => (Properties ?? {})[NAMED_IDENTITIES[Type]!] !== undefined);
  const enough = given.includes('CAPABILITY_NAMED_IAM') || (!named && given.includes('CAPABILITY_IAM'));
  if (identities.length > 0 && !enough)
    throw new AwsError(
      400,
      'InsufficientCapabilitiesException',
      `Requires capabilities : [${named ? 'CAPABILITY_NAMED_IAM' : 'CAPABILITY_IAM'}]`,
    );
}
