/** Header text: encoded words (RFC 2047), display names, parameters (RFC 2231), folding (RFC 5322 §2.2.3). */

/** Only ASCII takes one byte a character in UTF-8. */
export const isAscii = (text: string): boolean => Buffer.byteLength(text, 'utf8') === text.length;

const HEX = '0123456789ABCDEF';

/** What Q may leave as it is in an encoded word anywhere, a phrase included (RFC 2047 §5 rule 3). */
const Q_SAFE = Uint8Array.from({ length: 256 }, (_, c) => (/[A-Za-z0-9!*+\-/]/.test(String.fromCharCode(c)) && c < 128 ? 1 : 0));

/** An encoded word is at most 75 characters long (RFC 2047 §2). */
const WORD_LIMIT = 75;

/**
 * A text in UTF-8 as encoded words, with a space between. The first may take `room` characters (it stands behind a header
 * name). Each holds whole characters.
 */
export function encodedWords(text: string, room = WORD_LIMIT): string {
  const bytes = Buffer.from(text, 'utf8');
  let q = 0;
  for (const byte of bytes) q += qLength(byte);
  const quoted = q <= Math.ceil(bytes.length / 3) * 4;
  const frame = quoted ? '=?utf-8?Q?' : '=?utf-8?B?';
  let out = '';
  let start = 0;
  while (start < bytes.length) {
    const limit = (start === 0 ? Math.min(room, WORD_LIMIT) : WORD_LIMIT) - frame.length - 2;
    // As many whole characters as fit, one at the least.
    let end = start;
    for (let next = start, length = 0; next < bytes.length; end = next) {
      do length += quoted ? qLength(bytes[next]!) : 1;
      while (++next < bytes.length && (bytes[next]! & 0xc0) === 0x80);
      if ((quoted ? length : Math.ceil(length / 3) * 4) > limit && end > start) break;
    }
    out += `${start === 0 ? '' : ' '}${frame}${quoted ? qText(bytes, start, end) : bytes.toString('base64', start, end)}?=`;
    start = end;
  }
  return out;
}

function qLength(byte: number): number {
  return byte === 32 || Q_SAFE[byte] === 1 ? 1 : 3;
}

function qText(bytes: Uint8Array, from: number, to: number): string {
  let out = '';
  for (let i = from; i < to; i++) {
    const byte = bytes[i]!;
    out += byte === 32 ? '_' : Q_SAFE[byte] === 1 ? String.fromCharCode(byte) : `=${HEX[byte >> 4]}${HEX[byte & 15]}`;
  }
  return out;
}

/** A display name as a phrase: atoms, a quoted string, or encoded words (RFC 5322 §3.2.5). */
export function phraseOf(name: string): string {
  if (!isAscii(name)) return encodedWords(name, 60);
  if (/^[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~ ]+$/.test(name)) return name;
  return `"${name.replace(/(["\\])/g, '\\$1')}"`;
}

/** Name and address as a header writes them. */
export function mailboxOf(name: string, address: string): string {
  return name === '' ? address : `${phraseOf(name)} <${address}>`;
}

/** Unstructured text for a header of the given name: as it is, or as encoded words where it is not ASCII. */
export function headerText(name: string, text: string): string {
  return isAscii(text) ? text : encodedWords(text, 76 - name.length - 2);
}

/** The preferred length of a line, without CRLF (RFC 5322 §2.1.1). */
const LINE = 78;

/**
 * A header with its values joined by `separator`, folded before a value that would pass 78 characters. Values are not
 * broken inside.
 */
export function foldList(name: string, values: readonly string[], separator: string): string {
  let out = `${name}:`;
  let column = out.length;
  for (let i = 0; i < values.length; i++) {
    const value = i < values.length - 1 ? values[i]! + separator : values[i]!;
    if (column + 1 + value.length > LINE && column > name.length + 1) {
      out += `\r\n ${value}`;
      column = 1 + value.length;
    } else {
      out += ` ${value}`;
      column += 1 + value.length;
    }
  }
  return out + '\r\n';
}

/** A header of free text, folded at spaces. */
export function foldText(name: string, text: string): string {
  return text.length + name.length + 2 <= LINE ? `${name}: ${text}\r\n` : foldList(name, text.split(' '), '');
}

/**
 * A parameter of Content-Type or Content-Disposition, on a folded line of its own: quoted where it is ASCII, else in the
 * extended form, in numbered sections where it is long (RFC 2231 §3, §4).
 */
export function parameter(name: string, value: string): string {
  if (isAscii(value)) {
    const quoted = value.replace(/(["\\])/g, '\\$1');
    if (quoted.length + name.length + 5 <= LINE) return `;\r\n ${name}="${quoted}"`;
  }
  let encoded: string[] = [];
  for (const c of value) {
    if (/[A-Za-z0-9!#$&+\-.^_`{|}~]/.test(c)) encoded.push(c);
    else encoded.push([...Buffer.from(c, 'utf8')].map((b) => `%${HEX[b >> 4]}${HEX[b & 15]}`).join(''));
  }
  const whole = `utf-8''${encoded.join('')}`;
  if (whole.length + name.length + 4 <= LINE) return `;\r\n ${name}*=${whole}`;
  let out = '';
  for (let section = 0; encoded.length > 0; section++) {
    let piece = section === 0 ? "utf-8''" : '';
    let taken = 0;
    while (taken < encoded.length && piece.length + encoded[taken]!.length + name.length + 8 <= LINE) piece += encoded[taken++]!;
    encoded = encoded.slice(taken);
    out += `;\r\n ${name}*${section}*=${piece}`;
  }
  return out;
}
