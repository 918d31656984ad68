import { Generator } from '../../../corpus/generator.ts';
import type { Pack } from '../../../corpus/pack/schema.ts';
import { PackError, type PackSource } from '../../../corpus/pack/source.ts';
import { GENERATOR_VERSION } from '../../../corpus/version.ts';
import type {
  Answer,
  Call,
  CallErrorCode,
  Cancelled,
  Deleted,
  Description,
  JobList,
  JobState,
  JobSummary,
  Limits,
  Results,
  Started,
} from '../../../job/calls.ts';
import { callSchema } from '../../../job/calls.ts';
import { costOf } from '../../../job/cost.ts';
import { sampleOf, truthBytesOf } from '../../../job/estimate.ts';
import { mostBlocks } from '../../../job/pace.ts';
import { type Plan, planOf, tablesIn } from '../../../job/plan.ts';
import { contentDigest, differenceFrom, type JobRecord, type Progress, queuedProgress } from '../../../job/records.ts';
import { type JobSpec, parseSpec, SpecError, type SpecProblem } from '../../../job/spec.ts';
import type { Times } from '../../../job/times.ts';
import { type LoadedPacks, packsOf, reloadPacks } from '../../packs.ts';
import { inParallel } from '../../parallel.ts';
import { type Machine, startExecution } from './executions.ts';
import { type Found, jobIds, JobStore, type Root } from './job-store.ts';
import { log, wordsOf } from './log.ts';

/** What a coordinator is told by its stack. */
export interface Office {
  readonly root: Root;
  readonly machine: Machine;
  readonly topic: string;
  readonly limits: Limits;
  readonly times: Times;
  readonly concurrency: number;
  readonly workerMemory: number;
  readonly expiryDays: number;
  /** Version of Mailwright. */
  readonly version: string;
  /** The folder of the built-in packs. */
  readonly packs: string;
  readonly clock: () => Date;
}

/** A call that cannot be done, and why. */
class Refusal extends Error {
  readonly code: CallErrorCode;
  readonly problems: readonly SpecProblem[] | undefined;

  constructor(code: CallErrorCode, message: string, problems?: readonly SpecProblem[]) {
    super(message);
    this.name = 'Refusal';
    this.code = code;
    this.problems = problems;
  }
}

/** Blocks that are made to judge the size of a corpus by. */
const SAMPLE_BLOCKS = 4;

/** The tables of the truth of all messages are made by one function in its time. */
const MOST_TABLE_ROWS = 2_000_000;

/** A pack is prose: this many strings, lists and sections are far more than anybody writes. */
const MOST_PACK_NODES = 200_000;

/** What a user's program talks to: checks what it asks for, keeps to the stack's limits, starts executions. */
export class Coordinator {
  private readonly office: Office;

  constructor(office: Office) {
    this.office = office;
  }

  /** Answers a call, whatever it is; never rejects. `deadline` is when Lambda stops us. */
  async answer(input: unknown, deadline: Date): Promise<Answer<Results[Call['call']]>> {
    try {
      const call = callSchema.safeParse(input);
      if (!call.success)
        throw new Refusal('BAD_CALL', call.error.issues.map((issue) => `${issue.path.join('.') || 'call'}: ${issue.message}`).join('\n'));
      return { ok: true, result: await this.does(call.data, deadline) };
    } catch (error) {
      if (error instanceof SpecError) return refused('SPEC_INVALID', error.message, error.problems);
      if (error instanceof PackError) return refused('PACK_INVALID', error.message);
      if (error instanceof Refusal) return refused(error.code, error.message, error.problems);
      log('error', 'a call failed', { error: wordsOf(error), stack: error instanceof Error ? error.stack : undefined });
      return refused(
        'INTERNAL',
        `the coordinator failed: ${wordsOf(error)}. Its log, in CloudWatch, says more; asking again does no harm.`,
      );
    }
  }

  private does(call: Call, deadline: Date): Promise<Results[Call['call']]> {
    switch (call.call) {
      case 'describe':
        return Promise.resolve(this.describe());
      case 'start':
        return this.start(call);
      case 'status':
        return this.status(call.job);
      case 'cancel':
        return this.cancel(call.job);
      case 'retry':
        return this.retry(call);
      case 'list':
        return this.list(call);
      case 'delete':
        return this.delete(call.job, deadline);
    }
  }

