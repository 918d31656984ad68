import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { BLOCK } from '../../corpus/block.ts';
import { Generator } from '../../corpus/generator.ts';
import type { Pack } from '../../corpus/pack/schema.ts';
import { BlockDigest, digestOfBlocks, sha256Of } from '../../job/digest.ts';
import { receiptKey, shardArcsKey, shardOf, truthKey } from '../../job/plan.ts';
import type { FileDigests, JobRecord, Receipt } from '../../job/records.ts';
import { type BlockTruth, TruthWriter } from '../../job/truth.ts';
import { isStorageError, storageError, writeJson, writeWhole } from '../files.ts';
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
const generator = new Generator(record.spec, packs, record.spec.delivery.truth.lines);
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
  const { firstBlock, blocks } = shardOf(record.plan, shard);
  const started = new Date().toISOString();
  const digest = new BlockDigest();
  const digests: string[] = [];
  const truth = new TruthWriter(record.plan);
  const told: BlockTruth[] = [];
  let messages = 0;
  let bytes = 0;
  sink.begin(shard);
  for (let b = 0; b < blocks; b++) {
    if (Atomics.load(flag, 0) !== 0) return say({ kind: 'stopped', shard });
    let blockBytes = 0;
    generator.block(
      firstBlock + b,
      (message) => {
        const sha256 = digest.add(message.id, message.bytes);
        if (message.truth) truth.message(message.id, message.index, sha256, message.truth);
        sink.put(message.id, message.bytes, message.letter.turn.instant, message.letter.turn.author.address);
        blockBytes += message.bytes.length;
      },
      (arc) => truth.arc(arc),
    );
    digests.push(digest.finish());
    told.push(truth.endBlock());
    const count = Math.min(BLOCK, record.plan.messages - (firstBlock + b) * BLOCK);
    messages += count;
    bytes += blockBytes;
    say({ kind: 'block', messages: count, bytes: blockBytes });
  }
  const receipt: Receipt = {
    job: record.job,
    shard,
    attempt,
    generator: record.generator,
    messages,
    objects: sink.end(),
    bytes,
    digest: digestOfBlocks(digests),
    blocks: digests,
    truth: { ...truth.summary(), files: record.plan.layout === 'none' ? {} : writeTruth(shard, told) },
    started,
    finished: new Date().toISOString(),
  };
  writeJson(join(folder, receiptKey(shard)), receipt);
  say({ kind: 'done', shard, messages, bytes });
}

/** Writes the truth of a shard; a shard of which there is nothing to say leaves empty files. */
function writeTruth(shard: number, blocks: readonly BlockTruth[]): FileDigests {
  const files = {
    [truthKey(shard)]: blocks.map(({ lines }) => lines).join(''),
    [shardArcsKey(shard)]: blocks.map(({ arcs }) => arcs).join(''),
  };
  return Object.fromEntries(
    Object.entries(files).map(([key, text]) => {
      writeWhole(join(folder, key), text, false);
      return [key, sha256Of(Buffer.from(text))];
    }),
  );
}
