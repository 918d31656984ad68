import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { crc32, inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { unzipSync } from 'fflate';
import { csv } from '../../src/corpus/attachments/csv.ts';
import type { Document } from '../../src/corpus/attachments/document.ts';
import { docx, xlsx } from '../../src/corpus/attachments/ooxml.ts';
import { pdf } from '../../src/corpus/attachments/pdf.ts';
import { png } from '../../src/corpus/attachments/png.ts';
import { fileStem } from '../../src/corpus/conversation/dialogue.ts';
import { smallGeneratorOf, holds, python, sample } from '../unit/support.ts';

const word = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom('Limit', 'of', 'the', 'desk', '14%', '1,250', 'T+2', 'a;b', 'x,y') },
  { weight: 2, arbitrary: fc.constantFrom('Übersicht', 'Börse', '€', '„so“', '–', 'Straße') },
  { weight: 2, arbitrary: fc.constantFrom('&', '<b>', '"quoted"', "it's", ']]>', '(paren', 'back\\slash', '&amp;') },
  { weight: 1, arbitrary: fc.constantFrom('漢字', '😀', 'договор') },
);
const words = (most: number): fc.Arbitrary<string> =>
  fc.array(word, { minLength: 1, maxLength: most, size: 'max' }).map((list) => list.join(' '));
const documents: fc.Arbitrary<Document> = fc.integer({ min: 1, max: 5 }).chain((columns) =>
  fc.record({
    title: words(6),
    author: words(3),
    labels: fc.constant({ author: 'Prepared by', date: 'Date', page: 'Page', total: 'Total' }),
    date: fc.constant('14 March 2025'),
    created: fc.constant('2025-03-14T09:12:07Z'),
    paragraphs: fc.array(
      fc.array(words(30), { minLength: 1, maxLength: 3 }).map((lines) => lines.join('\n')),
      { maxLength: 12, size: 'max' },
    ),
    columns: fc.array(words(3), { minLength: columns, maxLength: columns }),
    rows: fc.array(
      fc.array(
        fc.oneof(
          words(3).map((text) => ({ text, number: undefined })),
          fc.integer({ min: -99999, max: 99999 }).map((n) => ({ text: n.toLocaleString('en'), number: String(n) })),
        ),
        { minLength: columns, maxLength: columns },
      ),
      { maxLength: 70, size: 'max' },
    ),
    decimalComma: fc.boolean(),
  }),
);

const SHORT = sample(documents, 20);
/** And a few of several pages. */
const DOCUMENTS = [
  ...SHORT,
  ...SHORT.slice(0, 6).map((d) => ({
    ...d,
    paragraphs: Array.from({ length: 40 }, (_, i) => SHORT.flatMap((other) => other.paragraphs)[i]!),
    rows: Array.from({ length: 60 }, () => d.columns.map((text) => ({ text, number: undefined }))),
  })),
];
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

/** The lines of a document, as every text form has them. */
const head = (d: Document): string[] => [d.title, `${d.labels.author}: ${d.author}`, `${d.labels.date}: ${d.date}`];

describe('csv', () => {
  it('ends its lines with CRLF', () => {
    const lines = Buffer.from(
      csv({
        ...DOCUMENTS[0]!,
        columns: ['a', 'b'],
        rows: [
          [
            { text: 'x', number: undefined },
            { text: '1,000', number: '1000' },
          ],
        ],
        decimalComma: false,
      }),
    ).toString();
    assert.equal(lines, 'a,b\r\nx,1000\r\n');
  });
});

