import { setImmediate, setTimeout } from 'node:timers/promises';
import { GENERATOR_VERSION } from '../../../corpus/version.ts';
import { sha256Of } from '../../../job/digest.ts';
import { receiptKey, shardOf } from '../../../job/plan.ts';
import type { JobRecord } from '../../../job/records.ts';
import type { Task } from '../../../job/task.ts';
import type { Times } from '../../../job/times.ts';
import { EngineError } from '../../error.ts';
import { reloadPacks } from '../../packs.ts';
import { type MadeShard, receiptFor, ShardMaker } from '../../shard.ts';
import type { Put, Putter, PutStats } from '../put/putter.ts';
import { JobStore, type Root } from './job-store.ts';
import { Recent } from './recent.ts';
import { sinkOf } from './sinks.ts';

/** What came of a task. */
export type Done =
  | {
      readonly done: 'made';
      readonly messages: number;
      readonly bytes: number;
      readonly seconds: number;
      /** Requests that arrived; tries after a first one; answers that asked to slow down. */
      readonly puts: number;
      readonly retries: number;
      readonly throttles: number;
    }
  /** Somebody else has made the shard; the attempt is to stop; the job was deleted. */
  | { readonly done: 'there' | 'stopped' | 'gone' };

/** The last part of a worker's time, in which it only leaves in good order. */
const LEAVING = 0.1;

/** Jobs whose generators are kept: the workers of a stack serve several in turn. */
const JOBS = 2;

/** A job, and what makes its shards. */
interface Known {
  readonly record: JobRecord;
  readonly maker: ShardMaker;
}

/** Makes shards and puts them in the bucket: messages, then truth, then the receipt. */
export class ShardWorker {
  private readonly root: Root;
  private readonly times: Times;
  private readonly packs: string;
  private readonly clock: () => Date;
  private readonly connect: () => Putter;
  /** Kept from shard to shard, with its connections and what it knows of S3's rate, until something fails. */
  private putter: Putter | undefined;
  private readonly makers = new Recent<Known>(JOBS);

  /** `packs` is the folder of the built-in packs. */
  constructor(root: Root, times: Times, packs: string, clock: () => Date, connect: () => Putter) {
    this.root = root;
    this.times = times;
    this.packs = packs;
    this.clock = clock;
    this.connect = connect;
  }

  /** Does a task. `deadline` is when Lambda stops us: we leave a little before, with an error, and the task comes again. */
  async work(task: Task, deadline: Date): Promise<Done> {
    const started = this.clock();
    const store = new JobStore(this.root, task.job);
    const [marker, there] = await Promise.all([store.marker(task.attempt), store.exists(receiptKey(task.shard))]);
    if (marker) return { done: 'stopped' };
    if (there) return { done: 'there' };
    const known = await this.makerOf(store, task);
    if (!known) return { done: 'gone' };

    const putter = (this.putter ??= this.connect());
    const before = putter.stats;
    let why: 'marker' | 'deadline' | undefined;
    const stop = (reason: NonNullable<typeof why>): void => {
      why ??= reason;
      void putter.stop();
    };
    const timer = globalThis.setTimeout(() => stop('deadline'), (deadline.getTime() - started.getTime()) * (1 - LEAVING));
    const over = new AbortController();
    const watching = this.watch(store, task.attempt, over.signal, () => stop('marker'));
    try {
      const { messages, bytes } = await this.make(store, known.record, known.maker, task, putter, () => why !== undefined);
      const seconds = (this.clock().getTime() - started.getTime()) / 1000;
      const { puts, retries, throttles } = putter.stats;
      const since = { puts: puts - before.puts, retries: retries - before.retries, throttles: throttles - before.throttles };
      return { done: 'made', messages, bytes, seconds, ...since };
    } catch (error) {
      this.putter = undefined;
      await putter.stop();
      if (why === 'marker') return { done: 'stopped' };
      if (why === 'deadline') throw late(task, putter.stats, before);
      throw error;
    } finally {
      clearTimeout(timer);
      over.abort();
      await watching;
    }
  }

  private async make(
    store: JobStore,
    record: JobRecord,
    maker: ShardMaker,
    { shard, attempt }: Task,
    putter: Putter,
    stopped: () => boolean,
  ): Promise<MadeShard> {
    const started = this.clock().toISOString();
    const sink = sinkOf(record.plan, shardOf(record.plan, shard).firstMessage, putter, (key) => store.key(key));
    const making = maker.make(shard, (message, sha256) => sink.take(message, sha256));
    let step = making.next();
    while (!step.done) {
      await sink.flush();
      await setImmediate(); // a block is made in one go: answers have come in meanwhile
      if (stopped()) throw new EngineError('WORKER', `shard ${shard} was stopped`);
      step = making.next();
    }
    const made = step.value;
    const objects = await sink.end();
    for (const [key, text] of Object.entries(made.files)) await putter.put(objectOf(store.key(key), text, 'application/x-ndjson'));
    await putter.drain();
    const receipt = receiptFor(record, shard, attempt, made, objects, started, this.clock().toISOString());
    await putter.put(objectOf(store.key(receiptKey(shard)), `${JSON.stringify(receipt, undefined, 2)}\n`, 'application/json'));
    await putter.drain();
    return made;
  }

  /** The job's record, and what makes its shards; undefined where the job is gone. */
  private async makerOf(store: JobStore, task: Task): Promise<Known | undefined> {
    let known = this.makers.get(task.job);
    if (!known) {
      const record = (await store.record())?.value;
      if (!record) return undefined;
      for (const version of [task.generator, record.generator])
        if (version !== GENERATOR_VERSION)
          throw new EngineError(
            'VERSION',
            `${task.job} was begun by generator version ${version}, and this stack is of version ${GENERATOR_VERSION}: their messages must not be mixed. Start a new job.`,
          );
      known = { record, maker: new ShardMaker(record, reloadPacks(record.packs, this.packs)) };
    }
    this.makers.keep(task.job, known);
    if (task.shard >= known.record.plan.shards)
      throw new EngineError('CORRUPT', `there is no shard ${task.shard}: ${task.job} has ${known.record.plan.shards}`);
    return known;
  }

  /** Looks for the marker that asks to stop, as long as the shard is being made. */
  private async watch(store: JobStore, attempt: number, over: AbortSignal, stop: () => void): Promise<void> {
    while (!over.aborted) {
      await setTimeout(this.times.cancelPoll * 1000, undefined, { signal: over }).catch(() => {}); // over: no need to wait
      if (over.aborted) return;
      const marker = await store.marker(attempt, over).catch(() => undefined); // S3 has a bad moment: the next look tells
      if (marker) return stop();
    }
  }
}

function late({ shard }: Task, { puts, retries, throttles }: PutStats, before: PutStats): EngineError {
  return new EngineError(
    'THROTTLED',
    `shard ${shard} was not done in its time: ${puts - before.puts} puts, ${retries - before.retries} tries again, ${throttles - before.throttles} answers that asked to slow down`,
  );
}

function objectOf(key: string, text: string, contentType: string): Put {
  const body = Buffer.from(text);
  return { key, body, sha256: sha256Of(body), contentType };
}
