import { objectIdsOf } from '../../../corpus/id.ts';
import { GENERATOR_VERSION } from '../../../corpus/version.ts';
import type { Cancelled, Description, JobList, JobState, Place, Started } from '../../../job/calls.ts';
import { messageKey } from '../../../job/plan.ts';
import { contentDigest, type JobRecord, queuedProgress } from '../../../job/records.ts';
import type { JobEngine, StartRequest } from '../../engine.ts';
import { Coordinator } from './coordinator.ts';
import { type CloudJob, FollowedJob } from './follow.ts';
import { pull, type Pulled, type PullRequest } from './pull.ts';
import { Store } from './store.ts';
import { Connection, type Target } from './target.ts';
import { type CloudTruth, truthOf } from './truth.ts';

export type { CloudJob } from './follow.ts';

/** A message of a corpus, by name: nothing was read of it. */
export interface Sample {
  readonly index: number;
  /** Relative to the job; of an archive, where messages are in archives. */
  readonly key: string;
  readonly uri: string;
}

/** Carries jobs out on the user's own AWS account: asks the coordinator of a stack, and reads what it leaves in S3. */
export class AwsEngine implements JobEngine {
  private readonly connection: Connection;
  private readonly coordinator: Coordinator;

  constructor(target: Target) {
    this.connection = new Connection(target);
    this.coordinator = new Coordinator(this.connection);
  }

  /** What the stack is and allows. */
  describe(): Promise<Description> {
    return this.coordinator.ask({ call: 'describe' });
  }

  /** Starts a job, or finds the one that was started with the same id and spec before. `where` has no meaning here. */
  async start({ spec, packRecords, job }: StartRequest): Promise<CloudJob> {
    const packs = packRecords.flatMap(({ source }) => (source ? [source] : []));
    const content = contentDigest(spec, packRecords, GENERATOR_VERSION);
    const started = await this.coordinator.ask({ call: 'start', generator: GENERATOR_VERSION, job, spec, packs, content });
    return started.already ? this.followFrom(await this.status(job), started) : this.begun(started, 0);
  }

  /** Takes up a job that was started before, wherever that was. */
  async follow(job: string): Promise<CloudJob> {
    return this.followFrom(await this.status(job));
  }

  status(job: string): Promise<JobState> {
    return this.coordinator.ask({ call: 'status', job });
  }

  /** The newest jobs; `before` is the last id of the page before. */
  list({ limit = 20, before }: { readonly limit?: number; readonly before?: string } = {}): Promise<JobList> {
    return this.coordinator.ask({ call: 'list', limit, ...(before !== undefined && { before }) });
  }

  cancel(job: string): Promise<Cancelled> {
    return this.coordinator.ask({ call: 'cancel', job });
  }

  /** Begins the next attempt of a job that has ended without the whole corpus. */
  async retry(job: string): Promise<CloudJob> {
    const { progress } = await this.status(job);
    const started = await this.coordinator.ask({ call: 'retry', generator: GENERATOR_VERSION, job, attempt: progress.attempt + 1 });
    return this.begun(started, progress.messages);
  }

  /** Deletes all that a job has left; `deleted` is called with the count so far. Answers with the count. */
  async delete(job: string, deleted: (count: number) => void): Promise<number> {
    let count = 0;
    for (;;) {
      const answer = await this.coordinator.ask({ call: 'delete', job });
      count += answer.deleted;
      deleted(count);
      if (answer.done) return count;
    }
  }

  /** An object of a job; `key` is relative to the job. */
  read(place: Place, key: string): Promise<Uint8Array> {
    return new Store(this.connection, place).bytes(key);
  }

  /** Messages spread over the corpus, first and last among them, from the plan and the ids alone. */
  async samples(place: Place, count = 3): Promise<Sample[]> {
    const store = new Store(this.connection, place);
    const { spec, plan } = await store.json<JobRecord>('job.json');
    if (plan.layout === 'none') return [];
    const ids = objectIdsOf(spec);
    return spread(plan.messages, count).map((index) => {
      const key = messageKey(plan, ids.id(index), index);
      return { index, key, uri: store.uri(key) };
    });
  }

  /** Fetches a corpus, or a part of it, into a folder like the local engine's. Rejects with the signal's reason where it was aborted; the same call goes on. */
  async pull(job: string, request: PullRequest): Promise<Pulled> {
    const state = await this.status(job);
    return pull(new Store(this.connection, state.place), state, request);
  }

  /** The ground truth of a job that has ended, to be read as it comes. */
  async truth(job: string, signal: AbortSignal): Promise<CloudTruth> {
    const state = await this.status(job);
    return truthOf(new Store(this.connection, state.place), state, signal);
  }

  close(): void {
    this.connection.close();
  }

  /** A job as the coordinator just told of it. */
  private followFrom({ job, place, progress }: JobState, started?: Started): CloudJob {
    return new FollowedJob({
      store: new Store(this.connection, place),
      job,
      seen: progress,
      resumed: progress.messages,
      ...(started && { started }),
    });
  }

  /** An attempt that has just begun. */
  private begun(started: Started, messages: number): CloudJob {
    return new FollowedJob({
      store: new Store(this.connection, started.place),
      job: started.job,
      seen: queuedProgress(started, started.attempt, 0, new Date(), { messages, bytes: 0, shards: 0 }),
      resumed: messages,
      started,
    });
  }
}

/** So many different indices, evenly from the first to the last. */
function spread(messages: number, count: number): number[] {
  const indices = Array.from({ length: count }, (_, i) => (count === 1 ? 0 : Math.floor((i * (messages - 1)) / (count - 1))));
  return [...new Set(indices)];
}