/** Opens files: of Office Open XML every part well-formed, the text of paragraphs and cells; of CSV rows and columns. */
const READ = `
import base64, csv, io, zipfile
import xml.etree.ElementTree as ET
W = '{http://schemas.openxmlformats.org/wordprocessingml/2006/main}'
S = '{http://schemas.openxmlformats.org/spreadsheetml/2006/main}'
def text(p):
  return ''.join(e.text or '' if e.tag == W + 't' else chr(10) for e in p.iter() if e.tag in (W + 't', W + 'br'))
def read(b):
  z = zipfile.ZipFile(io.BytesIO(base64.b64decode(b)))
  assert z.testzip() is None
  trees = {n: ET.fromstring(z.read(n)) for n in z.namelist()}
  types = trees['[Content_Types].xml']
  named = [o.get('PartName')[1:] for o in types if o.tag.endswith('Override')]
  rels = [r.get('Target') for r in trees['_rels/.rels']]
  out = {'names': z.namelist(), 'missing': [n for n in named + rels if n not in trees], 'core': [e.text for e in trees['docProps/core.xml']]}
  if 'word/document.xml' in trees:
    body = trees['word/document.xml'].find(W + 'body')
    out['paragraphs'] = [text(p) for p in body.findall(W + 'p')]
    out['rows'] = [[text(c) for c in r.findall(W + 'tc')] for r in body.iter(W + 'tr')]
  else:
    out['rows'] = [[(c.find(S + 'v').text if c.find(S + 'v') is not None else ''.join(t.text or '' for t in c.iter(S + 't'))) for c in r] for r in trees['xl/worksheets/sheet1.xml'].iter(S + 'row')]
    out['numbers'] = [[c.find(S + 'v') is not None for c in r] for r in trees['xl/worksheets/sheet1.xml'].iter(S + 'row')]
  return out
def table(b, s):
  return list(csv.reader(io.StringIO(base64.b64decode(b).decode('utf-8'), newline=''), delimiter=s, strict=True))
result = {'office': [read(b) for b in data['office']], 'csv': [table(b, s) for b, s in data['csv']]}`;

interface Office {
  readonly names: string[];
  readonly missing: string[];
  readonly core: string[];
  readonly paragraphs?: string[];
  readonly rows: string[][];
  readonly numbers?: boolean[][];
}

interface Read {
  readonly office: readonly Office[];
  readonly csv: readonly (readonly string[][])[];
}

describe('csv, docx and xlsx', () => {
  it('are read by Python: well-formed, nothing missing, title, paragraphs and rows in place', () => {
    const read = python<Read>(READ, {
      office: DOCUMENTS.flatMap((d) => [base64(docx(d)), base64(xlsx(d))]),
      csv: DOCUMENTS.map((d) => [base64(csv(d)), d.decimalComma ? ';' : ',']),
    });
    DOCUMENTS.forEach((d, i) => {
      const [word, sheet] = [read.office[2 * i]!, read.office[2 * i + 1]!];
      const shownOrPlain = d.rows.map((row) => row.map((cell) => cell.number ?? cell.text));
      const shownOnly = d.rows.map((row) => row.map((cell) => cell.text));
      assert.deepEqual(read.csv[i], [d.columns, ...(d.decimalComma ? shownOnly : shownOrPlain)]);
      for (const file of [word, sheet]) {
        assert.deepEqual(file.missing, []);
        assert.equal(file.names[0], '[Content_Types].xml');
        assert.deepEqual(file.core, [d.title, d.author, d.created]);
      }
      assert.deepEqual(
        word.paragraphs!.filter((text) => text !== ''),
        [...head(d), ...d.paragraphs],
      );
      assert.deepEqual(word.rows, d.rows.length > 0 ? [d.columns, ...shownOnly] : []);
      assert.deepEqual(sheet.rows, [d.columns, ...shownOrPlain]);
      assert.deepEqual(
        sheet.numbers!.slice(1),
        d.rows.map((row) => row.map((cell) => cell.number !== undefined)),
      );
    });
  });

  it('unzip elsewhere too', () => {
    for (const d of DOCUMENTS.slice(0, 10)) {
      const files = unzipSync(new Uint8Array(docx(d)));
      assert.match(Buffer.from(files['word/document.xml']!).toString(), /^<\?xml version="1\.0" encoding="UTF-8"/);
      assert.ok(unzipSync(new Uint8Array(xlsx(d)))['xl/workbook.xml']);
    }
  });

  it('are the same each time', () => {
    const d = DOCUMENTS[3]!;
    assert.deepEqual(docx(d), docx(d));
    assert.deepEqual(xlsx(d), xlsx(d));
  });
});

