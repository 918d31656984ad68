import { Bytes, bytesOf } from './bytes.ts';
import type { Charset } from './charset.ts';
import { parameter } from './words.ts';

/** A MIME entity to be written (RFC 2045, RFC 2046). */
export type MimePart = TextPart | FilePart | MultiPart;

export interface TextPart {
  readonly kind: 'text';
  readonly subtype: 'plain' | 'html';
  /** In the part's charset, with \n for line ends. */
  readonly source: Uint8Array;
  readonly length: number;
  readonly charset: Charset;
  readonly encoding: '7bit' | '8bit' | 'quoted-printable' | 'base64';
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
      return writeText(out, part);
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

const TEXT_TYPES = { plain: bytesOf('Content-Type: text/plain; charset="'), html: bytesOf('Content-Type: text/html; charset="') } as const;
const ENCODING = bytesOf('"\r\nContent-Transfer-Encoding: ');

function textHeaders(out: Bytes, { subtype, charset, encoding }: TextPart): void {
  out.put(TEXT_TYPES[subtype]);
  out.ascii(charset);
  out.put(ENCODING);
  out.ascii(encoding);
  out.put(EMPTY_LINE);
}

const EMPTY_LINE = bytesOf('\r\n\r\n');

/** Lines with CRLF, on their way to base64. */
const WIRE = new Bytes();

function writeText(out: Bytes, { source, length, charset, encoding }: TextPart): void {
  switch (encoding) {
    case '7bit':
    case '8bit':
      return out.lines(source, 0, length);
    case 'quoted-printable':
      return out.quotedPrintable(source, 0, length, charset === 'utf-8');
    case 'base64':
      WIRE.length = 0;
      WIRE.lines(source, 0, length);
      return out.base64(WIRE.array, 0, WIRE.length);
  }
}
