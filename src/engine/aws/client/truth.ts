import type { JobState } from '../../../job/calls.ts';
import { truthKey } from '../../../job/plan.ts';
import { hasEnded, type JobRecord } from '../../../job/records.ts';
import { EngineError } from '../../error.ts';
import { inOrder } from '../../parallel.ts';
import type { Store } from './store.ts';

/** A piece of a file of truth; `last` ends the file. */
export interface TruthPiece {
  readonly bytes: Uint8Array;
  readonly last: boolean;
}

/** The ground truth of a job that has ended, as it lies in S3. */
export interface CloudTruth {
  readonly uri: string;
  readonly job: JobRecord;
  /** Of the corpus. */
  readonly messages: number;
  readonly complete: boolean;
  /** The lines' files, of the shards that there are. */
  readonly files: readonly string[];
  /** The files one behind the other: there may be more of it than memory. */
  readonly pieces: AsyncGenerator<TruthPiece, void>;
}

const PART = 4 << 20;
/** Files that are read ahead, and parts of one. */
const AHEAD = 8;
const PARTS = 2;

export async function truthOf(store: Store, state: JobState, signal: AbortSignal): Promise<CloudTruth> {
  const { progress, outcome, manifest } = state;
  if (!hasEnded(progress) || !outcome)
    throw new EngineError(
      'REFUSED',
      `Job ${state.job} has not ended (${progress.messages} of ${progress.of} messages are there): its ground truth is whole once it has.`,
    );
  const job = await store.json<JobRecord>('job.json', signal);
  if (job.plan.layout === 'none')
    throw new EngineError('NOT_FOUND', `${store.uri('')} has no ground truth: its layout is none. Make the corpus with another layout.`);
  const lacking = new Set(outcome.missing);
  const shards = Array.from({ length: job.plan.shards }, (_, shard) => shard).filter((shard) => !lacking.has(shard));
  const keys = shards.map(truthKey);
  return {
    uri: store.uri(''),
    job,
    messages: manifest?.messages ?? job.plan.messages,
    complete: manifest !== null,
    files: keys.map((key) => store.uri(key)),
    pieces: piecesOf(store, keys, signal),
  };
}

async function* piecesOf(store: Store, keys: readonly string[], signal: AbortSignal): AsyncGenerator<TruthPiece, void> {
  const part = (key: string, i: number, etag?: string): ReturnType<Store['part']> => store.part(key, i * PART, PART, etag, signal);
  const firsts = inOrder(keys.length, AHEAD, async (i) => ({ key: keys[i]!, first: await part(keys[i]!, 0) }));
  for await (const { key, first } of firsts) {
    let left = Math.max(0, Math.ceil(first.size / PART) - 1);
    yield { bytes: first.bytes, last: left === 0 };
    for await (const { bytes } of inOrder(left, PARTS, (i) => part(key, i + 1, first.etag))) yield { bytes, last: --left === 0 };
  }
}