const CP1252 = new TextDecoder('windows-1252');

/** Reads a PDF by its cross-reference table: its information, and the text of its pages, line by line. */
function readPdf(bytes: Uint8Array): { info: Record<string, string>; pages: string[][] } {
  const file = Buffer.from(bytes).toString('latin1');
  assert.match(file, /^%PDF-1\.4\n%[\x80-\xff]{4}\n/);
  const start = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(file)![1]);
  const table = /^xref\n0 (\d+)\n((?:\d{10} \d{5} [nf] \n)+)trailer\n<< (.*) >>\n/.exec(file.slice(start));
  assert.ok(table, 'startxref leads to the table');
  const entries = table[2]!.match(/.{20}/gs)!;
  assert.equal(entries.length, Number(table[1]));
  assert.match(entries[0]!, /^0000000000 65535 f/);
  assert.ok(table[3]!.includes(`/Size ${entries.length}`));
  const objects = entries.slice(1).map((entry, i) => {
    const at = Number(entry.slice(0, 10));
    const opening = `${i + 1} 0 obj\n`;
    assert.ok(file.startsWith(opening, at), `object ${i + 1} is where the table says`);
    const object = file.slice(at + opening.length, file.indexOf('\nendobj\n', at));
    const stream = /^<< \/Length (\d+) >>\nstream\n([^]*)\nendstream$/.exec(object);
    if (stream) assert.equal(stream[2]!.length, Number(stream[1]), 'the length of a stream');
    return stream ? stream[2]! : object;
  });
  const object = (ref: string | undefined): string => objects[Number(ref) - 1]!;
  const literal = (text: string): string => CP1252.decode(Buffer.from(text.replace(/\\(.)/gs, '$1'), 'latin1'));
  const kids = [...object(/\/Pages (\d+) 0 R/.exec(object(/\/Root (\d+) 0 R/.exec(table[3]!)?.[1]))?.[1]).matchAll(/(\d+) 0 R/g)];
  const pages = kids.map(([, kid]) =>
    [...object(/\/Contents (\d+) 0 R/.exec(object(kid))?.[1]).matchAll(/\(((?:\\.|[^\\()])*)\) Tj/gs)].map(([, text]) => literal(text!)),
  );
  const info = object(/\/Info (\d+) 0 R/.exec(table[3]!)?.[1]);
  const strings = [...info.matchAll(/\/(\w+) (?:\(((?:\\.|[^\\()])*)\)|<([0-9a-f]*)>)/gs)].map(([, key, text, wide]): [string, string] => [
    key!,
    wide === undefined ? literal(text!) : Buffer.from(wide, 'hex').swap16().toString('utf16le'),
  ]);
  return { info: Object.fromEntries(strings), pages };
}

/** What Helvetica can show of a text: windows-1252, a question mark for all else. */
const shown = (text: string): string =>
  [...text].map((c) => (/[\x20-\x7e\xa0-\xff]/.test(c) || /[€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]/.test(c) ? c : '?')).join('');
const flat = (lines: readonly string[]): string => lines.join(' ').replace(/\s+/g, ' ').trim();
const wordsOf = (d: Document): string[] =>
  [
    ...head(d),
    ...d.paragraphs.flatMap((p) => p.split('\n')),
    ...(d.rows.length > 0 ? [d.columns, ...d.rows.map((row) => row.map((cell) => cell.text))].map((row) => row.join(' ')) : []),
  ].map(shown);

