import type { TextPart } from '../mime/part.ts';

/** Where the words of a part are, counted in two ways. */
export interface Place {
  /** Unicode code points of the decoded part, LF for line ends. */
  readonly start: number;
  readonly end: number;
  /** Bytes of the message. In base64, the smallest run of whole groups. */
  readonly rawStart: number;
  readonly rawEnd: number;
}

/**
 * Finds the places of spans of a part's UTF-8 text, as the part was before it went into its charset. What has been encoded
 * is read again as RFC 2045 §6 says, and all is counted along, once.
 */
export function placesOf(message: Uint8Array, part: TextPart, spans: readonly (readonly [from: number, to: number])[]): Place[] {
  const marks = [...new Set(spans.flat())].sort((a, b) => a - b);
  const points = new Map<number, number>();
  let count = 0;
  let at = 0;
  for (const mark of marks) {
    count += codePoints(part.utf8.array, at, mark);
    points.set((at = mark), count);
  }
  // In a single-byte charset, a code point is a byte.
  const wide = part.charset === 'utf-8' || part.charset === 'us-ascii';
  const raw = part.encoding === 'base64' ? undefined : rawPlaces(message, part, wide ? marks : marks.map((mark) => points.get(mark)!));
  return spans.map(([from, to]) => {
    const [start, end] = [points.get(from)!, points.get(to)!];
    const [a, b] = wide ? [from, to] : [start, end];
    const [rawStart, rawEnd] = raw ? [raw.get(a)!.after, raw.get(b)!.before] : groupsOf(part, a, b);
    return { start, end, rawStart, rawEnd };
  });
}

/** For places in a part's bytes, rising, with LF for line ends: where the byte before ends, and where the byte behind begins. */
function rawPlaces(message: Uint8Array, part: TextPart, marks: readonly number[]): Map<number, { before: number; after: number }> {
  const quoted = part.encoding === 'quoted-printable';
  const found = new Map<number, { before: number; after: number }>();
  let next = 0;
  let at = 0;
  let before = part.start;
  for (let i = part.start; i < part.end && next < marks.length;) {
    const c = message[i]!;
    // A soft break is no byte.
    if (quoted && c === 61 && message[i + 1] === 13) {
      i += 3;
      continue;
    }
    if (at === marks[next]) found.set(marks[next++]!, { before, after: i });
    i += quoted && c === 61 ? 3 : c === 13 && message[i + 1] === 10 ? 2 : 1;
    before = i;
    at++;
  }
  if (next < marks.length) found.set(marks[next]!, { before, after: before });
  return found;
}

/** The groups of four characters that hold some bytes; lines have 76 characters. */
function groupsOf(part: TextPart, start: number, end: number): [number, number] {
  // Line ends are a byte longer on the wire.
  const { array } = part.source;
  const wire = (place: number): number => {
    let count = place;
    for (let i = 0; i < place; i++) if (array[i] === 10) count++;
    return count;
  };
  const group = (n: number): number => part.start + n * 4 + Math.floor((n * 4) / 76) * 2;
  return [group(Math.floor(wire(start) / 3)), group(Math.ceil(wire(end) / 3) - 1) + 4];
}

/** Unicode code points in UTF-8. */
function codePoints(array: Uint8Array, from: number, to: number): number {
  let count = 0;
  for (let i = from; i < to; i++) if ((array[i]! & 0xc0) !== 0x80) count++;
  return count;
}
