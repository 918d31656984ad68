import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  assertNoRemains,
  assertWhole,
  digestIn,
  done,
  manifest,
  progress,
  receiptPath,
  record,
  run,
  scratch,
  treeHash,
  until,
} from './support.ts';

/** Whether a process still works on a job. (Its pid would tell less: a dead one may wait long for its parent, which is not us.) */
const isBusy = (job: string): boolean => existsSync(join(job, 'lock'));

describe('generate --detach', () => {
  const path = scratch();
  const started = new Map<string, number>();
  afterEach(() => {
    for (const [job, pid] of started) if (isBusy(job)) spawnSync('kill', ['-KILL', String(pid)]);
  });

  it('names job and process and returns; the job finishes by itself', async () => {
    // `done` waits for the starter's output to be closed, too: nothing of it is left to the process that goes on.
    const { stdout } = await done(['generate', '-n', '2000', '--detach'], { cwd: path() });
    const [, job, pid] = /^Job (\w{26}) goes on by itself as process (\d+)\.$/m.exec(stdout)!;
    const folder = path('corpora', job!);
    started.set(folder, Number(pid));
    assert.match(stdout, new RegExp(`^Folder +corpora/${job}$`, 'm'));
    assert.equal(record(folder).job, job);
    const listed = await done(['list'], { cwd: path() });
    assert.match(listed.stdout, new RegExp(`^${job} +(running|succeeded) +([\\d,]+ of )?2,000 `, 'm'));

    await until('the job is complete', () => existsSync(join(folder, 'manifest.json')) && progress(folder).status === 'succeeded');
    await until('the process has let go of it', () => !isBusy(folder));
    await until('it has said its last', () => readFileSync(join(folder, 'attempts', '1', 'engine.log'), 'utf8').includes('"ended"'));
    await assertWhole(folder, manifest(folder).digest);
    assert.match((await done(['list'], { cwd: path() })).stdout, new RegExp(`^${job} +succeeded +2,000 `, 'm'));
    const log = readFileSync(join(folder, 'attempts', '1', 'engine.log'), 'utf8')
      .trimEnd()
      .split('\n');
    const events = log.map((line) => (JSON.parse(line) as { event: string }).event);
    assert.deepEqual([events[0], events.at(-1)], ['started', 'ended']);
    assertNoRemains(folder);
  });

  it('keeps to the workers asked for, and takes up what was interrupted', async () => {
    const job = path('again');
    const first = JSON.parse((await done(['generate', '-n', '3000', '--workers', '1', '--detach', '--json', '--out', job])).stdout) as {
      event: string;
      job: string;
      where: string;
      pid: number;
    };
    started.set(job, first.pid);
    assert.deepEqual([first.event, first.job, first.where], ['detached', record(job).job, job]);
    await until('its first shard is done', () => existsSync(receiptPath(job, 0)));
    process.kill(first.pid, 'SIGINT');
    await until('it has let go', () => !isBusy(job));
    assert.equal(progress(job).status, 'interrupted');

    const second = JSON.parse((await done(['generate', '--detach', '--json', '--out', job])).stdout) as { job: string; pid: number };
    started.set(job, second.pid);
    assert.equal(second.job, first.job);
    await until('the job is complete', () => existsSync(join(job, 'manifest.json')) && !isBusy(job));
    assert.equal(progress(job).status, 'succeeded');
    await assertWhole(job, manifest(job).digest);
  });

  it('says of a complete corpus that it is complete, and starts nothing', async () => {
    const job = path('complete');
    const { stdout } = await done(['generate', '-n', '300', '-l', 'none', '--out', job]);
    const before = treeHash(job);
    const again = await done(['generate', '--detach', '--out', job]);
    assert.match(again.stdout, /^This corpus was complete already\.$/m);
    assert.equal(digestIn(again.stdout), digestIn(stdout));
    const events = (await done(['generate', '--detach', '--json', '--out', job])).stdout.trimEnd().split('\n');
    const { event, status, already } = JSON.parse(events.at(-1)!) as Record<string, unknown>;
    assert.deepEqual({ event, status, already }, { event: 'ended', status: 'succeeded', already: true });
    assert.equal(treeHash(job), before);
  });

  it('says at once what is wrong', async () => {
    const { code, stderr, stdout } = await run(['generate', '-n', '0', '--detach', '--out', path('bad')]);
    assert.equal(code, 2);
    assert.match(stderr, /^mailwright: messages: 0 /);
    assert.equal(stdout, '');
    assert.ok(!existsSync(path('bad')));
  });
});