describe('pdf', () => {
  it('holds the text of the document in order, page by page, each with its number', () => {
    let several = 0;
    for (const d of DOCUMENTS) {
      const { pages } = readPdf(pdf(d));
      pages.forEach((lines, i) => assert.equal(lines.at(-1), `Page ${i + 1}`));
      assert.equal(flat(pages.flatMap((lines) => lines.slice(0, -1))), flat(wordsOf(d)));
      if (pages.length > 1) several++;
    }
    assert.ok(several >= 6, 'some are longer than a page');
  });

  it('keeps what it writes on the page', () => {
    for (const d of DOCUMENTS)
      for (const [, y] of Buffer.from(pdf(d))
        .toString('latin1')
        .matchAll(/1 0 0 1 \d+ (-?\d+) Tm/g))
        assert.ok(Number(y) >= 20 && Number(y) <= 842);
  });

  it('names its title and author to whoever asks, in any script', () => {
    for (const d of DOCUMENTS) {
      const { info } = readPdf(pdf(d));
      assert.equal(info['Title']!.replace('\ufeff', ''), d.title);
      assert.equal(info['Author']!.replace('\ufeff', ''), d.author);
      assert.equal(info['CreationDate'], 'D:20250314091207Z');
      for (const text of [d.title, d.author])
        assert.ok(/^[ -~]*$/.test(text) || Object.values(info).includes(`\ufeff${text}`), 'all but ASCII is marked as UTF-16');
    }
  });

  it('is read by pdftotext', function () {
    if (spawnSync('pdftotext', ['-v']).error) this.skip(); // not everybody has it; the checks above hold without
    for (const d of DOCUMENTS.slice(0, 4)) {
      const { stdout, status, stderr } = spawnSync('pdftotext', ['-raw', '-enc', 'UTF-8', '-', '-'], { input: pdf(d), encoding: 'utf8' });
      assert.equal(status, 0, stderr);
      assert.ok(flat([stdout]).includes(flat([shown(d.title)])));
    }
  });
});

