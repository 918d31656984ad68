import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Bytes, HEX, hex, runOf, runsOf, runsWithin, textOf } from '../../src/corpus/mime/bytes.ts';
import { type Charset, singleByte, transcode } from '../../src/corpus/mime/charset.ts';
import { Lines, WIDE } from '../../src/corpus/mime/lines.ts';
import { character, holds, python, sample } from './support.ts';

const bytesOf = (value: string): Uint8Array => new Uint8Array(Buffer.from(value, 'utf8'));

/** Text as bodies have it, and as they never should: lines by \n, runs that meet every limit, all of Unicode. */
const text = fc
  .array(
    fc.oneof(
      {
        weight: 8,
        arbitrary: fc.constantFrom('a', 'word', 'longer', ' ', ' ', '\n', '=', '.', ', ', '\t', '  ', ' \n', '\t\n', '=\n', '\n\n'),
      },
      { weight: 3, arbitrary: fc.constantFrom('é', 'ß', '€', '„', '漢', '字', '😀', '👩‍👩‍👧', 'ا', '\u00a0', '\u2028') },
      { weight: 2, arbitrary: fc.integer({ min: 1, max: 160 }).map((n) => 'x'.repeat(n)) },
      { weight: 1, arbitrary: fc.string({ unit: character, maxLength: 40, size: 'max' }) },
    ),
    { maxLength: 60, size: 'max' },
  )
  .map((pieces) => pieces.join(''));

const octets = fc.uint8Array({ maxLength: 400, size: 'max' });

function encoded(write: (out: Bytes) => void): Buffer {
  const out = new Bytes(8);
  write(out);
  return Buffer.from(out.written());
}

const quotedPrintable = (source: Uint8Array, utf8: boolean): Buffer =>
  encoded((out) => out.quotedPrintable(source, 0, source.length, utf8));
const base64 = (source: Uint8Array): Buffer => encoded((out) => out.base64(source, 0, source.length));

/** RFC 2045 §6.7, by the book. */
function readQuotedPrintable(wire: string): Buffer {
  const bytes: number[] = [];
  const lines = wire.split('\r\n');
  lines.forEach((line, i) => {
    const soft = line.endsWith('=');
    const content = soft ? line.slice(0, -1) : line;
    for (let at = 0; at < content.length; at++) {
      if (content[at] !== '=') bytes.push(content.charCodeAt(at));
      else {
        const digits = content.slice(at + 1, at + 3);
        assert.match(digits, /^[0-9A-F]{2}$/);
        bytes.push(parseInt(digits, 16));
        at += 2;
      }
    }
    if (!soft && i < lines.length - 1) bytes.push(10);
  });
  return Buffer.from(bytes);
}

function checkLines(wire: string, most: number): void {
  for (const line of wire.split('\r\n')) {
    assert.ok(line.length <= most, `${line.length} characters: ${line}`);
    assert.match(line, /^[\t\x20-\x7e]*$/);
    assert.doesNotMatch(line, /[ \t]$/, 'no white space at the end of a line');
  }
}

describe('quoted-printable', () => {
  it('gives UTF-8 text back, in lines of at most 76, whole characters on each', () => {
    holds(
      fc.property(text, (source) => {
        const wire = quotedPrintable(bytesOf(source), true).toString('latin1');
        checkLines(wire, 76);
        assert.equal(readQuotedPrintable(wire).toString('utf8'), source);
        const strict = new TextDecoder('utf-8', { fatal: true });
        for (const line of wire.split('\r\n')) strict.decode(readQuotedPrintable(line.replace(/=$/, '')));
      }),
      200,
    );
  });

  it('gives the bytes of a single-byte charset back', () => {
    holds(
      fc.property(octets, (source) => {
        const wire = quotedPrintable(source, false).toString('latin1');
        checkLines(wire, 76);
        assert.deepEqual(readQuotedPrintable(wire), Buffer.from(source));
      }),
      100,
    );
  });

  it('keeps to the limit whatever stands at it', () => {
    for (const tail of ['', ' ', '\t', 'y', 'yz', '=', 'é', '€', '😀', '\n', ' \n', '\t\n', 'y\n', ' y', 'y ', 'y \n', '  ', 'é\n', '😀y'])
      for (let length = 66; length <= 80; length++) {
        const source = 'x'.repeat(length) + tail;
        const wire = quotedPrintable(bytesOf(source), true).toString('latin1');
        checkLines(wire, 76);
        assert.equal(readQuotedPrintable(wire).toString('utf8'), source, JSON.stringify(source));
      }
  });

  it('breaks no line that fits', () => {
    const line = 'x'.repeat(76);
    assert.equal(quotedPrintable(bytesOf(`${line}\nshort\n`), true).toString(), `${line}\r\nshort\r\n`);
  });

  it('encodes a part of a source, and goes on behind what stands there', () => {
    const source = bytesOf('before é after');
    const out = new Bytes(4);
    out.ascii('head:');
    out.quotedPrintable(source, 7, 9, true);
    assert.equal(out.text(), 'head:=C3=A9');
  });
});

