import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { BLOCK } from '../../../corpus/block.ts';
import { type Ids, objectIdsOf } from '../../../corpus/id.ts';
import type { JobState } from '../../../job/calls.ts';
import { BlockDigest, BlocksDigest, sha256Of } from '../../../job/digest.ts';
import { isReceiptOf } from '../../../job/manifest.ts';
import {
  messageKey,
  outcomeKey,
  planOf,
  receiptKey,
  shardArcsKey,
  type Shard,
  shardOf,
  truthKey,
  wholeTruthKeys,
} from '../../../job/plan.ts';
import { hasEnded, type JobRecord, type Manifest, type OutcomeRecord, type Progress, type Receipt } from '../../../job/records.ts';
import { EngineError } from '../../error.ts';
import { createJson, storageError, writeJson } from '../../files.ts';
import { JobFolder } from '../../local/job-folder.ts';
import { Lock } from '../../local/lock.ts';
import { DigestedFile } from '../../local/new-file.ts';
import { type Sink, sinkOf } from '../../local/sinks.ts';
import { inOrder, inParallel } from '../../parallel.ts';
import { messagesIn } from './archive-messages.ts';
import type { Store } from './store.ts';

export interface PullRequest {
  readonly folder: string;
  /** Only the shards that hold the first so many messages. */
  readonly first?: number;
  /** The truth, and what it is about: job.json. Receipts and manifest stay away, for they say that messages are there. */
  readonly withoutMessages?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: PullProgress) => void;
}

/** Of the messages asked for; bytes are those of the messages. */
export interface PullProgress {
  readonly messages: number;
  readonly of: number;
  readonly bytes: number;
}

export interface Pulled {
  readonly folder: string;
  /** Messages in the folder now, and their bytes. */
  readonly messages: number;
  readonly bytes: number;
  /** The corpus is complete, and all of it is here. */
  readonly whole: boolean;
  /** Of a whole corpus. */
  readonly digest?: string;
}

/** Requests at once for messages, each an object; archives at once, and parts of each; shards at once of which only small files are fetched. */
const MESSAGES = 64;
const ARCHIVES = 2;
const PARTS = 4;
const SHARDS = 16;

/** Receipts that are read ahead of the messages. */
const AHEAD = 4;

const PART = 8 << 20;

const BEAT_MS = 5_000;
const TELL_MS = 200;

/** Fetches what there is of a corpus. A shard's receipt is written last, and a shard that has one is not fetched again. */
export async function pull(store: Store, state: JobState, request: PullRequest): Promise<Pulled> {
  const { folder: path } = request;
  if (!hasEnded(state.progress) || !state.outcome)
    throw new EngineError(
      'REFUSED',
      `Job ${state.job} has not ended (${state.progress.messages} of ${state.progress.of} messages are there): it can be pulled once it has. Follow it: mailwright status ${state.job} --follow`,
    );
  const record = await store.json<JobRecord>('job.json', request.signal);
  if (record.plan.keys !== planOf(record.spec).keys)
    throw new EngineError(
      'VERSION',
      `Job ${record.job} names its messages ${record.plan.keys}, which this version does not know: update Mailwright.`,
    );
  const folder = new JobFolder(path);
  folder.open();
  const there = folder.job();
  if (there && there.job !== record.job)
    throw new EngineError('OTHER_JOB', `${path} holds another job (${there.job}). Nothing was changed. Choose another --out.`);
  let lock: Lock;
  try {
    lock = Lock.take(path, new Date());
  } catch (error) {
    throw storageError(error, path);
  }
  const lost = new AbortController();
  const beat = setInterval(() => {
    if (!lock.beat(new Date())) lost.abort(new EngineError('LOCKED', `${path}: the lock was taken by another process.`));
  }, BEAT_MS);
  const signal = request.signal ? AbortSignal.any([request.signal, lost.signal]) : lost.signal;
  try {
    return await new Pull(store, state, record, folder, request, signal).run(state.outcome);
  } catch (error) {
    signal.throwIfAborted();
    throw storageError(error, path);
  } finally {
    clearInterval(beat);
    lost.abort(); // what may still be on its way writes nothing any more
    lock.release();
  }
}

/** A shard that is being fetched. */
interface Fetching {
  readonly shard: Shard;
  readonly receipt: Receipt;
  /** SHA-256 of its messages, in index order. */
  readonly hashes: string[];
  left: number;
}

class Pull {
  private readonly store: Store;
  private readonly state: JobState;
  private readonly record: JobRecord;
  private readonly folder: JobFolder;
  private readonly request: PullRequest;
  private readonly signal: AbortSignal;
  private readonly ids: Ids;
  private readonly sink: Sink;
  /** Of the messages asked for. */
  private progress = { messages: 0, of: 0, bytes: 0 };
  /** In the folder: shards with their receipts. */
  private kept = { messages: 0, bytes: 0 };
  private told = 0;

