import assert from 'node:assert/strict';
import { f1Of, shareOf } from '../../src/job/scoring/interval.ts';
import { hashOf, IdTable, Numbers, Texts } from '../../src/job/scoring/memory.ts';
import { Corpus, type Features, referenceOf } from '../../src/job/scoring/reference.ts';
import { MOST_LISTED } from '../../src/job/scoring/score.ts';
import type { Figures } from '../../src/job/scoring/tally.ts';
import { readTruthLine } from '../../src/job/scoring/truth.ts';
import { alertOn, idOf, jobOf, keyOf, lineOf, scoreOf } from './score-support.ts';

/** The counts of some figures, in the order of a table's columns. */
const counts = (f: Figures): number[] => [f.units, f.found, f.missed, f.nearMisses, f.nearMissesFlagged, f.otherFalse];

const near = (actual: number | undefined, expected: number): void =>
  assert.ok(Math.abs(actual! - expected) < 5e-7, `${actual} is not ${expected}`);

describe('Wilson intervals', () => {
  // Worked by hand: (p + z²/2n ± z √(p(1 − p)/n + z²/4n²)) / (1 + z²/n), with z² = 3.8414588.
  const byHand: [part: number, whole: number, low: number, high: number][] = [
    [8, 10, 0.4901625, 0.9433178],
    [1, 2, 0.0945312, 0.9054688],
    [0, 10, 0, 0.2775328],
    [10, 10, 0.7224672, 1],
    [1, 1, 0.2065493, 1],
    [81, 263, 0.2552885, 0.3662096],
  ];
  for (const [part, whole, low, high] of byHand)
    it(`of ${part} in ${whole} is ${low} to ${high}`, () => {
      const share = shareOf(part, whole)!;
      assert.equal(share.value, part / whole);
      near(share.low, low);
      near(share.high, high);
    });

  it('are exact at the ends, and there is none of nothing', () => {
    for (const whole of [1, 3, 7, 1000, 12_345]) {
      assert.equal(shareOf(0, whole)!.low, 0);
      assert.equal(shareOf(whole, whole)!.high, 1);
    }
    assert.equal(shareOf(0, 0), null);
  });
});

describe('F1', () => {
  it('is the harmonic mean of precision and recall', () => {
    // Precision 3/4, recall 3/5: 2 · 0.75 · 0.6 / 1.35 = 2/3.
    near(f1Of(3, 2, 1)!, 2 / 3);
    assert.equal(f1Of(4, 0, 0), 1);
    assert.equal(f1Of(0, 4, 2), 0);
    assert.equal(f1Of(0, 0, 2), null, 'nothing was due');
  });
});

