import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { AwsEngine, CloudJob } from '../../src/engine/aws/client/engine.ts';
import { EngineError } from '../../src/engine/error.ts';
import { followCloud } from '../../src/extension/jobs/cloud-job.ts';
import { type Follows, Pauses } from '../../src/extension/jobs/follows.ts';
import { followLocal } from '../../src/extension/jobs/local-job.ts';
import type { News } from '../../src/extension/jobs/reducer.ts';
import { JOB, progress } from './extension-support.ts';

/** Follows without waiting: `each` is called with the number of every pause, and ends the following by answering false. */
function following(each: (pause: number) => boolean) {
  const told: News[] = [];
  const troubles: (string | undefined)[] = [];
  const waits: number[] = [];
  const stop = new AbortController();
  let clock = 0;
  const follows: Follows = {
    tell: (news) => told.push(news),
    trouble: (error) => {
      if (troubles.at(-1) !== error?.message) troubles.push(error?.message);
    },
    pause: async (milliseconds) => {
      waits.push(milliseconds);
      clock += milliseconds;
      if (each(waits.length)) return;
      stop.abort();
      stop.signal.throwIfAborted();
    },
    signal: stop.signal,
    now: () => clock,
  };
  return { follows, told, troubles, waits, stop };
}

const statuses = (told: readonly News[]): string[] =>
  told.map((news) =>
    news.about === 'progress' ? news.progress.status : news.about === 'ended' ? `ended ${news.ended.outcome}` : news.about,
  );

describe('following a job in a folder', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'mailwright-follow-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const put = (name: string, value: unknown): void => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), typeof value === 'string' ? value : JSON.stringify(value));
  };
  const now = (): string => new Date().toISOString();

  it('looks less and less often while nothing is new, and tells how it ended', async () => {
    put('job.json', {});
    put('progress.json', progress({ heartbeat: now() }));
    const { follows, told, waits } = following((pause) => {
      if (pause === 12) {
        put('attempts/1/outcome.json', { job: JOB, attempt: 1, outcome: 'partial', finished: now(), missing: [4, 7], failed: [7] });
        put('attempts/1/failures/000007.json', { shard: 7, attempt: 1, error: 'the disk is full', at: now() });
        put('progress.json', progress({ status: 'partial', sequence: 2, messages: 40, heartbeat: now() }));
      }
      return pause < 20;
    });
    await followLocal(folder, follows);
    assert.equal(statuses(told).at(-1), 'ended partial');
    const last = told.at(-1)!;
    assert.ok(last.about === 'ended');
    assert.deepEqual([last.ended.missing, last.ended.reason], [2, 'the disk is full']);
    assert.ok(waits.every((wait, i) => i < 2 || wait >= waits[i - 1]!) && waits.at(-1) === 5_000, String(waits));
  });

  it('takes a silent job for interrupted only when it stays so while it is watched', async () => {
    put('job.json', {});
    put('progress.json', progress({ heartbeat: '2020-01-01T00:00:00.000Z', sequence: 9 }));
    const slept = following((pause) => {
      if (pause === 3) put('progress.json', progress({ heartbeat: now(), sequence: 10 })); // the machine woke up, and so did the job
      return pause < 8;
    });
    await assert.rejects(followLocal(folder, slept.follows));
    assert.deepEqual([...new Set(statuses(slept.told))], ['running']);

    put('progress.json', progress({ heartbeat: '2020-01-01T00:00:00.000Z', sequence: 11 }));
    const dead = following((pause) => pause < 15);
    await assert.rejects(followLocal(folder, dead.follows));
    assert.deepEqual([...new Set(statuses(dead.told))], ['interrupted']);
  });

  it('takes a job for interrupted at once where its process has ended and still holds the folder', async () => {
    const { pid } = spawnSync(process.execPath, ['--version']);
    put('job.json', {});
    put('progress.json', progress({ heartbeat: now() }));
    const holder = { host: hostname(), since: now(), token: 'x' };
    put('lock', { ...holder, pid: process.pid });
    const { follows, told } = following((pause) => {
      if (pause === 2) put('lock', { ...holder, pid });
      return pause < 3;
    });
    await assert.rejects(followLocal(folder, follows));
    assert.deepEqual(statuses(told), ['running', 'running', 'interrupted']);
  });

  it('goes on through records that cannot be read, and folders that are away for a while', async () => {
    const { follows, told, troubles } = following((pause) => {
      if (pause === 1) put('progress.json', '{"job":');
      if (pause === 2) put('progress.json', progress({ heartbeat: now() }));
      return pause < 3;
    });
    await assert.rejects(followLocal(folder, follows));
    assert.match(troubles[0]!, /is gone/);
    assert.match(troubles[1]!, /not JSON/);
    assert.deepEqual([troubles.length, troubles[2], statuses(told)], [3, undefined, ['running']]);
  });
});

