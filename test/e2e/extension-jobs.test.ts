import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { TrackedJob } from '../../src/extension/jobs/job.ts';
import { Jobs, type Notice } from '../../src/extension/jobs/jobs.ts';
import { statusOf } from '../../src/extension/jobs/reducer.ts';
import { parseSpec } from '../../src/job/spec.ts';
import { until } from './support.ts';

/** The tracker of the extension with the command as it is installed, in windows that come and go. */
describe('jobs as the extension tracks them', function () {
  this.timeout(120_000);
  let folder: string;
  const windows: Jobs[] = [];

  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'mailwright-jobs-'))));
  afterEach(() => {
    for (const window of windows.splice(0)) window.dispose();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  function open(): { readonly jobs: Jobs; readonly notices: Notice[] } {
    const jobs = new Jobs({
      folder: join(folder, 'jobs'),
      installation: { command: resolve('dist/mailwright.mjs'), packs: resolve('dist/packs') },
      engines: { engine: () => Promise.reject(new Error('no cloud here')) },
      stack: () => ({ target: 'aws' }),
      corpora: () => join(folder, 'corpora'),
      log: { info: () => {}, warn: () => {} },
    });
    windows.push(jobs);
    const notices: Notice[] = [];
    jobs.onNotice((notice) => notices.push(notice));
    return { jobs, notices };
  }

  const start = (jobs: Jobs, messages: number, more: object = {}): Promise<TrackedJob> =>
    jobs.start({ spec: parseSpec({ messages, execution: { workers: 1 }, ...more }), target: 'local', base: folder });

  const jobOnce = (jobs: Jobs, id: string, is: (job: TrackedJob) => boolean): Promise<TrackedJob> =>
    until('the job is so', () => {
      const job = jobs.get(id);
      return job && is(job) ? job : undefined;
    });
  const hasEnded = (job: TrackedJob): boolean => job.ended !== undefined;
  const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 300));

  it('are started, followed to the end, and told of once, whatever the number of windows', async () => {
    const [one, other] = [open(), open()];
    await other.jobs.ready;
    const { job: id } = await start(one.jobs, 2_000);
    const [a, b] = await Promise.all([jobOnce(one.jobs, id, hasEnded), jobOnce(other.jobs, id, hasEnded)]);
    await settled();
    assert.deepEqual(a.ended, b.ended);
    assert.equal(a.ended!.outcome, 'succeeded');
    assert.equal(a.ended!.messages, 2_000);
    assert.equal(one.notices.length + other.notices.length, 1);
    const [sample] = await other.jobs.samples(id, [1_999]);
    assert.match(Buffer.from(await other.jobs.read(id, sample!.key)).toString('latin1'), /^Message-ID: /m);

    const next = open();
    await next.jobs.ready;
    await settled();
    assert.deepEqual(next.jobs.get(id), a, 'after a reload it is as it was');
    assert.deepEqual(next.notices, []);
  });

  it('go on while no window is open, and are told of by the one that opens next', async () => {
    const before = open();
    const { job: id, where } = await start(before.jobs, 3_000);
    before.jobs.dispose();
    assert.ok(where.target === 'local');
    await until('the corpus is whole', () => existsSync(join(where.folder, 'manifest.json')));
    await settled();
    assert.deepEqual(before.notices, []);

    const { jobs, notices } = open();
    await jobOnce(jobs, id, hasEnded);
    await settled();
    assert.deepEqual(
      notices.map(({ about, job }) => [about, statusOf(job)]),
      [['ended', 'succeeded']],
    );
  });

  it('are cancelled, told of, and made whole by a retry that every window sees', async () => {
    const [one, other] = [open(), open()];
    const { job: id } = await start(one.jobs, 20_000);
    await jobOnce(other.jobs, id, ({ progress }) => (progress?.messages ?? 0) > 0);
    await other.jobs.cancel(id);
    assert.ok(other.jobs.isCancelling(id));
    const cancelled = await jobOnce(one.jobs, id, hasEnded);
    assert.equal(cancelled.ended!.outcome, 'cancelled');
    assert.ok(cancelled.ended!.missing > 0);
    await jobOnce(other.jobs, id, hasEnded);

    await one.jobs.retry(id);
    const whole = (job: TrackedJob): boolean => statusOf(job) === 'succeeded';
    await Promise.all([jobOnce(one.jobs, id, whole), jobOnce(other.jobs, id, whole)]);
    await settled();
    const told = [...one.notices, ...other.notices].map(({ about, job }) => `${about} ${job.ended!.attempt} ${job.ended!.outcome}`).sort();
    assert.deepEqual(told, ['ended 1 cancelled', 'ended 2 succeeded']);
  });

  it('are found interrupted where their process was killed, and taken up again', async () => {
    const { jobs, notices } = open();
    const { job: id, where } = await start(jobs, 20_000);
    assert.ok(where.target === 'local');
    await jobOnce(jobs, id, ({ progress }) => (progress?.shards ?? 0) > 0);
    const { pid } = JSON.parse(readFileSync(join(where.folder, 'lock'), 'utf8')) as { readonly pid: number };
    process.kill(pid, 'SIGINT');
    await jobOnce(jobs, id, (job) => statusOf(job) === 'interrupted');
    await settled();
    assert.deepEqual(
      notices.map(({ about }) => about),
      ['interrupted'],
    );
    await jobs.retry(id);
    assert.equal((await jobOnce(jobs, id, hasEnded)).ended!.messages, 20_000);
  });

  it('run again with the same spec, and leave the list with or without their corpus', async () => {
    const [one, other] = [open(), open()];
    const { job: id, where } = await start(one.jobs, 500, { seed: 'again' });
    await jobOnce(one.jobs, id, hasEnded);
    const again = await one.jobs.rerun(id);
    await jobOnce(one.jobs, again.job, hasEnded);
    const digestOf = async (job: string): Promise<unknown> =>
      (JSON.parse(Buffer.from(await one.jobs.read(job, 'manifest.json')).toString('utf8')) as { readonly digest: string }).digest;
    assert.equal(await digestOf(again.job), await digestOf(id));

    await jobOnce(other.jobs, again.job, hasEnded);
    await one.jobs.remove(again.job);
    await one.jobs.remove(id, { corpus: true });
    assert.ok(where.target === 'local' && again.where.target === 'local');
    assert.ok(!existsSync(where.folder) && existsSync(join(again.where.folder, 'manifest.json')));
    await settled();
    assert.deepEqual([one.jobs.list(), other.jobs.list()], [[], []]);
  });

  it('leave nothing behind where they could not be started', async () => {
    const { jobs } = open();
    await assert.rejects(start(jobs, 100, { content: { packs: ['nowhere'] } }), /nowhere/);
    await assert.rejects(jobs.start({ spec: parseSpec({ messages: 100 }), target: 'aws', base: folder }), /no cloud here/);
    assert.deepEqual(jobs.list(), []);
  });
});
