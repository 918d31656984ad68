import type { Header, Part, Problem } from '../../protocol/mail-preview.ts';
import type { MailLimits } from './mail-limits.ts';
import { decoded, fieldOf, parametersOf, readHeaders, type Say } from './mime-headers.ts';

/** A part with what only the reader needs: its headers, its Content-ID. */
export interface Entity extends Part {
  readonly fields: readonly Header[];
  readonly contentId: string | undefined;
  readonly parts: readonly Entity[];
}

export type Report = (problem: Problem) => void;

/** Whether a part is a message of its own. */
export const isMessage = ({ type }: Pick<Part, 'type'>): boolean => type === 'message/rfc822' || type === 'message/global';

/**
 * Reads the structure of a message: which parts, where in the file. It never fails: what cannot be followed is a part
 * without parts, and a report.
 */
export function readTree(bytes: Buffer, limits: MailLimits, report: Report): Entity {
  let count = 0;
  let tooMany = false;
  let tooDeep = false;

  /** Whether there are as many parts as are taken apart; says so once. */
  function isFull(say: Say): boolean {
    if (count < limits.parts) return false;
    if (!tooMany) say('parts', limits.parts);
    tooMany = true;
    return true;
  }

  function entity(start: number, end: number, path: string, depth: number, byDefault: string): Entity {
    count++;
    const say: Say = (code, value = '') => report({ code, part: path, value });
    const { fields, end: bodyStart } = readHeaders(bytes, start, end, limits, say);
    const { value, parameters } = parametersOf(fieldOf(fields, 'content-type') ?? byDefault);
    const type = /^[\w.+-]+\/[\w.+-]+$/.test(value) ? value : 'text/plain';
    const disposition = fieldOf(fields, 'content-disposition');
    const placed = disposition === undefined ? undefined : parametersOf(disposition);
    const name = placed?.parameters.get('filename') ?? parameters.get('name');
    const encoding = /[\w-]+/.exec(fieldOf(fields, 'content-transfer-encoding') ?? '')?.[0].toLowerCase() ?? '';
    const part = {
      path: path || '1',
      type,
      charset: parameters.get('charset'),
      encoding,
      disposition: placed?.value,
      name: name === undefined ? undefined : decoded(name),
      start,
      bodyStart,
      end,
      fields,
      contentId: /<([^<>]+)>/.exec(fieldOf(fields, 'content-id') ?? '')?.[1],
      parts: [] as Entity[],
    };

    const multipart = type.startsWith('multipart/');
    // An attached message that is encoded has no place of its own in the file.
    const attached = isMessage(part) && !['base64', 'quoted-printable'].includes(encoding);
    if (!multipart && !attached) return part;
    if (depth >= limits.depth) {
      if (!tooDeep) say('depth', limits.depth);
      tooDeep = true;
      return part;
    }
    const parts: Entity[] = [];
    const below = (n: number): string => (path === '' ? String(n) : `${path}.${n}`);
    if (attached) {
      // Where the attached message has parts, they are numbered below this one's; else it is part 1 of it.
      if (!isFull(say)) parts.push(attachedMessage(bodyStart, end, path || '1', depth + 1));
    } else {
      for (const { from, to } of pieces(parameters.get('boundary'), bodyStart, end, say)) {
        if (isFull(say)) break;
        parts.push(entity(from, to, below(parts.length + 1), depth + 1, type === 'multipart/digest' ? 'message/rfc822' : 'text/plain'));
      }
    }
    return { ...part, path: multipart && parts.length > 0 ? path : part.path, parts };
  }

  function attachedMessage(start: number, end: number, path: string, depth: number): Entity {
    const { fields } = readHeaders(bytes, start, end, limits, () => undefined);
    const multipart = parametersOf(fieldOf(fields, 'content-type') ?? '').value.startsWith('multipart/');
    return entity(start, end, multipart ? path : `${path}.1`, depth, 'text/plain');
  }

  /** What stands between the delimiters of a multipart (RFC 2046 §5.1.1). The line end before a delimiter is the delimiter's. */
  function* pieces(
    boundary: string | undefined,
    start: number,
    end: number,
    say: Say,
  ): Iterable<{ readonly from: number; readonly to: number }> {
    if (!boundary) return say('noBoundary');
    const mark = Buffer.from(`--${boundary}`);
    let from = -1;
    for (let at = bytes.indexOf(mark, start); at >= 0 && at < end; at = bytes.indexOf(mark, at + mark.length)) {
      if (at > start && bytes[at - 1] !== LF) continue;
      const rest = at + mark.length;
      let line = bytes.indexOf(LF, rest);
      if (line < 0 || line >= end) line = end;
      if (line - rest > LONGEST_TAIL) continue;
      const tail = bytes.toString('latin1', rest, line).trimEnd();
      if (tail !== '' && tail !== '--') continue;
      if (from >= 0) yield { from, to: Math.max(from, at - (at > from && bytes[at - 1] === LF ? (bytes[at - 2] === CR ? 2 : 1) : 0)) };
      from = Math.min(line + 1, end);
      if (tail === '--') return;
    }
    if (from < 0) return say('noParts', boundary);
    say('unclosed', boundary);
    yield { from, to: end };
  }

  return entity(0, bytes.length, '', 0, 'text/plain');
}

const LF = 10;
const CR = 13;
/** A delimiter may have spaces behind it. */
const LONGEST_TAIL = 200;

/** A part and all below it, in the order of the file. */
export function* allOf(part: Entity): Iterable<Entity> {
  yield part;
  for (const below of part.parts) yield* allOf(below);
}
