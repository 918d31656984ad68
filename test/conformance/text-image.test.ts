import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { crc32, inflateSync } from 'node:zlib';
import { COLUMNS, textPng } from '../../src/corpus/attachments/text-image.ts';

interface Picture {
  readonly chunks: readonly (readonly [type: string, data: Buffer])[];
  readonly width: number;
  readonly height: number;
  /** Row by row, `#` where it is black. */
  readonly rows: readonly string[];
}

/** Reads a PNG of one bit a pixel, grey; checks each chunk's CRC. */
function read(bytes: Uint8Array): Picture {
  const file = Buffer.from(bytes);
  assert.equal(file.subarray(0, 8).toString('latin1'), '\x89PNG\r\n\x1a\n');
  const chunks: [string, Buffer][] = [];
  let at = 8;
  while (at < file.length) {
    const end = at + 8 + file.readUInt32BE(at);
    const type = file.toString('latin1', at + 4, at + 8);
    assert.equal(file.readUInt32BE(end), crc32(file.subarray(at + 4, end)), `CRC of ${type}`);
    chunks.push([type, file.subarray(at + 8, end)]);
    at = end + 4;
  }
  assert.equal(at, file.length);
  assert.deepEqual(
    chunks.map(([type]) => type),
    ['IHDR', 'iTXt', 'IDAT', 'IEND'],
  );
  const header = chunks[0]![1];
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  assert.deepEqual([...header.subarray(8)], [1, 0, 0, 0, 0], 'one bit a pixel, grey, not interlaced');
  const raw = inflateSync(chunks[2]![1]);
  const stride = Math.ceil(width / 8) + 1;
  assert.equal(raw.length, stride * height);
  const rows = Array.from({ length: height }, (_, y) => {
    assert.equal(raw[y * stride], 0, 'no filter');
    const bits = [...raw.subarray(y * stride + 1, (y + 1) * stride)].map((byte) => byte.toString(2).padStart(8, '0')).join('');
    return bits.slice(0, width).replaceAll('0', '#').replaceAll('1', '.');
  });
  return { chunks, width, height, rows };
}

const pictureOf = (...lines: string[]): Picture => read(textPng('Note', lines));
const inkOf = (...lines: string[]): string => pictureOf(...lines).rows.join('\n');

/** The margins that are left around the black of a picture. */
function margins({ rows, width }: Picture): { left: number; right: number; top: number; bottom: number } {
  const inked = rows.flatMap((row, y) => (row.includes('#') ? [y] : []));
  return {
    left: Math.min(...inked.map((y) => rows[y]!.indexOf('#'))),
    right: width - 1 - Math.max(...inked.map((y) => rows[y]!.lastIndexOf('#'))),
    top: inked[0]!,
    bottom: rows.length - 1 - inked.at(-1)!,
  };
}

const ASCII = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i));
const OTHERS = [...'ÄÖÜäöüß€–—’“”„…'];
const PARAGRAPH = 'If anybody asks, the file was lost when we moved to the new building. '.repeat(9).slice(0, 600);

/** Three messages, as a chat has them. */
const SENTENCES = [
  'Please do not mention the revised offer to anyone outside the deal team until the announcement on Thursday morning.',
  'I moved the 2,500 contracts to the other account before the auction closed, so nobody on the desk will ask about them.',
  'Call me on my private number when you have read this, and then delete the whole conversation from your phone.',
];

