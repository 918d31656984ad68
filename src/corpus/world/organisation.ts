import type { ContentSpec } from '../content.ts';
import { Weights } from '../random.ts';

/** The people of one desk in one office: personas first … first + size − 1. */
export interface Cell {
  readonly office: number;
  readonly desk: number;
  readonly first: number;
  readonly size: number;
}

/**
 * Who sits where. Employees are numbered cell by cell, so the cell, the place in it and the manager of persona k follow
 * from k alone.
 */
export class Organisation {
  readonly cells: readonly Cell[];
  /** Cells of each desk, biggest first. */
  readonly cellsOfDesk: readonly (readonly Cell[])[];
  readonly employees: number;

  constructor(spec: ContentSpec['organisation']) {
    this.employees = spec.employees;
    const sizes = apportion(
      spec.employees,
      spec.offices.flatMap((o) => spec.desks.map((d) => o.weight * d.weight)),
    );
    let first = 0;
    this.cells = sizes.map((size, i) => {
      const cell = { office: Math.floor(i / spec.desks.length), desk: i % spec.desks.length, first, size };
      first += size;
      return cell;
    });
    this.cellsOfDesk = spec.desks.map((_, desk) =>
      this.cells.filter((c) => c.desk === desk && c.size > 0).sort((a, b) => b.size - a.size || a.first - b.first),
    );
  }

  cellOf(person: number): Cell {
    let low = 0;
    let high = this.cells.length - 1;
    while (low < high) {
      const mid = (low + high + 1) >>> 1;
      if (this.cells[mid]!.first <= person) low = mid;
      else high = mid - 1;
    }
    return this.cells[low]!;
  }

  /** 0 (junior) to 3 (head of the desk in that office). */
  level(person: number): number {
    const cell = this.cellOf(person);
    const slot = person - cell.first;
    if (slot === 0) return cell.size >= 4 ? 3 : 2;
    if (slot * 6 < cell.size) return 2;
    return slot * 2 < cell.size ? 1 : 0;
  }

  /** Whom a persona reports to: six to a manager within a cell, then the head of the desk's biggest cell; else nobody. */
  manager(person: number): number | undefined {
    const cell = this.cellOf(person);
    const slot = person - cell.first;
    if (slot > 0) return cell.first + Math.floor((slot - 1) / 6);
    const main = this.cellsOfDesk[cell.desk]![0]!;
    return main.first === cell.first ? undefined : main.first;
  }
}

/** Splits a whole number by weights, by largest remainder: exact, and the same everywhere. */
export function apportion(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((a, b) => a + b, 0);
  const shares = weights.map((w) => Math.floor((total * w) / sum));
  const rest = weights.map((w, i) => total * w - shares[i]! * sum);
  const order = weights.map((_, i) => i).sort((a, b) => rest[b]! - rest[a]! || a - b);
  let left = total - shares.reduce((a, b) => a + b, 0);
  for (const i of order) {
    if (left === 0) break;
    shares[i]!++;
    left--;
  }
  return shares;
}

/** Weights over cells, by their size. */
export function bySize(cells: readonly Cell[]): Weights {
  return new Weights(cells.map((c) => c.size));
}