/** Reads a PNG, a chart or a note: checks each chunk's CRC, answers with its title and its pixels (indices into the palette, or grey). */
function readPng(bytes: Uint8Array): { title: string; width: number; height: number; pixels: Uint8Array; colours: number } {
  const file = Buffer.from(bytes);
  assert.equal(file.subarray(0, 8).toString('latin1'), '\x89PNG\r\n\x1a\n');
  const chunks = new Map<string, Buffer>();
  let at = 8;
  while (at < file.length) {
    const length = file.readUInt32BE(at);
    const type = file.toString('latin1', at + 4, at + 8);
    assert.equal(file.readUInt32BE(at + 8 + length), crc32(file.subarray(at + 4, at + 8 + length)), `CRC of ${type}`);
    chunks.set(type, file.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  assert.equal(at, file.length);
  assert.deepEqual([[...chunks.keys()][0], [...chunks.keys()].at(-1)], ['IHDR', 'IEND']);
  const header = chunks.get('IHDR')!;
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const palette = chunks.get('PLTE');
  const depth = palette ? 2 : 1;
  assert.deepEqual(
    [...header.subarray(8)],
    [depth, palette ? 3 : 0, 0, 0, 0],
    'two bits a pixel by palette or one of grey, not interlaced',
  );
  const colours = palette ? palette.length / 3 : 2;
  const raw = inflateSync(chunks.get('IDAT')!);
  const stride = Math.ceil((width * depth) / 8) + 1;
  assert.equal(raw.length, stride * height);
  const pixels = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    assert.equal(raw[y * stride], 0, 'no filter');
    for (let x = 0; x < width; x++) {
      const bit = x * depth;
      pixels[y * width + x] = (raw[y * stride + 1 + (bit >> 3)]! >> (8 - depth - (bit & 7))) & (colours - 1);
    }
  }
  const [keyword, text] = [chunks.get('iTXt')!.subarray(0, 10).toString('latin1'), chunks.get('iTXt')!.subarray(10).toString('utf8')];
  assert.equal(keyword, 'Title\0\0\0\0\0');
  return { title: text, width, height, pixels, colours };
}

describe('png', () => {
  it('is a chart with a bar a value, as high as the value', () => {
    holds(
      fc.property(words(5), fc.array(fc.nat(1000), { minLength: 1, maxLength: 14, size: 'max' }), (title, values) => {
        const image = readPng(png(title, values));
        assert.equal(image.title, title);
        assert.deepEqual([image.width, image.height, image.colours], [320, 160, 4]);
        const barWidth = Math.floor(300 / values.length);
        values.forEach((value, i) => {
          let height = 0;
          for (let y = 0; y < 160; y++) if (image.pixels[y * 320 + 10 + i * barWidth]! >= 2) height++;
          assert.equal(height, 150 - (150 - Math.floor((value * 140) / 1000)), `bar ${i} of ${value}`);
        });
      }),
    );
  });
});

describe('file names', () => {
  it('hold nothing a file system refuses', () => {
    assert.equal(fileStem('Q1/Q2: figures?'), 'Q1-Q2- figures-');
    assert.equal(fileStem('Ends with dots...'), 'Ends with dots');
    const titles = [
      ...sample(words(40), 200),
      `${'x'.repeat(79)} and more`,
      `${'x'.repeat(79)}. And more`,
      `${'x'.repeat(79)}😀`,
      'tab\there',
    ];
    for (const title of titles) {
      const stem = fileStem(title);
      // eslint-disable-next-line no-control-regex -- what must not be there
      assert.doesNotMatch(stem, /[\\/:*?"<>|\u0000-\u001f]|[. ]$/, `from ${title}`);
      assert.ok(stem.length > 0 && [...stem].length <= 80);
      assert.ok(stem.isWellFormed(), `no half of a character is left of ${title}`);
    }
  });
});

describe('attachments of a corpus', () => {
  /** Name and bytes of a message's attachment, where it has one. */
  function attachmentOf(message: string): { name: string; type: string; bytes: Buffer } | undefined {
    const part =
      /\r\nContent-Type: ([^;\r]+);\r\n name[^]*?\r\nContent-Disposition: attachment;\r\n filename(?:="([^"]*)"|[^\r]*)[^]*?\r\n\r\n([A-Za-z0-9+/=\r\n]+)\r\n--/.exec(
        message,
      );
    return part ? { type: part[1]!, name: part[2] ?? '', bytes: Buffer.from(part[3]!, 'base64') } : undefined;
  }
  const found = new Map<string, { name: string; type: string; bytes: Buffer }[]>();

  before(() => {
    const generator = smallGeneratorOf({ messages: 100 * 256, traffic: { overrides: { threaded: 0, machine: 0, private: 40 } } });
    for (let block = 0; block < 4; block++)
      generator.block(block, ({ bytes, letter }) => {
        const plan = letter.text.attachment;
        if (!plan) return;
        const attachment = attachmentOf(Buffer.from(bytes).toString('latin1'));
        assert.ok(attachment, 'what is planned is there');
        if (attachment.name !== '') assert.equal(attachment.name, plan.fileName);
        found.set(plan.kind, [...(found.get(plan.kind) ?? []), attachment]);
      });
  });

  it('are of all kinds, and open', () => {
    assert.deepEqual([...found.keys()].sort(), ['csv', 'docx', 'pdf', 'png', 'xlsx']);
    for (const { bytes, type } of found.get('pdf')!) {
      assert.equal(type, 'application/pdf');
      assert.ok(flat(readPdf(bytes).pages.flat()).length > 100);
    }
    const colours = found.get('png')!.map(({ bytes, type }) => {
      assert.equal(type, 'image/png');
      const image = readPng(bytes);
      assert.ok(image.title.length > 0);
      assert.equal(new Set(image.pixels).size, image.colours, 'something is drawn');
      return image.colours;
    });
    assert.deepEqual([...new Set(colours)].sort(), [2, 4], 'notes and charts');
    const { office } = python<Read>(READ, {
      office: [...found.get('docx')!, ...found.get('xlsx')!].map(({ bytes }) => base64(bytes)),
      csv: [],
    });
    for (const file of office) {
      assert.deepEqual(file.missing, []);
      assert.ok((file.paragraphs?.length ?? 0) + file.rows.length > 3);
      for (const row of file.rows) assert.equal(row.length, file.rows[0]!.length, 'as many cells in each row');
    }
    for (const { bytes } of found.get('csv')!) assert.ok(bytes.toString('utf8').split('\r\n').length > 5);
  });
});