describe('following a job in the cloud', () => {
  const place = { bucket: 'b', prefix: `corpora/${JOB}/`, region: 'eu-central-1' };
  const job = (over: Partial<CloudJob>): CloudJob => ({
    job: JOB,
    where: 's3://b/',
    place,
    resumed: 0,
    onProgress: (listener) => listener(progress()),
    onTrouble: () => {},
    interrupt: () => {},
    ended: Promise.resolve({ status: 'cancelled', missing: [1], error: undefined }),
    ...over,
  });
  const engines = (follow: () => Promise<CloudJob>) => ({ engine: async () => ({ follow }) as unknown as AwsEngine });

  it('goes on after the login has expired, while it was read and before', async () => {
    const expired = new EngineError('CREDENTIALS', 'The login has expired.');
    let tries = 0;
    const { follows, told, troubles, waits } = following(() => true);
    await followCloud(
      JOB,
      { target: 'aws' },
      engines(async () => {
        tries++;
        if (tries === 1) return job({ ended: Promise.reject(expired) });
        if (tries < 4) throw expired;
        return job({});
      }),
      follows,
    );
    assert.deepEqual(statuses(told), ['place', 'running', 'place', 'running', 'ended cancelled']);
    assert.deepEqual(troubles, ['The login has expired.', undefined]);
    assert.deepEqual(waits, [5_000, 10_000, 20_000]);
  });

  it('tells once, in the words of what went wrong, of a bucket that cannot be read while the coordinator can be asked', async () => {
    const denied = new EngineError('DENIED', 'No permission.');
    const worded = new EngineError('DENIED', 'No permission.\nThe job goes on: mailwright status', { cause: denied });
    let tries = 0;
    const { follows, troubles, waits } = following(() => true);
    await followCloud(
      JOB,
      { target: 'aws' },
      engines(async () => (++tries < 4 ? job({ ended: Promise.reject(worded) }) : job({}))),
      follows,
    );
    assert.deepEqual(troubles, ['No permission.', undefined]);
    assert.deepEqual(waits, [5_000, 10_000, 20_000]);
  });

  it('stops when it is to stop, without a word of an end', async () => {
    const { follows, told, stop } = following(() => true);
    let interrupted = (): void => {};
    const running = job({
      interrupt: () => interrupted(),
      ended: new Promise((resolve) => (interrupted = () => resolve({ status: 'interrupted', progress: progress() }))),
    });
    const done = followCloud(
      JOB,
      { target: 'aws' },
      engines(async () => running),
      follows,
    );
    setTimeout(() => stop.abort(), 10);
    await done;
    assert.deepEqual(statuses(told), ['place', 'running']);
  });
});

describe('pauses', () => {
  it('end when they are woken, and reject when following is to end', async () => {
    const pauses = new Pauses();
    const stop = new AbortController();
    const woken = pauses.for(60_000, stop.signal);
    pauses.wake();
    await woken;
    const stopped = pauses.for(60_000, stop.signal);
    stop.abort();
    await assert.rejects(stopped, { name: 'AbortError' });
    await assert.rejects(pauses.for(1, stop.signal), { name: 'AbortError' });
  });
});
