import { CancelUpdateStackCommand, type Parameter } from '@aws-sdk/client-cloudformation';
import { EngineError } from '../../error.ts';
import { type Account, named } from './account.ts';
import { artifactsBucket, ensureArtifactsBucket, upload, urlOf } from './artifacts.ts';
import type { Bundle } from './bundle.ts';
import { type Change, ChangeSet } from './change-set.ts';
import { failureText, Follower, type ResourceEvent } from './events.ts';
import { CODE_BUCKET, deleteStack, findStack, refuseBusy, type StackState } from './stack.ts';

export interface DeployRequest {
  readonly bundle: Bundle;
  /** The stack's name. */
  readonly stack: string;
  /** Of the template; those that are not given stay as they are, or get the template's default. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Asked before anything is changed but the artifacts bucket. */
  consent(question: DeployQuestion): Promise<boolean>;
  report(news: DeployNews): void;
}

export type DeployQuestion =
  | { readonly about: 'changes'; readonly changes: readonly Change[] }
  /** Its first creation failed, which leaves nothing but its name in the way. */
  | { readonly about: 'failed stack'; readonly stack: string; readonly status: string };

/** What goes on, as it goes on. */
export type DeployNews =
  | { readonly event: 'bucket'; readonly bucket: string; readonly made: boolean }
  | { readonly event: 'artifact'; readonly key: string; readonly bytes: number; /** It had been there. */ readonly already: boolean }
  | { readonly event: 'changes'; readonly changes: readonly Change[] }
  | ({ readonly event: 'resource' } & ResourceEvent);

export type Deployed =
  | { readonly status: 'created' | 'updated' | 'unchanged'; readonly outputs: Readonly<Record<string, string>> }
  /** Consent was not given: nothing was changed. */
  | { readonly status: 'declined' }
  /** The signal came. CloudFormation goes on with what cannot be stopped: making a stack. */
  | { readonly status: 'interrupted'; readonly goesOn: boolean };

/** Deploys a stack, or brings it up to date. Rejects with an EngineError that names what failed and why. */
export async function deploy(account: Account, request: DeployRequest): Promise<Deployed> {
  try {
    return await deployed(account, request);
  } catch (error) {
    if (account.signal?.aborted && !(error instanceof EngineError)) return { status: 'interrupted', goesOn: false };
    throw error;
  }
}

async function deployed(account: Account, request: DeployRequest): Promise<Deployed> {
  const { bundle, stack: name, report } = request;
  refuseUnknown(request);
  let stack = await findStack(account, name);
  if (stack) {
    refuseBusy(stack);
    refuseBroken(stack);
    if (hasFailedAtFirst(stack)) {
      if (!(await request.consent({ about: 'failed stack', stack: name, status: stack.status }))) return { status: 'declined' };
      await removeFailed(account.unstoppable(), stack, report); // a matter of seconds, which cannot be called off
      stack = undefined;
    }
  }

  report({ event: 'bucket', bucket: artifactsBucket(account), made: await ensureArtifactsBucket(account) });
  await upload(account, [bundle.code, bundle.template], ({ key, bytes }, already) =>
    report({ event: 'artifact', key, bytes: bytes.length, already }),
  );
  const url = await urlOf(account, bundle.template.key);
  const changeSet = await ChangeSet.create(account, name, stack, url, parametersOf(account, request, stack));

  let changes: Change[] | undefined;
  let follower: Follower | undefined;
  try {
    changes = await changeSet.changes(account);
    if (changes) {
      report({ event: 'changes', changes });
      if (await request.consent({ about: 'changes', changes })) {
        follower = await Follower.of(account, changeSet.stackId, (event) => report({ event: 'resource', ...event }));
        await changeSet.execute(account);
      }
    }
  } catch (error) {
    await changeSet.discard(account.unstoppable()).catch(() => {}); // the first error is the one to tell
    throw error;
  }
  if (!follower) {
    await changeSet.discard(account.unstoppable());
    return changes ? { status: 'declined' } : { status: 'unchanged', outputs: stack?.outputs ?? {} };
  }
  return ended(account, name, changeSet.isNew, follower);
}