describe('a score, worked by hand', () => {
  // Arc "tip" is due as a thread: it needs both m1 and m2 to be seen; m3 quotes them. Arc "card" is due as a message, arc
  // "home" as a person. "near" is a near miss, "p1" and "p2" are ordinary mail of which p1 has a line of truth.
  const lines = [
    lineOf({ name: 'm1', arc_id: 'tip', thread: 'm1', context: ['m1', 'm2'], alert_unit: 'thread', evasion: 'split' }),
    lineOf({ name: 'm2', arc_id: 'tip', thread: 'm1', context: ['m1', 'm2'], alert_unit: 'thread', evasion: 'split' }),
    lineOf({ name: 'm3', arc_id: 'tip', thread: 'm1', context: ['m3'], alert_unit: 'thread', evasion: 'split', due: 'allowed' }),
    lineOf({ name: 'c1', arc_id: 'card', scenario: 'card-data', family: 'data-loss', shape: 'text+pdf' }),
    lineOf({ name: 'c2', arc_id: 'card', scenario: 'card-data', family: 'data-loss', shape: 'text+pdf', language: 'de' }),
    lineOf({ name: 'h1', arc_id: 'home', scenario: 'files-home', family: 'data-loss', alert_unit: 'person' }),
    lineOf({ name: 'n1', arc_id: 'near', label: 'near_miss', alert_unit: 'thread', thread: 'n1' }),
    lineOf({ name: 'n2', arc_id: 'near', label: 'near_miss', alert_unit: 'thread', thread: 'n1' }),
    lineOf({ name: 'p1', label: 'benign', shape: 'text+html' }),
  ];

  it('counts units at each level', () => {
    const score = scoreOf({ lines, alerts: ['m2', 'm3', 'c1', 'n2', 'p1'], messages: 10_000 });
    assert.deepEqual(counts(score.levels.message), [5, 2, 3, 2, 1, 1]);
    assert.deepEqual(counts(score.levels.thread), [4, 2, 2, 1, 1, 1]);
    assert.deepEqual(counts(score.levels.person), [3, 2, 1, 1, 1, 1]);
    // The thread of "tip", two messages of "card", the person of "home"; the thread of "near"; p1.
    assert.deepEqual(counts(score.levels.alertUnit), [4, 2, 2, 1, 1, 1]);
    assert.equal(score.levels.alertUnit.precision!.value, 2 / 4);
    assert.equal(score.levels.alertUnit.recall!.value, 2 / 4);
    assert.equal(score.levels.alertUnit.f1, 0.5);
    assert.equal(score.levels.alertUnit.nearMissRate!.value, 1);
    assert.deepEqual(score.truth, { lines: 9, required: 5, allowed: 1, nearMisses: 2 });
  });

  it('says what the alerts are about, and how many there are in 10,000 messages', () => {
    const { alerts } = scoreOf({ lines, alerts: ['m2', 'm3', 'c1', 'n2', 'p1'], messages: 20_000 });
    const { per10000, ...rest } = alerts;
    assert.deepEqual(rest, {
      rows: 5,
      belowThreshold: 0,
      duplicates: 0,
      messages: 5,
      required: 2,
      allowed: 1,
      nearMisses: 1,
      otherFalse: 1,
      unknown: 0,
      unverifiable: 0,
    });
    assert.equal(per10000!.value, 2.5);
    // Of 5 in 20,000, by hand: (0.00025 + 0.0000960365 ± 0.000239226) / 1.000192073, times 10,000.
    near(per10000!.low, 1.0678963);
    near(per10000!.high, 5.851504);
  });

  it('names what was missed, each where its alert was due, and the near misses flagged', () => {
    const score = scoreOf({ lines, alerts: ['m2', 'c1', 'n2'] });
    assert.deepEqual(
      score.missed.items.map(({ unit, key, arc_id }) => [unit, key, arc_id]),
      [
        ['message', keyOf('c2'), 'card'],
        ['person', keyOf('h1'), 'home'],
      ],
    );
    assert.deepEqual(score.nearMissesFlagged.items, [
      {
        key: keyOf('n2'),
        message_id: idOf('n2'),
        arc_id: 'near',
        near_miss: 'announced-bid',
        scenario: 'deal-tip',
        family: 'inside-information',
        evasion: 'explicit',
        language: 'en',
        shape: 'text',
      },
    ]);
  });

  it('finds a thread by any message of its context, and by no other', () => {
    assert.equal(scoreOf({ lines, alerts: ['m1'] }).levels.thread.found, 1);
    assert.equal(scoreOf({ lines, alerts: ['m3'] }).levels.thread.found, 0, 'm3 is allowed, and not in the context of m1 and m2');
    const withThird = lines.map((line) =>
      line.arc_id === 'tip' && line.due === 'required' ? { ...line, context: ['m1', 'm2', 'm3'].map(idOf) } : line,
    );
    const score = scoreOf({ lines: withThird, alerts: ['m3'] });
    assert.deepEqual(counts(score.levels.thread), [4, 1, 3, 1, 0, 0]);
    assert.deepEqual(counts(score.levels.message), [5, 0, 5, 2, 0, 0], 'allowed counts neither for nor against');
  });

  it('finds a person as it finds a thread, whomever the alert names', () => {
    const split = [
      lineOf({ name: 's1', arc_id: 'split', alert_unit: 'person', thread: 's1', context: ['s1', 's2'] }),
      lineOf({ name: 's2', arc_id: 'split', alert_unit: 'person', thread: 's2', context: ['s1', 's2'] }),
      lineOf({ name: 'p1', label: 'benign' }),
    ];
    for (const person of ['', 'zoe@aldermoor.example'])
      for (const name of ['s1', 's2']) {
        const { levels } = scoreOf({ lines: split, alerts: [alertOn(idOf(name), person)] });
        assert.deepEqual(counts(levels.person), [1, 1, 0, 0, 0, 0]);
        assert.deepEqual(counts(levels.alertUnit), [1, 1, 0, 0, 0, 0]);
        assert.deepEqual(counts(levels.thread), [2, 2, 0, 0, 0, 0]);
        assert.deepEqual(counts(levels.message), [2, 1, 1, 0, 0, 0]);
      }
    assert.deepEqual(counts(scoreOf({ lines: split, alerts: ['p1'] }).levels.person), [1, 0, 1, 0, 0, 1]);
  });

  it('counts false alerts on ordinary mail once a person, at the level of people', () => {
    const plain = Array.from({ length: 4 }, (_, i) => lineOf({ name: `q${i}`, label: 'benign', language: i === 0 ? 'de' : 'en' }));
    const on = (name: string, person: string): ReturnType<typeof alertOn> => alertOn(idOf(name), person);
    const alerts = [on('q0', 'zoe@aldermoor.example'), on('q1', 'Zoe@Aldermoor.example'), 'q2', 'q3'];
    const { levels, by } = scoreOf({ lines: [...lines, ...plain], alerts });
    assert.equal(levels.person.otherFalse, 3);
    assert.equal(levels.message.otherFalse, 4);
    assert.equal(levels.alertUnit.otherFalse, 4);
    // Zoe is named for one in German and one in English.
    assert.deepEqual(
      by.language.map(({ value, levels: { person } }) => [value, person.otherFalse]),
      [
        ['de', 0],
        ['en', 2],
        ['mixed', 1],
      ],
    );
  });

  it('counts by scenario, family, evasion, language and shape', () => {
    const { by } = scoreOf({ lines, alerts: ['m2', 'c1', 'n2', 'p1'] });
    const rows = (dimension: keyof typeof by): unknown[] => by[dimension].map(({ value, levels }) => [value, ...counts(levels.message)]);
    assert.deepEqual(rows('scenario'), [
      ['card-data', 2, 1, 1, 0, 0, 0],
      ['deal-tip', 2, 1, 1, 2, 1, 0],
      ['files-home', 1, 0, 1, 0, 0, 0],
      [null, 0, 0, 0, 0, 0, 1],
    ]);
    assert.deepEqual(rows('family'), [
      ['data-loss', 3, 1, 2, 0, 0, 0],
      ['inside-information', 2, 1, 1, 2, 1, 0],
      [null, 0, 0, 0, 0, 0, 1],
    ]);
    assert.deepEqual(rows('evasion'), [
      ['explicit', 3, 1, 2, 2, 1, 0],
      ['split', 2, 1, 1, 0, 0, 0],
      [null, 0, 0, 0, 0, 0, 1],
    ]);
    assert.deepEqual(rows('language'), [
      ['de', 1, 0, 1, 0, 0, 0],
      ['en', 4, 2, 2, 2, 1, 1],
      ['mixed', 0, 0, 0, 0, 0, 0],
    ]);
    assert.deepEqual(rows('shape'), [
      ['text', 3, 1, 2, 2, 1, 0],
      ['text+html', 0, 0, 0, 0, 0, 1],
      ['text+pdf', 2, 1, 1, 0, 0, 0],
    ]);
    // Arc "card" has a message in English and one in German: as a person it is of neither.
    assert.deepEqual(
      by.language.map(({ value, levels }) => [value, levels.person.units]),
      [
        ['de', 0],
        ['en', 2],
        ['mixed', 1],
      ],
    );
  });

  it('does not mind whether messages are named by Message-ID, key, path, file or object id', () => {
    const names = ['m2', 'm3', 'c1', 'n2', 'p1'];
    const plain = scoreOf({ lines, alerts: names });
    const object = (name: string): string => keyOf(name).slice(-16, -4);
    const ways: ((name: string) => string)[] = [
      (name) => idOf(name).slice(1, -1),
      (name) => ` ${idOf(name).toUpperCase()} `,
      keyOf,
      (name) => `s3://bucket/run@1/job/messages/000004.zip/${object(name)}.eml`,
      (name) => `C:\\ingest\\${object(name).toUpperCase()}.EML`,
      (name) => `${object(name)}.eml`,
      object,
    ];
    for (const way of ways) assert.deepEqual(scoreOf({ lines, alerts: names.map((name) => alertOn(way(name))) }), plain, way(names[0]!));
  });

  it('counts an alert once, and says how many rows were one too many', () => {
    const twice = [...['m2', 'c1', 'n2', 'p1', 'c1'], alertOn(keyOf('c1')), alertOn(idOf('c1'), 'x@y.example', 'other policy')];
    const score = scoreOf({ lines, alerts: twice });
    assert.equal(score.alerts.rows, 7);
    assert.equal(score.alerts.duplicates, 3);
    assert.equal(score.alerts.messages, 4);
    assert.deepEqual(score.levels.message, scoreOf({ lines, alerts: ['m2', 'c1', 'n2', 'p1'] }).levels.message);
  });

  it('says what each policy alerts on', () => {
    const alerts = [
      alertOn(idOf('m2'), '', 'lexicon'),
      alertOn(idOf('m2'), 'x@y.example', 'lexicon'),
      alertOn(idOf('m3'), '', 'lexicon'),
      alertOn(idOf('n1'), '', 'lexicon'),
      alertOn(keyOf('m2'), '', 'behaviour'),
      alertOn(idOf('p1'), '', 'behaviour'),
      'c1',
    ];
    const policies = scoreOf({ lines, alerts }).policies.items.map(({ precision, ...rest }) => ({ ...rest, precision: precision!.value }));
    assert.deepEqual(policies, [
      { policy: 'lexicon', messages: 3, required: 1, allowed: 1, nearMisses: 1, otherFalse: 0, precision: 0.5 },
      { policy: 'behaviour', messages: 2, required: 1, allowed: 0, nearMisses: 0, otherFalse: 1, precision: 0.5 },
    ]);
    assert.equal(scoreOf({ lines, alerts: ['m2'] }).policies.count, 0);
  });

  it('has nothing to say of a corpus without arcs', () => {
    const score = scoreOf({ lines: [lineOf({ name: 'p1', label: 'benign' })], alerts: ['p1'] });
    const { recall, precision, f1, nearMissRate } = score.levels.alertUnit;
    assert.deepEqual([recall, f1, nearMissRate], [null, null, null]);
    assert.equal(precision!.value, 0);
    assert.equal(score.alerts.per10000, null);
    assert.equal(scoreOf({ lines: [], alerts: [] }).levels.message.precision, null);
  });

  it('does not believe in more alerts than messages', () => {
    assert.equal(scoreOf({ lines, alerts: ['m1', 'm2'], messages: 1 }).alerts.per10000, null);
  });

  it('lists so many things, and counts the rest', () => {
    const many = Array.from({ length: MOST_LISTED + 5 }, (_, i) => lineOf({ name: `x${i}`, arc_id: `a${i}` }));
    const { missed } = scoreOf({ lines: many, alerts: [] });
    assert.equal(missed.count, MOST_LISTED + 5);
    assert.equal(missed.items.length, MOST_LISTED);
  });
});

