import { BLOCK, blockCount, blockSize } from '../block.ts';
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
  private readonly order: Permutation | undefined;
  /** Units a whole block takes, and all blocks together. */
  private readonly perBlock: number;
  private readonly capacity: number;

  /** `scenarios` has the scenario of each id in each language that is drawn. Throws a PlacementError where the spec asks for what there is not, or for more than fits. */
  constructor(spec: ContentSpec, scenarios: ReadonlyMap<string, readonly Scenario[]>, seed: Path) {
    const cells: Cell[] = [];
    let units = 0;
    let arcs = 0;
    let positives = 0;
    let nearMissMessages = 0;
    let largest = 1;
    spec.scenarios.forEach((entry, i) => {
      const kinds = kindsOf(entry, i, scenarios);
      const counts = countsOf(entry, spec.messages, kinds, below(below(seed, TIES), i));
      kinds.forEach((kind, k) => {
        const count = counts[k]!;
        if (count === 0) return;
        cells.push({ ...kind, arcs: count, nearMisses: entry.nearMisses, firstUnit: units, firstArc: arcs });
        units += count * (1 + entry.nearMisses);
        arcs += count;
        positives += count * kind.positives;
        nearMissMessages += count * kind.positives * entry.nearMisses;
        largest = Math.max(largest, kind.most);
      });
    });
    this.cells = cells;
    this.units = units;
    this.arcs = arcs;
    this.nearMisses = units - arcs;
    this.positives = positives;
    this.nearMissMessages = nearMissMessages;
    this.perBlock = Math.floor(BLOCK / largest);
    const blocks = blockCount(spec.messages);
    this.capacity = (blocks - 1) * this.perBlock + Math.floor(blockSize(spec.messages, blocks - 1) / largest);
    if (units > this.capacity) {
      const share = Math.floor((this.capacity * 1000) / units) / 10;
      throw new PlacementError(
        'scenarios',
        `${units} arcs and near misses of up to ${largest} messages do not fit into ${spec.messages} messages: ${this.capacity} is the most. ` +
          `Ask for more messages, or for ${share === 0 ? 'none' : `at most ${share} % of these`}`,
      );
    }
    if (units > 0) this.order = new Permutation(units, below(seed, ORDER));
  }

  /** What stands in a block. */
  in(block: number): Unit[] {
    const { order, units, capacity, perBlock } = this;
    if (!order) return [];
    const found: Unit[] = [];
    // Unit s of the order takes place ⌊(s + ½) · capacity / units⌋ of all there are.
    const place = (s: number): number => Math.floor(((2 * s + 1) * capacity) / (2 * units));
    const from = block * perBlock;
    let s = Math.max(0, Math.floor((from * units) / capacity) - 2);
    while (s < units && place(s) < from) s++;
    for (; s < units && place(s) < from + perBlock; s++) found.push(this.unit(order.at(s)));
    return found;
  }

  /** Unit n: those of a cell are its arcs, then their first near misses, then their second ones. */
  unit(n: number): Unit {
    let low = 0;
    let high = this.cells.length - 1;
    while (low < high) {
      const mid = (low + high + 1) >>> 1;
      if (this.cells[mid]!.firstUnit <= n) low = mid;
      else high = mid - 1;
    }
    const cell = this.cells[low]!;
    const within = n - cell.firstUnit;
    return { cell, arc: cell.firstArc + (within % cell.arcs), near: Math.floor(within / cell.arcs) };
  }
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
  const target = (messages * (entry.rate ?? 0.05)) / 100;
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
