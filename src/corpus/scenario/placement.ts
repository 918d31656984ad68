import { BLOCK } from '../block.ts';
import { type ContentSpec, languagesOf, type ScenarioSpec } from '../content.ts';
import type { Evasion, Scenario } from '../pack/scenario.ts';
import type { Pack } from '../pack/schema.ts';
import { below, label, type Path, Permutation, root } from '../random.ts';
import { levelsOf, mostMessagesOf, positivesOf } from './shape.ts';

/**
 * How many arcs a corpus has, of which scenario and level, and in which block each of them stands. All of it is counted out,
 * nothing is drawn: an exact number, spread evenly, and each block's share computable alone.
 */

/** The arcs of one scenario at one level. */
export interface Cell {
  readonly scenario: string;
  readonly evasion: Evasion;
  readonly arcs: number;
  readonly nearMisses: number;
  /** Numbers of its first unit and of its first arc. */
  readonly firstUnit: number;
  readonly firstArc: number;
}

/** An arc or a near miss, to be put in a block. */
export interface Unit {
  readonly cell: Cell;
  /** The arc's number; for a near miss, that of the arc it is paired with. */
  readonly arc: number;
  /** 0 for the arc itself, else which of its near misses. */
  readonly near: number;
}

/** A scenario entry of a spec that cannot be carried out. */
export class PlacementError extends Error {
  readonly path: string;

  constructor(path: string, message: string) {
    super(message);
    this.name = 'PlacementError';
    this.path = path;
  }
}

const ORDER = label('order of arcs');
const TIES = label('ties');

export class Placement {
  readonly cells: readonly Cell[];
  /** Arcs, near misses, and the messages that will be labelled so. */
  readonly arcs: number;
  readonly nearMisses: number;
  readonly positives: number;
  readonly nearMissMessages: number;
  private readonly units: number;
  /** Whole blocks, and units in a last block that is short. */
  private readonly whole: number;
  private readonly last: number;
  /** Units by the size of their arcs, the largest first. */
  private readonly sizes: readonly SizeClass[];

  /** `scenarios` has the scenario of each id in each language that is drawn. Throws a PlacementError where the spec asks for what there is not, or for more than fits. */
  constructor(spec: ContentSpec, scenarios: ReadonlyMap<string, readonly Scenario[]>, seed: Path) {
    const kinds = spec.scenarios.map((entry, i) => kindsOf(entry, i, scenarios));
    /** What there is if only so many parts of all are asked for. */
    const asked = (part: number, of: number): Dealt => {
      let units = 0;
      let arcs = 0;
      const cells = spec.scenarios.flatMap((entry, i) => {
        const counts = countsOf(scaled(entry, part, of), spec.messages, kinds[i]!, below(below(seed, TIES), i));
        return kinds[i]!.flatMap((kind, k) => {
          if (counts[k] === 0) return [];
          const cell = { ...kind, arcs: counts[k]!, nearMisses: entry.nearMisses, firstUnit: units, firstArc: arcs };
          units += cell.arcs * (1 + cell.nearMisses);
          arcs += cell.arcs;
          return cell;
        });
      });
      const sizes = classesOf(cells, seed);
      return { cells, units, arcs, sizes, last: lastOf(sizes, units, spec.messages) };
    };
    const { cells, units, arcs, sizes, last } = asked(1, 1);
    if (last === undefined) throw refusal(units, spec.messages, (part) => asked(part, units).last !== undefined);
    this.cells = cells;
    this.units = units;
    this.arcs = arcs;
    this.nearMisses = units - arcs;
    this.positives = cells.reduce((sum, cell) => sum + cell.arcs * cell.positives, 0);
    this.nearMissMessages = cells.reduce((sum, cell) => sum + cell.arcs * cell.positives * cell.nearMisses, 0);
    this.whole = Math.floor(spec.messages / BLOCK);
    this.sizes = sizes;
    this.last = last;
  }

  /**
   * What stands in a block. Units are dealt to the whole blocks in turn, the largest first, so that blocks are alike in
   * number and in size; a short last block has the smallest, as many as are its share.
   */
  in(block: number): Unit[] {
    const { units, whole, last } = this;
    const dealt = units - last;
    const found: Unit[] = [];
    if (block >= whole) for (let rank = dealt; rank < units; rank++) found.push(this.ranked(rank));
    else for (let rank = block; rank < dealt; rank += whole) found.push(this.ranked(rank));
    return found;
  }

