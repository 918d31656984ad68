import { Bytes, type Run, runOf } from './bytes.ts';
import type { Charset } from './charset.ts';
import type { Lines } from './lines.ts';
import { parameter } from './words.ts';

/** A MIME entity to be written (RFC 2045, RFC 2046). */
export type MimePart = TextPart | FilePart | MultiPart;

export interface TextPart {
  readonly kind: 'text';
  readonly subtype: 'plain' | 'html';
  /** In the part's charset, with \n for line ends. */
  readonly source: Bytes;
  readonly lines: Lines;
  /** The same text before it went into the charset. */
  readonly utf8: Bytes;
  readonly charset: Charset;
  readonly encoding: '7bit' | '8bit' | 'quoted-printable' | 'base64';
  /** Where its body is in the message, once it has been written. */
  start: number;
  end: number;
}

export interface FilePart {
  readonly kind: 'file';
  readonly type: string;
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface MultiPart {
  readonly kind: 'multi';
  readonly subtype: 'mixed' | 'alternative';
  readonly boundary: string;
  readonly parts: readonly MimePart[];
}

/** Writes an entity: the headers that say how to read it, an empty line, its body. */
export function writePart(out: Bytes, part: MimePart): void {
  switch (part.kind) {
    case 'text':
      textHeaders(out, part);
      part.start = out.length;
      writeText(out, part);
      part.end = out.length;
      return;
    case 'file':
      out.ascii(
        `Content-Type: ${part.type}${parameter('name', part.name)}\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment${parameter('filename', part.name)}\r\n\r\n`,
      );
      return out.base64(part.bytes, 0, part.bytes.length);
    case 'multi':
      out.ascii(`Content-Type: multipart/${part.subtype};\r\n boundary="${part.boundary}"\r\n`);
      // A composite says what is inside it (RFC 2045 §6.4).
      if (isEightBit(part)) out.ascii('Content-Transfer-Encoding: 8bit\r\n');
      out.ascii('\r\n');
      for (const child of part.parts) {
        out.ascii(`--${part.boundary}\r\n`);
        writePart(out, child);
        out.ascii('\r\n');
      }
      out.ascii(`--${part.boundary}--\r\n`);
  }
}

function isEightBit(part: MimePart): boolean {
  return part.kind === 'multi' ? part.parts.some(isEightBit) : part.kind === 'text' && part.encoding === '8bit';
}

const TEXT_TYPES = { plain: runOf('Content-Type: text/plain; charset="'), html: runOf('Content-Type: text/html; charset="') } as const;
const CHARSETS: Readonly<Record<Charset, Run>> = {
  'us-ascii': runOf('us-ascii'),
  'utf-8': runOf('utf-8'),
  'iso-8859-1': runOf('iso-8859-1'),
  'windows-1252': runOf('windows-1252'),
};
const ENCODINGS: Readonly<Record<TextPart['encoding'], Run>> = {
  '7bit': runOf('"\r\nContent-Transfer-Encoding: 7bit\r\n\r\n'),
  '8bit': runOf('"\r\nContent-Transfer-Encoding: 8bit\r\n\r\n'),
  'quoted-printable': runOf('"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'),
  base64: runOf('"\r\nContent-Transfer-Encoding: base64\r\n\r\n'),
};

function textHeaders(out: Bytes, { subtype, charset, encoding }: TextPart): void {
  out.put(TEXT_TYPES[subtype]);
  out.put(CHARSETS[charset]);
  out.put(ENCODINGS[encoding]);
}

/** Lines with CRLF, on their way to base64. */
const WIRE = new Bytes();

function writeText(out: Bytes, { source, lines, charset, encoding }: TextPart): void {
  switch (encoding) {
    case '7bit':
    case '8bit':
      return out.crlf(source, lines);
    case 'quoted-printable':
      return out.quotedLines(source, lines, charset === 'utf-8');
    case 'base64':
      WIRE.length = 0;
      WIRE.crlf(source, lines);
      return out.base64(WIRE.array, 0, WIRE.length);
  }
}
