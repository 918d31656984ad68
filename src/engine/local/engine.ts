import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { cancelKey, failureKey, outcomeKey, tablesIn, threadsFor } from '../../job/plan.ts';
import type { Failure, FileDigests, JobRecord, Outcome, OutcomeRecord, Progress, Status } from '../../job/records.ts';
import type { Ending, JobEngine, RunningJob, StartRequest } from '../engine.ts';
import { EngineError } from '../error.ts';
import { createJson, isStorageError, storageError, writeJson } from '../files.ts';
import { makeWholeTruth } from '../truth/whole.ts';
import { JobFolder } from './job-folder.ts';
import { Lock } from './lock.ts';
import { TruthFolder } from './truth-folder.ts';
import type { FromWorker, ToWorker, WorkerData } from './worker.ts';

/** Carries jobs out on this machine: worker threads, and a folder a job. */
export class LocalEngine implements JobEngine {
  private readonly worker: URL;

  /** `worker` is the module each thread runs: src/engine/local/worker.ts, built. */
  constructor(worker: URL) {
    this.worker = worker;
  }

  async start(request: StartRequest): Promise<RunningJob> {
    const folder = new JobFolder(request.where);
    folder.open();
    let lock: Lock;
    try {
      lock = Lock.take(request.where, new Date());
    } catch (error) {
      throw storageError(error, request.where);
    }
    try {
      return new LocalJob(this.worker, request, folder, lock);
    } catch (error) {
      lock.release();
      throw storageError(error, request.where);
    }
  }
}

/** How often progress is written, the lock kept warm and the cancel marker looked for. */
const BEAT_MS = 500;

/** A shard that fails is tried once more, in case the thread died of something else. */
const TRIES = 2;

class LocalJob implements RunningJob {
  readonly job: string;
  readonly where: string;
  readonly resumed: number;
  readonly ended: Promise<Ending>;
  private readonly worker: URL;
  private readonly request: StartRequest;
  private readonly folder: JobFolder;
  private readonly lock: Lock;
  private readonly record: JobRecord;
  private readonly attempt: number;
  private readonly started: string;
  private readonly stop = new Int32Array(new SharedArrayBuffer(4));
  private readonly listeners: ((progress: Progress) => void)[] = [];
  private readonly queue: number[];
  private readonly tries = new Map<number, number>();
  private readonly failed = new Map<number, string>();
  private threads = 0;
  private cancelled = false;
  private interrupted = false;
  private storage: string | undefined;
  /** Of finished shards; and of the shards being made, by thread. */
  private done = { messages: 0, bytes: 0, shards: 0 };
  private readonly current = new Map<Worker, { messages: number; bytes: number }>();
  private status: Status = 'running';
  private sequence: number;
  private timer: NodeJS.Timeout | undefined;
  private resolve!: (ending: Ending) => void;
  private reject!: (error: Error) => void;

