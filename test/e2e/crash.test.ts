import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { assertNoRemains, assertWhole, digestIn, done, manifest, progress, record, scratch, start } from './support.ts';

/** Twelve shards. */
const MESSAGES = 3000;

const receipts = (job: string): number =>
  existsSync(join(job, 'shards')) ? readdirSync(join(job, 'shards')).filter((name) => name.endsWith('.json')).length : 0;

/** The process that the lock names; a lock that is just being written names none. */
function lockHolder(job: string): number | undefined {
  try {
    return (JSON.parse(readFileSync(join(job, 'lock'), 'utf8')) as { pid: number }).pid;
  } catch {
    return undefined;
  }
}

describe('a job that is killed', () => {
  const path = scratch();
  let undisturbed = '';

  before(async () => {
    const { stdout } = await done(['generate', '-n', String(MESSAGES), '-l', 'none', '--out', path('undisturbed')]);
    undisturbed = digestIn(stdout);
  });

  /** Moments to kill at, in terms of what is on disk: from the first sign of life to the middle of a shard. */
  const MOMENTS: Readonly<Record<string, Readonly<Record<string, (job: string) => boolean>>>> = {
    eml: {
      'it holds the lock': () => true,
      'it has reported progress': (job) => existsSync(join(job, 'progress.json')),
      'it has written into many folders': (job) => existsSync(join(job, 'messages')) && readdirSync(join(job, 'messages')).length > 40,
      'a shard is done': (job) => receipts(job) >= 1,
      'four shards are done': (job) => receipts(job) >= 4,
      'eight shards are done': (job) => receipts(job) >= 8,
    },
    zip: {
      'its first archive is begun': (job) =>
        existsSync(join(job, 'messages', '000000.zip.tmp')) || existsSync(join(job, 'messages', '000000.zip')),
      'an archive is being written, after two': (job) => existsSync(join(job, 'messages', '000002.zip.tmp')),
      'seven shards are done': (job) => receipts(job) >= 7,
    },
  };

  for (const [layout, moments] of Object.entries(MOMENTS)) {
    it(`again and again is finished by the same command (${layout})`, async () => {
      const job = path(layout);
      const args = ['generate', '-n', String(MESSAGES), '-l', layout, '--workers', '1', '--out', job];
      let kept = 0;
      for (const [moment, reached] of Object.entries(moments)) {
        const running = start([...args, '--json']);
        await running.until(moment, () => lockHolder(job) === running.pid && reached(job));
        running.kill('SIGKILL');
        const { signal, stdout } = await running.ended;
        assert.equal(signal, 'SIGKILL', `it was over before ${moment}`);
        assert.ok(!existsSync(join(job, 'manifest.json')));
        assert.equal(lockHolder(job), running.pid, 'the dead leave their lock');
        const begun = stdout === '' ? undefined : (JSON.parse(stdout.split('\n')[0]!) as { resumed: number });
        if (begun) assert.equal(begun.resumed, kept, 'it went on from what was finished');
        kept = receipts(job) * 256;
      }
      assert.ok(kept >= 7 * 256);

      const { stdout, stderr } = await done(args);
      assert.match(stderr, new RegExp(`, ${kept.toLocaleString('en')} of them there already$`, 'm'));
      assert.equal(digestIn(stdout), undisturbed);
      await assertWhole(job, undisturbed);
      assert.deepEqual([manifest(job).attempt, manifest(job).job, progress(job).status], [1, record(job).job, 'succeeded']);
      assertNoRemains(job);
    });
  }
});
