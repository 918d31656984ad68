import assert from 'node:assert/strict';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import type { ArcLine, TruthLine } from '../../src/corpus/truth/line.ts';
import { shardName } from '../../src/job/plan.ts';
import {
  assertNoRemains,
  assertWhole,
  digestIn,
  done,
  file,
  filesBelow,
  idOf,
  json,
  keyOf,
  manifest,
  progress,
  receipt,
  receiptPath,
  run,
  scratch,
  sha256,
  start,
  treeHash,
} from './support.ts';

/** Six blocks, one a shard. */
const MESSAGES = 1300;
const SPEC = { messages: MESSAGES, content: { languages: { en: 1 } }, scenarios: [{ scenario: 'all', arcs: 20, nearMisses: 1 }] };

const linesIn = <T>(path: string): T[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as T);

/** All lines of a job's truth, shard by shard. */
const truthOf = (job: string): TruthLine[] =>
  readdirSync(join(job, 'truth'))
    .filter((name) => /^\d{6}\.jsonl$/.test(name))
    .sort()
    .flatMap((name) => linesIn<TruthLine>(join(job, 'truth', name)));
const arcsOf = (job: string): ArcLine[] => linesIn(join(job, 'truth', 'arcs.jsonl'));
const withoutKey = (lines: readonly TruthLine[]): object[] => lines.map(({ key: _, ...rest }) => rest);

