import { EventEmitter } from 'node:events';
import { dirname, join } from 'node:path';
import type { CloudJob } from '../../engine/aws/client/engine.ts';
import type { StartRequest } from '../../engine/engine.ts';
import type { LoadedPacks } from '../../engine/packs.ts';
import type { JobRecord } from '../../job/records.ts';
import type { JobSpec } from '../../job/spec.ts';
import type { Engines } from './cloud-job.ts';
import { type Follows, Pauses } from './follows.ts';
import type { CloudWhere, TrackedJob, Where } from './job.ts';
import { isActive, isOpen, merge, type News, reduce, statusOf } from './reducer.ts';
import type { JobStore } from './store.ts';
import type { Sight } from './texts.ts';
import { Pace } from './times.ts';

export type JobTarget = Where['target'];

/** What a user asks for. */
export interface JobRequest {
  readonly spec: JobSpec;
  readonly target: JobTarget;
  /** The folder that the spec's own packs are relative to. */
  readonly base: string;
}

/** A message of a corpus, by name. */
export interface SampleMessage {
  readonly index: number;
  /** Relative to the job; of an archive's member behind the archive's. */
  readonly key: string;
}

/** A message of an arc, or of a near miss. */
export interface PlantedMessage extends SampleMessage {
  readonly label: 'positive' | 'near_miss';
  readonly scenario: string;
  readonly evasion: string;
}

/** What is to be told to the user, once, by one window. */
export type Notice =
  | { readonly about: 'ended'; readonly job: TrackedJob }
  | { readonly about: 'interrupted'; readonly job: TrackedJob }
  /** A job cannot be followed now. Not told again until it could be. */
  | { readonly about: 'trouble'; readonly job: TrackedJob; readonly error: Error };

export interface JobsOptions {
  /** Of the jobs' files. */
  readonly folder: string;
  readonly installation: { readonly command: string; readonly packs: string };
  readonly engines: Engines;
  /** The stack that new jobs go to. */
  stack(): CloudWhere;
  /** The folder that new corpora go into, each in a folder of its own. */
  corpora(): string;
  readonly log: { info(message: string): void; warn(message: string): void };
}

interface Disposable {
  dispose(): void;
}

/** A job, and what only this window knows of it. */
interface Entry {
  job: TrackedJob;
  readonly pace: Pace;
  following: AbortController | undefined;
  trouble: Error | undefined;
  cancelling: boolean;
  /** When its file was last written by this window. */
  saved: number;
}

/** Progress comes twice a second; what other windows and the next start need of it, less often. */
const SAVE_MS = 2_000;

/** The jobs that this user has asked for: starts them, follows them, keeps what is known of them. Deactivating ends nothing but the following. */
export class Jobs {
  private readonly options: JobsOptions;
  private readonly entries = new Map<string, Entry>();
  private readonly events = new EventEmitter<{ changed: [job: string | undefined]; notice: [notice: Notice] }>();
  private readonly pauses = new Pauses();
  private readonly disposables: Disposable[] = [];
  private readonly loaded: Promise<JobStore>;
  private disposed = false;

  constructor(options: JobsOptions) {
    this.options = options;
    this.events.setMaxListeners(0);
    this.loaded = this.load();
    this.loaded.catch((error: unknown) => options.log.warn(`${options.folder}: ${String(error)}`));
  }

  /** Resolves once the jobs' files have been read. */
  get ready(): Promise<void> {
    return this.loaded.then(() => {});
  }

  /** Newest first. */
  list(): TrackedJob[] {
    return [...this.entries.values()].map(({ job }) => job).sort((a, b) => (a.job < b.job ? 1 : -1));
  }

  get(job: string): TrackedJob | undefined {
    return this.entries.get(job)?.job;
  }

  /** Throws where there is no such job any more. */
  placeOf(job: string): Where {
    return this.entry(job).job.where;
  }

  /** Why the job cannot be followed now. */
  troubleOf(job: string): Error | undefined {
    return this.entries.get(job)?.trouble;
  }

  /** What only this window knows of it. */
  sightOf(job: string): Sight {
    return this.entries.get(job) ?? {};
  }