/** Follows what was begun to its end. */
async function ended(account: Account, name: string, isNew: boolean, follower: Follower): Promise<Deployed> {
  let status: string;
  try {
    status = await follower.end(account);
  } catch (error) {
    if (!account.signal?.aborted) throw goesOn(error, name);
    if (isNew) return { status: 'interrupted', goesOn: true };
    status = await callOff(account.unstoppable(), name, follower);
    if (status === 'UPDATE_ROLLBACK_COMPLETE') return { status: 'interrupted', goesOn: false };
  }
  if (status !== 'CREATE_COMPLETE' && status !== 'UPDATE_COMPLETE')
    throw new EngineError(
      'STACK',
      `The stack ${name} could not be ${isNew ? 'made' : 'updated'}. ${failureText(follower.events)}\n${undone(status, name, follower.events)}`,
    );
  const stack = await findStack(account.unstoppable(), name);
  return { status: isNew ? 'created' : 'updated', outputs: stack?.outputs ?? {} };
}

/** Has an update rolled back, unless it is too late for that; answers with the status in the end. */
async function callOff(account: Account, name: string, follower: Follower): Promise<string> {
  await account.find(
    'cloudformation:CancelUpdateStack',
    name,
    ({ cloudFormation }) => cloudFormation.send(new CancelUpdateStackCommand({ StackName: name })),
    named('ValidationError'),
  );
  return follower.end(account);
}

/** What CloudFormation made of a failure, and what to do. */
function undone(status: string, name: string, events: readonly ResourceEvent[]): string {
  const rollback = events.slice(events.findIndex(({ isStack, status }) => isStack && status.endsWith('ROLLBACK_IN_PROGRESS')) + 1);
  const count = new Set(rollback.filter((event) => !event.isStack && event.status.endsWith('_COMPLETE')).map(({ resource }) => resource))
    .size;
  switch (status) {
    case 'ROLLBACK_COMPLETE':
      return `CloudFormation has taken back what it had made (resources: ${count}). Mend the cause and deploy again.`;
    case 'UPDATE_ROLLBACK_COMPLETE':
      return `CloudFormation has rolled back what it had changed (resources: ${count}): the stack is as it was. Mend the cause and deploy again.`;
    default:
      return `It could not be rolled back either and is left as ${status}. ${failureText(rollback)}\n${wayOut(status, name)}`;
  }
}

const wayOut = (status: string, name: string): string =>
  status === 'UPDATE_ROLLBACK_FAILED'
    ? `Mend the cause, then: aws cloudformation continue-update-rollback --stack-name ${name}`
    : `Remove it with mailwright destroy, then deploy again.`;

function refuseUnknown({ bundle, parameters }: DeployRequest): void {
  const own = bundle.parameters.filter((name) => name !== CODE_BUCKET);
  const unknown = Object.keys(parameters).find((name) => !own.includes(name));
  if (unknown !== undefined) throw new EngineError('REFUSED', `${unknown} is not a parameter of the stack. There are: ${own.join(', ')}.`);
}

/** Refuses a stack that an update cannot begin from. */
function refuseBroken({ name, status }: StackState): void {
  if (status === 'DELETE_FAILED' || status === 'UPDATE_ROLLBACK_FAILED')
    throw new EngineError('STACK', `The stack ${name} cannot be updated: it was left as ${status}. ${wayOut(status, name)}`);
}

const hasFailedAtFirst = ({ status }: StackState): boolean => ['ROLLBACK_COMPLETE', 'ROLLBACK_FAILED', 'CREATE_FAILED'].includes(status);

async function removeFailed(account: Account, stack: StackState, report: DeployRequest['report']): Promise<void> {
  const { status, events } = await deleteStack(account, stack, (event) => report({ event: 'resource', ...event }));
  if (status !== 'DELETE_COMPLETE')
    throw new EngineError('STACK', `What is left of the stack ${stack.name} could not be deleted. ${failureText(events)}`);
}

function parametersOf(account: Account, { bundle, parameters }: DeployRequest, stack: StackState | undefined): Parameter[] {
  const given: Readonly<Record<string, string>> = { ...parameters, [CODE_BUCKET]: artifactsBucket(account) };
  return bundle.parameters.flatMap((name): Parameter[] => {
    if (Object.hasOwn(given, name)) return [{ ParameterKey: name, ParameterValue: given[name] }];
    return stack && Object.hasOwn(stack.parameters, name) ? [{ ParameterKey: name, UsePreviousValue: true }] : [];
  });
}

/** Following a stack has failed, which does not stop CloudFormation. */
const goesOn = (error: unknown, name: string): unknown =>
  error instanceof EngineError
    ? new EngineError(
        error.code,
        `${error.message}\nCloudFormation goes on with the stack ${name} all the same: deploying again tells how that ended.`,
        { cause: error },
      )
    : error;