describe('a picture of text', () => {
  it('has its title as metadata, and no chunk that could hold more', () => {
    const { chunks } = read(textPng('Überblick', SENTENCES));
    assert.equal(chunks[1]![1].toString('utf8'), 'Title\0\0\0\0\0Überblick');
  });

  it('is as large as its text, with margins', () => {
    const [one, wider, two] = [pictureOf('note'), pictureOf('note, and more'), pictureOf('note', 'note')];
    assert.equal(wider.height, one.height);
    assert.ok(wider.width > one.width);
    assert.equal(two.width, one.width);
    assert.ok(two.height > one.height);
    for (const picture of [one, wider, two, pictureOf(PARAGRAPH, 'ÄÖÜ', ''), pictureOf('W'.repeat(COLUMNS))])
      for (const [side, margin] of Object.entries(margins(picture))) assert.ok(margin >= 30, `${side} ${margin}`);
    assert.ok(margins(pictureOf('note')).right < 45);
    for (const blank of [pictureOf(), pictureOf(''), pictureOf(' ')]) {
      assert.ok(blank.width > 0 && blank.height > 0);
      assert.doesNotMatch(blank.rows.join(''), /#/);
    }
  });

  it('tells every character from every other, and shows a box for what it has not', () => {
    const seen = new Map<string, string>();
    for (const character of [...ASCII, ...OTHERS, '漢']) {
      const ink = inkOf(`|${character}|`);
      assert.equal(seen.get(ink), undefined, `${character} is not like another`);
      seen.set(ink, character);
    }
    for (const unknown of ['é', '😀', '\u0001', '\ud83d']) assert.equal(seen.get(inkOf(`|${unknown}|`)), '漢');
  });

  it('wraps lines between words, and words where they are too long', () => {
    const height = (...lines: string[]): number => pictureOf(...lines).height;
    const row = height('a\nb') - height('a');
    assert.ok(row > 0 && height('a', 'b') - height('a') > row, 'lines are further apart than the rows of one');
    const rowsOf = (text: string): number => (height(text) - height('a')) / row + 1;
    const half = 'x'.repeat(COLUMNS / 2 - 1);
    assert.equal(rowsOf(`${half} ${half}x`), 1, 'as many as fit');
    assert.equal(rowsOf(`${half} ${half}xx`), 2);
    assert.equal(inkOf(`${half} ${half}xx`), inkOf(`${half}\n${half}xx`));
    assert.equal(rowsOf('x'.repeat(COLUMNS)), 1);
    assert.equal(inkOf('x'.repeat(2 * COLUMNS + 1)), inkOf(['x'.repeat(COLUMNS), 'x'.repeat(COLUMNS), 'x'].join('\n')));
    assert.equal(rowsOf('😀'.repeat(COLUMNS)), 1, 'characters are counted, not code units');
    assert.equal(rowsOf('a\n\nb'), 3, 'an empty row stays');
    assert.equal(inkOf(' a \t b\u00a0'), inkOf('a b'));
    assert.ok(rowsOf(PARAGRAPH) >= 10 && rowsOf(PARAGRAPH) <= 12);
  });

  it('is the same bytes everywhere', () => {
    const digest = createHash('sha256').update(textPng('Chat', [...SENTENCES, ASCII.join(''), OTHERS.join(' ')]));
    assert.equal(digest.digest('hex'), 'bfdaf7828b525edda314ea0f9d0c18ceb9d4ab77f8cc2089e340cd19cb2730fd');
  });

  it('is read by tesseract', function () {
    const { stdout: languages, error } = spawnSync('tesseract', ['--list-langs'], { encoding: 'utf8' });
    if (error || !/^eng$/m.test(languages)) {
      this.test!.title += ' (not here: install tesseract-ocr and tesseract-ocr-eng)';
      this.skip(); // not everybody has it; the checks above hold without
    }
    const { stdout, stderr, status } = spawnSync('tesseract', ['stdin', 'stdout', '-l', 'eng'], {
      input: textPng('Chat', SENTENCES),
      encoding: 'utf8',
      env: { ...process.env, OMP_THREAD_LIMIT: '1' },
    });
    assert.equal(status, 0, stderr);
    const text = SENTENCES.join(' ');
    const wrong = distance(text, stdout.replace(/\s+/g, ' ').trim());
    assert.ok(wrong <= 0.05 * text.length, `${wrong} of ${text.length} characters are wrong:\n${stdout}`);
  });
});

/** Levenshtein's: how many characters to insert, delete or replace. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length]!;
}