describe('the example of docs/scoring.md', () => {
  const both = ['A', 'B'];
  const lines = [
    lineOf({ name: 'A', thread: 'A', alert_unit: 'thread', context: both }),
    lineOf({ name: 'B', thread: 'A', alert_unit: 'thread', context: both }),
    lineOf({ name: 'C', thread: 'A', alert_unit: 'thread', context: ['C'], due: 'allowed' }),
    lineOf({ name: 'D', label: 'benign' }),
  ];

  it('is counted as it says', () => {
    const { levels } = scoreOf({ lines, alerts: ['B', 'C', 'D'] });
    assert.deepEqual(counts(levels.message), [2, 1, 1, 0, 0, 1]);
    for (const level of ['thread', 'person', 'alertUnit'] as const) assert.deepEqual(counts(levels[level]), [1, 1, 0, 0, 0, 1], level);
  });
});

describe('a baseline', () => {
  const lines = [
    lineOf({ name: 'm1', arc_id: 'a1' }),
    lineOf({ name: 'm2', arc_id: 'a1' }),
    lineOf({ name: 'm3', arc_id: 'a1' }),
    lineOf({ name: 't1', arc_id: 'a2', alert_unit: 'thread', thread: 't1', context: ['t1', 't2'] }),
    lineOf({ name: 't2', arc_id: 'a2', alert_unit: 'thread', thread: 't1', context: ['t1', 't2'] }),
    lineOf({ name: 'u1', arc_id: 'a3', alert_unit: 'person' }),
    lineOf({ name: 'n1', arc_id: 'a4', label: 'near_miss' }),
    lineOf({ name: 'n2', arc_id: 'a4', label: 'near_miss' }),
    lineOf({ name: 'n3', arc_id: 'a4', label: 'near_miss' }),
  ];

  it('shows what was lost and gained, in units, and which near misses are new and gone', () => {
    const { baseline, levels } = scoreOf({
      lines,
      alerts: ['m1', 't2', 'n1', 'n2'],
      baseline: ['m1', 'm2', 't1', alertOn(keyOf('n2')), 'n3', 'u1', alertOn(keyOf('m1'))],
    });
    const named = (list: { readonly items: readonly { readonly key: string }[] } | undefined): string[] =>
      list!.items.map(({ key }) => key);
    assert.deepEqual(named(baseline?.lost), [keyOf('m2'), keyOf('u1')]);
    assert.deepEqual(named(baseline?.gained), []);
    assert.deepEqual(named(baseline?.nearMissesNew), [keyOf('n1')]);
    assert.deepEqual(named(baseline?.nearMissesGone), [keyOf('n3')]);
    assert.deepEqual(counts(levels.alertUnit), [5, 2, 3, 3, 2, 0]);
    assert.deepEqual(counts(baseline!.levels.alertUnit), [5, 4, 1, 3, 2, 0]);
    assert.equal(baseline!.alerts.duplicates, 1);
  });

  it('changes nothing in the score itself', () => {
    const alerts = ['m1', 't2', 'n1'];
    const { baseline: _, ...compared } = scoreOf({ lines, alerts, baseline: ['m2', 'u1', 'n3', 'nowhere'] });
    const { baseline: none, ...alone } = scoreOf({ lines, alerts });
    assert.equal(none, null);
    assert.deepEqual(compared, alone);
  });
});