  constructor(store: Store, state: JobState, record: JobRecord, folder: JobFolder, request: PullRequest, signal: AbortSignal) {
    this.store = store;
    this.state = state;
    this.record = record;
    this.folder = folder;
    this.request = request;
    this.signal = signal;
    this.ids = objectIdsOf(record.spec);
    this.sink = sinkOf('eml', folder.path);
  }

  async run(outcome: OutcomeRecord): Promise<Pulled> {
    const { plan } = this.record;
    const { manifest } = this.state;
    createJson(this.path('job.json'), this.record);
    const lacking = new Set(outcome.missing);
    const available = this.asked().filter((shard) => !lacking.has(shard));
    const of = available.reduce((sum, shard) => sum + shardOf(plan, shard).messages, 0);
    this.progress = { ...this.progress, of };
    const missing = available.filter((shard) => !this.isHere(shard));
    this.tell(true);
    await this.fetch(missing);
    this.tell(true);

    const all = available.length === plan.shards - lacking.size;
    const here = all && this.kept.messages === of;
    if (all && manifest) await this.wholeTruth(manifest);
    if (here) await this.records(manifest);
    return {
      folder: this.folder.path,
      ...this.kept,
      whole: here && manifest !== null,
      ...(here && manifest && { digest: manifest.digest }),
    };
  }

  /** Whether messages are left out that the job has. */
  private get partly(): boolean {
    return this.request.withoutMessages === true && this.record.plan.layout !== 'none';
  }

  private asked(): number[] {
    const { plan } = this.record;
    const { first = plan.messages } = this.request;
    const shards = Math.min(plan.shards, Math.ceil(first / (plan.shardBlocks * BLOCK)));
    return Array.from({ length: shards }, (_, shard) => shard);
  }

  /** Whether a shard is in the folder; counts what it holds. */
  private isHere(shard: number): boolean {
    const found = this.folder.receipt(shard);
    if (!found) return false;
    const { messages, bytes } = this.folder.receiptOf(this.record, shard, found);
    this.kept = plus(this.kept, messages, bytes);
    this.progress = plus(this.progress, messages, bytes);
    return true;
  }

  private async fetch(shards: readonly number[]): Promise<void> {
    const receipts = inOrder(shards.length, AHEAD, (i) => this.receipt(shards[i]!));
    const { layout } = this.record.plan;
    if (this.partly || layout === 'none') await inParallel(receipts, SHARDS, (receipt) => this.withoutMessages(receipt));
    else if (layout === 'eml') await inParallel(this.eachMessage(receipts), MESSAGES, ([index, shard]) => this.message(index, shard));
    else await inParallel(receipts, ARCHIVES, (receipt) => this.archive(receipt, layout));
  }

  private async receipt(shard: number): Promise<Receipt> {
    const key = receiptKey(shard);
    const receipt = await this.store.json<Receipt>(key, this.signal);
    const { messages, blocks } = shardOf(this.record.plan, shard);
    if (!isReceiptOf(this.record, shard, receipt) || receipt.messages !== messages || receipt.blocks.length !== blocks)
      throw this.corrupt(key, `is not the receipt of shard ${shard} of this job`);
    return receipt;
  }

  private async *eachMessage(receipts: AsyncIterable<Receipt>): AsyncGenerator<readonly [index: number, shard: Fetching]> {
    for await (const receipt of receipts) {
      const shard = shardOf(this.record.plan, receipt.shard);
      const fetching: Fetching = { shard, receipt, hashes: new Array<string>(shard.messages), left: shard.messages };
      for (let i = 0; i < shard.messages; i++) yield [shard.firstMessage + i, fetching];
    }
  }

  /** Fetches a message; with the last one of its shard, finishes the shard. */
  private async message(index: number, shard: Fetching): Promise<void> {
    const id = this.ids.id(index);
    const bytes = await this.store.bytes(messageKey(this.record.plan, id, index), this.signal);
    this.sink.put(id, bytes, 0, '');
    shard.hashes[index - shard.shard.firstMessage] = sha256Of(bytes);
    this.count(1, bytes.length);
    if (--shard.left > 0) return;
    this.compare(shard.shard, shard.receipt, shard.hashes);
    await this.finish(shard.receipt);
  }

  private async archive(receipt: Receipt, layout: 'zip' | 'mbox'): Promise<void> {
    const shard = shardOf(this.record.plan, receipt.shard);
    const key = messageKey(this.record.plan, '', shard.firstMessage);
    await this.file(key);
    try {
      const hashes: string[] = [];
      try {
        for await (const message of messagesIn(this.path(key), layout)) hashes.push(sha256Of(message));
      } catch (error) {
        throw this.corrupt(key, `cannot be read as ${layout} (${(error as Error).message})`);
      }
      if (hashes.length !== shard.messages) throw this.corrupt(key, `holds ${hashes.length} messages in the place of ${shard.messages}`);
      this.compare(shard, receipt, hashes, key);
    } catch (error) {
      rmSync(this.path(key), { force: true });
      throw error;
    }
    await this.finish(receipt);
    this.count(receipt.messages, receipt.bytes);
  }

