import { EngineError } from '../../error.ts';
import type { Account } from './account.ts';
import { artifactsBucket, hasArtifactsBucket, removeArtifactsBucket } from './artifacts.ts';
import { emptyBucket, jobsIn } from './bucket.ts';
import { failureText, firstFailure, type ResourceEvent } from './events.ts';
import { bucketsOf, deleteStack, findStack, refuseBusy, type StackState, stacksFrom } from './stack.ts';

export interface DestroyRequest {
  /** The stack's name. */
  readonly stack: string;
  /** Without it, a stack that holds corpora is left alone. */
  readonly deleteCorpora: boolean;
  /** Asked before anything is destroyed. */
  consent(question: DestroyQuestion): Promise<boolean>;
  report(news: DestroyNews): void;
}

/** What will be lost. */
export interface DestroyQuestion {
  /** Undefined where there is no such stack. */
  readonly stack: string | undefined;
  readonly buckets: readonly StackBucket[];
  /** The bucket that code was deployed from, where no other stack needs it. */
  readonly artifacts: string | undefined;
}

export interface StackBucket {
  readonly bucket: string;
  /** How many corpora it holds, complete or not. */
  readonly jobs: number;
}

export type DestroyNews =
  | { readonly event: 'emptied'; readonly bucket: string; /** Deleted so far. */ readonly objects: number }
  | ({ readonly event: 'resource' } & ResourceEvent)
  | {
      readonly event: 'artifacts';
      readonly bucket: string;
      /** Other stacks that need it: it stays. */ readonly neededBy: readonly string[];
    };

export interface Destroyed {
  /** `absent`: there was neither stack nor artifacts bucket. */
  readonly status: 'destroyed' | 'absent' | 'declined' | 'interrupted';
}

/** Workers may still put objects while their bucket is emptied. Once the functions are gone, nothing does. */
const ROUNDS = 3;

/** Destroys a stack with all it holds, and the artifacts bucket with the last one. */
export async function destroy(account: Account, request: DestroyRequest): Promise<Destroyed> {
  try {
    return { status: await destroyed(account, request) };
  } catch (error) {
    if (account.signal?.aborted && !(error instanceof EngineError)) return { status: 'interrupted' };
    throw error;
  }
}

async function destroyed(account: Account, request: DestroyRequest): Promise<Destroyed['status']> {
  const { stack: name, report } = request;
  const stack = await findStack(account, name);
  if (stack) refuse(stack);
  const buckets = stack ? await survey(account, stack, request) : [];
  const bucket = artifactsBucket(account);
  const neededBy = (await stacksFrom(account, bucket)).filter((other) => other !== name);
  const artifacts = neededBy.length === 0 && (await hasArtifactsBucket(account)) ? bucket : undefined;

  if (!stack && artifacts === undefined) return 'absent';
  if (!(await request.consent({ stack: stack?.name, buckets, artifacts }))) return 'declined';
  if (stack) await remove(account, stack, buckets, request);
  if (artifacts !== undefined) await removeArtifactsBucket(account);
  report({ event: 'artifacts', bucket, neededBy });
  return 'destroyed';
}

function refuse(stack: StackState): void {
  refuseBusy(stack);
  if (stack.isProtected)
    throw new EngineError(
      'REFUSED',
      `The stack ${stack.name} is protected against being deleted. To allow it: aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name ${stack.name}`,
    );
}

/** What the stack's buckets hold; refuses where that are corpora, unless they are to go as well. */
async function survey(account: Account, stack: StackState, { deleteCorpora }: DestroyRequest): Promise<StackBucket[]> {
  const buckets: StackBucket[] = [];
  for (const bucket of await bucketsOf(account, stack)) {
    const jobs = await jobsIn(account, bucket);
    if (jobs > 0 && !deleteCorpora)
      throw new EngineError(
        'CORPORA',
        `The stack ${stack.name} was left as it is: its bucket ${bucket} holds ${jobs === 1 ? 'the corpus of 1 job' : `the corpora of ${jobs} jobs`}. Pull or delete what you need of them first; --delete-corpora destroys them with the stack.`,
      );
    buckets.push({ bucket, jobs });
  }
  return buckets;
}

async function remove(account: Account, stack: StackState, buckets: readonly StackBucket[], { report }: DestroyRequest): Promise<void> {
  const told = (event: ResourceEvent): void => report({ event: 'resource', ...event });
  for (let round = 1; ; round++) {
    for (const { bucket } of buckets) await emptyBucket(account, bucket, (objects) => report({ event: 'emptied', bucket, objects }));
    const { status, events } = await deleteStack(account, stack, told);
    if (status === 'DELETE_COMPLETE') return;
    if (round === ROUNDS || firstFailure(events)?.type !== 'AWS::S3::Bucket')
      throw new EngineError(
        'STACK',
        `The stack ${stack.name} could not be deleted wholly. ${failureText(events)}\nMend the cause and destroy it again: what is gone is not missed.`,
      );
  }
}
