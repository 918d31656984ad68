import type { Range } from '../conversation/dialogue.ts';

/**
 * Follows some ranges of the conversation's text into what is laid out from it: whoever copies says so, and the place of
 * each range in the copy is noted. Only messages of arcs are watched.
 */
export class Watch {
  readonly ranges: readonly Range[];
  /** Of each range, where it stands; −1 where it does not. */
  readonly starts: number[];
  readonly ends: number[];

  constructor(ranges: readonly Range[]) {
    this.ranges = ranges;
    this.starts = ranges.map(() => -1);
    this.ends = ranges.map(() => -1);
  }

  /** Text from … to − 1 is copied to `at`; `width` gives the length of its first n bytes there, where that is not n. */
  copied(from: number, to: number, at: number, width: (from: number, to: number) => number = (a, b) => b - a): void {
    this.ranges.forEach((range, i) => {
      if (from >= range.to || to <= range.from) return;
      const start = Math.max(from, range.from);
      if (this.starts[i] === -1) this.starts[i] = at + width(from, start);
      this.ends[i] = at + width(from, Math.min(to, range.to));
    });
  }
}