  private describe(): Description {
    const { root, version, topic, limits, concurrency, workerMemory, expiryDays } = this.office;
    const { region, bucket, prefix } = root;
    return {
      service: 'mailwright',
      version,
      generator: GENERATOR_VERSION,
      region,
      bucket,
      prefix,
      topic,
      limits,
      concurrency,
      workerMemory,
      expiryDays,
    };
  }

  /** Begins a job. Every step can run twice: asked again with the same id and spec, it goes on where it stopped, or says that the job is there. */
  private async start({
    generator,
    job,
    spec: written,
    packs: sources,
    content: expected,
  }: Extract<Call, { call: 'start' }>): Promise<Started> {
    sameGenerator(generator);
    const spec = parseSpec(written);
    // A client that says what it expects may leave out packs of languages that have no weight.
    if (expected === undefined && sources.length !== spec.content.packs.length)
      throw new SpecError([
        {
          path: 'content.packs',
          message: `${spec.content.packs.length} packs are named, ${sources.length} came with the call: each has to be sent`,
        },
      ]);
    const loaded = this.load(spec, sources);
    const plan = planOf(spec, this.mostBlocks(spec));
    const cost = this.withinLimits(spec, plan, loaded.packs);

    const store = new JobStore(this.office.root, job);
    const content = contentDigest(spec, loaded.records, GENERATOR_VERSION);
    if (expected !== undefined && expected !== content)
      throw new Refusal(
        'VERSION',
        'the packs of this stack are not those of your Mailwright, and would make other messages. Have the same version on both sides: `mailwright --version`, `mailwright deploy`.',
      );
    const created = this.office.clock().toISOString();
    const asked: JobRecord = { job, created, generator: GENERATOR_VERSION, content, spec, packs: loaded.records, plan };
    const isNew = await store.create('job.json', asked);
    const { value: record } = (await store.record())!;
    const differs = differenceFrom(record, content, spec);
    if (differs) throw new Refusal('OTHER_JOB', `${job} is another job: ${differs}. Nothing was changed. Start this one with a new id.`);

    await store.create('progress.json', queuedProgress(record, 1, 1, this.office.clock()));
    const { value: progress } = (await store.progress())!;
    if (progress.attempt === 1 && progress.status === 'queued') await startExecution(this.office.machine, { job, attempt: 1 });
    return this.started(store, record, progress.attempt, cost, !isNew);
  }

  private async status(job: string): Promise<JobState> {
    const { store, record, progress } = await this.find(job);
    const { created, plan } = record;
    const outcome = (await store.outcome(progress.value.attempt))?.value ?? null;
    const manifest = (await store.manifest())?.value ?? null;
    return { job, place: store.place, created, plan, progress: progress.value, outcome, manifest };
  }

  private async cancel(job: string): Promise<Cancelled> {
    const { store, progress } = await this.find(job);
    const { attempt } = progress.value;
    if (await store.outcome(attempt))
      throw new Refusal('ENDED', `${job} has ended already: ${progress.value.status}. There is nothing to cancel.`);
    await store.close(attempt, { by: 'user', at: this.office.clock().toISOString() });
    return { job, attempt };
  }

  private async retry({ generator, job, attempt }: Extract<Call, { call: 'retry' }>): Promise<Started> {
    sameGenerator(generator);
    const { store, record, progress } = await this.find(job);
    if (record.generator !== GENERATOR_VERSION)
      throw new Refusal(
        'VERSION',
        `${job} was begun by generator version ${record.generator}, and this stack is of version ${GENERATOR_VERSION}: their messages must not be mixed. Start a new job.`,
      );
    const packs = reloadPacks(record.packs, this.office.packs);
    const { value: latest } = progress;
    if (latest.attempt !== attempt) {
      if (latest.attempt !== attempt - 1)
        throw new Refusal('ATTEMPT', `${job} is at attempt ${latest.attempt}: the next one is ${latest.attempt + 1}, not ${attempt}`);
      const outcome = (await store.outcome(latest.attempt))?.value;
      if (!outcome) throw new Refusal('NOT_ENDED', `attempt ${latest.attempt} of ${job} has not ended. Wait for it, or cancel it.`);
      if (outcome.outcome === 'succeeded') throw new Refusal('COMPLETE', `${job} is complete: there is nothing to retry`);
      const next = queuedProgress(record, attempt, latest.sequence + 1, this.office.clock(), latest);
      if (!(await store.replace('progress.json', next, progress.etag))) return this.retry({ call: 'retry', generator, job, attempt });
    }
    const { value: now } = (await store.progress())!;
    if (now.attempt === attempt && now.status === 'queued') await startExecution(this.office.machine, { job, attempt });
    return this.started(store, record, attempt, this.costOf(record.plan, record.spec, packs), latest.attempt === attempt);
  }

