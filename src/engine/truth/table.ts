import type { TruthLine } from '../../corpus/truth/line.ts';

/** A file with a row for each truth line, made from all lines of a corpus in their order, in flat memory. */
export interface TruthTable {
  add(line: TruthLine): void;
  /** The last of it is written. */
  end(): void;
}

/** Where the bytes of a table go; they are good only until it returns. */
export type Write = (bytes: Uint8Array) => void;
