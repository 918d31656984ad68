import { isReceiptOf, ManifestMaker } from '../../../job/manifest.ts';
import { outcomeKey, receiptKey, shardOf, shardsMissing } from '../../../job/plan.ts';
import {
  type FileDigests,
  hasEnded,
  type JobRecord,
  type Manifest,
  type OutcomeRecord,
  type Progress,
  type Receipt,
  type Status,
} from '../../../job/records.ts';
import { decide, outcomeOf, secondsToClose, type Sight } from '../../../job/supervise.ts';
import type { Look, Notice, Supervision, Watch } from '../../../job/task.ts';
import type { Times } from '../../../job/times.ts';
import { EngineError } from '../../error.ts';
import { inOrder, inParallel } from '../../parallel.ts';
import { makeWholeTruth, type TruthStore } from '../../truth/whole.ts';
import type { Putter } from '../put/putter.ts';
import { Upload } from '../put/upload.ts';
import { type Queue, send } from './dispatcher.ts';
import { JobStore, type Root } from './job-store.ts';
import { Recent } from './recent.ts';

/** Objects read at once. */
const READS = 32;

/** Jobs whose sums are kept between looks. */
const JOBS = 8;

/**
 * Watches over attempts: the only writer of their progress (after the first), outcomes and manifests. All it knows is in
 * the bucket, so it can be stopped at any point, and started twice; what it keeps in memory only saves reading again.
 */
export class Supervisor {
  private readonly root: Root;
  private readonly queue: Queue;
  private readonly times: Times;
  private readonly clock: () => Date;
  private readonly connect: () => Putter;
  /** Bytes of shards, by the receipts that were read. */
  private readonly bytes = new Recent<Map<number, number>>(JOBS);

  constructor(root: Root, queue: Queue, times: Times, clock: () => Date, connect: () => Putter) {
    this.root = root;
    this.queue = queue;
    this.times = times;
    this.clock = clock;
    this.connect = connect;
  }

  /** Looks at an attempt once, does what has to be done, and says what comes next. */
  async look(supervision: Supervision): Promise<Look> {
    const look = await this.step(supervision);
    // Step Functions waits whole seconds.
    const unit = Math.min(1, this.times.shortestWait);
    return { ...look, wait: Math.ceil(look.wait / unit) * unit };
  }

  private async step({ step, job, attempt, watch: last, failure }: Supervision): Promise<Look> {
    const now = this.clock();
    const store = new JobStore(this.root, job);
    const record = (await store.record())?.value;
    const watch = last ?? { started: now.toISOString(), news: now.toISOString(), seen: 0 };
    const answer = { job, attempt, wait: this.times.shortestWait, watch };
    if (!record) return { ...answer, next: 'notify', notice: gone(store, attempt) };

    const outcome = (await store.outcome(attempt))?.value;
    if (outcome && step === 'supervise') return { ...answer, next: 'finish' };

    const { sight, reason } = await this.see(store, record, attempt, watch, now);
    if (outcome) return this.conclude(store, record, answer, sight, outcome);
    const seen = sight.made + sight.failed.size;
    if (seen !== watch.seen) answer.watch = { ...watch, seen, news: now.toISOString() };
    const decision = decide({ ...sight, news: Date.parse(answer.watch.news) }, this.times);
    await this.report(store, record, attempt, sight, 'running', reason && `stopping: ${reason}`);

    if (decision.next === 'finish') {
      if (step === 'supervise') return { ...answer, next: 'finish' };
      return this.end(store, record, answer, sight, reason);
    }
    if (decision.next === 'close') return this.close(store, answer, decision.reason);
    if (step === 'finish' && !sight.marker) return this.close(store, answer, wordsOfFailure(failure));
    if (decision.next === 'resend') {
      await send(this.queue, job, attempt, decision.shards);
      answer.watch = { ...answer.watch, news: now.toISOString() };
      return { ...answer, next: 'wait' };
    }
    return { ...answer, next: 'wait', wait: decision.seconds };
  }

