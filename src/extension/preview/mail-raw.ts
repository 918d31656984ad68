import type { RawSlice } from '../../protocol/mail-preview.ts';

/** Bytes of the raw text in one piece, and how much longer it may be to end with a line. */
const PIECE = 128 << 10;
const TO_LINE_END = 2 << 10;

interface Range {
  readonly from: number;
  readonly to: number;
}

/** The raw text from a byte on, with what is marked in it. Bytes that are no UTF-8 are shown as such. */
export function rawSlice(bytes: Uint8Array, from: number, marks: readonly Range[]): RawSlice {
  const start = Math.min(from, bytes.length);
  let to = Math.min(start + PIECE, bytes.length);
  const line = bytes.subarray(to, to + TO_LINE_END).indexOf(0x0a);
  if (to < bytes.length && line >= 0) to += line + 1;
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const pieces: { text: string; marked: boolean }[] = [];
  const push = (until: number, marked: boolean): void => {
    if (until <= at) return;
    pieces.push({ text: decoder.decode(bytes.subarray(at, until)).replace(/\r\n?/g, '\n').replaceAll('\0', '␀'), marked });
    at = until;
  };
  let at = start;
  for (const mark of [...marks].sort((a, b) => a.from - b.from)) {
    push(Math.min(mark.from, to), false);
    push(Math.min(mark.to, to), true);
  }
  push(to, false);
  return { from: start, to, size: bytes.length, pieces };
}
