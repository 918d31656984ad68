import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExecutionAlreadyExists, SFNClient, type StartExecutionCommand } from '@aws-sdk/client-sfn';
import { readPackFolder } from '../../src/engine/packs.ts';
import { Coordinator, type Office } from '../../src/engine/aws/stack/coordinator.ts';
import { checkPack, packDigest } from '../../src/corpus/pack/source.ts';
import { GENERATOR_VERSION } from '../../src/corpus/version.ts';
import type { Answer, Call, CallErrorCode, Description, JobList, JobState, Started } from '../../src/job/calls.ts';
import type { JobRecord, Progress } from '../../src/job/records.ts';
import { TIMES } from '../../src/job/times.ts';
import { FakeS3 } from './fake-s3.ts';
import { tinyPack } from '../unit/tiny-pack.ts';

const JOB = '01JDQ0000000000000000000AB';
const OTHER = '01JDQ0000000000000000000CD';
const NL = 'test/fixtures/packs/nl';

/** A coordinator over a bucket in memory, and the executions it started. */
class Bench {
  readonly s3 = new FakeS3();
  readonly executions: string[] = [];
  readonly office: Office;

  constructor(packs: string, over: Partial<Office> = {}) {
    const sfn = new SFNClient({ region: 'eu-central-1' });
    sfn.send = ((command: StartExecutionCommand) => {
      if (this.executions.includes(command.input.name!)) throw new ExecutionAlreadyExists({ message: 'there', $metadata: {} });
      this.executions.push(command.input.name!);
      return Promise.resolve({});
    }) as typeof sfn.send;
    this.office = {
      root: this.s3.root,
      machine: { sfn, arn: 'arn:aws:states:eu-central-1:000000000000:stateMachine:mailwright' },
      topic: 'arn:aws:sns:eu-central-1:000000000000:mailwright',
      limits: { messages: 1_000_000, cost: 20, shards: 1000, packBytes: 2_000_000 },
      times: TIMES,
      concurrency: 16,
      workerMemory: 1769,
      expiryDays: 30,
      version: '0.1.0',
      packs,
      clock: () => new Date('2026-11-26T10:00:00Z'),
      ...over,
    };
  }

  call<R>(call: object): Promise<Answer<R>> {
    return new Coordinator(this.office).answer(call, new Date('2026-11-26T10:02:00Z')) as Promise<Answer<R>>;
  }

  async does<R>(call: Call | object): Promise<R> {
    const answer = await this.call<R>(call);
    assert.ok(answer.ok, JSON.stringify(answer));
    return answer.result;
  }

  async refuses(call: object, code: CallErrorCode, message: RegExp): Promise<void> {
    const answer = await this.call(call);
    assert.ok(!answer.ok, 'it was not refused');
    assert.equal(answer.error.code, code, answer.error.message);
    assert.match(answer.error.message, message);
  }

  /** The supervisor has ended an attempt. */
  end(attempt: number, outcome: string): void {
    this.s3.put(`${JOB}/attempts/${attempt}/outcome.json`, { job: JOB, attempt, outcome, missing: [1] });
    this.s3.put(`${JOB}/progress.json`, { ...this.progress, status: outcome, sequence: this.progress.sequence + 1 });
  }

  get progress(): Progress {
    return this.s3.json<Progress>(`${JOB}/progress.json`)!;
  }
}

/** What the tiny pack can do. */
const SPEC = { messages: 1000, organisation: { desks: [{ id: 'fx' }], employees: 60 }, content: { languages: { en: 1 } }, scenarios: [] };

const start = (spec: object = {}, over: object = {}): object => ({
  call: 'start',
  generator: GENERATOR_VERSION,
  job: JOB,
  spec: { ...SPEC, ...spec },
  ...over,
});