  /** The unit of a rank by size; of one size, in an order of the seed. */
  private ranked(rank: number): Unit {
    const size = this.sizes.findLast(({ first }) => first <= rank)!;
    return size.unit(size.order.at(rank - size.first));
  }
}

/** What a spec asks for, counted out; `last`: see Placement, undefined where it does not fit. */
interface Dealt {
  readonly cells: readonly (Cell & Kind)[];
  readonly units: number;
  readonly arcs: number;
  readonly sizes: readonly SizeClass[];
  readonly last: number | undefined;
}

/** Units whose arcs have so many messages at the most. */
interface SizeClass {
  readonly size: number;
  readonly first: number;
  readonly count: number;
  readonly order: Permutation;
  /** Its nth unit: those of a cell are its arcs, then their first near misses, then their second ones. */
  unit(n: number): Unit;
}

function classesOf(cells: readonly (Cell & { readonly most: number })[], seed: Path): SizeClass[] {
  let first = 0;
  return [...new Set(cells.map(({ most }) => most))]
    .sort((a, b) => b - a)
    .map((size) => {
      const own = cells.filter(({ most }) => most === size);
      const starts: number[] = [];
      let count = 0;
      for (const { arcs, nearMisses } of own) {
        starts.push(count);
        count += arcs * (1 + nearMisses);
      }
      const unit = (n: number): Unit => {
        const at = starts.findLastIndex((start) => start <= n);
        const cell = own[at]!;
        const within = n - starts[at]!;
        return { cell, arc: cell.firstArc + (within % cell.arcs), near: Math.floor(within / cell.arcs) };
      };
      const found = { size, first, count, order: new Permutation(count, below(below(seed, ORDER), size)), unit };
      first += count;
      return found;
    });
}

/** How many units a short last block has; undefined where not all of them fit. */
function lastOf(sizes: readonly SizeClass[], units: number, messages: number): number | undefined {
  const sizeOf = (rank: number): number => sizes.findLast(({ first }) => first <= rank)!.size;
  const whole = Math.floor(messages / BLOCK);
  const room = messages - whole * BLOCK;
  let last = 0;
  let load = 0;
  const share = whole === 0 ? units : Math.floor((units * room) / messages);
  while (last < share && load + sizeOf(units - 1 - last) <= room) load += sizeOf(units - 1 - last++);
  if (whole === 0) return last === units ? last : undefined;
  // No block has more than the first one, which is dealt first each time round.
  let first = 0;
  for (let rank = 0; rank < units - last && first <= BLOCK; rank += whole) first += sizeOf(rank);
  return first <= BLOCK ? last : undefined;
}

const scaled = (entry: ScenarioSpec, part: number, of: number): ScenarioSpec =>
  entry.arcs === undefined
    ? { ...entry, rate: ((entry.rate ?? DEFAULT_RATE) * part) / of }
    : { ...entry, arcs: Math.floor((entry.arcs * part) / of) };

/** Names the largest part of what was asked for that fits. */
function refusal(units: number, messages: number, fits: (part: number) => boolean): PlacementError {
  let [most, over] = [0, units];
  while (over - most > 1) {
    const middle = Math.floor((most + over) / 2);
    if (fits(middle)) most = middle;
    else over = middle;
  }
  const share = Math.floor((most * 1000) / units) / 10;
  return new PlacementError(
    'scenarios',
    `${units} arcs and near misses do not fit into ${messages} messages: ${most} is the most. ` +
      `Ask for more messages, or for ${share === 0 ? 'none' : `at most ${share} % of these`}`,
  );
}

/** The placement of a spec's scenarios, as its packs have them. */
export function placementOf(spec: ContentSpec, packs: readonly Pack[]): Placement {
  const versions = new Map<string, Scenario[]>();
  for (const tag of languagesOf(spec)) {
    // Of two scenarios of one id, the later one counts.
    const own = new Map(packs.flatMap((pack) => (pack.language === tag ? pack.scenarios : [])).map((s) => [s.scenario, s]));
    for (const [id, scenario] of own) versions.set(id, [...(versions.get(id) ?? []), scenario]);
  }
  return new Placement(spec, versions, root(String(spec.seed)));
}

interface Kind {
  readonly scenario: string;
  readonly evasion: Evasion;
  readonly weight: number;
  readonly positives: number;
  readonly most: number;
}