describe('base64', () => {
  it('gives bytes back, in lines of 76, the last one ended too', () => {
    holds(
      fc.property(octets, (source) => {
        const wire = base64(source).toString('latin1');
        assert.deepEqual(Buffer.from(wire, 'base64'), Buffer.from(source));
        const lines = wire.split('\r\n');
        assert.equal(lines.pop(), '');
        lines.forEach((line, i) => assert.ok(i < lines.length - 1 ? line.length === 76 : line.length <= 76 && line.length > 0));
        assert.equal(lines.join(''), Buffer.from(source).toString('base64'));
      }),
      100,
    );
  });

  it('encodes a part of a source', () => {
    const source = bytesOf('abcdefgh');
    const out = new Bytes(4);
    out.base64(source, 2, 6);
    assert.equal(out.text(), `${Buffer.from('cdef').toString('base64')}\r\n`);
  });
});

it('Python reads both as we wrote them', () => {
  const texts = sample(text, 80);
  const binaries = sample(octets, 80).map((bytes) => Buffer.from(bytes));
  const read = python<{ qp: string[]; b64: string[] }>(
    `
import base64, quopri
b = base64.b64decode
result = {
  'qp': [base64.b64encode(quopri.decodestring(b(x))).decode() for x in data['qp']],
  'b64': [base64.b64encode(base64.decodebytes(b(x))).decode() for x in data['b64']],
}`,
    {
      qp: texts.map((source) => quotedPrintable(bytesOf(source), true).toString('base64')),
      b64: binaries.map((source) => base64(source).toString('base64')),
    },
  );
  // Line ends are CRLF on the wire.
  read.qp.forEach((got, i) => assert.equal(Buffer.from(got, 'base64').toString('utf8'), texts[i]!.replaceAll('\n', '\r\n')));
  read.b64.forEach((got, i) => assert.equal(got, binaries[i]!.toString('base64')));
});

describe('Bytes', () => {
  it('hold what is written, however small they were', () => {
    const write = fc.oneof(
      fc
        .string({ unit: character, maxLength: 300, size: 'max' })
        .map((value) => ({ say: (out: Bytes) => out.utf8(value), is: Buffer.from(value) })),
      fc
        .string({ unit: 'binary-ascii', maxLength: 300, size: 'max' })
        .map((value) => ({ say: (out: Bytes) => out.ascii(value), is: Buffer.from(value) })),
      fc.uint8Array({ maxLength: 600, size: 'max' }).map((value) => ({ say: (out: Bytes) => out.raw(value), is: Buffer.from(value) })),
      fc
        .string({ unit: character, maxLength: 900, size: 'max' })
        .map((value) => ({ say: (out: Bytes) => out.put(runOf(value)), is: Buffer.from(value) })),
      fc.nat(99).map((value) => ({ say: (out: Bytes) => out.two(value), is: Buffer.from(String(value).padStart(2, '0')) })),
      fc
        .integer()
        .map((value) => ({ say: (out: Bytes) => out.hex(value, 8, hex), is: Buffer.from((value >>> 0).toString(16).padStart(8, '0')) })),
      fc.nat(0xffff).map((value) => ({
        say: (out: Bytes) => out.hex(value, 4, HEX),
        is: Buffer.from(value.toString(16).toUpperCase().padStart(4, '0')),
      })),
      fc.nat(255).map((value) => ({ say: (out: Bytes) => out.byte(value), is: Buffer.from([value]) })),
    );
    holds(
      fc.property(fc.array(write, { maxLength: 30, size: 'max' }), (writes) => {
        const out = new Bytes(1);
        for (const { say } of writes) say(out);
        const expected = Buffer.concat(writes.map(({ is }) => is));
        assert.deepEqual(Buffer.from(out.written()), expected);
        assert.equal(out.text(), expected.toString('utf8'));
      }),
      200,
    );
  });

  it('copy runs that lie side by side, each alone', () => {
    const values = sample(fc.string({ unit: character, maxLength: 40 }), 200);
    runsOf(values).forEach((run, i) => {
      const out = new Bytes(1);
      out.put(run);
      assert.equal(out.text(), values[i]);
      assert.equal(textOf(run), values[i]);
    });
  });

  it('makes runs that are parts of one, where that is plain', () => {
    const texts = ['Ann Lee <ann@firm.test>', 'Ann Lee', 'firm.test', '', 'a=b', 'Ärger', 'Ann Lee'];
    for (const whole of [texts[0]!, 'Änn Lee <ann@firm.test>', 'a=b firm.test']) {
      const runs = runsWithin(whole, texts);
      assert.deepEqual(runs.map(textOf), texts);
      assert.deepEqual(
        runs.map(({ marks }) => marks),
        runsOf(texts).map(({ marks }) => marks),
      );
    }
    const [all, name] = runsWithin(texts[0]!, texts);
    assert.equal(name!.view, all!.view);
    assert.equal(name!.from, all!.from);
  });
});

