import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { sha256Of } from '../../src/job/digest.ts';
import { planOf, shardArcsKey, shardOf, truthKey } from '../../src/job/plan.ts';
import type { JobRecord, Manifest, OutcomeRecord, Progress, Receipt } from '../../src/job/records.ts';
import { parseSpec } from '../../src/job/spec.ts';
import type { Look, Supervision, Task } from '../../src/job/task.ts';
import { TIMES } from '../../src/job/times.ts';
import type { Putter } from '../../src/engine/aws/put/putter.ts';
import { Supervisor } from '../../src/engine/aws/stack/supervisor.ts';
import { Crash, FakeS3 } from './fake-s3.ts';

const JOB = '01JDQ0000000000000000000AB';
const SHARDS = 4;

/** A job of four shards in a bucket in memory, and a supervisor that is new for each look, as after every crash. */
class Bench {
  readonly s3 = new FakeS3();
  readonly sent: Task[] = [];
  readonly record: JobRecord;
  now = Date.parse('2026-11-26T10:00:00Z');

  constructor() {
    const spec = parseSpec({ messages: SHARDS * 256, execution: { shardBlocks: 1 } });
    this.record = { job: JOB, created: '', generator: '1', content: 'c', spec, packs: [], plan: planOf(spec) };
    this.s3.clock = () => new Date(this.now);
    this.s3.put(`${JOB}/job.json`, this.record);
    this.s3.put(`${JOB}/progress.json`, { job: JOB, status: 'queued', attempt: 1, sequence: 1, messages: 0 });
  }

  supervisor(): Supervisor {
    const sqs = new SQSClient({ region: 'eu-central-1' });
    sqs.send = ((command: SendMessageBatchCommand) => {
      this.sent.push(...command.input.Entries!.map(({ MessageBody }) => JSON.parse(MessageBody!) as Task));
      return Promise.resolve({});
    }) as typeof sqs.send;
    return new Supervisor(
      this.s3.root,
      { sqs, url: 'http://queue.test/' },
      TIMES,
      () => new Date(this.now),
      () => this.putter(),
    );
  }

  look(step: Supervision['step'], last?: Look, failure?: unknown): Promise<Look> {
    const watch = last && { watch: last.watch };
    return this.supervisor().look({ step, job: JOB, attempt: 1, ...watch, ...(failure !== undefined && { failure }) });
  }

  /** A worker has made a shard. */
  make(shard: number, over: Partial<Receipt> = {}): void {
    const files = { [truthKey(shard)]: '', [shardArcsKey(shard)]: `{"arc":${shard}}\n` };
    for (const [key, text] of Object.entries(files)) this.s3.put(`${JOB}/${key}`, text);
    const blocks = [createHash('sha256').update(`block ${shard}`).digest('hex')];
    const receipt: Receipt = {
      job: JOB,
      shard,
      attempt: 1,
      generator: '1',
      messages: shardOf(this.record.plan, shard).messages,
      objects: 256,
      bytes: 1000 + shard,
      digest: '',
      blocks,
      truth: {
        lines: 0,
        positives: 1,
        nearMisses: 0,
        arcs: 1,
        digest: '',
        blocks,
        files: Object.fromEntries(Object.entries(files).map(([key, text]) => [key, sha256Of(Buffer.from(text))])),
      },
      started: '',
      finished: '',
      ...over,
    };
    this.s3.put(`${JOB}/shards/00000${shard}.json`, receipt);
  }

  fail(shard: number): void {
    this.s3.put(`${JOB}/attempts/1/failures/00000${shard}.json`, { shard, attempt: 1, error: 'x', at: '' });
  }

  pass(seconds: number): void {
    this.now += seconds * 1000;
  }

  get progress(): Progress {
    return this.s3.json<Progress>(`${JOB}/progress.json`)!;
  }

  get outcome(): OutcomeRecord | undefined {
    return this.s3.json<OutcomeRecord>(`${JOB}/attempts/1/outcome.json`);
  }

  get manifest(): Manifest | undefined {
    return this.s3.json<Manifest>(`${JOB}/manifest.json`);
  }

