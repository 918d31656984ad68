import type { Outcome, StopMarker } from './records.ts';
import type { Times } from './times.ts';

/** What the supervisor sees of an attempt. Times are in milliseconds. */
export interface Sight {
  /** Taken before anything else was looked at. */
  readonly now: number;
  readonly started: number;
  /** When a receipt or a failure was last seen that had not been there before. */
  readonly news: number;
  /** Shards without a receipt; those of them that were given up; how many have a receipt. */
  readonly missing: readonly number[];
  readonly failed: ReadonlySet<number>;
  readonly made: number;
  /** The marker that asks everyone to stop, and when it got there. */
  readonly marker: { readonly by: StopMarker['by']; readonly at: number } | undefined;
}

export type Decision =
  /** Nothing is missing, or nobody can be working any more: the outcome can be written. */
  | { readonly next: 'finish' }
  /** The attempt cannot become complete: the marker has to be written, so that everyone stops. */
  | { readonly next: 'close'; readonly reason: string }
  /** Messages must have been lost. */
  | { readonly next: 'resend'; readonly shards: readonly number[] }
  /** Seconds. */
  | { readonly next: 'wait'; readonly seconds: number };

/** S3 tells the time of an object in whole seconds, rounded down. */
const ROUNDING = 1000;

/** Seconds until no worker can be running that did not see the marker; 0 or less once that is so. */
export const secondsToClose = (marker: { readonly at: number }, now: number, times: Times): number =>
  (marker.at + ROUNDING - now) / 1000 + times.workerTimeout + times.grace;

/**
 * What to do next. An attempt with shards missing ends only when no worker of it can be running: a worker looks for the
 * marker before it puts anything, so whoever did not see it began before it was there, and Lambda has stopped it one
 * time-out later. A complete attempt need not wait: a late duplicate puts the same bytes.
 */
export function decide(sight: Sight, times: Times): Decision {
  const { now, missing, failed, marker } = sight;
  if (missing.length === 0) return { next: 'finish' };
  if (marker) {
    const left = secondsToClose(marker, now, times);
    return left <= 0 ? { next: 'finish' } : { next: 'wait', seconds: Math.min(left, times.longestWait) };
  }
  if (missing.every((shard) => failed.has(shard)))
    return { next: 'close', reason: `${missing.length} shard(s) failed, all others are made` };
  const elapsed = (now - sight.started) / 1000;
  if (elapsed >= times.deadline) return { next: 'close', reason: `it was not done after ${Math.round(times.deadline)} seconds` };
  if ((now - sight.news) / 1000 >= times.lease) return { next: 'resend', shards: missing.filter((shard) => !failed.has(shard)) };
  return { next: 'wait', seconds: Math.min(times.longestWait, Math.max(times.shortestWait, elapsed / 10)) };
}

/** How an attempt ended of which `decide` said that it can finish. */
export function outcomeOf({ missing, made, marker }: Pick<Sight, 'missing' | 'made' | 'marker'>): Outcome {
  if (missing.length === 0) return 'succeeded';
  if (marker?.by === 'user') return 'cancelled';
  return made === 0 ? 'failed' : 'partial';
}
