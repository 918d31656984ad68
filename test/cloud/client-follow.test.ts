import assert from 'node:assert/strict';
import fc from 'fast-check';
import { AwsEngine, type CloudJob } from '../../src/engine/aws/client/engine.ts';
import { advance, FollowedJob, pauseOf, shownAt } from '../../src/engine/aws/client/follow.ts';
import { Store } from '../../src/engine/aws/client/store.ts';
import { Connection } from '../../src/engine/aws/client/target.ts';
import { EngineError } from '../../src/engine/error.ts';
import type { Status, Progress } from '../../src/job/records.ts';
import { planOf } from '../../src/job/plan.ts';
import { contentDigest } from '../../src/job/records.ts';
import { parseSpec } from '../../src/job/spec.ts';
import { failureOf, FakeAws, Home, lambdaError, s3Error, USER } from './client-support.ts';
import { holds } from '../unit/support.ts';

const JOB = '01JZ0000000000000000000000';
const PLACE = { bucket: 'bucket', prefix: `corpora/${JOB}/`, region: 'eu-west-1' };
const KEY = `bucket/corpora/${JOB}/`;
const PLAN = planOf(parseSpec({ messages: 1000 }));

const progress = (status: Status, sequence: number, more: Partial<Progress> = {}): Progress => ({
  job: JOB,
  status,
  attempt: 1,
  sequence,
  heartbeat: new Date().toISOString(),
  started: new Date().toISOString(),
  messages: sequence * 100,
  bytes: 0,
  of: 1000,
  shards: 0,
  ofShards: 4,
  failed: 0,
  ...more,
});

