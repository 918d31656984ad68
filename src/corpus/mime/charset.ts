import type { Bytes } from './bytes.ts';

/** Charsets a text part or an encoded word may be in, with the names IANA prefers. */
export type Charset = 'us-ascii' | 'utf-8' | 'iso-8859-1' | 'windows-1252';

/** Where windows-1252 differs from iso-8859-1: code point → byte 0x80 … 0x9f. */
// prettier-ignore
const CP1252 = new Map<number, number>(
  [0x20ac, 0, 0x201a, 0x192, 0x201e, 0x2026, 0x2020, 0x2021, 0x2c6, 0x2030, 0x160, 0x2039, 0x152, 0, 0x17d, 0, 0, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x2dc, 0x2122, 0x161, 0x203a, 0x153, 0, 0x17e, 0x178]
    .map((point, i): [number, number] => [point, 0x80 + i])
    .filter(([point]) => point !== 0),
);

/** The byte of a code point in a single-byte charset, or −1 where the charset has none. */
export function singleByte(point: number, charset: Charset): number {
  if (point < 0x80) return point;
  if (charset === 'iso-8859-1') return point >= 0xa0 && point <= 0xff ? point : -1;
  if (charset === 'windows-1252') return point >= 0xa0 && point <= 0xff ? point : (CP1252.get(point) ?? -1);
  return -1;
}

/**
 * Writes UTF-8 text in a single-byte charset; false, and nothing written, where a character has no place in it.
 */
export function transcode(out: Bytes, source: Bytes, charset: Charset): boolean {
  const { array, length } = source;
  const start = out.length;
  for (let i = 0; i < length; i++) {
    const c = array[i]!;
    if (c < 0x80) out.byte(c);
    else {
      // The charsets here hold no character beyond three bytes of UTF-8.
      const wide = c >= 0xe0;
      const point = wide ? ((c & 15) << 12) | ((array[i + 1]! & 63) << 6) | (array[i + 2]! & 63) : ((c & 31) << 6) | (array[i + 1]! & 63);
      const byte = c >= 0xf0 ? -1 : singleByte(point, charset);
      if (byte < 0) {
        out.length = start;
        return false;
      }
      out.byte(byte);
      i += wide ? 2 : 1;
    }
  }
  return true;
}
