import type { Mark } from '../../src/protocol/mail-preview.ts';

/** A piece of a text: what of the truth marks it, by its number, if anything does. */
export interface Piece {
  readonly text: string;
  readonly mark: number | undefined;
}

/** Marks of a part, with their numbers among all marks. */
export interface Numbered {
  readonly number: number;
  readonly mark: Mark;
}

export const marksOf = (marks: readonly Mark[], part: string): Numbered[] =>
  marks.flatMap((mark, number) => (mark.part === part ? [{ number, mark }] : []));

/** Cuts a plain text at its marks, which count code points. Where two overlap, the first one has the words. */
export function pieces(text: string, marks: readonly Numbered[]): Piece[] {
  const spans = marks
    .flatMap(({ number, mark: { start, end } }) => (start === null || end === null ? [] : [{ number, start, end }]))
    .sort((a, b) => a.start - b.start);
  const found: Piece[] = [];
  let unit = 0; // UTF-16, as strings are
  let point = 0;
  const advance = (to: number): void => {
    for (; point < to && unit < text.length; point++) unit += text.codePointAt(unit)! > 0xffff ? 2 : 1;
  };
  const push = (to: number, mark: number | undefined): void => {
    const from = unit;
    advance(to);
    if (unit > from) found.push({ text: text.slice(from, unit), mark });
  };
  for (const { number, start, end } of spans) {
    push(start, undefined);
    push(end, number);
  }
  push(Infinity, undefined);
  return found;
}
