import assert from 'node:assert/strict';
import fc from 'fast-check';
import { BLOCK, blockCount, blockSize } from '../../src/corpus/block.ts';
import { type Scenario, scenarioSchema } from '../../src/corpus/pack/scenario.ts';
import { root } from '../../src/corpus/random.ts';
import { Placement, PlacementError, type Unit } from '../../src/corpus/scenario/placement.ts';
import { mostMessagesOf } from '../../src/corpus/scenario/shape.ts';
import { builtinPacks, holds, specOf } from './support.ts';

/** A scenario of phases that are new, a reply or a forward, with words for some levels. */
function scenario(id: string, family: string, phases: string, levels = '', without = ''): Scenario {
  const list = (text: string): string[] => text.split(' ').filter(Boolean);
  const words = { explicit: ['It is done.'], ...Object.fromEntries(list(levels).map((level) => [level, ['It is.']])) };
  const ids = list(phases).map((kind, i) => ({ phase: `phase-${i}`, kind }));
  return scenarioSchema.parse({
    scenario: id,
    family,
    title: id,
    about: 'Made for this test.',
    severity: 'low',
    alertUnit: 'thread',
    without: list(without),
    roles: { one: { desk: 'any' }, other: { desk: 'any' } },
    phases: ids.map((phase) => ({ ...phase, from: 'one', to: 'other', ...words })),
    nearMisses: [{ id: 'other', why: 'It means nothing.', phases: Object.fromEntries(ids.map(({ phase }) => [phase, ['It was.']])) }],
  });
}

/** One message to twelve, one thread to four, one level to nine. The first four are in two languages. */
const SCENARIOS = [
  scenario('lone', 'conduct', 'new', '', 'misspelt language attachment image quoted'),
  scenario('note', 'conduct', 'new', 'slang code'),
  scenario('deal', 'antitrust', 'new reply', 'slang code split'),
  scenario('chain', 'antitrust', 'new reply forward new reply new', 'code split'),
  scenario('saga', 'corruption', 'new reply reply reply new reply new reply reply new reply reply', 'slang code split', 'image'),
];
const TONGUES = new Map(SCENARIOS.map((s, i) => [s.scenario, i < 4 ? [s, s] : [s]]));

type Entry = Record<string, unknown>;
const placementOf = (messages: number, entries: readonly Entry[], seed = 'placement', scenarios = TONGUES): Placement =>
  new Placement(specOf({ messages, scenarios: entries }), scenarios, root(seed));

function refusalOf(make: () => Placement): PlacementError | undefined {
  try {
    make();
  } catch (error) {
    if (error instanceof PlacementError) return error;
    throw error;
  }
  return undefined;
}

const blocksOf = (placement: Placement, messages: number): Unit[][] =>
  Array.from({ length: blockCount(messages) }, (_, block) => placement.in(block));

const roomOf = ({ cell }: Unit): number => mostMessagesOf(TONGUES.get(cell.scenario)![0]!, cell.evasion);
const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0);

/** Everything is there once, fits where it stands, and stands as evenly as can be. */
function checkPlaced(placement: Placement, messages: number): void {
  const blocks = blocksOf(placement, messages);
  const units = blocks.flat();
  assert.equal(units.filter(({ near }) => near === 0).length, placement.arcs);
  assert.equal(units.filter(({ near }) => near > 0).length, placement.nearMisses);
  assert.equal(new Set(units.map(({ arc, near }) => `${arc} ${near}`)).size, units.length, 'no unit is there twice');
  for (const { cell, arc, near } of units) {
    assert.ok(arc >= cell.firstArc && arc < cell.firstArc + cell.arcs, 'an arc is one of its cell');
    assert.ok(near >= 0 && near <= cell.nearMisses);
  }
  blocks.forEach((list, block) => assert.ok(sum(list.map(roomOf)) <= blockSize(messages, block), `block ${block}`));
  // The last block may take less than the others; those are alike.
  const counts = blocks.slice(0, -1).map((list) => list.length);
  if (messages % BLOCK === 0) counts.push(blocks.at(-1)!.length);
  if (counts.length > 0)
    assert.ok(Math.max(...counts) - Math.min(...counts) <= 1, `from ${Math.min(...counts)} to ${Math.max(...counts)} a block`);
  if (counts.length > 0) assert.ok(blocks.at(-1)!.length <= Math.max(...counts) + 1);
}