describe('the coordinator', () => {
  let packs: string;

  before(() => {
    packs = mkdtempSync(join(tmpdir(), 'mailwright-packs-'));
    const tiny = tinyPack();
    const source = { ...tiny, header: { ...(tiny.header as object), pack: 'en' } };
    writeFileSync(join(packs, 'en.json'), JSON.stringify({ digest: packDigest(source), pack: checkPack(source, 'tiny') }));
  });
  after(() => rmSync(packs, { recursive: true }));

  it('describes the stack', async () => {
    const found = await new Bench(packs).does<Description>({ call: 'describe' });
    assert.deepEqual([found.service, found.bucket, found.prefix, found.limits.shards], ['mailwright', 'corpora-bucket', 'corpora/', 1000]);
  });

  it('starts a job: its record, its progress, then its execution', async () => {
    const bench = new Bench(packs);
    const started = await bench.does<Started>(start());
    assert.deepEqual(bench.s3.writes, [`${JOB}/job.json`, `${JOB}/progress.json`]);
    assert.deepEqual(bench.executions, [`${JOB}-1`]);
    assert.deepEqual([started.already, started.attempt, started.place.prefix], [false, 1, `corpora/${JOB}/`]);
    assert.equal(started.expires, '2026-12-26T10:00:00.000Z');
    assert.ok(started.cost > 0 && started.cost < 1);
    assert.deepEqual([bench.progress.status, bench.progress.of], ['queued', 1000]);
  });

  it('starts one job, however often it is asked to and wherever it is stopped', async () => {
    for (const done of [false, true])
      for (let at = 1, more = true; more; at++) {
        const bench = new Bench(packs);
        bench.s3.crash = { in: at, done };
        const first = await bench.call(start());
        more = !bench.s3.crash;
        if (more) assert.ok(!first.ok && first.error.code === 'INTERNAL');
        bench.s3.crash = undefined;
        const again = await bench.does<Started>(start());
        assert.equal(again.attempt, 1);
        assert.deepEqual(bench.executions, [`${JOB}-1`]);
        assert.equal(bench.s3.writes.filter((key) => key.endsWith('job.json')).length, 1);
      }
  });

  it('says that the job is there, even where the spec is written in another way', async () => {
    const bench = new Bench(packs);
    await bench.does(start());
    const again = await bench.does<Started>(start({ seed: 1, execution: { workers: 4 } }));
    assert.equal(again.already, true);
  });

  it('refuses another job of the same id, and changes nothing', async () => {
    const bench = new Bench(packs);
    await bench.does(start());
    await bench.refuses(start({ messages: 1001 }), 'OTHER_JOB', /its spec or its packs differ.*Nothing was changed/);
    await bench.refuses(start({ delivery: { layout: 'zip' } }), 'OTHER_JOB', /its layout is eml/);
    assert.equal(bench.s3.writes.length, 2);
    assert.equal(bench.executions.length, 1);
  });

  it('refuses a client of another generator version, and says which side to update', async () => {
    const bench = new Bench(packs);
    await bench.refuses(
      start({}, { generator: '0' }),
      'VERSION',
      /you have generator version 0, this stack has 1.*Update Mailwright on your side/,
    );
    await bench.refuses(start({}, { generator: '2' }), 'VERSION', /Update the stack: `mailwright deploy`/);
    assert.equal(bench.s3.writes.length, 0);
  });

  it('finds in a bad spec what the command line finds', async () => {
    const bench = new Bench(packs);
    const answer = await bench.call(start({ messages: 0, nonsense: 1 }));
    assert.ok(!answer.ok && answer.error.code === 'SPEC_INVALID');
    assert.deepEqual(answer.error.problems?.map(({ path }) => path).sort(), ['messages', 'nonsense']);
    await bench.refuses(start({ content: { languages: { fr: 1 } } }), 'SPEC_INVALID', /no pack for this language: built in are en/);
  });

  it('keeps to the limits of the stack, and names each', async () => {
    await new Bench(packs).refuses(
      start({ messages: 1_000_001 }),
      'LIMIT',
      /messages: 1000001 is over this stack's 1000000 messages a job/,
    );
    await new Bench(packs, { limits: { messages: 1e9, cost: 5, shards: 100_000, packBytes: 1000 } }).refuses(
      start({ messages: 5_000_000 }),
      'LIMIT',
      /about \$\d+\.\d\d is over this stack's \$5 a job/,
    );
    await new Bench(packs).refuses(
      start({ messages: 600_000, execution: { shardBlocks: 2 } }),
      'LIMIT',
      /1172 shards are over this stack's 1000/,
    );
    await new Bench(packs).refuses(
      start({ messages: 100_000, execution: { shardBlocks: 64 } }),
      'LIMIT',
      /execution\.shardBlocks: 64 is over 51/,
    );
    const tables = { lines: 'all', formats: ['csv'] };
    await new Bench(packs, { limits: { messages: 1e9, cost: 1e9, shards: 1e9, packBytes: 1000 } }).refuses(
      start({ messages: 3_000_000, delivery: { truth: tables } }),
      'LIMIT',
      /delivery\.truth\.formats: in the cloud, tables/,
    );
  });

  it('makes shards that a worker finishes in its time, however many workers share the rate of S3', async () => {
    const bench = new Bench(packs, { concurrency: 200, limits: { messages: 1e9, cost: 1e9, shards: 1e9, packBytes: 1000 } });
    const { plan } = await bench.does<Started>(start({ messages: 5_000_000 }));
    assert.equal(plan.shardBlocks, 4);
  });

  it('takes packs of the user’s own, within bounds', async () => {
    const spec = { content: { languages: { nl: 1 }, packs: [NL] }, organisation: { desks: [{ id: 'treasury' }] } };
    const source = readPackFolder(NL);
    const bench = new Bench(packs);
    const answer = await bench.call<Started>(start(spec, { packs: [source] }));
    assert.ok(answer.ok, JSON.stringify(answer));
    assert.deepEqual(bench.s3.json<JobRecord>(`${JOB}/job.json`)?.packs[0]?.source, JSON.parse(JSON.stringify(source)));

    await new Bench(packs).refuses(start(spec), 'SPEC_INVALID', /1 packs are named, 0 came with the call/);
    await new Bench(packs, { limits: { ...bench.office.limits, packBytes: 1000 } }).refuses(
      start(spec, { packs: [source] }),
      'LIMIT',
      /bytes of packs are over this stack's 1000/,
    );
    const huge = { ...source, desks: Object.fromEntries(Array.from({ length: 300 }, (_, i) => [String(i), Array(1000).fill(0)])) };
    await new Bench(packs).refuses(start(spec, { packs: [huge] }), 'PACK_INVALID', /over 200000 entries/);
    await new Bench(packs).refuses(start(spec, { packs: ['../../etc'] }), 'PACK_INVALID', /not a pack/);
  });

  it('does not start what would be other messages than the client expects', async () => {
    const bench = new Bench(packs);
    await bench.refuses(start({}, { content: 'abc' }), 'VERSION', /the packs of this stack are not those of your Mailwright/);
    assert.equal(bench.s3.writes.length, 0);
    await bench.does(start());
    const { content } = bench.s3.json<JobRecord>(`${JOB}/job.json`)!;
    await bench.does(start({}, { content }));
  });

  it('cancels once, and only what is going on', async () => {
    const bench = new Bench(packs);
    await bench.refuses({ call: 'cancel', job: JOB }, 'NO_SUCH_JOB', /no such job/);
    await bench.does(start());
    assert.deepEqual(await bench.does({ call: 'cancel', job: JOB }), { job: JOB, attempt: 1 });
    await bench.does({ call: 'cancel', job: JOB });
    assert.equal(bench.s3.writes.filter((key) => key.endsWith('/cancel')).length, 1);
    bench.end(1, 'cancelled');
    await bench.refuses({ call: 'cancel', job: JOB }, 'ENDED', /has ended already: cancelled/);
  });

  it('retries what ended without the whole corpus: once, however often it is asked to', async () => {
    const bench = new Bench(packs);
    const retry = (attempt: number): object => ({ call: 'retry', generator: GENERATOR_VERSION, job: JOB, attempt });
    await bench.does(start());
    await bench.refuses(retry(2), 'NOT_ENDED', /attempt 1 of .* has not ended/);
    bench.end(1, 'partial');
    await bench.refuses(retry(3), 'ATTEMPT', /at attempt 1: the next one is 2, not 3/);
    const before = bench.progress.sequence;
    assert.equal((await bench.does<Started>(retry(2))).already, false);
    assert.equal((await bench.does<Started>(retry(2))).already, true);
    assert.deepEqual(bench.executions, [`${JOB}-1`, `${JOB}-2`]);
    assert.deepEqual([bench.progress.attempt, bench.progress.status, bench.progress.sequence], [2, 'queued', before + 1]);
    bench.end(2, 'succeeded');
    await bench.refuses(retry(3), 'COMPLETE', /nothing to retry/);
  });

  it('does not retry a job of another generator version', async () => {
    const bench = new Bench(packs);
    await bench.does(start());
    bench.end(1, 'partial');
    bench.s3.put(`${JOB}/job.json`, { ...bench.s3.json<JobRecord>(`${JOB}/job.json`), generator: '0' });
    await bench.refuses({ call: 'retry', generator: GENERATOR_VERSION, job: JOB, attempt: 2 }, 'VERSION', /must not be mixed/);
  });

  it('tells the state of a job, and lists jobs, newest first', async () => {
    const bench = new Bench(packs);
    await bench.does(start());
    await bench.does(start({}, { job: OTHER }));
    const state = await bench.does<JobState>({ call: 'status', job: JOB });
    assert.deepEqual([state.progress.status, state.outcome, state.manifest, state.plan.messages], ['queued', null, null, 1000]);
    const list = await bench.does<JobList>({ call: 'list', limit: 1 });
    assert.deepEqual([list.jobs.map(({ job }) => job), list.more], [[OTHER], true]);
    const rest = await bench.does<JobList>({ call: 'list', limit: 5, before: OTHER });
    assert.deepEqual([rest.jobs.map(({ job }) => job), rest.more], [[JOB], false]);
  });

  it('deletes a job that has ended: all of it, its own record last', async () => {
    const bench = new Bench(packs);
    await bench.does(start());
    await bench.does(start({}, { job: OTHER }));
    await bench.refuses({ call: 'delete', job: JOB }, 'NOT_ENDED', /cancel it, and delete it once it has ended/);
    bench.end(1, 'partial');
    for (let i = 0; i < 2500; i++) bench.s3.put(`${JOB}/messages/ab/${i}.eml`, 'x');
    const { deleted, done } = await bench.does<{ deleted: number; done: boolean }>({ call: 'delete', job: JOB });
    assert.deepEqual([deleted, done], [2504, true]);
    assert.deepEqual(bench.s3.keys(JOB), []);
    assert.equal(bench.s3.keys(OTHER).length, 2);
  });

  it('answers what is no call', async () => {
    for (const call of [
      undefined,
      null,
      7,
      'x',
      [],
      {},
      { call: 'drop' },
      { call: 'status', job: '../x' },
      start({}, { job: 'x' }),
      { ...start(), extra: 1 },
    ])
      await new Bench(packs).refuses(call as object, 'BAD_CALL', /./);
  });
});