  /** Goes through an execution, its waits too, until it tells; a look that crashes is looked again. */
  async through(step: Supervision['step'] = 'supervise'): Promise<Look> {
    let look: Look | undefined;
    for (let looks = 0; looks < 200; looks++) {
      try {
        look = await this.look(step, look);
      } catch (error) {
        if (!(error instanceof Crash)) throw error;
        this.pass(2);
        continue;
      }
      if (look.next === 'notify') return look;
      if (look.next === 'finish') step = 'finish';
      else this.pass(look.wait);
    }
    throw new Error('it does not end');
  }

  /** Of the putter, what an upload of less than a part uses. */
  private putter(): Putter {
    const request = ({ key, body }: { key: string; body: Uint8Array }): Promise<object> => {
      this.s3.put(key.slice('corpora/'.length), Buffer.from(body).toString());
      return Promise.resolve({});
    };
    return { request, room: () => Promise.resolve(), close: () => Promise.resolve() } as unknown as Putter;
  }
}

describe('the supervisor', () => {
  it('tells the progress, and looks again later and later', async () => {
    const bench = new Bench();
    const first = await bench.look('supervise');
    assert.deepEqual([first.next, first.wait], ['wait', TIMES.shortestWait]);
    assert.deepEqual([bench.progress.status, bench.progress.sequence, bench.progress.messages], ['running', 2, 0]);
    bench.make(0);
    bench.make(2);
    bench.pass(200);
    const second = await bench.look('supervise', first);
    assert.equal(second.wait, 20);
    const { messages, bytes, shards, ofShards } = bench.progress;
    assert.deepEqual({ messages, bytes, shards, ofShards }, { messages: 512, bytes: 2002, shards: 2, ofShards: 4 });
  });

  it('leaves outcome and manifest when every receipt is there, and says so once more when asked again', async () => {
    const bench = new Bench();
    for (let shard = 0; shard < SHARDS; shard++) bench.make(shard);
    const { notice } = await bench.through();
    assert.equal(bench.outcome?.outcome, 'succeeded');
    assert.deepEqual([bench.manifest?.messages, bench.manifest?.objects, bench.manifest?.bytes], [1024, 1024, 4006]);
    assert.equal(bench.s3.objects.get(`corpora/${JOB}/truth/arcs.jsonl`)?.bytes.toString(), '{"arc":0}\n{"arc":1}\n{"arc":2}\n{"arc":3}\n');
    assert.deepEqual(
      [notice?.outcome, notice?.digest, notice?.where],
      ['succeeded', bench.manifest?.digest, `s3://corpora-bucket/corpora/${JOB}/`],
    );
    assert.equal(bench.progress.status, 'succeeded');
    const order = bench.s3.writes.filter((key) => /outcome|manifest|arcs\.jsonl$|progress/.test(key) && !/\d\.arcs/.test(key)).slice(-4);
    assert.deepEqual(order, [`${JOB}/truth/arcs.jsonl`, `${JOB}/attempts/1/outcome.json`, `${JOB}/manifest.json`, `${JOB}/progress.json`]);
    assert.deepEqual((await bench.through('finish')).notice, notice);
  });

  it('ends the same way wherever it is stopped', async () => {
    const whole = new Bench();
    for (let shard = 0; shard < SHARDS; shard++) whole.make(shard);
    await whole.through();
    const some = new Bench();
    some.make(1);
    for (const shard of [0, 2, 3]) some.fail(shard);
    await some.through();
    for (const done of [false, true])
      for (let at = 1, more = true; more; at++) {
        const bench = new Bench();
        for (let shard = 0; shard < SHARDS; shard++) bench.make(shard);
        bench.s3.crash = { in: at, done };
        const look = await bench.through();
        assert.equal(bench.outcome?.outcome, 'succeeded', `stopped at request ${at}`);
        assert.equal(bench.manifest?.digest, whole.manifest?.digest);
        assert.equal(look.notice?.outcome, 'succeeded');
        assert.equal(bench.progress.status, 'succeeded');

        const partial = new Bench();
        partial.make(1);
        for (const shard of [0, 2, 3]) partial.fail(shard);
        partial.s3.crash = { in: at, done };
        await partial.through();
        assert.deepEqual(
          [partial.outcome?.outcome, partial.outcome?.missing, partial.outcome?.failed, partial.outcome?.reason],
          ['partial', [0, 2, 3], [0, 2, 3], some.outcome?.reason],
        );
        assert.equal(partial.manifest, undefined);
        assert.equal(partial.s3.writes.filter((key) => key.endsWith('outcome.json')).length, 1);
        more = !bench.s3.crash || !partial.s3.crash;
      }
  });

  it('waits for the last worker before it ends what was cancelled, and counts what came meanwhile', async () => {
    const bench = new Bench();
    bench.make(0);
    bench.s3.put(`${JOB}/attempts/1/cancel`, { by: 'user', at: '' });
    const from = bench.now;
    let look = await bench.look('supervise');
    assert.equal(bench.progress.reason, 'stopping: cancelled');
    bench.make(1);
    while (look.next === 'wait') {
      bench.pass(look.wait);
      look = await bench.look('supervise', look);
    }
    assert.ok((bench.now - from) / 1000 >= TIMES.workerTimeout + TIMES.grace);
    await bench.through('finish');
    assert.deepEqual([bench.outcome?.outcome, bench.outcome?.missing], ['cancelled', [2, 3]]);
    assert.equal(bench.progress.messages, 512);
  });

  it('ends an execution that was stopped from outside, and says what failed', async () => {
    const stopped = new Bench();
    stopped.make(0);
    await stopped.through('finish');
    assert.deepEqual([stopped.outcome?.outcome, stopped.outcome?.reason], ['partial', 'its execution was stopped from outside']);

    const failed = new Bench();
    await failed.look('finish', undefined, { Error: 'Sandbox.Timedout', Cause: '{"errorMessage":"Task timed out after 900.00 seconds"}' });
    await failed.through('finish');
    assert.deepEqual(
      [failed.outcome?.outcome, failed.outcome?.reason],
      ['failed', 'Sandbox.Timedout: Task timed out after 900.00 seconds'],
    );
  });

  it('is complete where the last receipt came while it was closing', async () => {
    const bench = new Bench();
    for (let shard = 0; shard < SHARDS - 1; shard++) bench.make(shard);
    await bench.look('finish');
    bench.make(3);
    await bench.through('finish');
    assert.equal(bench.outcome?.outcome, 'succeeded');
  });

  it('sends lost shards again', async () => {
    const bench = new Bench();
    bench.make(0);
    bench.fail(1);
    const first = await bench.look('supervise');
    bench.pass(TIMES.lease + 1);
    const second = await bench.look('supervise', first);
    assert.deepEqual(
      bench.sent.map(({ shard, attempt }) => [shard, attempt]),
      [
        [2, 1],
        [3, 1],
      ],
    );
    bench.pass(TIMES.shortestWait);
    await bench.look('supervise', second);
    assert.equal(bench.sent.length, 2, 'and not at every look');
  });

  it('does not call a corpus whole whose truth was changed, and says how to mend it', async () => {
    const bench = new Bench();
    for (let shard = 0; shard < SHARDS; shard++) bench.make(shard);
    bench.s3.put(`${JOB}/${shardArcsKey(2)}`, 'changed');
    await bench.through();
    assert.equal(bench.outcome?.outcome, 'failed');
    assert.match(
      bench.outcome!.reason!,
      /truth\/000002\.arcs\.jsonl is not what its receipt says\. Delete s3:.*shards\/000002\.json and retry/,
    );
    assert.equal(bench.manifest, undefined);
  });

  it('leaves the progress of a later attempt alone', async () => {
    const bench = new Bench();
    bench.s3.put(`${JOB}/progress.json`, { job: JOB, status: 'queued', attempt: 2, sequence: 7, messages: 0 });
    await bench.look('supervise');
    assert.deepEqual([bench.progress.attempt, bench.progress.sequence], [2, 7]);
  });

  it('gives up on a job that was deleted', async () => {
    const bench = new Bench();
    bench.s3.objects.clear();
    const look = await bench.look('supervise');
    assert.equal(look.next, 'notify');
    assert.match(look.notice!.reason!, /deleted/);
  });
});
