import assert from 'node:assert/strict';
import { appendFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { unzipSync, zipSync } from 'fflate';
import { done, file, idOf, json, keyOf, receipt, receiptPath, run, scratch } from './support.ts';

interface Found {
  readonly missing: readonly string[];
  readonly changed: readonly string[];
  readonly extra: readonly string[];
}
const NOTHING: Found = { missing: [], changed: [], extra: [] };

describe('verify', () => {
  const path = scratch();
  let copies = 0;

  before(async () => {
    for (const layout of ['eml', 'zip', 'mbox']) await done(['generate', '-n', '520', '-l', layout, '-w', '1', '--out', path(layout)]);
  });

  /** A copy of a whole job, to be damaged. */
  function copy(layout: string): string {
    const job = path(`copy-${++copies}`);
    cpSync(path(layout), job, { recursive: true });
    return job;
  }

  /** Checks what verify names. */
  async function assertFound(job: string, found: Partial<Found>): Promise<void> {
    const expected = { ...NOTHING, ...found };
    const result = await run(['verify', job]);
    assert.equal(result.code, 1, result.stdout);
    const lines = (['missing', 'changed', 'extra'] as const).flatMap((kind) => expected[kind].map((name) => `${kind.padEnd(8)} ${name}`));
    assert.deepEqual(result.stdout.trimEnd().split('\n').slice(0, -1), lines);
    assert.match(
      result.stdout,
      new RegExp(
        `^Not whole: ${expected.missing.length} missing, ${expected.changed.length} changed, ${expected.extra.length} extra\\.`,
        'm',
      ),
    );
  }

  it('names a missing, a changed and an extra file', async () => {
    const job = copy('eml');
    rmSync(join(job, keyOf(job, 5)));
    const changed = join(job, keyOf(job, 300));
    writeFileSync(changed, readFileSync(changed, 'latin1').replace('Subject: ', 'Subject:  '), 'latin1');
    appendFileSync(join(job, keyOf(job, 519)), '\r\n');
    const extra = 'messages/zz/not-ours.eml';
    mkdirSync(dirname(join(job, extra)));
    file(join(job, extra), 'Subject: hello\r\n\r\n');
    await assertFound(job, { missing: [keyOf(job, 5)], changed: [keyOf(job, 300), keyOf(job, 519)], extra: [extra] });
  });

  it('names a message in the place of another, in JSON too', async () => {
    const job = copy('eml');
    cpSync(join(job, keyOf(job, 8)), join(job, keyOf(job, 7)));
    await assertFound(job, { changed: [keyOf(job, 7)] });
    const { code, stdout } = await run(['verify', job, '--json']);
    assert.equal(code, 1);
    const { missing, changed, extra } = JSON.parse(stdout) as Found;
    assert.deepEqual({ missing, changed, extra }, { ...NOTHING, changed: [keyOf(job, 7)] });
  });

  it('names changed, missing and extra members of a zip', async () => {
    const job = copy('zip');
    const archive = join(job, keyOf(job, 300));
    const member = (index: number): string => `${idOf(job, index)}.eml`;
    const { [member(301)]: _gone, ...members } = unzipSync(readFileSync(archive));
    members[member(300)] = Buffer.from(Buffer.from(members[member(300)]!).toString('latin1').replace('Date: ', 'Date:  '), 'latin1');
    members['note.txt'] = Buffer.from('hello');
    writeFileSync(archive, zipSync(members));
    const named = (name: string): string => `messages/000001.zip!${name}`;
    await assertFound(job, { missing: [named(member(301))], changed: [named(member(300))], extra: [named('note.txt')] });
  });

  it('names a zip that is cut short, one that is missing, and one too many', async () => {
    const job = copy('zip');
    const archive = (shard: number): string => join(job, 'messages', `00000${shard}.zip`);
    writeFileSync(archive(0), readFileSync(archive(0)).subarray(0, -1000));
    cpSync(archive(1), archive(3));
    rmSync(archive(1));
    await assertFound(job, { missing: ['messages/000001.zip'], changed: ['messages/000000.zip'], extra: ['messages/000003.zip'] });
  });

  it('names a changed member of an mbox', async () => {
    const job = copy('mbox');
    const box = join(job, 'messages', '000000.mbox');
    const subjects: string[] = [];
    writeFileSync(
      box,
      readFileSync(box, 'latin1').replace(/^Subject: .*$/gm, (line) => (subjects.push(line) === 4 ? `${line}!` : line)),
      'latin1',
    );
    // Which message that subject was of: the mbox is in order, but a message may quote or attach another's headers.
    const index = readFileSync(path('mbox', 'messages', '000000.mbox'), 'latin1')
      .split(/^From .*\n/m)
      .slice(1)
      .findIndex((text) => (text.match(/^Subject: .*$/gm) ?? []).some((line) => line === subjects[3]));
    await assertFound(job, { changed: [`messages/000000.mbox!${idOf(job, index)}.eml`] });
  });

  describe('names a receipt that', () => {
    const shard = 1;
    const key = 'shards/000001.json';

    it('is missing', async () => {
      const job = copy('zip');
      rmSync(receiptPath(job, shard));
      await assertFound(job, { missing: [key] });
    });

    it('is cut short', async () => {
      const job = copy('zip');
      file(receiptPath(job, shard), readFileSync(receiptPath(job, shard), 'utf8').slice(0, 100));
      await assertFound(job, { changed: [key] });
    });

    const flip = (digest: string): string => (digest.startsWith('0') ? '1' : '0') + digest.slice(1);
    for (const [what, damage] of Object.entries({
      'counts other messages': { messages: 255 },
      'counts other bytes': { bytes: 1 },
      'is of another job': { job: '01ARZ3NDEKTSV4RRFFQ69G5FAV' },
      'is of another shard': { shard: 0 },
      'has another digest': { digest: '0'.repeat(64) },
      'has no blocks': { blocks: [] },
      'holds something else': { blocks: 'none' },
    })) {
      it(what, async () => {
        const job = copy('zip');
        file(receiptPath(job, shard), { ...receipt(job, shard), ...damage });
        await assertFound(job, { changed: [key] });
      });
    }

    it('has a changed block', async () => {
      const job = copy('zip');
      const { blocks, ...rest } = receipt(job, shard);
      file(receiptPath(job, shard), { ...rest, blocks: blocks.map(flip) });
      await assertFound(job, { changed: [key] });
    });
  });

  it('names a manifest that is not of these messages', async () => {
    const job = copy('eml');
    const path = join(job, 'manifest.json');
    file(path, { ...json<object>(path), digest: 'f'.repeat(64) });
    await assertFound(job, { changed: ['manifest.json'] });
  });

  it('says of a job that is not complete how to go on', async () => {
    const job = copy('eml');
    rmSync(join(job, 'manifest.json'));
    const { code, stdout } = await run(['verify', job]);
    assert.equal(code, 1);
    assert.match(stdout, /^missing +manifest\.json$/m);
    assert.match(stdout, /The job is not complete: `mailwright generate --out` goes on with it\.$/m);
  });

  it('says of a folder without a job what to name instead', async () => {
    const { code, stderr } = await run(['verify', path('nowhere')]);
    assert.equal(code, 2);
    assert.match(stderr, /^mailwright: .*\/nowhere holds no job: there is no job\.json\. Name the folder of one job/);
  });
});