const NAMES = ['all', ...TONGUES.keys(), 'conduct', 'antitrust', 'corruption'];
const totals = fc.oneof(
  fc.constantFrom(1, 2, 3, 17, 255, 256, 257, 511, 512, 513),
  fc.integer({ min: 1, max: 3000 }),
  fc.integer({ min: 1, max: 100_000 }),
);
const evasion = fc.option(fc.record({ explicit: fc.integer({ min: 1, max: 9 }), code: fc.nat(9), split: fc.nat(3), quoted: fc.nat(9) }), {
  nil: undefined,
});
const entry = (amount: fc.Arbitrary<object>): fc.Arbitrary<Entry> =>
  fc
    .record({ scenario: fc.constantFrom(...NAMES), amount, nearMisses: fc.nat(5), evasion })
    .map(({ amount, evasion, ...rest }) => ({ ...rest, ...amount, ...(evasion && { evasion }) }));
const few = fc.oneof(fc.nat(3), fc.nat(40), fc.nat(3000)).map((arcs) => ({ arcs }));
const share = fc.oneof(fc.double({ min: 0, max: 2, noNaN: true }), fc.constantFrom(0, 0.05, 100)).map((rate) => ({ rate }));
const mixes = (amount: fc.Arbitrary<object>): fc.Arbitrary<Entry[]> => fc.array(entry(amount), { minLength: 1, maxLength: 4 });

