import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Alert } from '../../src/job/scoring/alerts.ts';
import type { Features } from '../../src/job/scoring/reference.ts';
import type { Score } from '../../src/job/scoring/score.ts';
import { type Level, LEVELS } from '../../src/job/scoring/tally.ts';
import type { ScoredLine } from '../../src/job/scoring/truth.ts';
import { alertOn, idOf, jobOf, keyOf, lineOf, scoreOf } from './score-support.ts';
import { holds } from './support.ts';

/** Whatever the truth and the alerts are. */

const UNITS = ['message', 'thread', 'person'] as const;
const PEOPLE = ['ann', 'bob', 'cy', 'di', 'eve'].map((name) => `${name}@aldermoor.example`);

interface Case {
  readonly lines: readonly ScoredLine[];
  readonly alerts: readonly Alert[];
}

const message = fc.record({
  due: fc.constantFrom('required', 'required', 'allowed', 'none'),
  thread: fc.nat(1),
  shape: fc.constantFrom('text', 'text+html'),
  /** Which messages of its arc are its context, beside itself. */
  context: fc.array(fc.nat(4), { maxLength: 3 }),
});

const arc = fc.record({
  nearMiss: fc.boolean(),
  unit: fc.constantFrom(...UNITS),
  messages: fc.array(message, { minLength: 1, maxLength: 5 }),
});

/** Truth of a few arcs, near misses and ordinary messages, in any order, and alerts on some of them and on strangers. */
const cases: fc.Arbitrary<Case> = fc.record({ arcs: fc.array(arc, { maxLength: 6 }), benign: fc.nat(4) }).chain(({ arcs, benign }) => {
  const lines: ScoredLine[] = arcs.flatMap(({ nearMiss, unit, messages }, a) =>
    messages.map((m, i) =>
      lineOf({
        name: `a${a}m${i}`,
        arc_id: `arc ${a}`,
        alert_unit: unit,
        label: nearMiss ? 'near_miss' : 'positive',
        due: nearMiss ? 'none' : (m.due as ScoredLine['due']),
        thread: `a${a}m${Math.min(m.thread, i)}`,
        context: [...new Set([`a${a}m${i}`, ...m.context.filter((c) => c < messages.length).map((c) => `a${a}m${c}`)])],
        shape: m.shape,
        scenario: `s${a % 3}`,
      }),
    ),
  );
  for (let i = 0; i < benign; i++) lines.push(lineOf({ name: `b${i}`, label: 'benign' }));
  const names = [...lines.map(({ message_id }) => message_id), ...lines.map(({ key }) => key), idOf('nowhere'), 'no id'];
  return fc.record({
    lines: fc.shuffledSubarray(lines, { minLength: lines.length }),
    alerts: fc.array(
      fc.record({ message: fc.constantFrom(...names), person: fc.constantFrom('', '', ...PEOPLE), policy: fc.constantFrom('', 'p') }),
      {
        maxLength: 12,
      },
    ),
  });
});

/** Units, found, near misses, near misses flagged, other false: straight from the definitions, with sets. */
function byDefinition({ lines, alerts }: Case, level: Level): number[] {
  const known = alerts.filter(({ message }) => message !== 'no id');
  const on = (id: string): Alert[] => {
    const key = lines.find(({ message_id }) => message_id === id)?.key;
    return known.filter((alert) => alert.message === id || alert.message === key);
  };
  const alerted = (id: string): boolean => on(id).length > 0;
  const unitOf = (line: ScoredLine): string => {
    const kind = level === 'alertUnit' ? line.alert_unit! : level;
    return kind === 'message' ? line.message_id : kind === 'thread' ? `${line.arc_id} ${line.thread_id}` : line.arc_id!;
  };
  const kindOf = (line: ScoredLine): string => (level === 'alertUnit' ? line.alert_unit! : level);

  const required = lines.filter(({ due }) => due === 'required');
  const context = (line: ScoredLine): string[] => (kindOf(line) === 'message' ? [line.message_id] : [line.message_id, ...line.context]);
  const finds = (line: ScoredLine): boolean => context(line).some(alerted);

  const nearMisses = lines.filter(({ label }) => label === 'near_miss');
  const distinct = (list: readonly ScoredLine[]): number => new Set(list.map(unitOf)).size;

  const others = lines.filter(({ label, due, message_id }) => label !== 'near_miss' && due === 'none' && alerted(message_id));
  const inContext = required.flatMap((line) => (kindOf(line) === 'message' ? [] : context(line)));
  const wrong = new Set<string>();
  for (const { message_id } of others) {
    if (inContext.includes(message_id)) continue;
    const people = on(message_id).flatMap(({ person }) => (person === '' ? [] : [person]));
    for (const unit of level === 'person' && people.length > 0 ? people : [message_id]) wrong.add(unit);
  }
  return [
    distinct(required),
    distinct(required.filter(finds)),
    distinct(nearMisses),
    distinct(nearMisses.filter(({ message_id }) => alerted(message_id))),
    wrong.size,
  ];
}