  private async list({ limit, before }: Extract<Call, { call: 'list' }>): Promise<JobList> {
    const all = await jobIds(this.office.root);
    const ids = before === undefined ? all : all.filter((job) => job < before);
    const found = new Map<string, JobSummary>();
    await inParallel(ids.slice(0, limit), 16, async (job) => {
      const store = new JobStore(this.office.root, job);
      const [record, progress] = await Promise.all([store.record(), store.progress()]);
      if (!record || !progress) return; // being deleted
      const { status, attempt, messages, of, bytes } = progress.value;
      found.set(job, { job, status, attempt, messages, of, bytes, created: record.value.created });
    });
    return { jobs: ids.flatMap((job) => found.get(job) ?? []), more: ids.length > limit };
  }

  /** The manifest goes first, so that nobody takes the rest for a corpus; the job's own record last, so that this can be asked for again. */
  private async delete(job: string, deadline: Date): Promise<Deleted> {
    const now = this.office.clock().getTime();
    const until = now + (deadline.getTime() - now) / 2;
    const store = new JobStore(this.office.root, job);
    const record = (await store.record())?.value;
    if (!record) throw noSuchJob(job);
    const progress = (await store.progress())?.value;
    if (progress && !(await store.outcome(progress.attempt)))
      throw new Refusal('NOT_ENDED', `attempt ${progress.attempt} of ${job} has not ended: cancel it, and delete it once it has ended`);
    // A late duplicate of a shard may be at work even now: it stops when it sees this.
    if (progress) await store.close(progress.attempt, { by: 'user', at: this.office.clock().toISOString(), reason: 'deleted' });
    let deleted = 0;
    for (const folder of ['manifest.json', 'messages/', 'truth/', 'shards/', 'progress.json', 'attempts/', 'job.json'])
      for (;;) {
        if (this.office.clock().getTime() >= until) return { deleted, done: false };
        const count = await store.deleteSome(folder);
        if (count === 0) break;
        deleted += count;
      }
    return { deleted, done: true };
  }

  private async find(job: string): Promise<{ store: JobStore; record: JobRecord; progress: Found<Progress> }> {
    const store = new JobStore(this.office.root, job);
    const [record, progress] = await Promise.all([store.record(), store.progress()]);
    if (!record || !progress) throw noSuchJob(job);
    return { store, record: record.value, progress };
  }

  private load(spec: JobSpec, sources: readonly unknown[]): LoadedPacks {
    const { limits, packs } = this.office;
    const own = sources.map((source, i) => ({ name: `content.packs, number ${i + 1} of those sent`, source: source as PackSource }));
    for (const { name, source } of own) {
      if (nodesOf(source) > MOST_PACK_NODES)
        throw new PackError(name, [`over ${MOST_PACK_NODES} entries: that is more than this stack takes`]);
      if (typeof (source as { desks?: unknown } | null)?.desks !== 'object')
        throw new PackError(name, ['not a pack as Mailwright reads it from its folder']);
    }
    const size = Buffer.byteLength(JSON.stringify(sources));
    if (size > limits.packBytes)
      throw limit([{ path: 'content.packs', message: `${size} bytes of packs are over this stack's ${limits.packBytes}` }]);
    return packsOf(spec, packs, own);
  }

