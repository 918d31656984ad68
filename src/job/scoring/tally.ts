import { EVASIONS } from '../../corpus/pack/scenario.ts';
import { f1Of, type Share, shareOf } from './interval.ts';

/** Counts of what was due, found and false, and the figures made of them. */

/** How alerts are counted: each arc where its own alert_unit says an alert is due, or all of them in one way. */
export const LEVELS = ['alertUnit', 'message', 'thread', 'person'] as const;
export type Level = (typeof LEVELS)[number];

export const DIMENSIONS = ['scenario', 'family', 'evasion', 'language', 'shape'] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** What a message or a unit is like. Null: it belongs to no arc, or nobody knows. */
export type Profile = Readonly<Record<Dimension, string | null>>;

/** A message that is in no arc, and of which nobody knows what it is like. */
export const PLAIN: Profile = { scenario: null, family: null, evasion: null, language: null, shape: null };

/** The value of a unit whose messages differ. */
const MIXED = 'mixed';

/** Profiles, each once, by number. */
export class Profiles {
  private readonly numbers = new Map<string, number>();
  private readonly list: Profile[] = [];

  number(profile: Profile): number {
    const key = DIMENSIONS.map((dimension) => profile[dimension] ?? '').join('\0');
    let number = this.numbers.get(key);
    if (number === undefined)
      this.numbers.set(
        key,
        (number = this.list.push(Object.fromEntries(DIMENSIONS.map((d) => [d, profile[d]])) as Record<Dimension, string | null>) - 1),
      );
    return number;
  }

  get(number: number): Profile {
    return this.list[number]!;
  }

  /** The profile of a unit that has messages of both. */
  mixed(a: number, b: number): number {
    if (a === b) return a;
    const [one, other] = [this.get(a), this.get(b)];
    return this.number(Object.fromEntries(DIMENSIONS.map((d) => [d, one[d] === other[d] ? one[d] : MIXED])) as Profile);
  }
}

const COUNTS = ['units', 'found', 'nearMisses', 'nearMissesFlagged', 'otherFalse'] as const;
type Counted = (typeof COUNTS)[number];

/** The figures of a level, or of a part of it. */
export interface Figures {
  /** Units that an alert is due on, how many of them have one, and how many have none. */
  readonly units: number;
  readonly found: number;
  readonly missed: number;
  /** Near misses, and how many of them were flagged. */
  readonly nearMisses: number;
  readonly nearMissesFlagged: number;
  /** Other false alerts, on mail that is no near miss. */
  readonly otherFalse: number;
  /** found of found, nearMissesFlagged and otherFalse. */
  readonly precision: Share | null;
  /** found of units. */
  readonly recall: Share | null;
  readonly f1: number | null;
  /** nearMissesFlagged of nearMisses. */
  readonly nearMissRate: Share | null;
}

/** One value of a dimension, and its figures at each level. */
export interface Part {
  readonly value: string | null;
  readonly levels: Readonly<Record<Level, Figures>>;
}

/** Numbers that one profile takes: a count of each kind at each level. */
const CELLS = LEVELS.length * COUNTS.length;

/** Counts by profile, level and kind. */
export class Tally {
  private readonly cells: number[] = [];
  private readonly profiles: Profiles;

  constructor(profiles: Profiles) {
    this.profiles = profiles;
  }

  add(level: Level, profile: number, counted: Counted): void {
    while (this.cells.length < (profile + 1) * CELLS) this.cells.push(0);
    this.cells[profile * CELLS + LEVELS.indexOf(level) * COUNTS.length + COUNTS.indexOf(counted)]!++;
  }

  levels(): Record<Level, Figures> {
    return figuresOf([...this.sums(() => null).values()][0] ?? []);
  }

  /** The figures for each value there is, in the order of the evasion ladder or of the alphabet. */
  by(dimension: Dimension): Part[] {
    return [...this.sums((profile) => profile[dimension])]
      .sort(([a], [b]) => rank(a) - rank(b) || (String(a) < String(b) ? -1 : 1))
      .map(([value, cells]) => ({ value, levels: figuresOf(cells) }));
  }

  /** The cells of the profiles that have something to count, added up by a value of theirs. */
  private sums(valueOf: (profile: Profile) => string | null): Map<string | null, number[]> {
    const sums = new Map<string | null, number[]>();
    for (let start = 0; start < this.cells.length; start += CELLS) {
      const cells = this.cells.slice(start, start + CELLS);
      if (cells.every((count) => count === 0)) continue;
      const value = valueOf(this.profiles.get(start / CELLS));
      const sum = sums.get(value) ?? cells.map(() => 0);
      sums.set(
        value,
        sum.map((count, i) => count + cells[i]!),
      );
    }
    return sums;
  }
}

/** Rungs of the ladder in its order; then what has a name; then what has none. */
function rank(value: string | null): number {
  if (value === null) return EVASIONS.length + 1;
  const rung = (EVASIONS as readonly string[]).indexOf(value);
  return rung === -1 ? EVASIONS.length : rung;
}

function figuresOf(cells: readonly number[]): Record<Level, Figures> {
  return Object.fromEntries(LEVELS.map((level, i) => [level, figuresAt(cells, i * COUNTS.length)])) as Record<Level, Figures>;
}

function figuresAt(cells: readonly number[], start: number): Figures {
  const [units, found, nearMisses, nearMissesFlagged, otherFalse] = COUNTS.map((_, i) => cells[start + i] ?? 0) as Five;
  const wrong = nearMissesFlagged + otherFalse;
  return {
    units,
    found,
    missed: units - found,
    nearMisses,
    nearMissesFlagged,
    otherFalse,
    precision: shareOf(found, found + wrong),
    recall: shareOf(found, units),
    f1: f1Of(found, units - found, wrong),
    nearMissRate: shareOf(nearMissesFlagged, nearMisses),
  };
}

type Five = [number, number, number, number, number];
