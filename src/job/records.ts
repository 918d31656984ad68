import { createHash } from 'node:crypto';
import { canonicalJson, type PackSource } from '../corpus/pack/source.ts';
import type { ContentSpec } from '../corpus/content.ts';
import { type Plan, tablesIn } from './plan.ts';
import type { JobSpec } from './spec.ts';

/** The records a job leaves: what each JSON file of a corpus holds. Times are RFC 3339 in UTC. */

export interface PackRecord {
  readonly pack: string;
  readonly language: string;
  readonly digest: string;
  /** The pack itself, where it is a user's own: the corpus can be made again without its folder. */
  readonly source?: PackSource;
}

/** job.json: written once, first. */
export interface JobRecord {
  readonly job: string;
  readonly created: string;
  readonly generator: string;
  /** SHA-256 of everything the messages depend on; see contentDigest. */
  readonly content: string;
  readonly spec: JobSpec;
  readonly packs: readonly PackRecord[];
  readonly plan: Plan;
}

/** What there is of truth: lines, messages labelled so, arcs with the near misses among them. */
export interface TruthCounts {
  readonly lines: number;
  readonly positives: number;
  readonly nearMisses: number;
  readonly arcs: number;
}

/** SHA-256 of files, by their keys. */
export type FileDigests = Readonly<Record<string, string>>;

/** shards/<shard>.json: written last in a shard; its presence means the shard is whole. */
export interface Receipt {
  readonly job: string;
  readonly shard: number;
  readonly attempt: number;
  readonly generator: string;
  /** Originals; files or archive members; bytes of the messages. */
  readonly messages: number;
  readonly objects: number;
  readonly bytes: number;
  /** Over its blocks' digests, which follow in order. */
  readonly digest: string;
  readonly blocks: readonly string[];
  /** Counts, digest over its blocks' digests, those in order, and the files it is in: none with layout none. */
  readonly truth: TruthCounts & { readonly digest: string; readonly blocks: readonly string[]; readonly files: FileDigests };
  readonly started: string;
  readonly finished: string;
}

export const STATUSES = ['queued', 'running', 'stalled', 'succeeded', 'partial', 'failed', 'cancelled', 'interrupted'] as const;
export type Status = (typeof STATUSES)[number];
export const OUTCOMES = ['succeeded', 'partial', 'failed', 'cancelled'] as const satisfies readonly Status[];
export type Outcome = (typeof OUTCOMES)[number];

/** progress.json: the latest word on a job. */
export interface Progress {
  readonly job: string;
  readonly status: Status;
  readonly attempt: number;
  /** Grows with every writing, over all attempts. */
  readonly sequence: number;
  readonly heartbeat: string;
  readonly started: string;
  readonly messages: number;
  readonly bytes: number;
  readonly of: number;
  readonly shards: number;
  readonly ofShards: number;
  /** Shards that were given up in this attempt. */
  readonly failed: number;
  /** Why a job stopped, or an attempt ended without the whole corpus, where it was not by hand. */
  readonly reason?: string;
}

/** Whether the attempt that a progress is of has ended. */
export const hasEnded = ({ status }: Progress): boolean => OUTCOMES.some((outcome) => outcome === status);

/** The progress of an attempt that has not begun; what an earlier one made stays counted. */
export function queuedProgress(
  { job, plan }: Pick<JobRecord, 'job' | 'plan'>,
  attempt: number,
  sequence: number,
  now: Date,
  before: Pick<Progress, 'messages' | 'bytes' | 'shards'> = { messages: 0, bytes: 0, shards: 0 },
): Progress {
  return {
    job,
    status: 'queued',
    attempt,
    sequence,
    heartbeat: now.toISOString(),
    started: now.toISOString(),
    messages: before.messages,
    bytes: before.bytes,
    of: plan.messages,
    shards: before.shards,
    ofShards: plan.shards,
    failed: 0,
  };
}

/** attempts/<n>/failures/<shard>.json */
export interface Failure {
  readonly shard: number;
  readonly attempt: number;
  readonly error: string;
  readonly at: string;
}

/** attempts/<n>/outcome.json: written once. */
export interface OutcomeRecord {
  readonly job: string;
  readonly attempt: number;
  readonly outcome: Outcome;
  readonly finished: string;
  /** Shards without a receipt; and those among them that were given up, each of which left a failure. */
  readonly missing: readonly number[];
  readonly failed: readonly number[];
  /** Why it ended without the whole corpus, in words. */
  readonly reason?: string;
}

/** attempts/<n>/cancel: everyone in the attempt is to stop. Written once, by who asked or by the supervisor, which ends no attempt without it unless the corpus is complete. */
export interface StopMarker {
  readonly by: 'user' | 'supervisor';
  readonly at: string;
  readonly reason?: string;
}

/** manifest.json: the record of a complete corpus. */
export interface Manifest {
  readonly job: string;
  readonly attempt: number;
  readonly generator: string;
  readonly content: string;
  readonly messages: number;
  readonly objects: number;
  readonly bytes: number;
  readonly digest: string;
  readonly truthDigest: string;
  /** Counts, and the files that are of the whole corpus. */
  readonly truth: TruthCounts & { readonly files: FileDigests };
  readonly shards: number;
  readonly layout: string;
  /** Where things are, relative to the manifest; "" where they are not kept. */
  readonly keys: { readonly messages: string; readonly truth: string; readonly receipts: string; readonly job: string };
  readonly started: string;
  readonly finished: string;
}

/** SHA-256 of what the bytes of a corpus depend on: the content of the spec, the packs, the generator's version. */
export function contentDigest(spec: ContentSpec, packs: readonly PackRecord[], generator: string): string {
  const { seed, messages, period, organisation, traffic, content, scenarios } = spec;
  const { packs: _folders, ...rest } = content;
  const digests = packs.map((p) => p.digest);
  return createHash('sha256')
    .update(
      canonicalJson({ generator, seed: String(seed), messages, period, organisation, traffic, content: rest, scenarios, packs: digests }),
    )
    .digest('hex');
}

/** In what a job that is there is another than the one that is asked for, in words; undefined where it is the same. */
export function differenceFrom(existing: JobRecord, content: string, { delivery: asked }: JobSpec): string | undefined {
  if (existing.content !== content) return 'its spec or its packs differ';
  const { delivery: own } = existing.spec;
  if (own.layout !== asked.layout) return `its layout is ${own.layout}`;
  if (own.truth.lines !== asked.truth.lines) return `its truth has lines for ${own.truth.lines}`;
  const formats = [own, asked].map(({ truth }) => ['jsonl', ...tablesIn(truth.formats)].join(', '));
  return formats[0] === formats[1] ? undefined : `its truth is in ${formats[0]}`;
}
