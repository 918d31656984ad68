import type { Say } from './mime-headers.ts';

const AS_IT_STANDS = ['', '7bit', '8bit', 'binary'];

/** Undoes the transfer encoding of a body. What is wrong in it is passed over, and reported. */
export function decodeTransfer(body: Buffer, encoding: string, say: Say): Buffer {
  if (AS_IT_STANDS.includes(encoding)) return body;
  if (encoding === 'base64') return base64(body, say);
  if (encoding === 'quoted-printable') return quotedPrintable(body, say);
  say('encoding', encoding);
  return body;
}

/** RFC 2045 §6.8. Some mailers pad in the middle: each piece is decoded on its own. */
function base64(body: Buffer, say: Say): Buffer {
  const text = body.toString('latin1');
  const pieces = text.replace(/[^A-Za-z0-9+/=]+/g, '').split(/=+/);
  if (/[^A-Za-z0-9+/=\s]/.test(text) || pieces.some((piece) => piece.length % 4 === 1)) say('base64');
  return Buffer.concat(pieces.map((piece) => Buffer.from(piece, 'base64')));
}

/** RFC 2045 §6.7. */
function quotedPrintable(body: Buffer, say: Say): Buffer {
  const out = Buffer.allocUnsafe(body.length);
  let length = 0;
  let bad = false;
  for (let i = 0; i < body.length; i++) {
    const byte = body[i]!;
    if (byte !== EQUALS) {
      out[length++] = byte;
      continue;
    }
    const high = HEX[body[i + 1] ?? 0]!;
    const low = HEX[body[i + 2] ?? 0]!;
    if (high >= 0 && low >= 0) {
      out[length++] = high * 16 + low;
      i += 2;
      continue;
    }
    let next = i + 1;
    while (body[next] === 0x20 || body[next] === 0x09) next++; // spaces may have been added on the way
    if (body[next] === 0x0d && body[next + 1] === 0x0a) i = next + 1;
    else if (body[next] === 0x0a) i = next;
    else if (next >= body.length) i = body.length;
    else {
      out[length++] = EQUALS;
      bad = true;
    }
  }
  if (bad) say('quotedPrintable');
  return out.subarray(0, length);
}

const EQUALS = 0x3d;
const HEX = Int8Array.from({ length: 256 }, (_, byte) => {
  const digit = '0123456789abcdef'.indexOf(String.fromCharCode(byte).toLowerCase());
  return digit;
});

/** The text in some bytes. Where a charset is unknown, or the bytes are not of it, something readable comes, and a report. */
export function decodeCharset(bytes: Buffer, charset: string | undefined, say: Say): string {
  const label = (charset ?? 'us-ascii').trim().toLowerCase();
  if (UNSAID.has(label)) {
    const text = bytes.toString('latin1');
    if (!/[\x80-\xff]/.test(text)) return text;
    if (charset !== undefined) say('charsetBytes', label);
    return attempt(bytes, 'utf-8') ?? loose(bytes, 'windows-1252');
  }
  const known = decoderOf(label) ?? decoderOf(label.replace(/^(?:x-|cs)/, '').replace(/^cp(?=\d)/, 'windows-'));
  if (known === undefined) {
    say('charset', label);
    return attempt(bytes, 'utf-8') ?? loose(bytes, 'windows-1252');
  }
  const strict = attempt(bytes, known);
  if (strict !== undefined) return strict;
  say('charsetBytes', label);
  return loose(bytes, known);
}

/** Says nothing of bytes over 127. */
const UNSAID = new Set(['us-ascii', 'ascii', 'unknown-8bit']);

function decoderOf(label: string): string | undefined {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return undefined;
  }
}

/** A byte order mark is a character of the text: offsets count it. */
function attempt(bytes: Buffer, encoding: string): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

const loose = (bytes: Buffer, encoding: string): string => new TextDecoder(encoding, { ignoreBOM: true }).decode(bytes);

/** Lines as the page has them: CRLF is one character, and so is a CR alone. */
export const evenLines = (text: string): string => text.replace(/\r\n?/g, '\n');
