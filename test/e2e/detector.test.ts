import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Matcher } from '../detector/lexicon.ts';
import { done, file, filesBelow, output, PROJECT, scratch } from './support.ts';

/** A keyword engine against a corpus with known answers, scored: what a lexicon finds, and what it cannot. */

interface Share {
  readonly value: number;
}

interface Figures {
  readonly units: number;
  readonly found: number;
  readonly nearMisses: number;
  readonly nearMissesFlagged: number;
  readonly otherFalse: number;
  readonly precision: Share;
  readonly recall: Share;
}

interface Report {
  readonly messages: number;
  readonly problems: { readonly count: number };
  readonly alerts: { readonly rows: number; readonly unknown: number; readonly unverifiable: number };
  readonly levels: { readonly message: Figures; readonly alertUnit: Figures };
  readonly by: { readonly evasion: readonly { readonly value: string | null; readonly levels: { readonly message: Figures } }[] };
}

describe('a keyword engine', () => {
  const path = scratch();
  let corpus = '';
  let alerts = '';
  let report: Report;

  const scored = async (alerts: string): Promise<Report> =>
    JSON.parse((await done(['score', '--truth', corpus, '--alerts', alerts, '--json'])).stdout) as Report;

  before(async () => {
    corpus = path('corpus');
    const job = file(path('job.json'), {
      messages: 2560,
      seed: 'keywords',
      content: { languages: { en: 1, de: 1 } },
      scenarios: Object.entries({ explicit: 30, slang: 14, code: 14, split: 14, attachment: 14, image: 14 }).map(([level, arcs]) => ({
        scenario: 'all',
        arcs,
        nearMisses: 1,
        evasion: { [level]: 1 },
      })),
    });
    await done(['generate', job, '--out', corpus]);
    alerts = file(
      path('alerts.jsonl'),
      await output(process.execPath, ['test/detector/detect.ts', 'test/detector/lexicon.yaml', corpus], { cwd: PROJECT }),
    );
    report = await scored(alerts);
  });

  const recall = (evasion: string): number => {
    const { units, recall } = report.by.evasion.find(({ value }) => value === evasion)!.levels.message;
    assert.ok(units >= 12, `${units} messages of ${evasion}`);
    return recall.value;
  };

  it('raises alerts that the scorer takes: each on a message of the corpus', () => {
    assert.equal(report.messages, 2560);
    assert.ok(report.alerts.rows > 100);
    assert.deepEqual([report.problems.count, report.alerts.unknown, report.alerts.unverifiable], [0, 0, 0]);
  });

  it('finds what is said in plain words', () => assert.ok(recall('explicit') > 0.6, `${recall('explicit')}`));

  it('misses code words, and what is split over several messages', () => {
    for (const evasion of ['code', 'split']) assert.ok(recall(evasion) < 0.4, `${evasion}: ${recall(evasion)}`);
  });

  it('finds less of slang than of plain words', () => {
    assert.ok(recall('slang') < recall('explicit'), `${recall('slang')} of slang, ${recall('explicit')} of plain words`);
  });

  it('misses what is only in an attachment or an image: it opens none', () => {
    for (const evasion of ['attachment', 'image']) assert.ok(recall(evasion) < 0.3, `${evasion}: ${recall(evasion)}`);
  });

  it('flags near misses, at the cost of precision and of nothing else', async () => {
    const { nearMisses, nearMissesFlagged, otherFalse } = report.levels.message;
    assert.ok(nearMissesFlagged > 0.15 * nearMisses, `${nearMissesFlagged} of ${nearMisses}`);
    assert.ok(otherFalse < 0.05 * report.messages, `${otherFalse} on ordinary mail`);
    const truth = filesBelow(join(corpus, 'truth')).filter((name) => /^\d+\.jsonl$/.test(name));
    const lines = truth.flatMap((name) =>
      readFileSync(join(corpus, 'truth', name), 'utf8')
        .trim()
        .split('\n'),
    );
    const flagged = new Set(
      lines.filter((line) => line.includes('"label":"near_miss"')).map((line) => (JSON.parse(line) as { message_id: string }).message_id),
    );
    const rows = readFileSync(alerts, 'utf8').trim().split('\n');
    const others = rows.filter((row) => !flagged.has((JSON.parse(row) as { message_id: string }).message_id));
    const without = await scored(file(path('without.jsonl'), others.join('\n')));
    assert.equal(without.levels.message.nearMissesFlagged, 0);
    assert.deepEqual(without.levels.message.recall, report.levels.message.recall);
    assert.ok(without.levels.message.precision.value > report.levels.message.precision.value + 0.1);
  });
});

describe('a lexicon', () => {
  const finds = (term: string, text: string): boolean => new Matcher([{ policy: 'p', terms: [term] }]).hits(text).length > 0;

  it('is looked for in any case, in words, by their beginnings, and within some words of each other', () => {
    for (const [term, text] of [
      ['not a word', 'Not a\nWORD, please'],
      ["don't tell", 'don’t tell'],
      ['lösch* ~4 mail*', 'Löschen Sie bitte diese Mails'],
      ['lösch* ~4 mail*', 'Die Mail bitte löschen.'],
      ['wall-cross*', 'the Wall-Crossing script'],
    ] as const)
      assert.ok(finds(term, text), `${term} in ${text}`);
    for (const [term, text] of [
      ['not a word', 'not even a word'],
      ['cash', 'cashier'],
      ['lösch* ~2 mail*', 'Löschen Sie bitte sofort diese Mails'],
      ['in cash', 'in'],
    ] as const)
      assert.ok(!finds(term, text), `no ${term} in ${text}`);
  });

  it('names the policy and the terms', () =>
    assert.deepEqual(
      new Matcher([
        { policy: 'a', terms: ['one', 'two', 'three'] },
        { policy: 'b', terms: ['four'] },
      ]).hits('three, one, five'),
      [{ policy: 'a', terms: ['one', 'three'] }],
    ));
});