  isCancelling(job: string): boolean {
    return this.entries.get(job)?.cancelling ?? false;
  }

  /** `listener` gets the id of the job that changed; undefined where jobs came or went. */
  onDidChange(listener: (job: string | undefined) => void): Disposable {
    this.events.on('changed', listener);
    return { dispose: () => this.events.off('changed', listener) };
  }

  onNotice(listener: (notice: Notice) => void): Disposable {
    this.events.on('notice', listener);
    return { dispose: () => this.events.off('notice', listener) };
  }

  /** Starts a job; answers once it is on its way. Rejects with a SpecError, PackError or EngineError. */
  async start({ spec, target, base }: JobRequest): Promise<TrackedJob> {
    const { loadPacks } = await import('../../engine/packs.ts');
    const packs = loadPacks(spec, this.options.installation.packs, base);
    return this.begin(spec, packs, target === 'aws' ? this.options.stack() : { target, folder: this.options.corpora() });
  }

  /** Starts a job with the same spec and the same packs, in the same place. */
  async rerun(job: string): Promise<TrackedJob> {
    const { spec, packs: records } = await this.record(job);
    const { reloadPacks } = await import('../../engine/packs.ts');
    const packs = { packs: reloadPacks(records, this.options.installation.packs), records };
    const where = this.placeOf(job);
    if (where.target === 'local') return this.begin(spec, packs, { target: 'local', folder: dirname(where.folder) });
    const { place: _itsOwn, ...stack } = where;
    return this.begin(spec, packs, stack);
  }

  /** Makes what is missing of a job that has ended, or was interrupted. */
  async retry(job: string): Promise<void> {
    const entry = this.entry(job);
    const { where } = entry.job;
    if (where.target === 'local') {
      const { resumeLocal } = await import('./local-job.ts');
      await resumeLocal(where.folder, this.options.installation.command);
      this.follow(entry);
    } else {
      const begun = await (await this.options.engines.engine(where)).retry(job);
      this.follow(entry, begun);
    }
    this.pauses.wake();
  }

  /** Asks a job to stop; what is finished stays. */
  async cancel(job: string): Promise<void> {
    const entry = this.entry(job);
    const { where } = entry.job;
    entry.cancelling = true;
    this.events.emit('changed', job);
    try {
      if (where.target === 'local') {
        const { cancelLocal } = await import('./local-job.ts');
        await cancelLocal(where.folder, this.options.installation.command);
      } else await (await this.options.engines.engine(where)).cancel(job);
    } catch (error) {
      entry.cancelling = false;
      this.events.emit('changed', job);
      throw error;
    }
    this.pauses.wake();
  }

  /** Takes a job off the list; with `corpus`, all that it made is deleted first. */
  async remove(
    job: string,
    { corpus = false, deleted }: { readonly corpus?: boolean; readonly deleted?: (objects: number) => void } = {},
  ): Promise<void> {
    const { where } = this.entry(job).job;
    if (corpus && where.target === 'local') {
      const { deleteLocal } = await import('./local-job.ts');
      await deleteLocal(where.folder, this.options.installation.command);
    } else if (corpus && where.target === 'aws') {
      const engine = await this.options.engines.engine(where);
      await engine.delete(job, (objects) => deleted?.(objects));
    }
    (await this.loaded).remove(job);
    this.drop(job);
  }

  /** Follows a job that somebody else has started, of which nothing more is to be told when it has ended already. */
  async track(job: TrackedJob): Promise<void> {
    const store = await this.loaded;
    if (this.entries.has(job.job)) return;
    if (job.ended) store.claim(job.job, claimOf(job));
    store.add(job);
    this.adopt(job);
  }

  /** An object of a job; `key` is relative to the job. */
  async read(job: string, key: string): Promise<Uint8Array> {
    const { where } = this.entry(job).job;
    if (where.target === 'local') {
      const { readLocal } = await import('./local-job.ts');
      return readLocal(where.folder, key);
    }
    const engine = await this.options.engines.engine(where);
    return engine.read(where.place ?? (await engine.status(job)).place, key);
  }

