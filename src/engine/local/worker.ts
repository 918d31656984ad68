import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import type { Pack } from '../../corpus/pack/schema.ts';
import { receiptKey, shardOf } from '../../job/plan.ts';
import type { JobRecord } from '../../job/records.ts';
import { isStorageError, storageError, writeJson, writeWhole } from '../files.ts';
import { type MadeShard, receiptFor, ShardMaker } from '../shard.ts';
import { sinkOf } from './sinks.ts';

/** A thread of the local engine: makes shards as they are handed to it. */

export interface WorkerData {
  readonly record: JobRecord;
  readonly packs: readonly Pack[];
  readonly folder: string;
  readonly attempt: number;
  /** One 32-bit flag: not 0 asks every worker to stop at the next block. */
  readonly stop: SharedArrayBuffer;
}

export type ToWorker = { readonly shard: number };
export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'block'; readonly messages: number; readonly bytes: number }
  | { readonly kind: 'done'; readonly shard: number; readonly messages: number; readonly bytes: number }
  | { readonly kind: 'stopped'; readonly shard: number }
  | {
      readonly kind: 'failed';
      readonly shard: number;
      readonly error: string;
      /** Of the storage: no other shard would fare better. */ readonly storage: boolean;
    };

const { record, packs, folder, attempt, stop } = workerData as WorkerData;
const port = parentPort!;
const flag = new Int32Array(stop);
const maker = new ShardMaker(record, packs);
const sink = sinkOf(record.plan.layout, folder);
const say = (message: FromWorker): void => port.postMessage(message);

port.on('message', ({ shard }: ToWorker) => {
  try {
    make(shard);
  } catch (error) {
    const storage = isStorageError(error);
    const words = storage ? storageError(error, folder).message : ((error as Error).stack ?? String(error));
    say({ kind: 'failed', shard, error: words, storage });
  }
});
say({ kind: 'ready' });

/** Makes the messages of a shard, then its truth, then its receipt. */
function make(shard: number): void {
  const started = new Date().toISOString();
  sink.begin(shard);
  const blocks = maker.make(shard, ({ id, bytes, letter: { turn } }) => sink.put(id, bytes, turn.instant, turn.author.address));
  let made: MadeShard | undefined;
  for (let left = shardOf(record.plan, shard).messages; !made;) {
    if (left > 0 && Atomics.load(flag, 0) !== 0) return say({ kind: 'stopped', shard });
    const next = blocks.next();
    if (next.done) made = next.value;
    else {
      left -= next.value.messages;
      say({ kind: 'block', ...next.value });
    }
  }
  const objects = sink.end();
  for (const [key, text] of Object.entries(made.files)) writeWhole(join(folder, key), text, false);
  writeJson(join(folder, receiptKey(shard)), receiptFor(record, shard, attempt, made, objects, started, new Date().toISOString()));
  say({ kind: 'done', shard, messages: made.messages, bytes: made.bytes });
}
