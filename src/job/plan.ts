import { BLOCK, blockCount } from '../corpus/block.ts';
import type { DeliveryLayout, JobSpec } from './spec.ts';

/** How a job is cut into shards. Part of job.json: fixed when the job is made. */
export interface Plan {
  readonly messages: number;
  readonly blocks: number;
  /** Blocks in a shard; the last shard may have fewer. */
  readonly shardBlocks: number;
  readonly shards: number;
  readonly layout: DeliveryLayout;
  /** Where messages are: `<id>`, its first two digits `<hh>`, or `<shard>` in six digits. */
  readonly keys: string;
}

/** Without a wish: shards of up to 4,096 messages, and of fewer where the job is small, so that all workers have some. */
const MOST_BLOCKS = 16;
const FEWEST_SHARDS = 64;

const KEYS: Readonly<Record<DeliveryLayout, string>> = {
  eml: 'messages/<hh>/<id>.eml',
  zip: 'messages/<shard>.zip',
  mbox: 'messages/<shard>.mbox',
  none: '',
};

/** `most` is the largest shard, in blocks, where the spec does not say what it wants. */
export function planOf(spec: JobSpec, most = MOST_BLOCKS): Plan {
  const blocks = blockCount(spec.messages);
  const shardBlocks = spec.execution.shardBlocks ?? Math.min(most, MOST_BLOCKS, Math.max(1, Math.ceil(blocks / FEWEST_SHARDS)));
  return {
    messages: spec.messages,
    blocks,
    shardBlocks,
    shards: Math.ceil(blocks / shardBlocks),
    layout: spec.delivery.layout,
    keys: KEYS[spec.delivery.layout],
  };
}

/** Messages made in the time that it takes to start a thread. */
const MESSAGES_A_START = 2048;

/** How many threads the local engine starts for a job: those that the spec asks for, else as many as pay. */
export function threadsFor({ messages, execution }: JobSpec, processors: number): number {
  return execution.workers ?? Math.max(1, Math.min(processors, Math.floor(messages / MESSAGES_A_START)));
}

export interface Shard {
  readonly shard: number;
  readonly firstBlock: number;
  readonly blocks: number;
  readonly firstMessage: number;
  readonly messages: number;
}

export function shardOf(plan: Plan, shard: number): Shard {
  const firstBlock = shard * plan.shardBlocks;
  const blocks = Math.min(plan.shardBlocks, plan.blocks - firstBlock);
  const firstMessage = firstBlock * BLOCK;
  return { shard, firstBlock, blocks, firstMessage, messages: Math.min(plan.messages, firstMessage + blocks * BLOCK) - firstMessage };
}

/** The shard that message `index` is in. */
export const shardAt = ({ shardBlocks }: Plan, index: number): number => Math.floor(index / BLOCK / shardBlocks);

/** The shards of a plan that are not among those that were made, in order. */
export function shardsMissing(plan: Plan, made: ReadonlySet<number>): number[] {
  const missing: number[] = [];
  for (let shard = 0; shard < plan.shards; shard++) if (!made.has(shard)) missing.push(shard);
  return missing;
}

/** Six digits: the name of a shard in keys. */
export const shardName = (shard: number): string => String(shard).padStart(6, '0');

/** The key of a message, relative to the job. For zip and mbox it is the file of its shard. */
export function messageKey(plan: Plan, id: string, index: number): string {
  return plan.keys
    .replace('<hh>', id.slice(0, 2))
    .replace('<id>', id)
    .replace('<shard>', shardName(shardAt(plan, index)));
}

/** What truth calls a message: its key; in an archive `<id>.eml` behind the archive's; that alone where no message is kept. */
export function memberKey(plan: Plan, id: string, index: number): string {
  const key = messageKey(plan, id, index);
  switch (plan.layout) {
    case 'eml':
      return key;
    case 'none':
      return `${id}.eml`;
    default:
      return `${key}/${id}.eml`;
  }
}

export const TRUTH = 'truth';
export const truthKey = (shard: number): string => `${TRUTH}/${shardName(shard)}.jsonl`;
export const shardArcsKey = (shard: number): string => `${TRUTH}/${shardName(shard)}.arcs.jsonl`;

/** Truth of the whole corpus, made of what the shards left. */
export const ARCS = `${TRUTH}/arcs.jsonl`;
export const TRUTH_TABLES = { csv: `${TRUTH}/truth.csv`, parquet: `${TRUTH}/truth.parquet` } as const;
export type TruthTableFormat = keyof typeof TRUTH_TABLES;

/** The tables among some formats, in the order in which they are made. */
export const tablesIn = (formats: readonly string[]): TruthTableFormat[] =>
  (Object.keys(TRUTH_TABLES) as TruthTableFormat[]).filter((format) => formats.includes(format));

export const wholeTruthKeys = (formats: readonly string[]): string[] => [ARCS, ...tablesIn(formats).map((format) => TRUTH_TABLES[format])];

export const RECEIPTS = 'shards';
export const receiptKey = (shard: number): string => `${RECEIPTS}/${shardName(shard)}.json`;
export const attemptFolder = (attempt: number): string => `attempts/${attempt}`;
/** What a process said that worked on an attempt on its own. */
export const logKey = (attempt: number): string => `${attemptFolder(attempt)}/engine.log`;
export const cancelKey = (attempt: number): string => `${attemptFolder(attempt)}/cancel`;
export const outcomeKey = (attempt: number): string => `${attemptFolder(attempt)}/outcome.json`;
export const failureKey = (attempt: number, shard: number): string => `${attemptFolder(attempt)}/failures/${shardName(shard)}.json`;
