import { setTimeout as sleep } from 'node:timers/promises';
import type { Place, Started } from '../../../job/calls.ts';
import { failureKey, outcomeKey } from '../../../job/plan.ts';
import { type Failure, hasEnded, type Manifest, type OutcomeRecord, type Progress } from '../../../job/records.ts';
import type { Ending, RunningJob } from '../../engine.ts';
import { EngineError } from '../../error.ts';
import { passes, type Store } from './store.ts';

/** A job in the cloud: it goes on whether anybody follows it or not. `interrupt` stops following, nothing else. */
export interface CloudJob extends RunningJob {
  readonly place: Place;
  /** What the coordinator answered, where it was asked to begin an attempt. */
  readonly started?: Started;
  /** Called when the cloud cannot be reached, once until it can be again; following goes on meanwhile. */
  onTrouble(listener: (error: EngineError) => void): void;
}

/** The later of two readings: attempts and sequences only grow, so that nobody sees a job go backwards. */
export const advance = (seen: Progress, read: Progress): Progress =>
  read.attempt >= seen.attempt && read.sequence > seen.sequence ? read : seen;

/** Without a heartbeat for this long nobody seems to be at work. */
const SILENT_MS = 5 * 60_000;

/** A reading as it is to be shown at a time of S3's clock. */
export function shownAt(progress: Progress, now: Date): Progress {
  const silent = now.getTime() - Date.parse(progress.heartbeat) > SILENT_MS;
  return silent && (progress.status === 'running' || progress.status === 'queued') ? { ...progress, status: 'stalled' } : progress;
}

/** Seconds until the next look: the longer nothing was new and the older the attempt, the more. `random` is in [0, 1). */
export function pauseOf(quiet: number, age: number, random: number): number {
  const shortest = age < 60 ? 1 : age < 600 ? 2 : 5;
  return Math.min(10, shortest * 1.5 ** quiet) * (0.75 + random / 4);
}

export interface Following {
  readonly store: Store;
  readonly job: string;
  /** The latest that is known; nothing older is told. */
  readonly seen: Progress;
  readonly resumed: number;
  readonly started?: Started;
  /** Waits for so many seconds; rejects when the signal aborts. */
  readonly pause?: (seconds: number, signal: AbortSignal) => Promise<void>;
}

export class FollowedJob implements CloudJob {
  readonly job: string;
  readonly where: string;
  readonly place: Place;
  readonly resumed: number;
  readonly started?: Started;
  readonly ended: Promise<Ending>;
  private readonly store: Store;
  private readonly pause: (seconds: number, signal: AbortSignal) => Promise<void>;
  private readonly stop = new AbortController();
  private readonly listeners: ((progress: Progress) => void)[] = [];
  private readonly troubleListeners: ((error: EngineError) => void)[] = [];
  private trouble: EngineError | undefined;
  private seen: Progress;
  private shown: Progress;

  constructor({ store, job, seen, resumed, started, pause = wait }: Following) {
    this.store = store;
    this.job = job;
    this.place = store.place;
    this.where = store.uri('');
    this.resumed = resumed;
    if (started) this.started = started;
    this.pause = pause;
    this.seen = seen;
    this.shown = seen;
    this.ended = this.follow();
    this.ended.catch(() => {}); // told to whoever waits for it
  }

  onProgress(listener: (progress: Progress) => void): void {
    this.listeners.push(listener);
    listener(this.shown);
  }

  onTrouble(listener: (error: EngineError) => void): void {
    this.troubleListeners.push(listener);
    if (this.trouble) listener(this.trouble);
  }

  interrupt(): void {
    this.stop.abort();
  }

  private async follow(): Promise<Ending> {
    const already = hasEnded(this.seen);
    try {
      if (!already) await this.untilEnded();
      return await this.ending(already);
    } catch (error) {
      if (this.stop.signal.aborted) return { status: 'interrupted', progress: this.seen };
      if (!(error instanceof EngineError)) throw error;
      const wayOn = hasEnded(this.seen)
        ? 'The job has ended, and nothing of it is lost. How it ended'
        : 'The job goes on in the cloud. Follow it again';
      throw new EngineError(
        error.code,
        `${error.message}\n${wayOn}: mailwright status ${this.job}${hasEnded(this.seen) ? '' : ' --follow'}`,
        { cause: error },
      );
    }
  }

  /** Reads progress.json, which is there before an attempt is answered for, until it says that the attempt has ended. */
  private async untilEnded(): Promise<void> {
    let etag: string | undefined;
    let quiet = 0;
    for (;;) {
      const before = this.seen.sequence;
      const latest = await this.tolerantly(() => this.store.latest('progress.json', etag, this.stop.signal));
      etag = latest.etag;
      if (latest.value !== undefined) this.seen = advance(this.seen, latest.value as Progress);
      this.tell(shownAt(this.seen, latest.now));
      if (hasEnded(this.seen)) return;
      quiet = this.seen.sequence > before ? 0 : quiet + 1;
      const age = (latest.now.getTime() - Date.parse(this.seen.started)) / 1000;
      await this.pause(pauseOf(quiet, age, Math.random()), this.stop.signal);
    }
  }

  /** How it ended. Every key that is asked for is there by now: progress.json is written last. */
  private async ending(already: boolean): Promise<Ending> {
    const { attempt } = this.seen;
    const outcome = await this.read<OutcomeRecord>(outcomeKey(attempt));
    if (outcome.outcome === 'succeeded') return { status: 'succeeded', manifest: await this.read<Manifest>('manifest.json'), already };
    const [failed] = outcome.failed;
    const failure =
      failed === undefined ? undefined : await this.read<Failure>(failureKey(attempt, failed)).catch(unlessStopped(this.stop.signal));
    const words = [outcome.reason, failure?.error].filter((text) => text !== undefined);
    return { status: outcome.outcome, missing: outcome.missing, error: words.length === 0 ? undefined : words.join('\n') };
  }

  private read<T>(key: string): Promise<T> {
    return this.tolerantly(() => this.store.json<T>(key, this.stop.signal));
  }

  /** Goes on trying while the cloud cannot be reached; says so once. */
  private async tolerantly<T>(does: () => Promise<T>): Promise<T> {
    for (let tries = 0; ; tries++) {
      try {
        const result = await does();
        this.trouble = undefined;
        return result;
      } catch (error) {
        this.stop.signal.throwIfAborted();
        if (!passes(error)) throw error;
        if (!this.trouble) {
          this.trouble = error;
          for (const listener of this.troubleListeners) listener(error);
        }
      }
      await this.pause(pauseOf(tries, 0, Math.random()), this.stop.signal);
    }
  }

  private tell(progress: Progress): void {
    if (progress.sequence === this.shown.sequence && progress.status === this.shown.status) return;
    this.shown = progress;
    for (const listener of this.listeners) listener(progress);
  }
}

/** The last error of a shard explains; the outcome holds without it. */
const unlessStopped =
  (signal: AbortSignal) =>
  (error: unknown): undefined => {
    if (signal.aborted) throw error;
  };

const wait = (seconds: number, signal: AbortSignal): Promise<void> => sleep(seconds * 1000, undefined, { signal });