  private async withoutMessages(receipt: Receipt): Promise<void> {
    if (this.partly) await this.truth(receipt);
    else await this.finish(receipt);
    this.count(receipt.messages, receipt.bytes);
  }

  /** The messages of a shard are here: its truth, then its receipt. */
  private async finish(receipt: Receipt): Promise<void> {
    await this.truth(receipt);
    this.signal.throwIfAborted(); // the lock may be another's by now
    writeJson(this.path(receiptKey(receipt.shard)), receipt);
    this.kept = plus(this.kept, receipt.messages, receipt.bytes);
  }

  private async truth(receipt: Receipt): Promise<void> {
    if (this.record.plan.layout === 'none') return;
    for (const key of [truthKey(receipt.shard), shardArcsKey(receipt.shard)]) await this.digestedFile(key, receipt.truth.files[key]);
  }

  /** Every message of a shard against its receipt, block by block. `key` is what they were in. */
  private compare(shard: Shard, receipt: Receipt, hashes: readonly string[], key?: string): void {
    const digest = new BlockDigest();
    receipt.blocks.forEach((expected, b) => {
      const from = b * BLOCK;
      const to = Math.min(from + BLOCK, shard.messages);
      for (let i = from; i < to; i++) digest.addHash(this.ids.id(shard.firstMessage + i), hashes[i]!);
      if (digest.finish() === expected) return;
      const indices = `${shard.firstMessage + from} to ${shard.firstMessage + to - 1}`;
      throw key === undefined
        ? this.corrupt(receiptKey(shard.shard), `and the messages with the indices ${indices} do not agree`)
        : this.corrupt(key, `is not what its receipt says: one of the messages ${indices} was changed`);
    });
  }

  /** The truth that is of the whole corpus. */
  private async wholeTruth(manifest: Manifest): Promise<void> {
    if (this.record.plan.layout === 'none') return;
    for (const key of wholeTruthKeys(this.record.spec.delivery.truth.formats)) await this.digestedFile(key, manifest.truth.files[key]);
  }

  /** All shards that there are in the cloud are here: what says how it went; the manifest last, for it says that the corpus is complete. */
  private async records(manifest: Manifest | null): Promise<void> {
    if (manifest) this.agree(manifest);
    const progress = await this.store.json<Progress>('progress.json', this.signal);
    for (let attempt = 1; attempt <= this.state.progress.attempt; attempt++)
      writeJson(this.path(outcomeKey(attempt)), await this.store.json<OutcomeRecord>(outcomeKey(attempt), this.signal));
    writeJson(this.path('progress.json'), progress);
    if (manifest) writeJson(this.path('manifest.json'), manifest);
  }

  /** The receipts have to come to what the manifest says. */
  private agree(manifest: Manifest): void {
    const digest = new BlocksDigest();
    for (let shard = 0; shard < this.record.plan.shards; shard++)
      for (const block of this.folder.receiptOf(this.record, shard).blocks) digest.add(block);
    if (digest.finish() !== manifest.digest) throw this.corrupt('manifest.json', 'has another digest than the receipts come to');
  }

  /** Fetches a file, which has to have a digest. */
  private async digestedFile(key: string, digest: string | undefined): Promise<void> {
    if ((await this.file(key)) === digest) return;
    rmSync(this.path(key), { force: true });
    throw this.corrupt(key, 'is not what the records of the job say');
  }

  /** Fetches an object of any size, piece by piece, a few ahead; answers with its SHA-256. Nothing is there until all is. */
  private async file(key: string): Promise<string> {
    const first = await this.store.part(key, 0, PART, undefined, this.signal);
    const file = new DigestedFile(this.path(key));
    let size = 0;
    const take = (bytes: Uint8Array): void => {
      size += bytes.length;
      file.write(bytes);
    };
    try {
      take(first.bytes);
      const rest = Math.ceil(first.size / PART) - 1;
      for await (const { bytes } of inOrder(rest, PARTS, (i) => this.store.part(key, (i + 1) * PART, PART, first.etag, this.signal)))
        take(bytes);
      if (size !== first.size) throw this.corrupt(key, `gave ${size} of its ${first.size} bytes`);
    } catch (error) {
      await file.abandon();
      throw error;
    }
    return file.end();
  }

  private corrupt(key: string, what: string): EngineError {
    return new EngineError(
      'CORRUPT',
      `${this.store.uri(key)} ${what}. It was changed after the job had written it. What is sound stays in ${this.folder.path}.`,
    );
  }

  private count(messages: number, bytes: number): void {
    this.progress = plus(this.progress, messages, bytes);
    this.tell(false);
  }

  private tell(certainly: boolean): void {
    const now = performance.now();
    if (!certainly && now - this.told < TELL_MS) return;
    this.told = now;
    this.request.onProgress?.(this.progress);
  }

  private path(key: string): string {
    return join(this.folder.path, key);
  }
}

const plus = <T extends { readonly messages: number; readonly bytes: number }>(sum: T, messages: number, bytes: number): T => ({
  ...sum,
  messages: sum.messages + messages,
  bytes: sum.bytes + bytes,
});
