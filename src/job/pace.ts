import { BLOCK } from '../corpus/block.ts';
import type { Plan } from './plan.ts';
import { ASSUMED, type WorkerFigures } from './prices.ts';
import type { DeliveryLayout } from './spec.ts';
import type { Times } from './times.ts';

/** How long a job takes in the cloud, and what keeps it from being faster. All times in seconds. */

/** What a job cannot be faster than: the writes that S3 takes, its workers' processors, or their network. */
export type Bound = 'S3' | 'processor' | 'network';

export interface PaceInput {
  readonly plan: Plan;
  /** Of all messages; and what is left of them: compressed in a zip. */
  readonly bytes: number;
  readonly kept: number;
  /** Workers at once. */
  readonly concurrency: number;
  /** MB of memory of a worker. */
  readonly workerMemory: number;
  /** Parts that S3 has split the prefix of the messages into: 1 unless it has been busy for long. */
  readonly partitions: number;
  readonly figures: WorkerFigures;
}

export interface Pace {
  /** Writes of messages or archives, the requests of multipart uploads among them. */
  readonly puts: number;
  /** At once. */
  readonly workers: number;
  /** Workers beyond which the job gets no faster. */
  readonly enough: number;
  /** Until a worker begins with its first shard, once it runs. */
  readonly begin: number;
  /** While shards are made. */
  readonly making: number;
  readonly bound: Bound;
  /** That a shard takes, on average. */
  readonly shard: number;
}

/** Bytes of a part of a multipart upload. */
const PART = 8 << 20;

export function paceOf({ plan, bytes, kept, concurrency, workerMemory, partitions, figures }: PaceInput): Pace {
  const { messages, shards, layout } = plan;
  const archive = kept * Math.min(1, (plan.shardBlocks * BLOCK) / messages);
  const puts = layout === 'eml' ? messages : layout === 'none' ? 0 : shards * requestsOf(archive);
  const { make, put } = figures;
  const work = messages * make[layout].piece + bytes * make[layout].byte + puts * put.piece + kept * put.byte;
  const slower = ASSUMED.slower / Math.min(1, workerMemory / ASSUMED.processorMemory);
  // Of one worker that would make all of it.
  const busy = work * slower + shards * ASSUMED.shardWait;
  const sending = kept / ASSUMED.network;
  const alone = Math.max(busy, sending);
  const writing = puts / (ASSUMED.partitionWrites * partitions);
  const workers = Math.min(concurrency, shards);
  const making = Math.max(alone / workers, writing);
  return {
    puts,
    workers,
    enough: writing === 0 ? shards : Math.min(shards, Math.ceil(alone / writing)),
    begin: figures.begin * slower,
    making,
    bound: writing >= alone / workers ? 'S3' : busy >= sending ? 'processor' : 'network',
    shard: (making * workers) / shards,
  };
}

/** Requests that an archive takes: one, or where it has several parts one each, one to begin and one to complete. */
function requestsOf(bytes: number): number {
  const parts = Math.ceil(bytes / PART);
  return parts > 1 ? parts + 2 : 1;
}

/**
 * The largest shard, in blocks, that is made in the time it should take while all workers share what S3 takes; undefined
 * where that is not what decides.
 */
export function mostBlocks(layout: DeliveryLayout, concurrency: number, { shard }: Times): number | undefined {
  if (layout !== 'eml') return undefined;
  return Math.max(1, Math.floor((shard * ASSUMED.partitionWrites) / concurrency / BLOCK));
}

/** The supervisor's looks at a job whose last shard is made after `seconds`, and when the last of them is. */
export function looksUntil(seconds: number, { shortestWait, longestWait }: Times): { readonly looks: number; readonly last: number } {
  let [looks, last] = [1, 0];
  for (; last < seconds; looks++) last += Math.min(longestWait, Math.max(shortestWait, last / 10));
  return { looks, last };
}
