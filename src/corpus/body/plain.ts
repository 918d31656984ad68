import type { Range } from '../conversation/dialogue.ts';
import { type Bytes, bytesOf } from '../mime/bytes.ts';
import { type Layout, type Letter, quoteHead } from './letter.ts';

/** Writes the plain text of a letter with what it quotes: UTF-8, lines by \n, a final newline, wrapped where the client wraps. */
export function plainBody(out: Bytes, letter: Letter, layout: Layout): void {
  plain(out, letter, layout, layout.depth, 0);
  out.byte(10);
}

/** `marks` is how many quote marks stand before each line. */
function plain(out: Bytes, letter: Letter, layout: Layout, depth: number, marks: number): void {
  const { text, parent, turn, words } = letter;
  if (!text.quotes || !parent || depth === 0) return own(out, letter, layout, marks);

  const head = quoteHead(letter, parent, layout.quote);
  if (head.fields.length === 0) {
    if (!layout.below) {
      own(out, letter, layout, marks);
      blank(out, marks);
    }
    paragraph(out, letter.words.array, head.line, layout.wrap, marks);
    lineBreak(out, marks + 1, false);
    plain(out, parent, layout, depth - 1, marks + 1);
    if (layout.below) {
      blank(out, marks);
      own(out, letter, layout, marks);
    }
    return;
  }
  own(out, letter, layout, marks);
  blank(out, marks);
  const [before, after] = turn.kind === 'forward' ? FORWARDED : ORIGINAL;
  out.put(before);
  paragraph(out, words.array, head.line, 0, marks);
  out.put(after);
  for (const { name, value } of head.fields) {
    lineBreak(out, marks, false);
    out.copy(words.array, name.from, name.to);
    out.put(COLON);
    paragraph(out, words.array, value, layout.wrap, marks);
  }
  blank(out, marks);
  plain(out, parent, layout, depth - 1, marks);
}

/** What the author of a letter put in: text, signature, disclaimer. */
function own(out: Bytes, letter: Letter, layout: Layout, marks: number): void {
  const { words, text } = letter;
  paragraph(out, words.array, text.authored, layout.wrap, marks);
  if (text.signature.to > text.signature.from) {
    blank(out, marks);
    if (layout.dashes) {
      out.put(DASHES);
      lineBreak(out, marks, false);
    }
    paragraph(out, words.array, text.signature, 0, marks);
  }
  if (text.disclaimer.to > text.disclaimer.from) {
    blank(out, marks);
    paragraph(out, words.array, text.disclaimer, layout.wrap, marks);
  }
}

const ORIGINAL = [bytesOf('-----'), bytesOf('-----')] as const;
const FORWARDED = [bytesOf('---------- '), bytesOf(' ---------')] as const;
const COLON = bytesOf(': ');
const DASHES = bytesOf('-- ');
const MARK = bytesOf('> ');

/** Ends a line and puts the marks of the next; before an empty line the last mark has no space behind it. */
function lineBreak(out: Bytes, marks: number, empty: boolean): void {
  out.byte(10);
  for (let i = 0; i < marks; i++) out.put(MARK);
  if (empty && marks > 0) out.length--;
}

/** An empty line between paragraphs. */
function blank(out: Bytes, marks: number): void {
  lineBreak(out, marks, true);
  lineBreak(out, marks, false);
}

/**
 * Copies text, breaking lines at spaces where they pass the width (counted in bytes; 0 leaves them whole) and putting the
 * marks before each. A word longer than the width stays whole.
 */
function paragraph(out: Bytes, source: Uint8Array, range: Range, width: number, marks: number): void {
  if (width === 0 && marks === 0) return out.copy(source, range.from, range.to);
  let start = out.length;
  let space = -1;
  for (let i = range.from; i < range.to; i++) {
    const c = source[i]!;
    if (c === 10) {
      lineBreak(out, marks, source[i + 1] === 10);
      start = out.length;
      space = -1;
      continue;
    }
    if (c === 32) space = out.length;
    out.byte(c);
    if (width > 0 && out.length - start > width && space >= start) {
      // The line is too long: what stands behind its last space goes to the next.
      const rest = space + 1;
      const tail = out.length - rest;
      out.reserve(2 * marks + tail);
      out.array.copyWithin(rest + 2 * marks, rest, out.length);
      out.length = space;
      lineBreak(out, marks, false);
      start = out.length;
      out.length += tail;
      space = -1;
    }
  }
}

/** Wraps a text of its own: for documents. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let rest = paragraph;
    while (rest.length > width) {
      const space = rest.lastIndexOf(' ', width);
      if (space <= 0) break;
      lines.push(rest.slice(0, space));
      rest = rest.slice(space + 1);
    }
    lines.push(rest);
  }
  return lines;
}