/** The scenarios and levels an entry of the spec speaks of. */
function kindsOf(entry: ScenarioSpec, i: number, scenarios: ReadonlyMap<string, readonly Scenario[]>): Kind[] {
  const all = [...scenarios].sort(([a], [b]) => (a < b ? -1 : 1));
  const wanted = all.filter(([id, [first]]) => entry.scenario === 'all' || entry.scenario === id || entry.scenario === first!.family);
  if (wanted.length === 0) {
    if (entry.scenario === 'all') return [];
    const families = [...new Set(all.map(([, [first]]) => first!.family))];
    throw new PlacementError(
      `scenarios[${i}].scenario`,
      `"${entry.scenario}": no such scenario or family; there are all, ${[...families, ...all.map(([id]) => id)].join(', ')}`,
    );
  }
  const kinds = wanted.flatMap(([id, versions]) =>
    levelsOf(versions[0]!, versions.length > 1).map((evasion) => ({
      scenario: id,
      evasion,
      weight: entry.evasion ? (entry.evasion[evasion] ?? 0) : 1,
      positives: positivesOf(versions[0]!, evasion),
      most: mostMessagesOf(versions[0]!, evasion),
    })),
  );
  if (!kinds.some((kind) => kind.weight > 0))
    throw new PlacementError(
      `scenarios[${i}].evasion`,
      `"${entry.scenario}" has none of these levels; it has ${[...new Set(kinds.map((kind) => kind.evasion))].join(', ')}`,
    );
  return kinds.filter((kind) => kind.weight > 0);
}

/** How many arcs of each kind: exactly as many as asked for, or as come nearest to the rate. */
function countsOf(entry: ScenarioSpec, messages: number, kinds: readonly Kind[], path: Path): number[] {
  if (kinds.length === 0) return [];
  const order = keyedOrder(kinds, path);
  const share = (count: number): number[] => apportioned(count, kinds, order);
  if (entry.arcs !== undefined) return share(entry.arcs);
  const target = (messages * (entry.rate ?? DEFAULT_RATE)) / 100;
  const weight = kinds.reduce((sum, kind) => sum + kind.weight, 0);
  const mean = kinds.reduce((sum, kind) => sum + kind.weight * kind.positives, 0) / weight;
  const positives = (counts: readonly number[]): number => counts.reduce((sum, count, k) => sum + count * kinds[k]!.positives, 0);
  // One more arc is a few more positives, not always as many: come near by the mean, then look around.
  let guess = Math.round(target / mean);
  for (let i = 0; i < 4; i++) guess = Math.max(0, guess + Math.round((target - positives(share(guess))) / mean));
  let best = share(0);
  for (let count = Math.max(0, guess - AROUND); count <= guess + AROUND; count++) {
    const counts = share(count);
    if (Math.abs(positives(counts) - target) < Math.abs(positives(best) - target)) best = counts;
  }
  return best;
}

const AROUND = 8;

/** Percent of messages that are positive, where a spec says nothing. */
const DEFAULT_RATE = 0.05;

/** Kinds by level, levels and the kinds of each in an order of the seed: few arcs are not all of the first scenario. */
function keyedOrder(kinds: readonly Kind[], path: Path): number[] {
  const keyed = new Permutation(kinds.length, path);
  const rank = kinds.map((_, k) => keyed.at(k));
  const level = new Map<Evasion, number>();
  kinds.forEach(({ evasion }, k) => level.set(evasion, Math.min(level.get(evasion) ?? kinds.length, rank[k]!)));
  return kinds.map((_, k) => k).sort((a, b) => level.get(kinds[a]!.evasion)! - level.get(kinds[b]!.evasion)! || rank[a]! - rank[b]!);
}

/**
 * How many arcs of each kind: kinds take lengths of their weights on a line, in their order, and the arcs stand on it at equal
 * distances. So levels have their shares however few arcs there are, and so have scenarios within them.
 */
function apportioned(count: number, kinds: readonly Kind[], order: readonly number[]): number[] {
  const weight = kinds.reduce((sum, kind) => sum + kind.weight, 0);
  // Arc j stands at (j + ½) · weight / count: so many stand before a place.
  const before = (place: number): number => Math.ceil((2 * place * count - weight) / (2 * weight));
  const shares = kinds.map(() => 0);
  let place = 0;
  for (const k of order) {
    shares[k] = before(place + kinds[k]!.weight) - before(place);
    place += kinds[k]!.weight;
  }
  return shares;
}
