import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { assertNoRemains, assertWhole, digestIn, done, file, progress, receiptPath, record, run, scratch, treeHash } from './support.ts';

describe('a folder', () => {
  const mounted: string[] = [];
  after(() => mounted.forEach((folder) => spawnSync('umount', [folder]))); // before the folders themselves go
  const path = scratch();

  /** A file system of its own, of so many bytes; false where only root may, or nobody. */
  function mount(folder: string, options: string): boolean {
    mkdirSync(folder, { recursive: true });
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]).status !== 0) return false;
    if (!mounted.includes(folder)) mounted.push(folder);
    return true;
  }

  describe('that holds another job', () => {
    const job = (): string => path('other');
    before(() => done(['generate', '-n', '300', '-l', 'zip', '-w', '1', '--out', job()]));

    for (const [what, args] of Object.entries({
      'another seed': ['-n', '300', '-l', 'zip', '--seed', '2'],
      'another size': ['-n', '301', '-l', 'zip'],
      'another layout': ['-n', '300', '-l', 'mbox'],
    })) {
      it(`is left alone: ${what}`, async () => {
        const before = treeHash(job());
        const { code, stderr, stdout } = await run(['generate', ...args, '--out', job()]);
        assert.equal(code, 2);
        assert.match(
          stderr,
          new RegExp(`^mailwright: .*/other holds another job \\(${record(job()).job}\\): .*Nothing was changed\\. Choose another --out`),
        );
        assert.equal(stdout, '');
        assert.equal(treeHash(job()), before);
      });
    }

    it('is taken for its own by the same spec, however it is to be carried out', async () => {
      const spec = file(path('same.json'), {
        messages: 300,
        seed: 1,
        delivery: { layout: 'zip' },
        execution: { workers: 2, shardBlocks: 7 },
      });
      assert.match((await done(['generate', spec, '--out', job()])).stdout, /complete already/);
    });
  });

  it('that holds something else is left alone', async () => {
    mkdirSync(path('full'));
    file(path('full', 'thesis.txt'), 'all of it');
    const before = treeHash(path('full'));
    const { code, stderr } = await run(['generate', '-n', '10', '--out', path('full')]);
    assert.equal(code, 2);
    assert.match(stderr, /^mailwright: .*\/full is not empty and holds no job \(there is thesis\.txt\)\. .*--out/);
    assert.equal(treeHash(path('full')), before);
  });

  for (const [what, folder] of Object.entries({ 'is a file': ['a-file'], 'is below a file': ['a-file', 'below'] })) {
    it(`that ${what} is refused`, async () => {
      file(path('a-file'), 'text');
      const { code, stderr } = await run(['generate', '-n', '10', '--out', path(...folder)]);
      assert.equal(code, 1);
      assert.match(stderr, /^mailwright: .*a-file.*: .*a file.*: name another folder \(E[A-Z]+\)\n$/);
      assert.doesNotMatch(stderr, / at /, 'no stack trace');
    });
  }

  it('on a read-only file system is refused', async function () {
    if (!mount(path('read-only'), 'ro')) this.skip(); // needs root, and a container that may mount
    const { code, stderr } = await run(['generate', '-n', '10', '--out', path('read-only', 'job')]);
    assert.equal(code, 1);
    assert.match(stderr, /^mailwright: .*\/read-only\/job: that file system is read-only: choose another folder with --out \(EROFS\)\n$/);
  });

  let roomy = '';
  before(async () => {
    roomy = digestIn((await done(['generate', '-n', '1200', '-l', 'none', '--out', path('roomy')])).stdout);
  });
  for (const layout of ['eml', 'zip']) {
    it(`on a disk that fills up keeps what is finished, and the same command goes on (${layout})`, async function () {
      const disk = path(`disk-${layout}`);
      if (!mount(disk, 'size=1m')) this.skip(); // needs root, and a container that may mount
      const args = ['-n', '1200', '-l', layout];
      const job = join(disk, 'job');
      const full = /^mailwright: .*\/job.*: the disk is full: make room \(ENOSPC\)$/m;

      const first = await run(['generate', ...args, '--workers', '1', '--out', job]);
      assert.equal(first.code, 1, first.stderr);
      assert.match(first.stderr, full);
      assert.match(first.stderr, /^mailwright: .* nothing finished is lost: the same command goes on from there\.$/m);
      assert.ok(!existsSync(join(job, 'manifest.json')));
      assert.ok(!existsSync(join(job, 'lock')));
      assert.equal(existsSync(receiptPath(job, 0)), layout === 'zip', 'a shard fits as zip');

      const second = await run(['generate', ...args, '--out', job]);
      assert.equal(second.code, 1);
      assert.match(second.stderr, full);

      assert.ok(mount(disk, 'remount,size=64m'));
      const { stdout } = await done(['generate', ...args, '--out', job]);
      assert.equal(digestIn(stdout), roomy);
      await assertWhole(job, digestIn(stdout));
      assert.equal(progress(job).status, 'succeeded');
      assertNoRemains(job);
    });
  }

  it('of jobs is listed, and one without says how to make one', async () => {
    const { stdout } = await done(['list', path('full')]);
    assert.match(stdout, /^No jobs in .*\. Make one: mailwright generate$/m);
    assert.deepEqual(readdirSync(path('full')), ['thesis.txt']);
  });
});
