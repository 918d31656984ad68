import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Progress } from '../../src/job/records.ts';
import {
  assertNoRemains,
  assertWhole,
  digestIn,
  done,
  file,
  filesBelow,
  keyOf,
  manifest,
  outcome,
  progress,
  receipt,
  record,
  scratch,
  sha256,
} from './support.ts';

interface Event extends Partial<Progress> {
  readonly event: string;
}

describe('generate', () => {
  const path = scratch();

  it('makes a corpus of 600 messages: files, records, summary', async () => {
    const job = path('six');
    const { stdout } = await done(['generate', '--messages', '600', '--out', 'six'], { cwd: path() });

    const { plan, ...made } = record(job);
    assert.deepEqual(plan, { messages: 600, blocks: 3, shardBlocks: 1, shards: 3, layout: 'eml', keys: 'messages/<hh>/<id>.eml' });
    assert.match(made.job, /^[0-9A-HJKMNP-TV-Z]{26}$/);
    assert.equal(made.spec.messages, 600);
    assert.deepEqual(
      made.packs.map((pack) => pack.pack),
      ['de', 'en'],
    );

    const indices = Array.from({ length: 600 }, (_, i) => i);
    const keys = indices.map((index) => keyOf(job, index));
    const others = [
      'attempts/1/outcome.json',
      'job.json',
      'manifest.json',
      'progress.json',
      'shards/000000.json',
      'shards/000001.json',
      'shards/000002.json',
      ...[0, 1, 2].flatMap((shard) => [`truth/00000${shard}.jsonl`, `truth/00000${shard}.arcs.jsonl`]),
      'truth/arcs.jsonl',
    ];
    assert.deepEqual(filesBelow(job), [...keys, ...others].sort());
    const bytes = keys.reduce((sum, key) => sum + statSync(join(job, key)).size, 0);

    const whole = manifest(job);
    assert.deepEqual(
      [whole.job, whole.attempt, whole.messages, whole.objects, whole.bytes, whole.shards, whole.layout],
      [made.job, 1, 600, 600, bytes, 3, 'eml'],
    );
    const receipts = [0, 1, 2].map((shard) => receipt(job, shard));
    assert.deepEqual(
      receipts.map((r) => [r.job, r.shard, r.attempt, r.messages, r.objects, r.blocks.length]),
      [
        [made.job, 0, 1, 256, 256, 1],
        [made.job, 1, 1, 256, 256, 1],
        [made.job, 2, 1, 88, 88, 1],
      ],
    );
    assert.equal(
      receipts.reduce((sum, r) => sum + r.bytes, 0),
      bytes,
    );
    const last = progress(job);
    assert.deepEqual([last.status, last.messages, last.of, last.bytes, last.shards, last.ofShards], ['succeeded', 600, 600, bytes, 3, 3]);
    assert.deepEqual([outcome(job, 1).outcome, outcome(job, 1).missing], ['succeeded', []]);

    // The digest, by its definition: of each message, of each block over its (id, SHA-256), of the corpus over its blocks.
    const entry = (key: string): string => `${key.slice(-16, -4)}${sha256(readFileSync(join(job, key)))}`;
    const blocks = [0, 256, 512].map((first) =>
      sha256(
        Buffer.from(
          keys
            .slice(first, first + 256)
            .map(entry)
            .join(''),
          'hex',
        ),
      ),
    );
    assert.equal(whole.digest, sha256(Buffer.from(blocks.join(''), 'hex')));
    await assertWhole(job, whole.digest);

    assert.match(stdout, /^Messages +600$/m);
    assert.match(stdout, /^Bytes +[\d.]+ MB \([\d,]+ a message\)$/m);
    assert.match(stdout, /^Rate +[\d,]+ messages\/s, /m);
    assert.match(stdout, /^Folder +six$/m);
    assert.equal(digestIn(stdout), whole.digest);
    const samples = stdout.match(/^ {2}six\/messages\/.+$/gm)!.map((line) => line.trim());
    assert.equal(new Set(samples).size, 3);
    for (const sample of samples) assert.match(readFileSync(resolve(path(), sample), 'latin1'), /^Message-ID: <.+>\r$/m);
  });

  for (const messages of [1, 257]) {
    it(`makes a corpus of ${messages}`, async () => {
      const job = path(`of-${messages}`);
      const { stdout } = await done(['generate', '-n', String(messages), '--out', job]);
      assert.equal(filesBelow(join(job, 'messages')).length, messages);
      assert.equal(manifest(job).messages, messages);
      await assertWhole(job, digestIn(stdout));
    });
  }

  it('goes to corpora/<job id> where nobody says otherwise, and list finds it there', async () => {
    const { stdout } = await done(['generate', file(path('spec.json'), { messages: 5, seed: 'a word' })], { cwd: path() });
    const folder = /^Folder +(corpora\/\w+)$/m.exec(stdout)![1]!;
    const job = record(path(folder)).job;
    assert.equal(folder, `corpora/${job}`);
    const listed = await done(['list'], { cwd: path() });
    assert.match(listed.stdout, new RegExp(`^${job} +succeeded +5 +.* ${folder}$`, 'm'));
  });

  it('reads a job spec from standard input, as YAML', async () => {
    await done(['generate', '-', '--out', path('piped'), '--layout', 'none'], { input: 'messages: 7\nseed: 9\n' });
    assert.deepEqual([record(path('piped')).spec.messages, record(path('piped')).spec.seed], [7, 9]);
  });

  it('reports as JSON lines, the last of which says how it ended', async () => {
    const job = path('events');
    const { stdout } = await done(['generate', '-n', '600', '--json', '--out', job]);
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Event);
    assert.deepEqual(events[0], { event: 'started', job: record(job).job, where: job, resumed: 0 });
    const reports = events.slice(1, -1);
    assert.ok(reports.length > 0 && reports.every((event) => event.event === 'progress' && event.of === 600));
    const counts = reports.map((event) => event.messages!);
    assert.deepEqual(
      counts,
      counts.toSorted((a, b) => a - b),
    );
    const { event, status, manifest: told } = events.at(-1) as Event & { manifest: unknown };
    assert.deepEqual({ event, status, told }, { event: 'ended', status: 'succeeded', told: manifest(job) });
  });

  it('says of a complete corpus that it is complete, and changes nothing', async () => {
    const job = path('twice');
    const first = await done(['generate', '-n', '300', '--workers', '1', '--out', job]);
    const look = (): (readonly [string, number, string])[] =>
      filesBelow(job).map((name) => [name, statSync(join(job, name)).mtimeMs, sha256(readFileSync(join(job, name)))]);
    const before = look();
    for (const args of [['-n', '300'], []]) {
      const again = await done(['generate', ...args, '--out', job]);
      assert.match(again.stdout, /complete already/);
      assert.equal(digestIn(again.stdout), digestIn(first.stdout));
      assert.deepEqual(look(), before);
    }
    assertNoRemains(job);
  });
});