describe('alerts on messages without truth', () => {
  const { job, messageId, objectId } = jobOf(1000);
  const key = (index: number): string => `messages/${objectId(index).slice(0, 2)}/${objectId(index)}.eml`;
  const lines = [3, 500].map((index, i) => ({
    ...lineOf({ name: `m${i}`, arc_id: `a${i}` }),
    message_id: messageId(index),
    key: key(index),
    context: [messageId(index)],
  }));
  const alerts = [
    alertOn(messageId(3)),
    alertOn(messageId(7)),
    alertOn(`${objectId(999)}.eml`),
    alertOn('<20250306.1234@elsewhere.example>'),
    alertOn('ffffffffffff.eml'),
    alertOn('TICKET-12'),
    alertOn('TICKET-12'),
  ];

  it('are false with job.json at hand, or unknown where they are not of the corpus', () => {
    const score = scoreOf({ lines, alerts, job });
    assert.deepEqual(counts(score.levels.message), [2, 1, 1, 0, 0, 2]);
    assert.equal(score.alerts.otherFalse, 2);
    assert.equal(score.alerts.unknown, 3);
    assert.equal(score.alerts.unverifiable, 0);
    assert.equal(score.alerts.duplicates, 1);
    assert.deepEqual(score.unknown.items, ['<20250306.1234@elsewhere.example>', 'ffffffffffff.eml', 'TICKET-12']);
    assert.deepEqual(
      score.otherFalse.items,
      [7, 999].map((index) => ({ key: key(index), message_id: null, language: null, shape: null })),
    );
    assert.equal(score.alerts.per10000!.value, 30, 'three messages of a thousand');
    assert.deepEqual(score.by.language.at(-1)!.value, null);
  });

  it('are unverifiable without it', () => {
    const score = scoreOf({ lines, alerts });
    assert.deepEqual(counts(score.levels.message), [2, 1, 1, 0, 0, 0]);
    assert.equal(score.alerts.unverifiable, 4);
    assert.equal(score.alerts.unknown, 1, 'TICKET-12 is no id at all');
    assert.deepEqual(score.unverifiable.items, [
      messageId(7),
      `${objectId(999)}.eml`,
      '<20250306.1234@elsewhere.example>',
      'ffffffffffff.eml',
    ]);
  });

  describe('that can be made again', () => {
    const made: number[] = [];
    const regenerate = (index: number): Features => {
      made.push(index);
      return { messageId: messageId(index), language: index === 7 ? 'de' : 'en', shape: 'text+html' };
    };
    /** Begins like that of a message, and is none. */
    const wrong = (index: number): string => messageId(index).replace('0123', '3210');
    beforeEach(() => (made.length = 0));

    it('have a language, a shape and a Message-ID', () => {
      const score = scoreOf({ lines, alerts, job, regenerate });
      assert.deepEqual(score.otherFalse.items, [
        { key: key(7), message_id: messageId(7), language: 'de', shape: 'text+html' },
        { key: key(999), message_id: messageId(999), language: 'en', shape: 'text+html' },
      ]);
      const rows = (dimension: 'language' | 'shape' | 'scenario'): unknown[] =>
        score.by[dimension].map(({ value, levels: { message } }) => [value, message.found, message.otherFalse]);
      assert.deepEqual(rows('language'), [
        ['de', 0, 1],
        ['en', 1, 1],
      ]);
      assert.deepEqual(rows('shape'), [
        ['text', 1, 0],
        ['text+html', 0, 2],
      ]);
      assert.deepEqual(rows('scenario'), [
        ['deal-tip', 1, 0],
        [null, 0, 2],
      ]);
      assert.deepEqual(score.levels, scoreOf({ lines, alerts, job }).levels);
    });

    it('are made once a message, in the order of the corpus, however they are called, and not where there is truth', () => {
      const many = [alertOn(key(900)), ...alerts, alertOn(messageId(7).toLowerCase()), alertOn(objectId(7)), alertOn(messageId(900))];
      const told: [number, number][] = [];
      const score = scoreOf({ lines, alerts: many, baseline: [alertOn(key(7))], job, regenerate, judged: (...far) => told.push(far) });
      assert.deepEqual(made, [7, 900, 999]);
      assert.deepEqual(told, [
        [2, 5],
        [4, 5],
        [5, 5],
      ]);
      assert.deepEqual([score.alerts.messages, score.alerts.otherFalse, score.alerts.unknown, score.alerts.duplicates], [7, 3, 3, 4]);
      assert.equal(score.baseline!.alerts.otherFalse, 1);
    });

    it('are unknown where their Message-ID is not exactly that of the message', () => {
      const strays = [alertOn(wrong(3), '', 'p'), alertOn(wrong(7), 'zoe@aldermoor.example', 'p')];
      const score = scoreOf({ lines, alerts: [...alerts, ...strays], job, regenerate });
      assert.deepEqual(score.unknown.items.slice(-2), [wrong(3), wrong(7)]);
      assert.deepEqual(score.levels, scoreOf({ lines, alerts, job, regenerate }).levels);
      assert.deepEqual([score.alerts.required, score.alerts.otherFalse, score.alerts.unknown], [1, 2, 5]);
      assert.equal(score.policies.count, 0);
      assert.equal(score.alerts.per10000!.value, 30);
    });

    it('are taken for right where they begin like one, if they cannot be made again', () => {
      const score = scoreOf({ lines, alerts: [alertOn(wrong(3)), alertOn(wrong(7)), alertOn(key(7))], job });
      assert.deepEqual([score.alerts.required, score.alerts.otherFalse, score.alerts.unknown], [1, 1, 0]);
    });

    it('find the truth by their key and by their Message-ID together', () => {
      const { alerts: found, levels } = scoreOf({
        lines,
        alerts: [alertOn(key(3)), alertOn(messageId(3), 'x@y.example', 'p')],
        job,
        regenerate,
      });
      assert.deepEqual([found.messages, found.required, found.duplicates], [1, 1, 1]);
      assert.deepEqual(counts(levels.message), [2, 1, 1, 0, 0, 0]);
      assert.deepEqual(made, []);
    });
  });

  it('find contexts by key too', () => {
    const split = lines.map((line) => ({
      ...line,
      arc_id: 'a',
      thread_id: messageId(3),
      alert_unit: 'thread' as const,
      context: [3, 500, 600].map(messageId),
    }));
    const regenerate = (index: number): Features => ({ messageId: messageId(index), language: 'en', shape: 'text' });
    for (const index of [3, 500, 600])
      for (const given of [{ job }, { job, regenerate }]) {
        const { levels } = scoreOf({ lines: split, alerts: [alertOn(`${objectId(index)}.eml`)], ...given });
        assert.equal(levels.alertUnit.found, 1, String(index));
      }
    // 600 has no line, and is called in both ways: by the key in one run, by the Message-ID in the other.
    const two = scoreOf({ lines: split, alerts: [alertOn(key(600))], baseline: [alertOn(messageId(600))], job, regenerate });
    assert.deepEqual([two.levels.alertUnit.found, two.baseline!.levels.alertUnit.found], [1, 1]);
  });

  it('have keys as the layout writes them', () => {
    const keyIn = (layout: string): string => new Corpus(jobOf(1000, layout).job).key(999);
    assert.equal(keyIn('eml'), key(999));
    assert.match(keyIn('zip'), new RegExp(`^messages/\\d{6}\\.zip/${objectId(999)}\\.eml$`));
    assert.match(keyIn('mbox'), new RegExp(`^messages/\\d{6}\\.mbox/${objectId(999)}\\.eml$`));
    assert.equal(keyIn('none'), `${objectId(999)}.eml`);
  });
});