describe('lines', () => {
  const scanned = (value: string): { source: Bytes; lines: Lines } => {
    const source = new Bytes(1);
    source.utf8(value);
    const lines = new Lines();
    lines.scan(source, 0, source.length);
    return { source, lines };
  };

  it('end where a text has its line ends, and know what is on them', () => {
    holds(
      fc.property(text, (value) => {
        const { source, lines } = scanned(value);
        const parts = Buffer.from(value).toString('latin1').split('\n');
        assert.equal(lines.count, parts.length);
        let from = 0;
        parts.forEach((part, i) => {
          assert.equal(Buffer.from(source.written(from, lines.ends[i])).toString('latin1'), part);
          from = lines.ends[i]! + 1;
          assert.equal((lines.marks[i]! & WIDE) !== 0, /[\x80-\xff]/.test(part));
          if (lines.marks[i] === 0) assert.doesNotMatch(part, /=|[ \t]$/);
        });
      }),
    );
  });

  it('become the same quoted-printable as the whole text would', () => {
    holds(
      // Bodies hold no control characters.
      fc.property(
        // eslint-disable-next-line no-control-regex -- control characters are what is left out
        text.map((value) => value.replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '')),
        (value) => {
          const { source, lines } = scanned(value);
          assert.equal(
            encoded((out) => out.quotedLines(source, lines, true)).toString('latin1'),
            quotedPrintable(bytesOf(value), true).toString('latin1'),
          );
        },
      ),
    );
  });

  it('end with CRLF on the wire', () => {
    const { source, lines } = scanned('one\ntwo\n\nthree');
    assert.equal(encoded((out) => out.crlf(source, lines)).toString(), 'one\r\ntwo\r\n\r\nthree');
    const whole = scanned('one\n\n');
    assert.equal(encoded((out) => out.crlf(whole.source, whole.lines)).toString(), 'one\r\n\r\n');
  });
});

describe('charsets', () => {
  const decode: Readonly<Record<string, (bytes: Uint8Array) => string>> = {
    'iso-8859-1': (bytes) => Buffer.from(bytes).toString('latin1'),
    'windows-1252': (bytes) => new TextDecoder('windows-1252').decode(bytes),
  };
  /** All characters a charset has, worked out from its decoder; C1 controls are not among them. */
  const charactersOf = (charset: string): string[] =>
    Array.from({ length: 256 }, (_, byte) => decode[charset]!(Uint8Array.of(byte))).filter((c) => {
      const point = c.codePointAt(0)!;
      return point < 0x80 || point >= 0xa0;
    });
  const source = (value: string): Bytes => {
    const out = new Bytes();
    out.utf8(value);
    return out;
  };

  for (const charset of ['iso-8859-1', 'windows-1252'] as const satisfies readonly Charset[]) {
    const all = charactersOf(charset);

    it(`${charset} has every character it should, and nothing else`, () => {
      assert.equal(all.length, charset === 'iso-8859-1' ? 224 : 251);
      const known = new Set(all);
      for (let point = 0; point < 0xffff; point++)
        assert.equal(singleByte(point, charset) >= 0, known.has(String.fromCharCode(point)), `U+${point.toString(16)}`);
    });

    it(`${charset} gives text back`, () => {
      holds(
        fc.property(fc.array(fc.constantFrom(...all), { maxLength: 200, size: 'max' }), (characters) => {
          const out = new Bytes(4);
          out.ascii('>');
          assert.equal(transcode(out, source(characters.join('')), charset), true);
          assert.equal(decode[charset]!(out.written(1)), characters.join(''));
        }),
      );
    });

    it(`${charset} refuses text it has no place for, and leaves nothing of it`, () => {
      const known = new Set(all);
      const strange = character.filter((c) => !known.has(c));
      holds(
        fc.property(
          fc.array(fc.constantFrom(...all), { maxLength: 20, size: 'max' }),
          strange,
          fc.array(fc.constantFrom(...all), { maxLength: 20, size: 'max' }),
          (before, c, after) => {
            const out = new Bytes(4);
            out.ascii('kept');
            assert.equal(transcode(out, source([...before, c, ...after].join('')), charset), false);
            assert.equal(out.text(), 'kept');
          },
        ),
        200,
      );
    });
  }
});