const countsOf = (score: Score, level: Level): number[] => {
  const { units, found, nearMisses, nearMissesFlagged, otherFalse } = score.levels[level];
  return [units, found, nearMisses, nearMissesFlagged, otherFalse];
};

describe('a score, whatever the truth and the alerts are', () => {
  it('is what the definitions say', () =>
    holds(
      fc.property(cases, (given) => {
        const score = scoreOf(given);
        for (const level of LEVELS) assert.deepEqual(countsOf(score, level), byDefinition(given, level), level);
      }),
      80,
    ));

  it('does not depend on the order of truth or alerts, nor on how a message is called', () =>
    holds(
      fc.property(cases, ({ lines, alerts }) => {
        const { levels } = scoreOf({ lines, alerts });
        assert.deepEqual(scoreOf({ lines: lines.toReversed(), alerts: alerts.toReversed() }).levels, levels);
        const keys = new Map(lines.map(({ message_id, key }) => [message_id, key]));
        assert.deepEqual(
          scoreOf({ lines, alerts: alerts.map((a) => ({ ...a, message: keys.get(a.message) ?? a.message })) }).levels,
          levels,
        );
        assert.deepEqual(scoreOf({ lines, alerts: [...alerts, ...alerts] }).levels, levels);
      }),
      25,
    ));

  it('is 1 for perfect alerts', () =>
    holds(
      fc.property(cases, ({ lines }) => {
        const required = lines.filter(({ due }) => due === 'required');
        const score = scoreOf({ lines, alerts: required.map(({ message_id }) => alertOn(message_id)) });
        for (const level of LEVELS) {
          const { recall, precision, f1, missed } = score.levels[level];
          assert.deepEqual(
            [recall?.value, precision?.value, f1, missed],
            required.length > 0 ? [1, 1, 1, 0] : [undefined, undefined, null, 0],
          );
        }
        assert.equal(score.missed.count, 0);
      }),
      25,
    ));

  it('has a recall of 0 without alerts', () =>
    holds(
      fc.property(cases, ({ lines }) => {
        const score = scoreOf({ lines, alerts: [] });
        for (const level of LEVELS) {
          const { units, recall, precision, f1 } = score.levels[level];
          assert.deepEqual([recall?.value, f1], units > 0 ? [0, 0] : [undefined, null]);
          assert.equal(precision, null);
        }
        assert.equal(score.missed.count, score.levels.alertUnit.units);
      }),
      25,
    ));

  it('loses precision by flagged near misses, and no recall', () =>
    holds(
      fc.property(cases, ({ lines, alerts }) => {
        const nearMisses = lines.filter(({ label }) => label === 'near_miss').map(({ key }) => alertOn(key));
        const before = scoreOf({ lines, alerts });
        const after = scoreOf({ lines, alerts: [...alerts, ...nearMisses] });
        for (const level of LEVELS) {
          assert.deepEqual(after.levels[level].recall, before.levels[level].recall);
          assert.ok((after.levels[level].precision?.value ?? 0) <= (before.levels[level].precision?.value ?? 1));
          assert.equal(after.levels[level].nearMissRate?.value, nearMisses.length > 0 ? 1 : undefined);
        }
      }),
      25,
    ));

  it('has intervals around its shares, and parts that add up', () =>
    holds(
      fc.property(cases, (given) => {
        const { levels, by, alerts } = scoreOf({ ...given, messages: 100 });
        for (const level of LEVELS) {
          for (const share of [levels[level].recall, levels[level].precision])
            if (share) assert.ok(0 <= share.low && share.low <= share.value && share.value <= share.high && share.high <= 1);
          for (const parts of Object.values(by))
            for (const counted of ['units', 'found', 'nearMisses', 'nearMissesFlagged', 'otherFalse'] as const)
              assert.equal(
                parts.reduce((sum, part) => sum + part.levels[level][counted], 0),
                levels[level][counted],
              );
        }
        const { required, allowed, nearMisses, otherFalse, unknown, unverifiable } = alerts;
        assert.equal(required + allowed + nearMisses + otherFalse + unknown + unverifiable, alerts.messages);
        assert.equal(alerts.rows - alerts.duplicates, alerts.messages);
      }),
      25,
    ));

  it('compares two runs the same from both sides', () =>
    holds(
      fc.property(cases, cases, ({ lines, alerts }, { alerts: others }) => {
        const there = scoreOf({ lines, alerts, baseline: others });
        const back = scoreOf({ lines, alerts: others, baseline: alerts });
        assert.deepEqual(there.baseline!.lost, back.baseline!.gained);
        assert.deepEqual(there.baseline!.gained, back.baseline!.lost);
        assert.deepEqual(there.baseline!.nearMissesNew, back.baseline!.nearMissesGone);
        assert.deepEqual(there.baseline!.levels, back.levels);
        assert.deepEqual(there.levels, back.baseline!.levels);
        const found = there.levels.alertUnit.found - there.baseline!.levels.alertUnit.found;
        assert.equal(there.baseline!.gained.count - there.baseline!.lost.count, found);
        const same = scoreOf({ lines, alerts, baseline: alerts.toReversed() }).baseline!;
        assert.deepEqual([same.lost.count, same.gained.count, same.nearMissesNew.count, same.nearMissesGone.count], [0, 0, 0, 0]);
      }),
      25,
    ));

  it('names only messages of the truth as missed, each by its key', () =>
    holds(
      fc.property(cases, (given) => {
        const keys = new Set(given.lines.filter(({ due }) => due === 'required').map(({ key }) => key));
        const { missed, levels } = scoreOf(given);
        assert.equal(missed.count, levels.alertUnit.missed);
        for (const { key } of missed.items) assert.ok(keys.has(key));
        assert.ok(!keys.has(keyOf('nowhere')));
      }),
      25,
    ));
});

