import type { Passage } from '../conversation/dialogue.ts';
import { type Bytes, type Run, runOf } from '../mime/bytes.ts';
import { endMarks, ESCAPED, type Lines } from '../mime/lines.ts';
import type { Watch } from '../truth/watch.ts';
import { type Layout, type Letter, quoteHead } from './letter.ts';

/** The plain text of letters, line by line: UTF-8, a \n behind each line, wrapped where the client wraps. */
export class PlainBody {
  private readonly out: Bytes;
  private readonly lines: Lines;
  private watch: Watch | undefined;

  /** What is written goes to `out`, and its lines to `lines`. */
  constructor(out: Bytes, lines: Lines) {
    this.out = out;
    this.lines = lines;
  }

  /** Writes a letter with what it quotes. */
  write(letter: Letter, layout: Layout, watch?: Watch): void {
    this.watch = watch;
    this.out.length = 0;
    this.lines.clear();
    this.letter(letter, layout, layout.depth, 0);
  }

  /** `marks` is how many quote marks stand before each line. */
  private letter(letter: Letter, layout: Layout, depth: number, marks: number): void {
    const { text, parent, turn } = letter;
    if (!text.quotes || !parent || depth === 0) return this.own(letter, layout, marks);

    const head = quoteHead(letter, parent, layout.quote);
    if (head.fields.length === 0) {
      if (!layout.below) {
        this.own(letter, layout, marks);
        this.blank(marks);
      }
      this.passage(letter, head.line, layout.wrap, marks);
      this.letter(parent, layout, depth - 1, marks + 1);
      if (layout.below) {
        this.blank(marks);
        this.own(letter, layout, marks);
      }
      return;
    }
    this.own(letter, layout, marks);
    this.blank(marks);
    this.begin(marks);
    const [before, after] = turn.kind === 'forward' ? FORWARDED : ORIGINAL;
    this.out.put(before);
    this.out.put(head.label);
    this.out.put(after);
    this.end(head.marks);
    for (const { name, value } of head.fields) {
      this.begin(marks);
      this.out.put(name);
      this.wrapped(letter.words.view, value.from, value.to, layout.wrap, marks, head.marks);
    }
    this.blank(marks);
    this.letter(parent, layout, depth - 1, marks);
  }

  /** What the author of a letter put in: text, signature, disclaimer. */
  private own(letter: Letter, layout: Layout, marks: number): void {
    const { text } = letter;
    this.passage(letter, text.authored, layout.wrap, marks);
    if (text.signature.lines > 0) {
      this.blank(marks);
      if (layout.dashes) {
        this.begin(marks);
        this.out.put(DASHES);
        this.end(ESCAPED);
      }
      this.passage(letter, text.signature, 0, marks);
    }
    if (text.disclaimer.lines > 0) {
      this.blank(marks);
      this.passage(letter, text.disclaimer, layout.wrap, marks);
    }
  }

  private passage(letter: Letter, { from, line, lines }: Passage, width: number, marks: number): void {
    const { view } = letter.words;
    const { ends, marks: kinds } = letter.lines;
    for (let i = line; i < line + lines; i++) {
      const end = ends[i]!;
      if (from === end) this.blank(marks);
      else {
        this.begin(marks);
        this.wrapped(view, from, end, width, marks, kinds[i]!);
      }
      from = end + 1;
    }
  }

  /** The rest of a line, broken at spaces where it passes the width, counted in bytes (0 leaves it whole). A longer word stays whole. */
  private wrapped(view: DataView, from: number, to: number, width: number, marks: number, kind: number): void {
    const { out } = this;
    if (width > 0)
      while (to - from > width) {
        let space = from + width;
        while (space >= from && view.getUint8(space) !== 32) space--;
        if (space < from) {
          space = from + width + 1;
          while (space < to && view.getUint8(space) !== 32) space++;
          if (space === to) break;
        }
        this.watch?.copied(from, space, out.length);
        out.copy(view, from, space);
        this.end(kind | endMarks(out.array, out.length));
        this.begin(marks);
        from = space + 1;
      }
    this.watch?.copied(from, to, out.length);
    out.copy(view, from, to);
    this.end(kind);
  }

  /** Begins a line with its quote marks. */
  private begin(marks: number): void {
    if (marks > 0) this.out.copy(MARKS.view, MARKS.from, MARKS.from + 2 * marks);
  }

  private end(kind: number): void {
    const { out } = this;
    this.lines.add(out.length, kind);
    out.byte(10);
  }

  /** An empty line; its last quote mark has no space behind it. */
  private blank(marks: number): void {
    if (marks > 0) this.out.copy(MARKS.view, MARKS.from, MARKS.from + 2 * marks - 1);
    this.end(0);
  }
}

const ORIGINAL: readonly [Run, Run] = [runOf('-----'), runOf('-----')];
const FORWARDED: readonly [Run, Run] = [runOf('---------- '), runOf(' ---------')];
const DASHES = runOf('-- ');
const MARKS = runOf('> '.repeat(16));

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