  private async see(
    store: JobStore,
    record: JobRecord,
    attempt: number,
    watch: Watch,
    now: Date,
  ): Promise<{ sight: Sight; reason: string | undefined }> {
    const [made, failures, marker] = await Promise.all([store.receipts(), store.failures(attempt), store.marker(attempt)]);
    const missing = shardsMissing(record.plan, made);
    const sight: Sight = {
      now: now.getTime(),
      started: Date.parse(watch.started),
      news: Date.parse(watch.news),
      missing,
      failed: new Set(missing.filter((shard) => failures.has(shard))),
      made: record.plan.shards - missing.length,
      marker: marker && { by: marker.value.by, at: marker.modified.getTime() },
    };
    return { sight, reason: marker && (marker.value.by === 'user' ? 'cancelled' : marker.value.reason) };
  }

  /** Asks everyone to stop: the attempt will end without the whole corpus. */
  private async close(store: JobStore, answer: Omit<Look, 'next'>, reason: string): Promise<Look> {
    await store.close(answer.attempt, { by: 'supervisor', at: this.clock().toISOString(), reason });
    return { ...answer, next: 'wait' };
  }

  /** Ends an attempt that can end. */
  private async end(
    store: JobStore,
    record: JobRecord,
    answer: Omit<Look, 'next'>,
    sight: Sight,
    reason: string | undefined,
  ): Promise<Look> {
    const { attempt } = answer;
    let outcome = outcomeOf(sight);
    let why = outcome === 'cancelled' ? undefined : reason;
    let manifest: Manifest | undefined;
    if (outcome === 'succeeded')
      try {
        manifest = await this.manifestOf(store, record, answer);
      } catch (error) {
        // Only making a shard again mends this, so the attempt ends, and like any other: when nobody can be working.
        if (!isCorrupt(error)) throw error;
        if (!sight.marker) return this.close(store, answer, error.message);
        const left = secondsToClose(sight.marker, sight.now, this.times);
        if (left > 0) return { ...answer, next: 'wait', wait: Math.min(left, this.times.longestWait) };
        outcome = 'failed';
        why = error.message;
      }
    const ending: OutcomeRecord = {
      job: store.job,
      attempt,
      outcome,
      finished: this.clock().toISOString(),
      missing: sight.missing,
      failed: [...sight.failed],
      ...(outcome !== 'succeeded' && why !== undefined && { reason: why }),
    };
    await store.create(outcomeKey(attempt), ending);
    const first = (await store.outcome(attempt))!.value; // another's may have been first: it holds
    return this.conclude(store, record, answer, sight, first, manifest);
  }

  /** Leaves the manifest, where all is there, and the last progress; says what is to be told. */
  private async conclude(
    store: JobStore,
    record: JobRecord,
    answer: Omit<Look, 'next'>,
    sight: Sight,
    { outcome, reason }: OutcomeRecord,
    made?: Manifest,
  ): Promise<Look> {
    const { attempt } = answer;
    let manifest: Manifest | undefined;
    if (outcome === 'succeeded') {
      if (!(await store.manifest())) await store.create('manifest.json', made ?? (await this.manifestOf(store, record, answer)));
      manifest = (await store.manifest())!.value;
    }
    const progress = await this.report(store, record, attempt, sight, outcome, reason);
    const notice: Notice = {
      job: store.job,
      attempt,
      outcome,
      messages: progress.messages,
      of: progress.of,
      bytes: progress.bytes,
      where: store.where,
      ...(manifest && { digest: manifest.digest }),
      ...(reason !== undefined && { reason }),
    };
    return { ...answer, next: 'notify', notice };
  }

  /** What the manifest has to say; the truth of the whole corpus is made for it. */
  private async manifestOf(store: JobStore, record: JobRecord, { attempt, watch }: Omit<Look, 'next'>): Promise<Manifest> {
    const truthFiles = await this.wholeTruth(store, record);
    const maker = new ManifestMaker(record);
    for await (const receipt of inOrder(record.plan.shards, READS, (shard) => receiptOf(store, record, shard))) maker.add(receipt);
    return maker.finish({ attempt, truthFiles, started: watch.started, finished: this.clock().toISOString() });
  }

  /** Makes the truth of the whole corpus from what the shards left: twice, it is the same. */
  private async wholeTruth(store: JobStore, record: JobRecord): Promise<FileDigests> {
    const putter = this.connect();
    const truth: TruthStore = {
      ahead: READS,
      read: async (key) => (await store.read(key))?.bytes,
      create: (key) => new Upload(putter, store.key(key), contentTypeOf(key)),
      name: (key) => `${store.where}${key}`,
      mend: (shard) => mend(store, shard),
    };
    try {
      return (await makeWholeTruth(
        truth,
        record,
        (shard) => receiptOf(store, record, shard),
        () => false,
      ))!;
    } finally {
      await putter.close();
    }
  }