describe('references', () => {
  it('are told apart', () => {
    const of = (text: string): string => Object.values(referenceOf(text)).join(' ');
    assert.equal(of('<A.b@C.example>'), 'message-id a.b@c.example');
    assert.equal(of('3703F6F201F6'), 'object-id 3703f6f201f6');
    assert.equal(of('a@b/3703f6f201f6.eml'), 'object-id 3703f6f201f6');
    assert.equal(of('<deadbeef3703f6f201f6@b.example>'), 'message-id deadbeef3703f6f201f6@b.example');
    assert.equal(of('3703f6f201f67.eml'), 'other 3703f6f201f67.eml');
    assert.equal(of(' x '), 'other x');
  });
});

describe('lines of truth', () => {
  it('that cannot be used say why', () => {
    const good = lineOf({ name: 'm1' });
    const faults: [unknown, string][] = [
      [[], 'not a JSON object'],
      [null, 'not a JSON object'],
      [{ ...good, key: 5 }, 'key is not a text'],
      [{ ...good, label: 'bad' }, 'label is none of positive, near_miss, benign'],
      [{ ...good, due: undefined }, 'due is none of required, allowed, none'],
      [{ ...good, arc_id: null }, 'arc_id is not a text'],
      [{ ...good, alert_unit: 'desk' }, 'alert_unit is none of message, thread, person'],
      [{ ...good, context: 'm1' }, 'context is not a list of texts'],
      [{ ...good, label: 'benign' }, 'due is required, and label benign'],
    ];
    for (const [line, fault] of faults) assert.equal(readTruthLine(JSON.stringify(line)), fault);
    assert.match(readTruthLine('{"key": ') as string, /^not JSON: /);
    assert.deepEqual(readTruthLine(JSON.stringify(good)), good);
  });
});

