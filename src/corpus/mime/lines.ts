import type { Bytes } from './bytes.ts';

/** More than plain ASCII on a line: what quoted-printable has to escape though it is ASCII, and what is not ASCII. */
export const ESCAPED = 1;
export const WIDE = 2;

/**
 * Where the lines of a text end, and what is on them. Found once, where a text is made; whoever lays it out, quotes or
 * encodes it copies whole lines (measured: going through every byte again for each took half of the time of a message).
 */
export class Lines {
  /** Of each line, the place behind its last byte: its \n, or the end of the text. */
  ends = new Int32Array(512);
  marks = new Uint8Array(512);
  count = 0;
  /** The marks of all lines together. */
  all = 0;
  /** The marks of the line that is being written. */
  pending = 0;

  clear(): void {
    this.count = 0;
    this.all = 0;
    this.pending = 0;
  }

  add(end: number, marks: number): void {
    if (this.count === this.ends.length) this.grow();
    this.ends[this.count] = end;
    this.marks[this.count++] = marks;
    this.all |= marks;
  }

  /** Ends the line that is being written. */
  end(text: Bytes): void {
    this.add(text.length, this.pending | endMarks(text.array, text.length));
    this.pending = 0;
  }

  /** Ends it with a \n. */
  feed(text: Bytes): void {
    this.end(text);
    text.byte(10);
  }

  /** Adds the lines of a text, separated by \n. */
  scan(source: Bytes, from: number, to: number): void {
    const { array, view } = source;
    let marks = 0;
    for (let i = from; i < to;) {
      // Four bytes at a time while none of them is a line end, "=" or not ASCII.
      const word = view.getInt32(i, true);
      const feed = word ^ 0x0a0a0a0a;
      const equal = word ^ 0x3d3d3d3d;
      if ((((feed - 0x01010101) & ~feed) | ((equal - 0x01010101) & ~equal) | word) & 0x80808080) {
        const end = i + 4 < to ? i + 4 : to;
        for (; i < end; i++) {
          const c = array[i]!;
          if (c === 10) {
            this.add(i, marks | endMarks(array, i));
            marks = 0;
          } else marks |= c >= 128 ? WIDE : c === 61 ? ESCAPED : 0;
        }
      } else i += 4;
    }
    this.add(to, marks | endMarks(array, to));
  }

  private grow(): void {
    const { ends, marks } = this;
    this.ends = new Int32Array(ends.length * 2);
    this.ends.set(ends);
    this.marks = new Uint8Array(marks.length * 2);
    this.marks.set(marks);
  }
}

/** A space or tab at the end of a line has to be escaped (RFC 2045 §6.7 rule 3). */
export const endMarks = (array: Uint8Array, end: number): number => (array[end - 1] === 32 || array[end - 1] === 9 ? ESCAPED : 0);
