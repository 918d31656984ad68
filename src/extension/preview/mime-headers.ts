import { decodeWords } from 'postal-mime';
import type { Header, Problem } from '../../protocol/mail-preview.ts';
import type { MailLimits } from './mail-limits.ts';

/** The headers of one part. */
export interface HeaderBlock {
  /** Unfolded, not yet decoded. */
  readonly fields: readonly Header[];
  /** Where the body begins. */
  readonly end: number;
}

export interface Parameters {
  /** In lower case. */
  readonly value: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** Is told what is wrong with one part. */
export type Say = (code: Problem['code'], value?: string | number) => void;

// A byte order mark stays a character of its line: it must not turn a line that is no header into one.
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Reads the headers that begin at `start`: to the first empty line, or to the end. */
export function readHeaders(bytes: Buffer, start: number, end: number, limits: MailLimits, say: Say): HeaderBlock {
  const { to, bodyStart } = headersEnd(bytes, start, end);
  if (bodyStart === undefined && to > start) say('noHeaderEnd');
  const cut = Math.min(to, start + limits.headers);
  if (cut < to) say('headersCut', limits.headers);

  const fields: Header[] = [];
  let lines: string[] = [];
  let bad = false;
  const push = (): void => {
    if (lines.length === 0) return;
    const line = lines.join('');
    lines = [];
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0)).trimEnd();
    if (/^[!-9;-~]+$/.test(name)) fields.push({ name, value: cutTo(line.slice(colon + 1).trim(), limits.value, say, name) });
    else if (!(fields.length === 0 && line.startsWith('From '))) bad = true; // the line before a message in an mbox
  };
  for (const line of utf8.decode(bytes.subarray(start, cut)).split(/\r?\n/)) {
    if (!/^[ \t]/.test(line)) {
      push();
      if (fields.length === limits.fields) {
        say('headersCut', limits.fields);
        break;
      }
    }
    // A CR on its own must not begin a line anywhere else.
    if (line !== '') lines.push(line.replaceAll('\r', ' '));
  }
  if (fields.length < limits.fields) push();
  if (bad) say('headerLine');
  return { fields, end: bodyStart ?? end };
}

/** Where headers end: at an empty line, behind which the body begins. */
function headersEnd(bytes: Buffer, start: number, end: number): { readonly to: number; readonly bodyStart: number | undefined } {
  if (start >= end) return { to: start, bodyStart: start };
  if (bytes[start] === LF) return { to: start, bodyStart: start + 1 };
  if (bytes[start] === CR && bytes[start + 1] === LF) return { to: start, bodyStart: Math.min(start + 2, end) };
  for (let at = bytes.indexOf(LF, start); at >= 0 && at < end; at = bytes.indexOf(LF, at + 1)) {
    if (bytes[at + 1] === LF && at + 1 < end) return { to: at, bodyStart: at + 2 };
    if (bytes[at + 1] === CR && bytes[at + 2] === LF && at + 2 < end) return { to: at, bodyStart: at + 3 };
  }
  return { to: end, bodyStart: undefined };
}

const LF = 10;
const CR = 13;

function cutTo(value: string, most: number, say: Say, name: string): string {
  if (value.length <= most) return value;
  say('headerCut', name);
  return value.slice(0, most);
}

/** The first field of a name, in lower case; undefined where there is none. */
export const fieldOf = (fields: readonly Header[], name: string): string | undefined =>
  fields.find((field) => field.name.toLowerCase() === name)?.value;

/** A field with parameters: RFC 2045 §5.1, and RFC 2231 for those that are continued or encoded. Of two of a name the first counts. */
export function parametersOf(field: string): Parameters {
  const [first = '', ...rest] = splitQuoted(field);
  const parameters = new Map<string, string>();
  const pieces = new Map<string, { readonly encoded: boolean; readonly text: string }[]>();
  for (const text of rest) {
    const equals = text.indexOf('=');
    if (equals < 0) continue;
    const name = text.slice(0, equals).trim().toLowerCase();
    const value = unquote(text.slice(equals + 1).trim());
    const continued = /^([^*]+)\*(?:(\d{1,3})(\*)?)?$/.exec(name);
    if (!continued) {
      if (!parameters.has(name)) parameters.set(name, value);
      continue;
    }
    const [, base, number, star] = continued;
    const list = pieces.get(base!) ?? [];
    pieces.set(base!, list);
    list[Number(number ?? 0)] ??= { encoded: number === undefined || star !== undefined, text: value };
  }
  for (const [name, list] of pieces) parameters.set(name, joined(list));
  return { value: withoutComments(first).trim().toLowerCase(), parameters };
}

/** RFC 2231 §4: charset'language'%41%42; the charset stands before the first piece. */
function joined(pieces: readonly ({ readonly encoded: boolean; readonly text: string } | undefined)[]): string {
  let charset = '';
  const bytes: Buffer[] = [];
  for (const [n, piece] of [...pieces].entries()) {
    if (!piece) break;
    let { text } = piece;
    const named = n === 0 && piece.encoded ? /^([^']*)'[^']*'/.exec(text) : undefined;
    if (named) {
      charset = named[1]!;
      text = text.slice(named[0].length);
    }
    bytes.push(
      piece.encoded
        ? Buffer.from(
            text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
            'latin1',
          )
        : Buffer.from(text),
    );
  }
  try {
    return new TextDecoder(charset || 'utf-8').decode(Buffer.concat(bytes));
  } catch {
    return Buffer.concat(bytes).toString('latin1'); // no such charset
  }
}

/** Pieces between semicolons that are in no quotes. */
function splitQuoted(text: string): string[] {
  const pieces: string[] = [];
  let from = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (quoted && c === '\\') i++;
    else if (c === '"') quoted = !quoted;
    else if (c === ';' && !quoted) {
      pieces.push(text.slice(from, i));
      from = i + 1;
    }
  }
  pieces.push(text.slice(from));
  return pieces;
}

function unquote(text: string): string {
  if (!text.startsWith('"')) return withoutComments(text).trim();
  let out = '';
  for (let i = 1; i < text.length && text[i] !== '"'; i++) out += text[i] === '\\' && i + 1 < text.length ? text[++i] : text[i];
  return out;
}

/** A comment begins behind a space or at the start: name=file(1).txt has none. */
const withoutComments = (text: string): string => text.replace(/(^|\s)\([^()]*\)/g, '$1');

/** Encoded words (RFC 2047), decoded; control characters made visible. */
export const decoded = (value: string): string => visible(decodeWords(value));

/** A NUL is shown as one character, so that offsets hold. */
export const visible = (text: string): string => text.replaceAll('\0', '␀');