  /** The estimated cost; throws where the job is over a limit of the stack. */
  private withinLimits(spec: JobSpec, plan: Plan, packs: readonly Pack[]): number {
    const { limits } = this.office;
    const problems: SpecProblem[] = [];
    if (plan.messages > limits.messages)
      problems.push({
        path: 'messages',
        message: `${plan.messages} is over this stack's ${limits.messages} messages a job (parameter MostMessages)`,
      });
    if (plan.shards > limits.shards)
      problems.push({
        path: 'messages',
        message: `${plan.shards} shards are over this stack's ${limits.shards} (parameter MostShards): ask for fewer messages, or for more blocks a shard with execution.shardBlocks`,
      });
    const most = this.mostBlocks(spec);
    if (most !== undefined && plan.shardBlocks > most)
      problems.push({
        path: 'execution.shardBlocks',
        message: `${plan.shardBlocks} is over ${most}: with ${this.office.concurrency} workers at once, a shard of more could take longer than it may`,
      });
    if (spec.delivery.truth.lines === 'all' && tablesIn(spec.delivery.truth.formats).length > 0 && plan.messages > MOST_TABLE_ROWS)
      problems.push({
        path: 'delivery.truth.formats',
        message: `in the cloud, tables of all messages are made up to ${MOST_TABLE_ROWS} messages: leave out csv and parquet, or the lines of ordinary messages`,
      });
    if (problems.length > 0) throw limit(problems);
    const cost = this.costOf(plan, spec, packs);
    if (cost > limits.cost)
      throw limit([
        { path: 'messages', message: `about $${cost.toFixed(2)} is over this stack's $${limits.cost} a job (parameter MostCost)` },
      ]);
    return cost;
  }

  /** Shards small enough that each is made in its time, even where all workers share S3's rate. */
  private mostBlocks({ delivery }: JobSpec): number | undefined {
    return mostBlocks(delivery.layout, this.office.concurrency, this.office.times);
  }

  private costOf(plan: Plan, spec: JobSpec, packs: readonly Pack[]): number {
    const { concurrency, workerMemory, expiryDays, clock } = this.office;
    const generator = new Generator(spec, packs, spec.delivery.truth.lines);
    const sample = sampleOf(generator, plan.blocks, SAMPLE_BLOCKS, () => clock().getTime());
    const { placement } = generator;
    const truthBytes = truthBytesOf(spec, { positives: placement.positives, nearMisses: placement.nearMissMessages });
    const bytes = Math.round((sample.bytes / sample.messages) * plan.messages);
    return costOf({ plan, bytes, truthBytes, concurrency, workerMemory, expiryDays }).total;
  }

  private started(store: JobStore, record: JobRecord, attempt: number, cost: number, already: boolean): Started {
    const expires = new Date(Date.parse(record.created) + this.office.expiryDays * 86_400_000).toISOString();
    return { job: store.job, attempt, place: store.place, plan: record.plan, cost, expires, already };
  }
}

function sameGenerator(client: string): void {
  if (client === GENERATOR_VERSION) return;
  const older = Number(client) < Number(GENERATOR_VERSION);
  throw new Refusal(
    'VERSION',
    `you have generator version ${client}, this stack has ${GENERATOR_VERSION}: the same spec would give other messages. ${
      older ? 'Update Mailwright on your side' : 'Update the stack: `mailwright deploy`'
    }.`,
  );
}

const noSuchJob = (job: string): Refusal =>
  new Refusal('NO_SUCH_JOB', `${job}: there is no such job on this stack. It may have been deleted, or have expired.`);

const limit = (problems: readonly SpecProblem[]): Refusal =>
  new Refusal('LIMIT', problems.map(({ path, message }) => `${path}: ${message}`).join('\n'), problems);

const refused = (code: CallErrorCode, message: string, problems?: readonly SpecProblem[]): Answer<never> => ({
  ok: false,
  error: { code, message, ...(problems && { problems }) },
});

/** Values in a JSON document, itself counted. */
function nodesOf(value: unknown): number {
  let count = 0;
  const todo: unknown[] = [value];
  while (todo.length > 0) {
    const next = todo.pop();
    count++;
    if (typeof next === 'object' && next !== null) todo.push(...Object.values(next));
  }
  return count;
}