describe('what the scorer keeps', () => {
  it('grows, and finds again what it was given', () => {
    const table = new IdTable();
    const numbers = new Numbers();
    const texts = new Texts();
    const places: number[] = [];
    for (let i = 0; i < 5000; i++) {
      table.set({ hi: i % 7, lo: i }, i);
      table.set(hashOf(`id ${i}`), i + 5000);
      numbers.push(4294967295 - i);
      places.push(texts.add(`${'ü'.repeat(i % 700)} ${i}`));
    }
    assert.equal(table.size, 10_000);
    for (let i = 0; i < 5000; i++) {
      assert.equal(table.get({ hi: i % 7, lo: i }), i);
      assert.equal(table.get(hashOf(`id ${i}`)), i + 5000);
      assert.equal(table.get(hashOf(`id ${i + 5000}`)), undefined);
      assert.equal(numbers.get(i), 4294967295 - i);
      assert.equal(texts.get(places[i]!), `${'ü'.repeat(i % 700)} ${i}`);
    }
    table.set({ hi: 3, lo: 3 }, 8);
    assert.equal(table.get({ hi: 3, lo: 3 }), 8);
    assert.equal(texts.get(texts.add('x'.repeat(5000))).length, 2000);
  });

  it('tells 200,000 ids apart', () => {
    const table = new IdTable();
    for (let i = 0; i < 200_000; i++) table.set(hashOf(`${(i * 7919).toString(16)}-arc-${i}`), i);
    assert.equal(table.size, 200_000);
  });
});