describe('following a job in the cloud', () => {
  describe('progress', () => {
    it('never goes backwards, in whatever order it is read', () => {
      const reading = fc.record({ attempt: fc.integer({ min: 1, max: 3 }), sequence: fc.nat(20) });
      holds(
        fc.property(fc.array(reading, { maxLength: 30 }), (readings) => {
          let seen = progress('queued', 0);
          for (const { attempt, sequence } of readings) {
            const next = advance(seen, progress('running', sequence, { attempt }));
            assert.ok(next.attempt >= seen.attempt && next.sequence >= seen.sequence);
            if (next !== seen) assert.ok(next.sequence > seen.sequence);
            seen = next;
          }
        }),
      );
    });

    it('of the attempt before says nothing of this one', () => {
      const seen = progress('queued', 0, { attempt: 2 });
      assert.equal(advance(seen, progress('partial', 7)), seen);
      assert.equal(advance(seen, progress('running', 8, { attempt: 2 })).sequence, 8);
    });

    it('without a heartbeat for five minutes is stalled, until it ends', () => {
      const heartbeat = '2025-01-01T12:00:00.000Z';
      const at = (status: Status, now: string): Status => shownAt(progress(status, 1, { heartbeat }), new Date(now)).status;
      assert.equal(at('running', '2025-01-01T12:05:00Z'), 'running');
      assert.equal(at('running', '2025-01-01T12:05:01Z'), 'stalled');
      assert.equal(at('queued', '2025-01-01T12:05:01Z'), 'stalled');
      assert.equal(at('succeeded', '2025-01-02T12:00:00Z'), 'succeeded');
    });

    it('is looked at every second at first, and at most every ten seconds later', () => {
      assert.equal(pauseOf(0, 0, 1), 1);
      assert.equal(pauseOf(0, 0, 0), 0.75);
      assert.equal(pauseOf(0, 100, 1), 2);
      assert.equal(pauseOf(0, 10_000, 1), 5);
      assert.equal(pauseOf(2, 0, 1), 2.25);
      assert.equal(pauseOf(50, 0, 1), 10);
    });
  });

  describe('by reading S3', () => {
    let home: Home;
    let aws: FakeAws;
    let connection: Connection;
    /** Each happens while the one who follows waits; they wait no longer than that. */
    let script: (() => void)[];
    let told: Progress[];

    beforeEach(async () => {
      home = new Home();
      home.config(USER);
      process.env['AWS_MAX_ATTEMPTS'] = '1';
      aws = new FakeAws();
      await aws.listen();
      connection = new Connection({ profile: 'user', endpoint: aws.endpoint });
      script = [];
      told = [];
    });
    afterEach(async () => {
      connection.close();
      await aws.close();
      home.restore();
    });

    const put = (name: string, value: unknown): void => aws.put(KEY + name, value);
    function follow(seen = progress('queued', 0)): CloudJob {
      const pause = async (_seconds: number, signal: AbortSignal): Promise<void> => {
        signal.throwIfAborted();
        const next = script.shift();
        if (!next) throw new Error('the script is at its end');
        next();
        signal.throwIfAborted();
      };
      const job = new FollowedJob({ store: new Store(connection, PLACE), job: JOB, seen, resumed: 0, pause });
      job.onProgress((one) => told.push(one));
      return job;
    }
    const statuses = (): string[] => told.map(({ status, sequence }) => `${status} ${sequence}`);

    it('tells each progress once, and ends with the manifest', async () => {
      put('progress.json', progress('queued', 1));
      script = [
        () => put('progress.json', progress('running', 2)),
        () => {},
        () => {
          put('attempts/1/outcome.json', { outcome: 'succeeded', missing: [], failed: [] });
          put('manifest.json', { digest: 'd' });
          put('progress.json', progress('succeeded', 3));
        },
      ];
      const job = follow();
      assert.equal(job.where, `s3://bucket/corpora/${JOB}/`);
      assert.deepEqual(await job.ended, { status: 'succeeded', manifest: { digest: 'd' }, already: false });
      assert.deepEqual(statuses(), ['queued 0', 'queued 1', 'running 2', 'succeeded 3']);
    });

    it('asks for what has changed only, and for no key that may not be there', async () => {
      put('progress.json', progress('running', 1));
      script = [
        () => {},
        () => {
          put('attempts/1/outcome.json', { outcome: 'cancelled', missing: [3], failed: [] });
          put('progress.json', progress('cancelled', 2));
        },
      ];
      await follow().ended;
      const conditions = aws.received.map(({ headers }) => headers['if-none-match'] !== undefined);
      assert.deepEqual(conditions, [false, true, true, false]);
      assert.deepEqual(aws.keys, [...Array<string>(3).fill(`${KEY}progress.json`), `${KEY}attempts/1/outcome.json`]);
    });

    it('ends with what is missing, the reason, and the last error of a shard', async () => {
      put('progress.json', progress('partial', 5, { attempt: 2 }));
      put('attempts/2/outcome.json', { outcome: 'partial', missing: [1, 3], failed: [3], reason: 'One shard was given up.' });
      put('attempts/2/failures/000003.json', { error: 'RangeError: boom' });
      assert.deepEqual(await follow().ended, { status: 'partial', missing: [1, 3], error: 'One shard was given up.\nRangeError: boom' });
    });

    it('ends all the same where that error cannot be read', async () => {
      put('progress.json', progress('failed', 5));
      put('attempts/1/outcome.json', { outcome: 'failed', missing: [0], failed: [0] });
      assert.deepEqual(await follow().ended, { status: 'failed', missing: [0], error: undefined });
    });

    it('says of a job that had ended that it was complete before', async () => {
      put('attempts/1/outcome.json', { outcome: 'succeeded', missing: [], failed: [] });
      put('manifest.json', {});
      const ending = await follow(progress('succeeded', 9)).ended;
      assert.deepEqual(ending, { status: 'succeeded', manifest: {}, already: true });
    });

    it('goes on while S3 cannot be reached, and tells of it once', async () => {
      put('progress.json', progress('running', 1));
      let failures = 0;
      aws.before = () => (failures++ < 3 ? s3Error(503, 'SlowDown', 'Please reduce your request rate.') : undefined);
      const finish = (): void => {
        put('attempts/1/outcome.json', { outcome: 'succeeded', missing: [], failed: [] });
        put('manifest.json', {});
        put('progress.json', progress('succeeded', 2));
      };
      script = [() => {}, () => {}, () => {}, finish];
      const job = follow();
      const troubles: string[] = [];
      job.onTrouble(({ code }) => troubles.push(code));
      assert.equal((await job.ended).status, 'succeeded');
      assert.deepEqual(troubles, ['THROTTLED']);
      assert.deepEqual(statuses(), ['queued 0', 'running 1', 'succeeded 2']);
    });

    it('is stalled by the clock of S3, and is not once it goes on', async () => {
      const heartbeat = new Date(Date.now() - 6 * 60_000).toISOString();
      put('progress.json', progress('running', 1, { heartbeat }));
      // This machine and S3 do not agree on the time.
      aws.before = ({ headers }) =>
        headers['if-none-match'] === undefined
          ? {
              headers: { date: new Date(Date.parse(heartbeat) + 1000).toUTCString(), etag: '"a"' },
              body: JSON.stringify(progress('running', 1, { heartbeat })),
            }
          : undefined;
      script = [
        () => (aws.before = () => ({ status: 304, headers: { date: new Date(Date.parse(heartbeat) + 400_000).toUTCString() } })),
        () => {
          aws.before = () => undefined;
          put('attempts/1/outcome.json', { outcome: 'cancelled', missing: [], failed: [] });
          put('progress.json', progress('cancelled', 2));
        },
      ];
      await follow().ended;
      assert.deepEqual(statuses(), ['queued 0', 'running 1', 'stalled 1', 'cancelled 2']);
    });

    it('stops when it is interrupted, and the job goes on', async () => {
      put('progress.json', progress('running', 4));
      const job = follow();
      script = [() => job.interrupt()];
      const ending = await job.ended;
      assert.equal(ending.status, 'interrupted');
      assert.equal(ending.status === 'interrupted' && ending.progress.sequence, 4);
      assert.deepEqual(new Set(aws.keys), new Set([`${KEY}progress.json`]));
    });

    it('takes up credentials that were renewed meanwhile', async () => {
      put('progress.json', progress('running', 1));
      aws.before = ({ accessKeyId }) =>
        accessKeyId === 'AKIAUSER' && aws.received.length > 1 ? s3Error(400, 'ExpiredToken', 'The provided token has expired.') : undefined;
      script = [
        () => {
          home.config(USER.replace('AKIAUSER', 'AKIAFRESH'));
          put('attempts/1/outcome.json', { outcome: 'cancelled', missing: [], failed: [] });
          put('progress.json', progress('cancelled', 2));
        },
      ];
      assert.equal((await follow().ended).status, 'cancelled');
    });

    it('ends with an error where they were not, and says how to go on', async () => {
      put('progress.json', progress('running', 1));
      script = [() => (aws.before = () => s3Error(400, 'ExpiredToken', 'The provided token has expired.'))];
      const error = await failureOf(follow().ended);
      assert.ok(error instanceof EngineError);
      assert.equal(error.code, 'CREDENTIALS');
      assert.match(
        error.message,
        new RegExp(`has expired.*\\nThe job goes on in the cloud\\. Follow it again: mailwright status ${JOB} --follow$`),
      );
    });

    describe('as the engine does', () => {
      let engine: AwsEngine;
      let calls: Record<string, unknown>[];
      const started = { job: JOB, attempt: 1, place: PLACE, plan: PLAN, cost: 0.01, expires: '2025-02-01T00:00:00Z', already: false };
      const state = (seen: Progress): object => ({
        job: JOB,
        place: PLACE,
        created: '',
        plan: PLAN,
        progress: seen,
        outcome: null,
        manifest: null,
      });

      beforeEach(() => {
        engine = new AwsEngine({ profile: 'user', endpoint: aws.endpoint });
        calls = [];
      });
      afterEach(() => engine.close());
      const answers = (results: Record<string, object>): void => {
        aws.coordinator = (call) => {
          calls.push(call);
          return { ok: true, result: results[call['call'] as string] };
        };
      };
      const ended = (attempt = 1): void => {
        put(`attempts/${attempt}/outcome.json`, { outcome: 'succeeded', missing: [], failed: [] });
        put('manifest.json', { digest: 'd' });
        put('progress.json', progress('succeeded', 9, { attempt }));
      };

      it('starts a job with the packs of the user, and follows it', async () => {
        answers({ start: started });
        ended();
        const spec = parseSpec({ messages: 1000 });
        const packRecords = [
          { pack: 'en', language: 'en', digest: 'a' },
          { pack: 'own', language: 'en', digest: 'b', source: { header: {}, desks: {} } },
        ];
        const job = await engine.start({ spec, packs: [], packRecords, job: JOB, where: '' });
        assert.deepEqual(calls, [
          {
            call: 'start',
            generator: '1',
            job: JOB,
            spec: JSON.parse(JSON.stringify(spec)) as object,
            packs: [{ header: {}, desks: {} }],
            content: contentDigest(spec, packRecords, '1'),
          },
        ]);
        assert.deepEqual(job.started, started);
        assert.deepEqual(await job.ended, { status: 'succeeded', manifest: { digest: 'd' }, already: false });
      });

      it('finds a job that was started before', async () => {
        answers({ start: { ...started, already: true }, status: state(progress('running', 4)) });
        ended();
        const job = await engine.start({ spec: parseSpec({}), packs: [], packRecords: [], job: JOB, where: '' });
        assert.equal(job.resumed, 400);
        assert.equal((await job.ended).status, 'succeeded');
      });

      it('retries with the attempt that comes next, and does not take the end of the one before for its own', async () => {
        answers({ status: state(progress('partial', 6, { attempt: 2 })), retry: { ...started, attempt: 3 } });
        put('progress.json', progress('partial', 6, { attempt: 2 }));
        const job = await engine.retry(JOB);
        assert.deepEqual(calls.at(-1), { call: 'retry', generator: '1', job: JOB, attempt: 3 });
        assert.equal(job.resumed, 600);
        const shown: string[] = [];
        job.onProgress(({ status, attempt }) => {
          shown.push(`${status} ${attempt}`);
          if (shown.length === 1) ended(3);
        });
        assert.equal((await job.ended).status, 'succeeded');
        assert.deepEqual(shown, ['queued 3', 'succeeded 3']);
      });

      it('deletes until it is done', async () => {
        const left = [1000, 1000, 500];
        aws.coordinator = () => ({ ok: true, result: { deleted: left.shift(), done: left.length === 0 } });
        const told: number[] = [];
        assert.equal(await engine.delete(JOB, (count) => told.push(count)), 2500);
        assert.deepEqual(told, [1000, 2000, 2500]);
      });

      it('lists and cancels as the coordinator does', async () => {
        answers({ list: { jobs: [], more: false }, cancel: { job: JOB, attempt: 2 } });
        assert.deepEqual(await engine.list({ limit: 5, before: JOB }), { jobs: [], more: false });
        assert.deepEqual(await engine.cancel(JOB), { job: JOB, attempt: 2 });
        assert.deepEqual(calls, [
          { call: 'list', limit: 5, before: JOB },
          { call: 'cancel', job: JOB },
        ]);
      });

      it('tries a call again that was throttled', async () => {
        delete process.env['AWS_MAX_ATTEMPTS'];
        answers({ list: { jobs: [], more: false } });
        let failures = 0;
        aws.before = () => (failures++ === 0 ? lambdaError(429, 'TooManyRequestsException', 'Rate Exceeded.') : undefined);
        assert.deepEqual(await engine.list(), { jobs: [], more: false });
      });
    });
  });
});
