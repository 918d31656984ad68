import assert from 'node:assert/strict';
import { BLOCK } from '../../src/corpus/block.ts';
import { parseSpec } from '../../src/job/spec.ts';
import { binned, fit, scoreOf } from './boosting.ts';
import { fnv1a, matched, type Placed, placed, type Seen, seen, tableOf } from './metadata.ts';
import { generatorOf, table } from './support.ts';

/**
 * Whether positives can be told from near misses, or from ordinary mail like them, without reading a word: by headers,
 * sizes, times and ids. A classifier that sees nothing else learns on four fifths of the arcs and is tried on the rest.
 */

const MESSAGES = 80_000;

/** Percent of messages that are positive, and near misses likewise. */
const RATE = 8;

/** A large firm with many outsiders: of a small one, a few people's habits would pass for the label. */
const ORGANISATION = { employees: 4000, outsiders: { clients: 1200, counterparties: 400, vendors: 500 } };

const FOLDS = 5;
const SETTINGS = { rounds: 60, depth: 1, rate: 0.15, leaf: 20 };
const REPLICATES = 200;
const BAR = 0.55;
const ENOUGH = 5000;

interface Labelled {
  readonly kind: 'positive' | 'near_miss' | 'ordinary' | 'other';
  /** What must not be torn apart: an arc with its near misses, or a thread of ordinary mail. */
  readonly group: string;
}

describe('metadata', function () {
  this.timeout(300_000);
  const messages: Placed[] = [];
  const labels: Labelled[] = [];
  const report: (string | number)[][] = [['told apart by metadata', 'AUC', 'upper 95 %', 'a class', 'told by']];
  const of = (kind: Labelled['kind']): number[] => labels.flatMap((label, i) => (label.kind === kind ? [i] : []));

  before(() => {
    const scenarios = [{ scenario: 'all', rate: RATE, nearMisses: 1 }];
    const spec = parseSpec({ messages: MESSAGES, organisation: ORGANISATION, scenarios });
    const generator = generatorOf(spec);
    const all: Seen[] = [];
    for (let block = 0; block * BLOCK < MESSAGES; block++)
      generator.block(block, (message) => {
        const one = seen(message, spec.organisation.domain);
        const { arc } = message.conversation;
        const label = message.truth?.label ?? 'benign';
        all.push(one);
        labels.push(
          arc
            ? { kind: label === 'benign' ? 'other' : label, group: `arc ${arc.unit.arc}` }
            : { kind: one.machine ? 'other' : 'ordinary', group: one.thread },
        );
      });
    messages.push(...placed(all));
  });

  after(() => console.log(table(report)));

  /** How well `ones` are told from `others`, and what tells them. */
  function compare(
    what: string,
    ones: readonly number[],
    others: readonly number[],
    extra?: (row: Placed, one: boolean) => [string, number],
  ) {
    const rows = [...ones, ...others];
    const positive = Uint8Array.from(rows, (_, i) => (i < ones.length ? 1 : 0));
    const features = tableOf(
      rows.map((row, i) => {
        const { numbers, ...rest } = messages[row]!;
        return extra ? { ...rest, numbers: new Map([...numbers, extra(messages[row]!, i < ones.length)]) } : messages[row]!;
      }),
    );
    const bins = binned(features);
    const groups = rows.map((row) => labels[row]!.group);
    const folds = groups.map((group) => hash(group) % FOLDS);
    const scores = new Float64Array(rows.length);
    const gains = new Float64Array(features.names.length);
    for (let fold = 0; fold < FOLDS; fold++) {
      const model = fit(
        bins,
        positive,
        Int32Array.from(rows.keys()).filter((i) => folds[i] !== fold),
        SETTINGS,
      );
      model.gains.forEach((gain, i) => (gains[i]! += gain));
      for (let i = 0; i < rows.length; i++) if (folds[i] === fold) scores[i] = scoreOf(model, bins, i);
    }
    const area = areaOf(scores, positive, groups);
    const best = [...gains.keys()].sort((a, b) => gains[b]! - gains[a]!).slice(0, 3);
    report.push([what, area.value.toFixed(3), area.upper.toFixed(3), ones.length, best.map((i) => features.names[i]).join(', ')]);
    return area;
  }

  it('does not tell positives from near misses', () => {
    const [positives, nearMisses] = [of('positive'), of('near_miss')];
    assert.ok(positives.length >= ENOUGH && nearMisses.length >= ENOUGH, `${positives.length} and ${nearMisses.length}`);
    const { upper } = compare('positives, near misses', positives, nearMisses);
    assert.ok(upper < BAR, `an AUC of up to ${upper}`);
  });

  it('does not tell positives from ordinary mail of the same direction, attachment, thread length and size', () => {
    const pairs = matched(messages, of('positive'), of('ordinary'));
    assert.ok(pairs.length >= ENOUGH, `${pairs.length} pairs`);
    const [positives, ordinary] = [pairs.map(([one]) => one), pairs.map(([, other]) => other)];
    const { upper } = compare('positives, ordinary mail', positives, ordinary);
    assert.ok(upper < BAR, `an AUC of up to ${upper}`);
  });

  it('is told by a leak that is planted: a header that nine in ten positives have, and one in ten near misses', () => {
    const [positives, nearMisses] = [of('positive'), of('near_miss')];
    const planted = (row: Placed, one: boolean): [string, number] => [
      'has X-Planted',
      hash(row.seen.messageId) % 100 < (one ? 92 : 8) ? 1 : 0,
    ];
    const { value } = compare('positives, near misses, with a leak', positives, nearMisses, planted);
    assert.ok(value > 0.9, `an AUC of ${value}`);
  });
});

/**
 * The area under the ROC curve, and the upper end of its 95 % interval: of whole groups drawn again and again, since messages
 * of an arc are alike.
 */
function areaOf(scores: Float64Array, positive: Uint8Array, groups: readonly string[]): { value: number; upper: number } {
  const order = Int32Array.from(scores.keys()).sort((a, b) => scores[a]! - scores[b]!);
  const numbers = new Map([...new Set(groups)].map((group, i) => [group, i]));
  const group = Int32Array.from(groups, (name) => numbers.get(name)!);
  const area = (weights: Float64Array): number => {
    let [below, sum, ones, others] = [0, 0, 0, 0];
    for (let i = 0; i < order.length;) {
      let [p, n] = [0, 0];
      const score = scores[order[i]!]!;
      for (; i < order.length && scores[order[i]!] === score; i++) {
        const row = order[i]!;
        const weight = weights[group[row]!]!;
        if (positive[row] === 1) p += weight;
        else n += weight;
      }
      sum += p * (below + n / 2);
      below += n;
      ones += p;
      others += n;
    }
    return sum / (ones * others);
  };
  let state = 20250306;
  const draw = (n: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % n;
  };
  const replicates = Array.from({ length: REPLICATES }, () => {
    const weights = new Float64Array(numbers.size);
    for (let i = 0; i < numbers.size; i++) weights[draw(numbers.size)]!++;
    return area(weights);
  }).sort((a, b) => a - b);
  return { value: area(new Float64Array(numbers.size).fill(1)), upper: replicates[Math.floor(REPLICATES * 0.975)]! };
}

/** FNV-1a, mixed. */
function hash(text: string): number {
  let h = fnv1a(text);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  return (h ^ (h >>> 12)) >>> 0;
}