  /** job.json */
  async record(job: string): Promise<JobRecord> {
    return JSON.parse(Buffer.from(await this.read(job, 'job.json')).toString('utf8')) as JobRecord;
  }

  /** Some messages, from the first to the last of the corpus; or those with the indices that are given. */
  async samples(job: string, indices?: readonly number[]): Promise<SampleMessage[]> {
    const { samplesOf } = await import('./samples.ts');
    return samplesOf(await this.record(job), indices);
  }

  /** Some messages that are planted in the corpus, as its ground truth tells of them. */
  async planted(job: string): Promise<PlantedMessage[]> {
    const { plantedOf } = await import('./samples.ts');
    return plantedOf(await this.record(job), (key) => this.read(job, key));
  }

  /** Looks again, at once, at all that is followed. */
  refresh(): void {
    this.pauses.wake();
    void this.loaded.then((store) => {
      if (this.disposed) return;
      for (const id of new Set([...store.ids(), ...this.entries.keys()])) this.fileChanged(store, id);
    });
  }

  dispose(): void {
    this.disposed = true;
    for (const { following } of this.entries.values()) following?.abort();
    for (const disposable of this.disposables.splice(0)) disposable.dispose();
    this.events.removeAllListeners();
  }

  private async load(): Promise<JobStore> {
    await new Promise((resolve) => setImmediate(resolve)); // an import may be carried out at once, and would hold up the activation
    const { JobStore } = await import('./store.ts');
    const store = new JobStore(this.options.folder);
    if (this.disposed) return store;
    this.disposables.push(store.watch((job) => this.fileChanged(store, job)));
    for (const job of store.all((path) => this.options.log.warn(`${path} cannot be read, and is left alone`))) this.adopt(job, store);
    return store;
  }

  private async begin(spec: JobSpec, { packs, records }: LoadedPacks, at: Where): Promise<TrackedJob> {
    const { ulid } = await import('ulid');
    const id = ulid();
    const where: Where = at.target === 'local' ? { target: 'local', folder: join(at.folder, id) } : at;
    const job: TrackedJob = {
      job: id,
      created: new Date().toISOString(),
      where,
      summary: { messages: spec.messages, layout: spec.delivery.layout },
    };
    const request: StartRequest = { spec, packs, packRecords: records, job: id, where: where.target === 'local' ? where.folder : '' };
    const store = await this.loaded;
    store.add(job); // before anything is begun: whatever happens then, it can be found again
    const entry = this.enter(job);
    this.options.log.info(`Job ${id}: ${spec.messages} messages, ${where.target === 'local' ? where.folder : 'in the cloud'}`);
    try {
      if (where.target === 'local') {
        const { startLocal } = await import('./local-job.ts');
        await startLocal(request, this.options.installation.command);
        this.follow(entry);
      } else this.follow(entry, await (await this.options.engines.engine(where)).start(request));
    } catch (error) {
      if (where.target === 'aws' && mayHaveStarted(error)) this.follow(entry);
      else {
        store.remove(id);
        this.drop(id);
      }
      throw error;
    }
    return entry.job;
  }

  private entry(job: string): Entry {
    const entry = this.entries.get(job);
    if (!entry) throw new Error(`Job ${job} is not on the list any more.`);
    return entry;
  }

  private enter(job: TrackedJob): Entry {
    const entry: Entry = { job, pace: new Pace(), following: undefined, trouble: undefined, cancelling: false, saved: 0 };
    if (job.progress) entry.pace.see(job.progress);
    this.entries.set(job.job, entry);
    this.events.emit('changed', undefined);
    return entry;
  }

  /** Takes up a job as its file has it. */
  private adopt(job: TrackedJob, store?: JobStore): void {
    const entry = this.enter(job);
    if (isOpen(job)) this.follow(entry);
    else if (store) this.tellOfEnd(store, entry); // the window that saw it end may have been closed before it told
  }

  private drop(job: string): void {
    const entry = this.entries.get(job);
    if (!entry) return;
    this.entries.delete(job);
    entry.following?.abort();
    this.events.emit('changed', undefined);
  }