describe('placement', () => {
  it('puts exactly what is asked for where it fits, evenly, or refuses it with the largest that fits', () => {
    let [placed, refused] = [0, 0];
    holds(
      fc.property(totals, mixes(few), fc.string(), (messages, entries, seed) => {
        const refusal = refusalOf(() => placementOf(messages, entries, seed));
        if (!refusal) {
          const placement = placementOf(messages, entries, seed);
          assert.equal(placement.arcs, sum(entries.map(({ arcs }) => arcs as number)));
          assert.equal(placement.nearMisses, sum(entries.map((e) => (e['arcs'] as number) * (e['nearMisses'] as number))));
          checkPlaced(placement, messages);
          placed++;
          return;
        }
        refused++;
        assert.equal(refusal.path, 'scenarios');
        const [, asked, most] = /^(\d+) arcs and near misses do not fit into \d+ messages: (\d+) is the most\./
          .exec(refusal.message)!
          .map(Number);
        assert.equal(asked, sum(entries.map((e) => (e['arcs'] as number) * (1 + (e['nearMisses'] as number)))));
        assert.ok(most! < asked!);
        // So many of them do fit.
        const fewer = entries.map((e) => ({ ...e, arcs: Math.floor(((e['arcs'] as number) * most!) / asked!) }));
        checkPlaced(placementOf(messages, fewer, seed), messages);
      }),
      250,
    );
    assert.ok(placed > 60 && refused > 60, `${placed} placed, ${refused} refused`);
  });

  it('refuses one more than the largest that fits', () => {
    for (const messages of [3, 256, 257, 5000])
      for (const id of ['lone', 'saga'])
        for (const nearMisses of [0, 1, 4]) {
          const asking = (arcs: number): PlacementError | undefined =>
            refusalOf(() => placementOf(messages, [{ scenario: id, arcs, nearMisses, evasion: { explicit: 1 } }]));
          const most = Number(/: (\d+) is the most/.exec(asking(1_000_000)!.message)![1]);
          const arcs = Math.floor(most / (1 + nearMisses));
          assert.equal(asking(arcs), undefined, `${arcs} ${id} in ${messages}`);
          assert.ok(asking(arcs + 1), `${arcs + 1} ${id} in ${messages}`);
        }
  });

  it('says in plain figures what does not fit', () => {
    const asking = (messages: number, arcs: number): string =>
      refusalOf(() => placementOf(messages, [{ scenario: 'lone', arcs, nearMisses: 0 }]))!.message;
    assert.equal(
      asking(257, 200),
      '200 arcs and near misses do not fit into 257 messages: 85 is the most. Ask for more messages, or for at most 42.5 % of these',
    );
    assert.equal(asking(2, 1), '1 arcs and near misses do not fit into 2 messages: 0 is the most. Ask for more messages, or for none');
  });

  it('keeps the weights of levels however few arcs there are', () => {
    const { cells } = placementOf(100_000, [{ scenario: 'all', arcs: 20, nearMisses: 0, evasion: { explicit: 3, code: 1 } }]);
    const of = (level: string): number => sum(cells.filter(({ evasion }) => evasion === level).map(({ arcs }) => arcs));
    // Not every scenario has the level of code words.
    assert.ok(of('explicit') > of('code') && of('code') >= 2, `${of('explicit')} and ${of('code')}`);
  });

  it('shares arcs out over scenarios and levels by their weights', () => {
    holds(
      fc.property(fc.nat(2000), fc.constantFrom(...NAMES), evasion, fc.string(), (arcs, name, weights, seed) => {
        const { cells } = placementOf(100_000, [{ scenario: name, arcs, nearMisses: 0, ...(weights && { evasion: weights }) }], seed);
        assert.equal(sum(cells.map((cell) => cell.arcs)), arcs);
        // What a level's share would be is known from many arcs.
        const many = placementOf(
          20_000_000,
          [{ scenario: name, arcs: 200_000, nearMisses: 0, ...(weights && { evasion: weights }) }],
          seed,
        );
        for (const { scenario: id, evasion: level, arcs: expected } of many.cells) {
          const count = cells.find((cell) => cell.scenario === id && cell.evasion === level)?.arcs ?? 0;
          assert.ok(Math.abs(count - (expected * arcs) / 200_000) < 1.01, `${id} ${level}: ${count} of ${arcs}`);
        }
        if (weights)
          for (const { evasion: level } of cells) assert.ok((weights as Record<string, number>)[level]! > 0, `nobody asked for ${level}`);
      }),
      60,
    );
  });

  it('has the levels that a scenario has words for, another language only where there is one', () => {
    const levels = (id: string): string[] =>
      placementOf(100_000, [{ scenario: id, arcs: 900, nearMisses: 0 }]).cells.map((cell) => `${cell.evasion} ${cell.arcs}`);
    assert.deepEqual(levels('lone'), ['explicit 900']);
    assert.deepEqual(
      levels('note'),
      ['explicit', 'slang', 'code', 'misspelt', 'language', 'attachment', 'image', 'quoted'].map(
        (level, i) => `${level} ${levels('note')[i]!.split(' ')[1]}`,
      ),
    );
    assert.deepEqual(
      levels('deal'),
      ['explicit', 'slang', 'code', 'split', 'misspelt', 'language', 'attachment', 'image', 'quoted'].map((level) => `${level} 100`),
    );
    assert.deepEqual(
      levels('saga').map((text) => text.split(' ')[0]),
      ['explicit', 'slang', 'code', 'split', 'misspelt', 'attachment', 'quoted'],
    );
  });

  it('comes as near to a rate as any number of arcs', () => {
    holds(
      fc.property(
        fc.constantFrom(257, 1000, 10_000, 60_000),
        fc.nat(60),
        fc.constantFrom(...NAMES),
        evasion,
        fc.string(),
        (messages, wanted, name, weights, seed) => {
          const target = Math.min(wanted, messages / 60);
          const asking = (amount: object): Placement =>
            placementOf(messages, [{ scenario: name, nearMisses: 0, ...amount, ...(weights && { evasion: weights }) }], seed);
          const { positives } = asking({ rate: (target * 100) / messages });
          // Each arc has a positive at least.
          const reachable: number[] = [];
          for (let arcs = 0; arcs <= target + 12; arcs++)
            if (!refusalOf(() => asking({ arcs }))) reachable.push(asking({ arcs }).positives);
          const nearest = Math.min(...reachable.map((count) => Math.abs(count - target)));
          assert.ok(Math.abs(positives - target) <= nearest + 1e-6, `${positives} for ${target}; there are ${reachable.join()}`);
        },
      ),
      60,
    );
  });

  it('places what a rate comes to', () => {
    let placed = 0;
    holds(
      fc.property(totals, mixes(share), fc.string(), (messages, entries, seed) => {
        const refusal = refusalOf(() => placementOf(messages, entries, seed));
        if (refusal) return assert.equal(refusal.path, 'scenarios');
        checkPlaced(placementOf(messages, entries, seed), messages);
        placed++;
      }),
    );
    assert.ok(placed > 30, `${placed} placed`);
  });

  it('counts 0.05 % where neither a rate nor a number is given', () => {
    assert.deepEqual(
      placementOf(100_000, [{ scenario: 'lone' }]).cells.map(({ arcs, nearMisses }) => ({ arcs, nearMisses })),
      [{ arcs: 50, nearMisses: 1 }],
    );
  });

  it('answers for a block whichever was asked for before', () => {
    const entries = [{ scenario: 'all', arcs: 700, nearMisses: 2 }];
    const [forth, back] = [placementOf(60_000, entries), placementOf(60_000, entries)];
    const last = blockCount(60_000) - 1;
    const blocks = Array.from({ length: last + 1 }, (_, block) => forth.in(block));
    for (let block = last; block >= 0; block--) assert.deepEqual(back.in(block), blocks[block]);
  });

  it('stands elsewhere under another seed, and nowhere else in the same numbers', () => {
    const shape = (seed: string): string[] =>
      blocksOf(placementOf(20_000, [{ scenario: 'all', arcs: 100, nearMisses: 1 }], seed), 20_000).map((units) =>
        units.map(({ cell, arc, near }) => `${cell.scenario} ${cell.evasion} ${arc} ${near}`).join(),
      );
    assert.deepEqual(shape('one'), shape('one'));
    assert.notDeepEqual(shape('one'), shape('two'));
    assert.deepEqual(
      shape('one').map((text) => text.split(',').length),
      shape('two').map((text) => text.split(',').length),
    );
  });

  it('does not put an arc and its near miss side by side as a rule', () => {
    const blocks = blocksOf(placementOf(256 * 400, [{ scenario: 'all', arcs: 400, nearMisses: 1 }]), 256 * 400);
    const together = blocks.filter((units) => new Set(units.map(({ arc }) => arc)).size < units.length).length;
    assert.ok(together < 10, `${together} of 400`);
  });

  it('counts evenly in a hundred million messages', () => {
    const messages = 100_000_000;
    const blocks = blockCount(messages);
    const placement = placementOf(messages, [{ scenario: 'lone', arcs: 10_000_000, nearMisses: 2 }]);
    assert.equal(placement.arcs + placement.nearMisses, 30_000_000);
    const seen = new Set<string>();
    let count = 0;
    for (const first of [0, 12_345, 195_312, blocks - 20])
      for (let block = first; block < first + 20; block++) {
        const units = placement.in(block);
        assert.ok(units.length === 76 || units.length === 77, `${units.length} in block ${block}`);
        for (const { arc, near } of units) seen.add(`${arc} ${near}`);
        count += units.length;
      }
    assert.equal(seen.size, count);
  });

  it('plants nothing where nothing is asked for, or there is nothing to plant', () => {
    for (const [entries, scenarios] of [
      [[], TONGUES],
      [[{ scenario: 'all', rate: 0 }], TONGUES],
      [[{ scenario: 'deal', arcs: 0 }], TONGUES],
      [[{ scenario: 'all', arcs: 5 }], new Map<string, Scenario[]>()],
    ] as const) {
      const placement = placementOf(1000, entries, 'seed', scenarios as typeof TONGUES);
      assert.deepEqual([placement.arcs, placement.nearMisses, placement.positives, placement.cells], [0, 0, 0, []]);
      assert.deepEqual(blocksOf(placement, 1000).flat(), []);
    }
  });

  describe('names what there is not, and what there is:', () => {
    const cases: readonly (readonly [what: string, entries: readonly Entry[], path: string, message: string])[] = [
      [
        'a scenario',
        [{ scenario: 'all' }, { scenario: 'dael' }],
        'scenarios[1].scenario',
        '"dael": no such scenario or family; there are all, antitrust, conduct, corruption, chain, deal, lone, note, saga',
      ],
      [
        'a family without a scenario',
        [{ scenario: 'data-loss' }],
        'scenarios[0].scenario',
        '"data-loss": no such scenario or family; there are all, antitrust, conduct, corruption, chain, deal, lone, note, saga',
      ],
      [
        'a level',
        [{ scenario: 'deal' }, { scenario: 'all' }, { scenario: 'lone', evasion: { code: 1, split: 5 } }],
        'scenarios[2].evasion',
        '"lone" has none of these levels; it has explicit',
      ],
      [
        'a level of a family',
        [{ scenario: 'conduct', evasion: { split: 1 } }],
        'scenarios[0].evasion',
        '"conduct" has none of these levels; it has explicit, slang, code, misspelt, language, attachment, image, quoted',
      ],
      [
        'a second language',
        [{ scenario: 'saga', evasion: { language: 1 } }],
        'scenarios[0].evasion',
        '"saga" has none of these levels; it has explicit, slang, code, split, misspelt, attachment, quoted',
      ],
    ];
    for (const [what, entries, path, message] of cases)
      it(what, () => {
        const refusal = refusalOf(() => placementOf(10_000, entries));
        assert.deepEqual([refusal?.path, refusal?.message], [path, message]);
      });
  });

  it('takes each built-in scenario and family by its name', () => {
    const scenarios = new Map<string, Scenario[]>();
    for (const pack of builtinPacks()) for (const s of pack.scenarios) scenarios.set(s.scenario, [...(scenarios.get(s.scenario) ?? []), s]);
    for (const name of [...scenarios.keys(), ...new Set([...scenarios.values()].map(([s]) => s!.family))])
      assert.equal(placementOf(50_000, [{ scenario: name, arcs: 90 }], 'seed', scenarios).arcs, 90, name);
  });
});