describe('alerts on a corpus whose messages can be made again, whatever they call them', () => {
  const MESSAGES = 8;
  const { job, messageId, objectId } = jobOf(MESSAGES);
  const lines = [0, 3].map((index) => ({
    ...lineOf({ name: 'm', arc_id: `a${index}` }),
    message_id: messageId(index),
    key: `messages/${objectId(index).slice(0, 2)}/${objectId(index)}.eml`,
    context: [messageId(index)],
  }));
  const WAYS: ((index: number) => string)[] = [
    (index) => messageId(index),
    (index) => messageId(index).toLowerCase(),
    (index) => `${objectId(index)}.eml`,
    (index) => `elsewhere/${objectId(index)}.eml`,
  ];
  const named = fc.record({ index: fc.nat(MESSAGES - 1), way: fc.nat(WAYS.length - 1), wrong: fc.integer({ min: -4, max: 1 }) });
  const textOf = ({ index, way, wrong }: { index: number; way: number; wrong: number }): string =>
    wrong < 0 ? WAYS[way]!(index) : messageId(index).replace('@', `${wrong}@`);

  it('are of one message each, or unknown', () =>
    holds(
      fc.property(fc.array(named, { maxLength: 20 }), fc.array(named, { maxLength: 5 }), (alerts, baseline) => {
        const made: number[] = [];
        const regenerate = (index: number): Features => {
          made.push(index);
          return { messageId: messageId(index), language: 'en', shape: 'text' };
        };
        const given = [alerts, baseline].map((list) => list.map((name) => alertOn(textOf(name))));
        const score = scoreOf({ lines, alerts: given[0]!, baseline: given[1]!, job, regenerate });
        [alerts, baseline].forEach((list, run) => {
          const right = new Set(list.filter(({ wrong }) => wrong < 0).map(({ index }) => index));
          const strays = new Set(list.filter(({ wrong }) => wrong >= 0).map(textOf));
          const found = [0, 3].filter((index) => right.has(index)).length;
          const { levels, alerts: counts } = run === 0 ? score : score.baseline!;
          assert.deepEqual(
            [counts.required, counts.otherFalse, counts.unknown, counts.duplicates],
            [found, right.size - found, strays.size, list.length - right.size - strays.size],
          );
          assert.deepEqual([levels.message.found, levels.message.otherFalse], [found, right.size - found]);
        });
        const asked = [...alerts, ...baseline].filter(({ index, wrong }) => wrong >= 0 || (index !== 0 && index !== 3));
        assert.deepEqual(made, [...new Set(asked.map(({ index }) => index))].sort());
      }),
      150,
    ));
});