  private follow(entry: Entry, begun?: CloudJob): void {
    if (this.disposed) return;
    entry.following?.abort();
    const stop = new AbortController();
    entry.following = stop;
    const follows: Follows = {
      tell: (news) => {
        if (!stop.signal.aborted) this.take(entry, news);
      },
      trouble: (error) => {
        if (!stop.signal.aborted) this.trouble(entry, error);
      },
      pause: (milliseconds) => this.pauses.for(milliseconds, stop.signal),
      signal: stop.signal,
      now: () => performance.now(),
    };
    const { job, where } = entry.job;
    const following =
      where.target === 'local'
        ? import('./local-job.ts').then(({ followLocal }) => followLocal(where.folder, follows))
        : import('./cloud-job.ts').then(({ followCloud }) => followCloud(job, where, this.options.engines, follows, begun));
    following
      .catch((error: unknown) => {
        if (!stop.signal.aborted) this.options.log.warn(`Job ${job} is not followed any more: ${String(error)}`);
      })
      .finally(() => {
        if (entry.following === stop) entry.following = undefined;
      });
  }

  /** News of a job, from where it is carried out. */
  private take(entry: Entry, news: News): void {
    this.become(entry, reduce(entry.job, news));
  }

  private become(entry: Entry, job: TrackedJob): void {
    const before = entry.job;
    if (job === before) return;
    entry.job = job;
    if (job.progress) entry.pace.see(job.progress);
    if (!isActive(job)) entry.cancelling = false;
    void this.loaded.then((store) => {
      if (this.disposed) return;
      this.save(store, entry, statusOf(before) !== statusOf(job) || before.ended !== job.ended || before.where !== job.where);
      if (job.ended && job.ended !== before.ended) this.tellOfEnd(store, entry);
      else if (statusOf(job) === 'interrupted' && statusOf(before) !== 'interrupted') this.tellOfInterruption(store, entry);
    });
    this.events.emit('changed', job.job);
  }

  private save(store: JobStore, entry: Entry, atOnce: boolean): void {
    if (this.entries.get(entry.job.job) !== entry) return;
    const now = performance.now();
    if (!atOnce && now - entry.saved < SAVE_MS) return;
    entry.saved = now;
    if (!store.update(entry.job)) this.drop(entry.job.job);
  }

  /** The file of a job was written or removed, by this window or another. */
  private fileChanged(store: JobStore, id: string): void {
    if (this.disposed) return;
    const found = store.read(id);
    const entry = this.entries.get(id);
    if (!found) {
      if (entry && !store.has(id)) this.drop(id);
      return;
    }
    if (!entry) return this.adopt(found);
    const merged = merge(entry.job, found);
    const isNewAttempt = isOpen(merged) && !isOpen(entry.job);
    this.become(entry, merged);
    if (merge(found, merged) !== found) this.save(store, entry, merged.ended !== undefined && found.ended === undefined);
    if (isNewAttempt) this.follow(entry);
  }

  private tellOfEnd(store: JobStore, { job }: Entry): void {
    if (store.claim(job.job, claimOf(job))) this.events.emit('notice', { about: 'ended', job });
  }

  private tellOfInterruption(store: JobStore, { job }: Entry): void {
    const { attempt, sequence } = job.progress!;
    if (store.claim(job.job, `${attempt}-interrupted-${sequence}`)) this.events.emit('notice', { about: 'interrupted', job });
  }

  private trouble(entry: Entry, error: Error | undefined): void {
    const before = entry.trouble;
    if (error?.message === before?.message) return;
    entry.trouble = error;
    const { job } = entry;
    if (error) this.options.log.warn(`Job ${job.job}: ${error.message}`);
    else this.options.log.info(`Job ${job.job} can be followed again`);
    if (error && !before && isActive(job)) this.events.emit('notice', { about: 'trouble', job, error });
    this.events.emit('changed', job.job);
  }
}

const claimOf = ({ ended }: TrackedJob): string => String(ended!.attempt);

/** Whether the answer may have been lost, and not the question. */
const mayHaveStarted = (error: unknown): boolean => ['NETWORK', 'THROTTLED'].includes((error as { readonly code?: string }).code ?? '');
