import assert from 'node:assert/strict';
import { arm64Node, fetchedNode, hasNodePackages } from './nodes.ts';
import { assertWhole, digestIn, done, file, manifest, type RunOptions, scratch } from './support.ts';

/** Eleven blocks: two shards of at most ten, or eleven of one. */
const MESSAGES = 2600;

describe('the digest of a corpus', () => {
  const path = scratch();
  let expected = '';
  let jobs = 0;

  /** Makes the corpus once more, somehow else; answers with the job's folder. */
  async function same(args: readonly string[], options?: RunOptions): Promise<string> {
    const job = path(`job-${++jobs}`);
    const { stdout } = await done(['generate', ...args, '--out', job], options);
    assert.equal(digestIn(stdout), expected);
    return job;
  }
  const measured = (options: RunOptions): Promise<string> => same(['-n', String(MESSAGES), '-l', 'none'], options);

  before(async () => {
    const { stdout } = await done(['generate', '-n', String(MESSAGES), '--workers', '1', '--out', path('first')]);
    expected = digestIn(stdout);
    assert.equal(manifest(path('first')).shards, 11);
  });

  it('is that of what verify reads', () => assertWhole(path('first'), expected));

  it('is another for another seed, or one message more', async () => {
    for (const args of [
      ['-n', String(MESSAGES), '--seed', '2'],
      ['-n', String(MESSAGES + 1)],
    ]) {
      const { stdout } = await done(['generate', ...args, '-l', 'none', '--out', path(args.join('')), '-w', '1']);
      assert.notEqual(digestIn(stdout), expected);
    }
  });

  it('is the same with two workers', () => same(['-n', String(MESSAGES), '--workers', '2', '-l', 'none']));

  for (const [layout, shardBlocks, shards] of [
    ['zip', 1, 11],
    ['mbox', 10, 2],
  ] as const) {
    it(`is the same as ${layout}, in ${shards} shards`, async () => {
      const spec = file(path(`${layout}.json`), { messages: MESSAGES, delivery: { layout }, execution: { shardBlocks } });
      const job = await same([spec]);
      assert.deepEqual([manifest(job).shards, manifest(job).layout], [shards, layout]);
      await assertWhole(job, expected);
    });
  }

  for (const TZ of ['UTC', 'Asia/Tokyo'])
    it(`is the same in ${TZ}`, () => measured({ env: { TZ, LANG: 'ja_JP.UTF-8', LC_ALL: 'ja_JP.UTF-8' } }));

  for (const age of ['oldest', 'newest'] as const) {
    it(`is the same under the ${age} Node there is a package of`, async function () {
      if (!hasNodePackages) {
        console.log(`      no npm package holds a Node for ${process.platform}-${process.arch}`);
        this.skip();
      }
      this.timeout(300_000); // the first time it is fetched
      await measured({ node: [await fetchedNode(age)] });
    });
  }

  it('is the same on arm64', async function () {
    this.timeout(300_000);
    const node = await arm64Node();
    if (typeof node === 'string') {
      console.log(`      ${node}`);
      return this.skip();
    }
    // It is emulated, so a tenth as fast: fewer messages.
    const spec = file(path('arm64.json'), { messages: 300, delivery: { layout: 'none' } });
    const here = await done(['generate', spec, '--workers', '1', '--out', path('x64')]);
    const there = await done(['generate', spec, '--workers', '1', '--out', path('arm64')], { node });
    assert.equal(digestIn(there.stdout), digestIn(here.stdout));
  });
});