  constructor(worker: URL, request: StartRequest, folder: JobFolder, lock: Lock) {
    this.worker = worker;
    this.request = request;
    this.folder = folder;
    this.lock = lock;
    this.where = request.where;
    this.record = folder.adopt(request, new Date());
    this.job = this.record.job;
    this.ended = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });

    const before = folder.progress();
    this.sequence = before?.sequence ?? 0;
    const complete = folder.manifest();
    this.attempt = complete?.attempt ?? folder.attempt();
    this.started = before?.attempt === this.attempt ? before.started : new Date().toISOString();
    const { missing, messages, bytes } = folder.survey(this.record);
    this.queue = missing;
    this.resumed = messages;
    this.done = { messages, bytes, shards: this.record.plan.shards - missing.length };
    if (complete) {
      this.conclude('succeeded');
      this.finish({ status: 'succeeded', manifest: complete, already: true });
      return;
    }
    this.report('running');
    this.timer = setInterval(() => this.beat(), BEAT_MS);
    const threads = Math.min(threadsFor(this.request.spec, availableParallelism()), missing.length);
    for (let i = 0; i < threads; i++) this.hire();
    if (threads === 0) void this.settle();
  }

  onProgress(listener: (progress: Progress) => void): void {
    this.listeners.push(listener);
    listener(this.progress(this.status));
  }

  interrupt(): void {
    this.interrupted = true;
    Atomics.store(this.stop, 0, 1);
  }

  private get stopping(): boolean {
    return Atomics.load(this.stop, 0) !== 0;
  }

  private hire(): void {
    const data: WorkerData = {
      record: this.record,
      packs: this.request.packs,
      folder: this.where,
      attempt: this.attempt,
      stop: this.stop.buffer as SharedArrayBuffer,
    };
    const thread = new Worker(this.worker, {
      workerData: data,
      resourceLimits: { maxYoungGenerationSizeMb: 16, maxOldGenerationSizeMb: 512 },
    });
    let shard: number | undefined;
    this.threads++;
    const next = (): void => {
      this.current.set(thread, { messages: 0, bytes: 0 });
      shard = this.stopping ? undefined : this.queue.shift();
      if (shard === undefined) void thread.terminate();
      else thread.postMessage({ shard } satisfies ToWorker);
    };
    thread.on('message', (message: FromWorker) => {
      switch (message.kind) {
        case 'ready':
          return next();
        case 'block': {
          const sum = this.current.get(thread)!;
          sum.messages += message.messages;
          sum.bytes += message.bytes;
          return;
        }
        case 'done':
          this.done = {
            messages: this.done.messages + message.messages,
            bytes: this.done.bytes + message.bytes,
            shards: this.done.shards + 1,
          };
          return next();
        case 'stopped':
          return next();
        case 'failed':
          if (message.storage) {
            this.storage = message.error;
            Atomics.store(this.stop, 0, 1);
          } else this.fail(message.shard, message.error);
          return next();
      }
    });
    let died: string | undefined;
    thread.on('error', (error) => (died = error.stack ?? String(error)));
    thread.on('exit', () => {
      this.threads--;
      this.current.delete(thread);
      if (died !== undefined) {
        if (shard === undefined) {
          // It died before it had a shard: so would the next one.
          this.storage ??= `a worker thread could not start: ${died}`;
          Atomics.store(this.stop, 0, 1);
        } else this.fail(shard, died);
        if (!this.stopping && this.queue.length > this.threads) this.hire();
      }
      if (this.threads === 0) void this.settle();
    });
  }

  private fail(shard: number, error: string): void {
    const tries = (this.tries.get(shard) ?? 0) + 1;
    this.tries.set(shard, tries);
    if (tries < TRIES) {
      this.queue.push(shard);
      return;
    }
    this.failed.set(shard, error);
    const failure: Failure = { shard, attempt: this.attempt, error, at: new Date().toISOString() };
    this.guarded(() => writeJson(join(this.where, failureKey(this.attempt, shard)), failure));
  }

  private beat(): void {
    this.guarded(() => {
      if (!this.lock.beat(new Date())) {
        this.storage = `${this.where}: the lock was taken by another process`;
        Atomics.store(this.stop, 0, 1);
        return;
      }
      if (!this.cancelled && existsSync(join(this.where, cancelKey(this.attempt)))) {
        this.cancelled = true;
        Atomics.store(this.stop, 0, 1);
      }
      this.report('running');
    });
  }

  /** Runs something that writes; storage that fails stops the job, resumable. */
  private guarded(write: () => void): void {
    try {
      write();
    } catch (error) {
      this.storage ??= storageError(error, this.where).message;
      Atomics.store(this.stop, 0, 1);
    }
  }

  /** All threads are gone: finishes what is of the whole corpus, and says how it ended. */
  private async settle(): Promise<void> {
    try {
      const truthFiles = await this.finishTruth();
      clearInterval(this.timer);
      this.finish(this.ending(truthFiles));
    } catch (error) {
      clearInterval(this.timer);
      this.lock.release();
      this.reject(storageError(error, this.where));
    }
  }

  /** Makes the truth of the whole corpus, once every shard is there; undefined where it is not, or something stopped it. */
  private async finishTruth(): Promise<FileDigests | undefined> {
    if (this.done.shards < this.record.plan.shards) return undefined;
    const { folder, record } = this;
    try {
      if (tablesIn(record.spec.delivery.truth.formats).length > 0) this.report('running'); // all is made, and yet it takes a while
      return await makeWholeTruth(
        new TruthFolder(folder),
        record,
        async (shard) => folder.receiptOf(record, shard),
        () => this.stopping,
      );
    } catch (error) {
      if (!isStorageError(error)) throw error;
      this.storage ??= storageError(error, this.where).message;
      return undefined;
    }
  }

  /** `truthFiles` are there when all is. */
  private ending(truthFiles: FileDigests | undefined): Ending {
    if (truthFiles) {
      const manifest = this.folder.manifestFrom(this.record, this.attempt, truthFiles, this.started, new Date());
      createJson(join(this.where, 'manifest.json'), manifest);
      this.conclude('succeeded');
      return { status: 'succeeded', manifest, already: false };
    }
    if (this.storage !== undefined) {
      this.guarded(() => this.report('interrupted', this.storage));
      throw new EngineError(
        'STORAGE',
        `${this.storage}\nThe job was stopped after ${this.done.messages} messages, and nothing finished is lost: the same command goes on from there.`,
      );
    }
    if (this.interrupted && !this.cancelled) return { status: 'interrupted', progress: this.report('interrupted') };
    const missing = this.folder.survey(this.record).missing;
    const outcome = this.cancelled ? 'cancelled' : this.done.shards === 0 ? 'failed' : 'partial';
    this.conclude(outcome, missing);
    return { status: outcome, missing, error: [...this.failed.values()][0] };
  }

  /** Writes the outcome of the attempt, once, and the last progress. */
  private conclude(outcome: Outcome, missing: readonly number[] = []): void {
    this.status = outcome;
    const record: OutcomeRecord = {
      job: this.job,
      attempt: this.attempt,
      outcome,
      finished: new Date().toISOString(),
      missing,
      failed: [...this.failed.keys()].sort((a, b) => a - b),
    };
    createJson(join(this.where, outcomeKey(this.attempt)), record);
    if (this.folder.progress()?.status !== outcome) this.report(outcome);
  }

  private finish(ending: Ending): void {
    this.lock.release();
    this.resolve(ending);
  }

  private report(status: Status, reason?: string): Progress {
    this.sequence++;
    const progress = this.progress(status, reason);
    writeJson(join(this.where, 'progress.json'), progress);
    for (const listener of this.listeners) listener(progress);
    return progress;
  }

  private progress(status: Status, reason?: string): Progress {
    let { messages, bytes } = this.done;
    for (const sum of this.current.values()) {
      messages += sum.messages;
      bytes += sum.bytes;
    }
    const { plan } = this.record;
    return {
      job: this.job,
      status,
      attempt: this.attempt,
      sequence: this.sequence,
      heartbeat: new Date().toISOString(),
      started: this.started,
      messages,
      bytes,
      of: plan.messages,
      shards: this.done.shards,
      ofShards: plan.shards,
      failed: this.failed.size,
      ...(reason !== undefined && { reason }),
    };
  }
}
