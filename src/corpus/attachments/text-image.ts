import { GLYPH_ROWS, glyphOf, type Glyph } from './font.ts';
import { pngFile } from './png-file.ts';

/** Characters a row of text has at most. */
export const COLUMNS = 60;

/** A pixel of the font is two by two of the picture; these are in pixels of the picture. */
const MARGIN = 32;
const SPACING = 4;
const ROW_HEIGHT = 2 * GLYPH_ROWS + 6;
/** More than between two rows of a line, so that one sees where the next line starts. */
const LINE_GAP = 12;

const PIECES = new RegExp(`\\S{1,${COLUMNS}}`, 'gu');

/**
 * Lines of text as a PNG, black on white, as a screenshot of a chat or a note: each wrapped between words, the picture as
 * large as they need. Only the pixels hold the text: beside them the file has its title and nothing else.
 */
export function textPng(title: string, lines: readonly string[]): Uint8Array {
  const rows: { readonly glyphs: readonly Enlarged[]; readonly y: number }[] = [];
  let y = MARGIN;
  lines.forEach((line, i) => {
    if (i > 0) y += LINE_GAP;
    for (const row of line.split('\n').flatMap(wrap)) {
      rows.push({ glyphs: [...row].map(enlargedOf), y });
      y += ROW_HEIGHT;
    }
  });
  const width = 2 * MARGIN + Math.max(0, ...rows.map(({ glyphs }) => glyphs.reduce((sum, glyph) => sum + glyph.width + SPACING, 0)));
  const height = y + MARGIN;
  const stride = Math.ceil(width / 8) + 1;
  const data = new Uint8Array(stride * height).fill(0xff);
  for (let at = 0; at < data.length; at += stride) data[at] = 0;
  for (const { glyphs, y } of rows) {
    let left = MARGIN;
    for (const glyph of glyphs) {
      draw(data, glyph.rows, y * stride + 1 + (left >> 3), left & 7, stride);
      left += glyph.width + SPACING;
    }
  }
  return pngFile(title, { width, height, depth: 1, colour: 0 }, data);
}

/** A line in rows of at most `COLUMNS` characters; a word longer than that goes over several. */
function wrap(line: string): string[] {
  const rows: string[] = [];
  let row = '';
  for (const piece of line.match(PIECES) ?? []) {
    const longer = row === '' ? piece : `${row} ${piece}`;
    if ([...longer].length > COLUMNS) {
      rows.push(row);
      row = piece;
    } else row = longer;
  }
  return [...rows, row];
}

/** Makes black what is black in a glyph; its rows begin at a byte of the picture, `shift` bits into it. */
function draw(data: Uint8Array, rows: Int32Array, from: number, shift: number, stride: number): void {
  let at = from;
  for (let y = 0; y < rows.length; y++, at += stride) {
    const bits = rows[y]!;
    if (bits === 0) continue;
    const high = bits >>> shift;
    data[at]! &= ~(high >>> 24);
    data[at + 1]! &= ~((high >>> 16) & 255);
    data[at + 2]! &= ~((high >>> 8) & 255);
    data[at + 3]! &= ~(high & 255);
    if (shift > 0) data[at + 4]! &= ~((bits << (8 - shift)) & 255);
  }
}

/** A glyph twice as large: its width, at most 32, and its rows, a bit a pixel, the leftmost the highest. */
interface Enlarged {
  readonly width: number;
  readonly rows: Int32Array;
}

const ENLARGED = new Map<Glyph, Enlarged>();

function enlargedOf(character: string): Enlarged {
  const glyph = glyphOf(character);
  let enlarged = ENLARGED.get(glyph);
  if (!enlarged) ENLARGED.set(glyph, (enlarged = enlarge(glyph)));
  return enlarged;
}

/** By Scale2x (AdvanceMAME): a quarter of a pixel takes the colour of its two neighbours where they agree, which rounds corners. */
function enlarge(glyph: Glyph): Enlarged {
  const width = glyph[0]!.length;
  const black = (x: number, y: number): boolean => glyph[y]?.[x] === '#';
  const rows = new Int32Array(2 * GLYPH_ROWS);
  for (let y = 0; y < 2 * GLYPH_ROWS; y++)
    for (let x = 0; x < 2 * width; x++) {
      const [cx, cy, dx, dy] = [x >> 1, y >> 1, x % 2 === 0 ? -1 : 1, y % 2 === 0 ? -1 : 1];
      const [side, over] = [black(cx + dx, cy), black(cx, cy + dy)];
      const rounded = side === over && side !== black(cx - dx, cy) && over !== black(cx, cy - dy);
      if (rounded ? side : black(cx, cy)) rows[y]! |= 1 << (31 - x);
    }
  return { width: 2 * width, rows };
}
