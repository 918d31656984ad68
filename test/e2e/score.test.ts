import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ScoreReport } from '../../src/engine/score/report.ts';
import type { TruthLine } from '../../src/corpus/truth/line.ts';
import type { JobRecord } from '../../src/job/records.ts';
import { done, file, idOf, keyOf, record, run, scratch } from './support.ts';

const MESSAGES = 600;
const SPEC = {
  messages: MESSAGES,
  seed: 4,
  content: { languages: { en: 70, de: 30 } },
  scenarios: [{ scenario: 'all', rate: 4, nearMisses: 1 }],
};

describe('score', () => {
  const path = scratch();
  const LAYOUTS = ['eml', 'zip', 'mbox'] as const;
  /** As eml, with tables of its truth beside the lines. */
  let corpus = '';
  /** Its lines; and, by index, those of the same corpus that tells of every message. */
  let lines: readonly TruthLine[] = [];
  let all: readonly TruthLine[] = [];

  const linesOf = (job: string): TruthLine[] =>
    readdirSync(join(job, 'truth'))
      .filter((name) => /^\d{6}\.jsonl$/.test(name))
      .sort()
      .flatMap((name) =>
        readFileSync(join(job, 'truth', name), 'utf8')
          .split('\n')
          .slice(0, -1),
      )
      .map((line) => JSON.parse(line) as TruthLine);

  before(async () => {
    for (const layout of LAYOUTS) {
      const truth = { formats: layout === 'eml' ? ['csv', 'parquet'] : [], lines: layout === 'mbox' ? 'all' : 'arcs' };
      await done(['generate', file(path(`${layout}.json`), { ...SPEC, delivery: { layout, truth } }), '--out', path(layout)]);
    }
    corpus = path('eml');
    lines = linesOf(corpus);
    all = linesOf(path('mbox'));
    assert.equal(all.length, MESSAGES);
  });

  const alertsOn = (column: 'message_id' | 'key', names: readonly string[]): string =>
    file(path('alerts.csv'), `${column}\n${names.join('\n')}\n`);
  async function scored(...args: readonly string[]): Promise<ScoreReport> {
    const { stdout } = await done(['score', ...args, '--json']);
    return JSON.parse(stdout) as ScoreReport;
  }

  /** The indices of messages that have no line of truth. */
  const plain = (): number[] => {
    const told = new Set(lines.map((line) => line.message_id));
    return all.flatMap((line, index) => (told.has(line.message_id) ? [] : [index]));
  };
  const counted = (values: readonly string[]): Record<string, number> =>
    Object.fromEntries([...Map.groupBy(values, (value) => value)].map(([value, found]) => [value, found.length]));

  it('reads the truth of a corpus, and none of the other files beside it', async () => {
    const { truth, problems, levels, messages } = await scored('--truth', corpus, '--alerts', alertsOn('key', []));
    const of = (due: string): number => lines.filter((line) => line.due === due).length;
    assert.deepEqual(truth, {
      lines: lines.length,
      required: of('required'),
      allowed: of('allowed'),
      nearMisses: lines.filter((line) => line.label === 'near_miss').length,
    });
    assert.ok(truth.required > 10 && truth.nearMisses > 10, JSON.stringify(truth));
    assert.deepEqual([problems.count, messages], [0, MESSAGES]);
    assert.equal(levels.message.units, truth.required);
    assert.equal(levels.person.units, new Set(lines.filter((line) => line.due === 'required').map((line) => line.arc_id)).size);
  });

  it('gives 1 to alerts on all that is required', async () => {
    const required = lines.filter((line) => line.due === 'required').map((line) => line.message_id);
    const { levels } = await scored('--truth', corpus, '--alerts', alertsOn('message_id', required));
    for (const { recall, precision } of Object.values(levels)) assert.deepEqual([recall!.value, precision!.value], [1, 1]);
  });

  it('knows messages by the keys of any layout, and ordinary mail with a line of truth or without', async () => {
    const some = [...all.keys()].filter((index) => index % 3 === 0);
    const messageIds = some.map((index) => all[index]!.message_id);
    const byId = await scored('--truth', corpus, '--alerts', alertsOn('message_id', [...messageIds, '<x@y.example>']));
    assert.equal(byId.alerts.messages, some.length + 1);
    assert.ok(byId.alerts.required > 0 && byId.alerts.nearMisses > 0);
    for (const layout of LAYOUTS) {
      const job = path(layout);
      const key = (index: number): string => (layout === 'eml' ? keyOf(job, index) : `${keyOf(job, index)}/${idOf(job, index)}.eml`);
      const byKey = await scored('--truth', job, '--alerts', alertsOn('key', [...some.map(key), 'ffffffffffff.eml']));
      assert.deepEqual([byKey.alerts, byKey.levels, byKey.by], [byId.alerts, byId.levels, byId.by], layout);
      const harmless = some.filter((index) => all[index]!.due === 'none' && all[index]!.label !== 'near_miss');
      assert.deepEqual(byKey.otherFalse.items.map((item) => item.key).sort(), harmless.map(key).sort());
    }
  });

  it('knows what ordinary mail is like that has false alerts', async () => {
    const indices = plain();
    const named = indices.map((index) => all[index]!.message_id);
    const { by, otherFalse, notes } = await scored('--truth', corpus, '--alerts', alertsOn('message_id', named));
    for (const dimension of ['language', 'shape'] as const)
      assert.deepEqual(
        Object.fromEntries(by[dimension].map((part) => [part.value, part.levels.message.otherFalse]).filter(([, count]) => count !== 0)),
        counted(indices.map((index) => all[index]![dimension])),
      );
    assert.deepEqual(
      otherFalse.items,
      indices.map((index) => {
        const { message_id, language, shape } = all[index]!;
        return { key: keyOf(corpus, index), message_id, language, shape };
      }),
    );
    assert.deepEqual(notes, []);
  });

  it('lists as unknown what only begins like a Message-ID of the corpus', async () => {
    const [found, ordinary] = [lines.find((line) => line.due === 'required')!, all[plain()[0]!]!];
    const stray = ({ message_id }: TruthLine): string => message_id.replace('@', '0@');
    const alerts = alertsOn('message_id', [found.message_id, stray(found), stray(ordinary), ordinary.message_id.toLowerCase()]);
    const { alerts: counts, unknown } = await scored('--truth', corpus, '--alerts', alerts);
    assert.deepEqual([counts.required, counts.otherFalse, counts.unknown], [1, 1, 2]);
    assert.deepEqual(unknown.items, [stray(found), stray(ordinary)]);
  });

  it('says so where messages cannot be made again, and goes by their indices', async () => {
    const ordinary = all[plain()[0]!]!;
    const alerts = alertsOn('message_id', [ordinary.message_id.replace('@', '0@')]);
    const job = record(corpus);
    const cases: [JobRecord, string][] = [
      [{ ...job, generator: '0' }, 'generator version 0 made them, and this is version '],
      [
        { ...job, packs: job.packs.map((pack) => ({ ...pack, digest: '0'.repeat(64) })) },
        "this installation's pack is not the one the job was made with",
      ],
    ];
    for (const [other, reason] of cases) {
      const at = file(path('job.json'), other);
      const { alerts: counts, by, notes, otherFalse } = await scored('--truth', join(corpus, 'truth'), '--alerts', alerts, '--job', at);
      assert.deepEqual([counts.otherFalse, counts.unknown], [1, 0]);
      assert.deepEqual(otherFalse.items, [{ key: keyOf(corpus, plain()[0]!), message_id: null, language: null, shape: null }]);
      assert.equal(by.language.at(-1)!.value, null);
      assert.equal(notes.length, 1);
      assert.ok(notes[0]!.startsWith('messages of this corpus cannot be made again here: ') && notes[0]!.includes(reason), notes[0]);
    }
  });

  it('writes tables and a page', async () => {
    const alerts = file(path('named.csv'), `MsgID,key\n${lines.find((line) => line.due === 'required')!.message_id},\n`);
    const page = path('score.html');
    const { stdout } = await done(['score', '--truth', corpus, '--alerts', alerts, '--map', 'message_id=MsgID', '--html', page]);
    assert.match(stdout, /^Recall .* 1 of \d+ found/m);
    assert.match(readFileSync(page, 'utf8'), /^<!doctype html>/);
  });

  it('ends with 2, and the way out, where there is nothing to score', async () => {
    const alerts = file(path('other.csv'), 'MsgID,Rule\n1,2\n');
    const keys = alertsOn('key', []);
    const spec = { ...record(corpus).spec, period: null };
    const broken = file(path('broken.json'), { ...record(corpus), spec });
    const cases: [string[], string][] = [
      [['--truth', corpus, '--alerts', alerts], `mailwright: --alerts: ${alerts} has no column message_id or key: it has MsgID, Rule.`],
      [['--truth', path('nowhere'), '--alerts', alerts], `mailwright: --truth: ${path('nowhere')}: no such file or folder.`],
      [['--truth', join(corpus, 'truth', 'arcs.jsonl'), '--alerts', keys], 'mailwright: --truth: no line of '],
      [['--truth', join(corpus, 'truth', 'truth.csv'), '--alerts', keys], 'mailwright: --truth: no line of '],
      [['--truth', corpus, '--alerts', path('nowhere.csv')], 'mailwright: --alerts: '],
      [['--truth', corpus, '--alerts', alerts, '--html', path('no', 'page.html')], 'mailwright: --html: '],
      [['--truth', corpus], "mailwright: required option '-a, --alerts <file>' not specified"],
      [
        ['--truth', corpus, '--job', broken, '--alerts', file(path('plain.csv'), `key\n${keyOf(corpus, plain()[0]!)}\n`)],
        'mailwright: --job: the spec in job.json of job ',
      ],
    ];
    for (const [args, says] of cases) {
      const { code, stdout, stderr } = await run(['score', ...args]);
      assert.equal(code, 2, stderr);
      assert.equal(stdout, '');
      assert.ok(stderr.startsWith(says), stderr);
    }
    assert.ok(!existsSync(path('no')));
  });
});