describe('the ground truth of a corpus', () => {
  const path = scratch();
  /** With one worker, as eml, with tables. */
  let first = '';
  let summary = '';
  let jobs = 0;

  const specOf = (more: object = {}): string => file(path(`spec-${++jobs}.json`), { ...SPEC, ...more });
  const TABLES = { truth: { formats: ['csv', 'parquet'] } };

  before(async () => {
    first = path('first');
    summary = (await done(['generate', specOf({ delivery: TABLES }), '-w', '1', '--out', first])).stdout;
  });

  it('is counted in the summary and the manifest, and the same by estimate', async () => {
    const lines = truthOf(first);
    const of = (label: string): number => lines.filter((line) => line.label === label).length;
    const { files: _, ...counts } = manifest(first).truth;
    assert.deepEqual(counts, { lines: lines.length, positives: of('positive'), nearMisses: of('near_miss'), arcs: arcsOf(first).length });
    assert.equal(counts.arcs, 40, 'twenty, and a near miss for each');
    assert.ok(counts.positives >= 20 && counts.nearMisses === counts.positives);
    const words = `${counts.positives} positive and ${counts.nearMisses} near-miss messages in ${counts.arcs} arcs`;
    assert.match(summary, new RegExp(`^Truth +${words}, truth/$`, 'm'));
    const { stdout } = await done(['estimate', specOf()]);
    assert.match(stdout, new RegExp(`^Truth +${words}$`, 'm'));
  });

  it('speaks of messages that are there, in the order of the corpus', () => {
    const lines = truthOf(first);
    const at = new Map(Array.from({ length: MESSAGES }, (_, index) => [keyOf(first, index), index]));
    let last = -1;
    for (const line of lines) {
      const index = at.get(line.key)!;
      assert.ok(index > last, line.key);
      last = index;
      const bytes = readFileSync(join(first, line.key));
      assert.equal(line.sha256, sha256(bytes));
      assert.ok(bytes.toString('latin1').includes(`${line.message_id}\r\n`), line.key);
    }
    const arcs = new Set(arcsOf(first).map((arc) => arc.arc_id));
    assert.deepEqual(new Set(lines.map((line) => line.arc_id)), arcs);
    assert.deepEqual(
      arcsOf(first)
        .flatMap((arc) => arc.messages)
        .sort(),
      lines.map((line) => line.message_id).sort(),
    );
  });

  it('has a digest that can be worked out from its files', () => {
    const blockOf = new Map(Array.from({ length: MESSAGES }, (_, index) => [keyOf(first, index), Math.floor(index / 256)]));
    const ids = new Map(Array.from({ length: MESSAGES }, (_, index) => [keyOf(first, index), idOf(first, index)]));
    const texts = Array.from({ length: 6 }, () => ({ lines: '', arcs: '' }));
    const blockOfArc = new Map<string, number>();
    for (const { key, ...rest } of truthOf(first)) {
      const block = blockOf.get(key)!;
      texts[block]!.lines += `${JSON.stringify({ id: ids.get(key), ...rest })}\n`;
      blockOfArc.set(rest.arc_id!, block);
    }
    for (const arc of arcsOf(first)) texts[blockOfArc.get(arc.arc_id)!]!.arcs += `${JSON.stringify(arc)}\n`;
    const blocks = texts.map(({ lines, arcs }) => Buffer.from(sha256(lines + arcs), 'hex'));
    assert.equal(manifest(first).truthDigest, sha256(Buffer.concat(blocks)));
  });

  it('has a digest that stays', async () => {
    const spec = {
      ...SPEC,
      messages: 600,
      seed: 'truth',
      scenarios: [{ scenario: 'deal-tip', arcs: 6, evasion: { explicit: 1, code: 1 } }],
    };
    await done(['generate', file(path('small.json'), { ...spec, delivery: { layout: 'none' } }), '-w', '1', '--out', path('small')]);
    assert.equal(manifest(path('small')).truthDigest, '43f156bdb0a8a519c3012a1719960f1d9c37b1c46d90d991b6ede5389553def3');
  });

  describe('is the same but for keys', () => {
    async function same(args: readonly string[], more: object = {}): Promise<string> {
      const job = path(`same-${++jobs}`);
      await done(['generate', specOf(more), ...args, '--out', job]);
      assert.equal(manifest(job).truthDigest, manifest(first).truthDigest);
      return job;
    }

    it('with two workers: every byte', async () => {
      const job = await same(['-w', '2'], { delivery: TABLES });
      assert.equal(treeHash(join(job, 'truth')), treeHash(join(first, 'truth')));
    });

    it('in larger shards: every line, and every byte of what is of the whole', async () => {
      const job = await same(['-w', '1'], { delivery: TABLES, execution: { shardBlocks: 4 } });
      assert.deepEqual(readdirSync(join(job, 'truth')).sort(), [
        '000000.arcs.jsonl',
        '000000.jsonl',
        '000001.arcs.jsonl',
        '000001.jsonl',
        'arcs.jsonl',
        'truth.csv',
        'truth.parquet',
      ]);
      assert.deepEqual(truthOf(job), truthOf(first));
      assert.deepEqual(manifest(job).truth, manifest(first).truth);
    });

    for (const layout of ['zip', 'mbox'])
      it(`as ${layout}, where a key names the archive and the message in it`, async () => {
        const job = await same(['-l', layout, '-w', '1'], { execution: { shardBlocks: 2 } });
        const lines = truthOf(job);
        assert.deepEqual(withoutKey(lines), withoutKey(truthOf(first)));
        assert.deepEqual(
          lines.map(({ key }) => key.slice(-16)),
          truthOf(first).map(({ key }) => key.slice(-16)),
        );
        const members = new Set(Array.from({ length: MESSAGES }, (_, index) => `${keyOf(job, index)}/${idOf(job, index)}.eml`));
        for (const { key } of lines) assert.ok(members.has(key), key);
        assert.equal(readFileSync(join(job, 'truth', 'arcs.jsonl'), 'utf8'), readFileSync(join(first, 'truth', 'arcs.jsonl'), 'utf8'));
        await assertWhole(job, manifest(first).digest);
      });

    it('where all messages have a line: those of arcs', async () => {
      const job = await same(['--truth', 'all', '-w', '1']);
      const lines = truthOf(job);
      assert.deepEqual(
        lines.map(({ key }) => key),
        Array.from({ length: MESSAGES }, (_, index) => keyOf(job, index)),
      );
      assert.deepEqual(
        lines.filter((line) => line.arc_id !== null),
        truthOf(first),
      );
      assert.equal(manifest(job).truth.lines, MESSAGES);
      assert.ok(lines.filter((line) => line.arc_id === null).every((line) => line.label === 'benign' && line.due === 'none'));
      await assertWhole(job, manifest(first).digest);
    });

    it('where nothing is kept: the digest and the counts', async () => {
      const job = await same(['-l', 'none', '-w', '1'], { delivery: TABLES });
      const { files, ...counts } = manifest(job).truth;
      assert.deepEqual([counts, files], [(({ files: _, ...rest }) => rest)(manifest(first).truth), {}]);
      assert.ok(!existsSync(join(job, 'truth')));
      assert.deepEqual(receipt(job, 0).truth, { ...receipt(first, 0).truth, files: {} });
      await assertWhole(job, manifest(first).digest);
    });
  });

  it('leaves files for a shard of which there is nothing to tell, and a corpus with nothing planted', async () => {
    const job = path('nothing');
    const { stdout } = await done(['generate', specOf({ messages: 300, scenarios: [] }), '--truth-format', 'csv,parquet', '--out', job]);
    assert.match(stdout, /^Truth +nothing planted$/m);
    for (const name of ['000000.jsonl', '000000.arcs.jsonl', '000001.jsonl', '000001.arcs.jsonl', 'arcs.jsonl'])
      assert.equal(readFileSync(join(job, 'truth', name), 'utf8'), '', name);
    assert.equal(parse(readFileSync(join(job, 'truth', 'truth.csv'))).length, 1);
    assert.deepEqual(await parquetReadObjects({ file: await asyncBufferFromFile(join(job, 'truth', 'truth.parquet')) }), []);
    await assertWhole(job, manifest(job).digest);
  });

  it('says the same as CSV and as Parquet', async () => {
    const lines = truthOf(first);
    const rows: Record<string, string>[] = parse(readFileSync(join(first, 'truth', 'truth.csv')), { columns: true });
    assert.deepEqual(
      rows,
      lines.map((line) =>
        Object.fromEntries(
          Object.entries({
            ...line,
            recipients: line.recipients.join(' '),
            context: line.context.join(' '),
            evidence: JSON.stringify(line.evidence),
          }).map(([field, value]) => [field, value ?? '']),
        ),
      ),
    );
    const table = await parquetReadObjects({ file: await asyncBufferFromFile(join(first, 'truth', 'truth.parquet')) });
    assert.deepEqual(table, lines);
  });

  it('is said to be under way while its tables are made, when all messages are there', async () => {
    const { stderr } = await done(['generate', specOf({ delivery: TABLES }), '--out', path('told')]);
    assert.match(stderr, /^100 % .*, closing$/m);
  });

  it('is what score reads', async () => {
    const required = truthOf(first).filter((line) => line.due === 'required');
    const alerts = file(path('alerts.csv'), `key\n${required.map((line) => line.key).join('\n')}\n`);
    const { stdout } = await done(['score', '--truth', first, '--alerts', alerts, '--json']);
    const report = JSON.parse(stdout) as { problems: { count: number }; alerts: Record<string, number> };
    assert.equal(report.problems.count, 0);
    assert.deepEqual([report.alerts['required'], report.alerts['unknown']], [required.length, 0]);
  });

  describe('of a job that was stopped', () => {
    const TRUTH = { delivery: { layout: 'zip', ...TABLES } };
    let undisturbed = '';
    let whole = '';

    before(async () => {
      undisturbed = path('undisturbed');
      whole = digestIn((await done(['generate', specOf(TRUTH), '-w', '1', '--out', undisturbed])).stdout);
    });

    async function assertSame(job: string): Promise<void> {
      assert.equal(treeHash(join(job, 'truth')), treeHash(join(undisturbed, 'truth')));
      assert.equal(manifest(job).truthDigest, manifest(undisturbed).truthDigest);
      assert.deepEqual(manifest(job).truth, manifest(undisturbed).truth);
      await assertWhole(job, whole);
      assertNoRemains(job);
    }

    for (const [signal, shards] of [
      ['SIGKILL', [0, 2]],
      ['SIGINT', [1]],
    ] as const)
      it(`by ${signal} is that of an undisturbed one`, async () => {
        const job = path(signal);
        const args = ['generate', specOf(TRUTH), '-w', '1', '--out', job];
        for (const shard of shards) {
          const running = start(args);
          await running.until(`shard ${shard} is done`, () => existsSync(receiptPath(job, shard)));
          running.kill(signal);
          await running.ended;
          assert.ok(!existsSync(join(job, 'manifest.json')));
          for (let s = 0; existsSync(receiptPath(job, s)); s++)
            for (const [key, digest] of Object.entries(receipt(job, s).truth.files))
              assert.equal(sha256(readFileSync(join(job, key))), digest);
        }
        await done(args);
        await assertSame(job);
      });

    it('while its last files were made is that of an undisturbed one', async () => {
      const job = path('last-files');
      cpSync(undisturbed, job, { recursive: true });
      rmSync(join(job, 'manifest.json'));
      rmSync(join(job, 'attempts'), { recursive: true });
      rmSync(join(job, 'truth', 'truth.parquet'));
      file(join(job, 'truth', 'truth.parquet.tmp'), 'PAR1 and then nothing');
      file(join(job, 'truth', 'truth.csv'), 'key');
      await done(['generate', '--out', job]);
      await assertSame(job);
    });

    it('is not made from what its receipts do not say', async () => {
      const job = path('meddled');
      cpSync(undisturbed, job, { recursive: true });
      rmSync(join(job, 'manifest.json'));
      rmSync(join(job, 'attempts'), { recursive: true });
      file(join(job, 'truth', '000002.arcs.jsonl'), '');
      rmSync(join(job, 'truth', '000004.jsonl'));
      for (const [shard, says] of [
        [2, '000002.arcs.jsonl is not what its receipt says'],
        [4, '000004.jsonl is missing'],
      ] as const) {
        const { code, stderr } = await run(['generate', '--out', job]);
        assert.equal(code, 1);
        assert.ok(stderr.includes(`${says}. Delete ${receiptPath(job, shard)} and start again: the shard is made anew.`), stderr);
        assert.ok(!existsSync(join(job, 'manifest.json')));
        rmSync(receiptPath(job, shard));
      }
      await done(['generate', '--out', job]);
      await assertSame(job);
      assert.equal(progress(job).status, 'succeeded');
    });
  });

  describe('is verified', () => {
    let damaged = '';
    beforeEach(() => {
      damaged = path(`damaged-${++jobs}`);
      cpSync(first, damaged, { recursive: true });
    });

    /** Checks what verify names. */
    async function assertFound(...names: string[]): Promise<void> {
      const { code, stdout } = await run(['verify', damaged]);
      assert.equal(code, 1, stdout);
      assert.deepEqual(stdout.trimEnd().split('\n').slice(0, -1), names);
    }

    /** The first shard that has a line, and how its files are changed. */
    const shard = (): number => Array.from({ length: 6 }, (_, s) => s).find((s) => receipt(first, s).truth.lines > 2)!;
    const keyIn = (end: string): string => `truth/${shardName(shard())}${end}`;
    function change(key: string, by: (lines: string[]) => string[]): void {
      const lines = readFileSync(join(damaged, key), 'utf8').split('\n').slice(0, -1);
      writeFileSync(
        join(damaged, key),
        by(lines)
          .map((line) => `${line}\n`)
          .join(''),
      );
    }

    it('line by line: a changed, a missing and an extra one are named', async () => {
      const key = keyIn('.jsonl');
      const [one, two] = linesIn<TruthLine>(join(first, key)) as [TruthLine, TruthLine];
      change(key, ([a, _b, ...rest]) => [a!.replace(/"label":"\w+"/, '"label":"changed"'), ...rest, '{"key":"elsewhere"}']);
      const count = receipt(first, shard()).truth.lines;
      await assertFound(`missing  ${key}: ${two.key}`, `changed  ${key}: ${one.key}`, `extra    ${key}: line ${count}`);
    });

    it('arc by arc', async () => {
      const key = keyIn('.arcs.jsonl');
      const [arc] = linesIn<ArcLine>(join(first, key)) as [ArcLine];
      change(key, ([a, ...rest]) => [a!.replace('"people":[', '"people": ['), ...rest]);
      await assertFound(`changed  ${key}: ${arc.arc_id}`);
    });

    it('in its order', async () => {
      const key = keyIn('.jsonl');
      change(key, (lines) => lines.reverse());
      await assertFound(`changed  ${key}`);
    });

    it('file by file: missing, changed and extra ones', async () => {
      rmSync(join(damaged, 'truth', '000001.jsonl'));
      rmSync(join(damaged, 'truth', 'arcs.jsonl'));
      change('truth/truth.csv', ([head, ...rows]) => [head!, ...rows.slice(1)]);
      file(join(damaged, 'truth', 'notes.txt'), '');
      await assertFound('missing  truth/000001.jsonl', 'missing  truth/arcs.jsonl', 'changed  truth/truth.csv', 'extra    truth/notes.txt');
    });

    for (const [what, damage] of Object.entries({
      'counts other lines': { lines: 9999 },
      'counts other positives': { positives: 9999 },
      'has another digest of it': { digest: '0'.repeat(64) },
      'has no blocks of it': { blocks: [] },
      'names no files of it': { files: {} },
      'says nothing of it': undefined,
    }))
      it(`against a receipt that ${what}`, async () => {
        const { truth, ...rest } = receipt(damaged, 1);
        file(receiptPath(damaged, 1), { ...rest, ...(damage && { truth: { ...truth, ...damage } }) });
        await assertFound('changed  shards/000001.json');
      });

    for (const damage of [{ truthDigest: 'f'.repeat(64) }, { truth: { lines: 1 } }])
      it(`against a manifest with another ${Object.keys(damage)[0]}`, async () => {
        const manifestPath = join(damaged, 'manifest.json');
        const whole = json<Record<string, object>>(manifestPath);
        file(manifestPath, { ...whole, ...damage, ...('truth' in damage && { truth: { ...whole['truth'], ...damage.truth } }) });
        await assertFound('changed  manifest.json');
      });
  });

  it('of another kind than the job was begun with is refused, and nothing is changed', async () => {
    const before = treeHash(first);
    for (const [args, says] of [
      [['--truth', 'all', '--truth-format', 'csv,parquet'], 'its truth has lines for arcs'],
      [['--truth-format', 'csv'], 'its truth is in jsonl, csv, parquet'],
    ] as const) {
      const { code, stderr } = await run(['generate', specOf(), ...args, '--out', first]);
      assert.equal(code, 2);
      assert.ok(stderr.includes(`: ${says}. Nothing was changed.`), stderr);
    }
    assert.equal(treeHash(first), before);
    assert.match((await done(['generate', specOf(), '--truth-format', 'parquet, csv', '--out', first])).stdout, /complete already/);
    assert.equal(filesBelow(join(first, 'truth')).length, 15);
  });
});