  /** Writes the progress, unless a later attempt has begun; answers with what it wrote, or would have. */
  private async report(
    store: JobStore,
    record: JobRecord,
    attempt: number,
    sight: Sight,
    status: Status,
    reason: string | undefined,
  ): Promise<Progress> {
    const missing = new Set(sight.missing);
    const messages = messagesOf(record, missing);
    const bytes = await this.bytesOf(store, record, missing);
    for (;;) {
      const before = await store.progress();
      const progress: Progress = {
        job: store.job,
        status,
        attempt,
        sequence: (before?.value.sequence ?? 0) + 1,
        heartbeat: this.clock().toISOString(),
        started: new Date(sight.started).toISOString(),
        messages,
        bytes,
        of: record.plan.messages,
        shards: sight.made,
        ofShards: record.plan.shards,
        failed: sight.failed.size,
        ...(reason !== undefined && { reason }),
      };
      if (!before || before.value.attempt > attempt) return progress;
      if (before.value.attempt === attempt && hasEnded(before.value) && status === 'running') return progress;
      if (await store.replace('progress.json', progress, before.etag)) return progress;
    }
  }

  /** Bytes of the messages that are there, by the receipts; each is read once, as long as this process lives. */
  private async bytesOf(store: JobStore, record: JobRecord, missing: ReadonlySet<number>): Promise<number> {
    const known = this.bytes.get(store.job) ?? new Map<number, number>();
    this.bytes.keep(store.job, known);
    const news: number[] = [];
    for (let shard = 0; shard < record.plan.shards; shard++) if (!missing.has(shard) && !known.has(shard)) news.push(shard);
    await inParallel(news, READS, async (shard) => {
      const receipt = await store.receipt(shard);
      if (receipt) known.set(shard, receipt.value.bytes);
    });
    let sum = 0;
    for (const bytes of known.values()) sum += bytes;
    return sum;
  }
}

const TYPES: Readonly<Record<string, string>> = {
  jsonl: 'application/x-ndjson',
  csv: 'text/csv',
  parquet: 'application/vnd.apache.parquet',
};

const contentTypeOf = (key: string): string => TYPES[key.split('.').at(-1)!] ?? 'application/octet-stream';

const isCorrupt = (error: unknown): error is Error => error instanceof Error && (error as { code?: unknown }).code === 'CORRUPT';

function messagesOf(record: JobRecord, missing: ReadonlySet<number>): number {
  let messages = 0;
  for (let shard = 0; shard < record.plan.shards; shard++) if (!missing.has(shard)) messages += shardOf(record.plan, shard).messages;
  return messages;
}

const mend = (store: JobStore, shard: number): string =>
  `Delete ${store.where}${receiptKey(shard)} and retry the job: the shard is made anew.`;

/** The receipt of a shard of this job; throws where there is another, or none. */
async function receiptOf(store: JobStore, record: JobRecord, shard: number): Promise<Receipt> {
  const receipt = (await store.receipt(shard))?.value;
  if (receipt && isReceiptOf(record, shard, receipt)) return receipt;
  throw new EngineError(
    'CORRUPT',
    `${store.where}${receiptKey(shard)} is not the receipt of this job's shard ${shard}. ${mend(store, shard)}`,
  );
}

/** What Step Functions says of a state that failed; without it, somebody stopped the execution. */
function wordsOfFailure(failure: unknown): string {
  const { Error: name, Cause: cause } = (failure ?? {}) as { Error?: unknown; Cause?: unknown };
  if (typeof name !== 'string') return 'its execution was stopped from outside';
  let words = typeof cause === 'string' ? cause : '';
  try {
    words = (JSON.parse(words) as { errorMessage?: string }).errorMessage ?? words;
  } catch {
    // Not every cause is JSON: some are plain words.
  }
  return `${name}: ${words}`.slice(0, 500);
}

/** Somebody deleted the job under way, or it expired. */
const gone = (store: JobStore, attempt: number): Notice => ({
  job: store.job,
  attempt,
  outcome: 'failed',
  messages: 0,
  of: 0,
  bytes: 0,
  where: store.where,
  reason: 'job.json is not there: the job was deleted, or it expired',
});
