import { addressParser } from 'postal-mime';
import type { Address, Attachment, Header, Mail, Part, Problem, Summary, Text } from '../../protocol/mail-preview.ts';
import { fileNameOf } from './file-name.ts';
import { MAIL_LIMITS, type MailLimits } from './mail-limits.ts';
import { decodeCharset, decodeTransfer, evenLines } from './mime-decode.ts';
import { decoded, fieldOf, type Say, visible } from './mime-headers.ts';
import { allOf, type Entity, isMessage, type Report, readTree } from './mime-tree.ts';

/** Problems that are told; the rest is more of the same. */
const MOST_PROBLEMS = 50;

/** Reads a message for the page: what can be shown of it, and what is wrong. `size` is that of the file, of which `bytes` may be the beginning. */
export function readMail(bytes: Buffer, size: number, limits: MailLimits = MAIL_LIMITS): Mail {
  const problems: Problem[] = [];
  const told = new Set<string>();
  const report: Report = (problem) => {
    const key = JSON.stringify(problem);
    if (told.has(key) || problems.length === MOST_PROBLEMS) return;
    told.add(key);
    problems.push(problem);
  };
  if (bytes.length < size) report({ code: 'fileCut', part: '', value: bytes.length });
  if (bytes.length === 0) report({ code: 'empty', part: '', value: '' });
  const tree = readTree(bytes, limits, report);
  const headers = tree.fields.map(({ name, value }) => ({ name, value: decoded(value) }));
  const summary = summaryOf(tree.fields, report);
  const { rich, plain } = bodiesOf(tree);
  const shown = new Set([...rich, ...plain]);
  return {
    size,
    read: bytes.length,
    summary,
    headers,
    tree: partOf(tree),
    texts: textsOf(bytes, tree, shown, limits, report),
    rich: rich.map(({ path }) => path),
    plain: plain.map(({ path }) => path),
    attachments: attachmentsOf(tree, shown),
    images: imagesOf(bytes, tree, limits, report),
    problems,
  };
}

/** What a part holds, decoded: an attached message as it stands. Undefined where there is no such part. */
export function readPart(bytes: Buffer, path: string, limits: MailLimits = MAIL_LIMITS): Buffer | undefined {
  for (const part of allOf(readTree(bytes, limits, () => undefined)))
    if (part.path === path && !part.type.startsWith('multipart/')) return contentOf(bytes, part, () => undefined);
  return undefined;
}

function contentOf(bytes: Buffer, part: Entity, say: Say): Buffer {
  return decodeTransfer(bytes.subarray(part.bodyStart, part.end), part.encoding, say);
}

const partOf = ({ path, type, charset, encoding, disposition, name, start, bodyStart, end, parts }: Entity): Part => ({
  path,
  type,
  charset,
  encoding,
  disposition,
  name: name === undefined ? undefined : fileNameOf(name, path, type),
  start,
  bodyStart,
  end,
  parts: parts.map(partOf),
});

// --- Headers ----------------------------------------------------------------------------------------------------------

/** Fields that a message has once (RFC 5322 §3.6). */
const ONCE = ['from', 'sender', 'reply-to', 'to', 'cc', 'bcc', 'subject', 'date', 'message-id', 'in-reply-to', 'references'];
const MOST_ADDRESSES = 1000;

function summaryOf(fields: readonly Header[], report: Report): Summary {
  for (const name of ONCE)
    if (fields.filter((field) => field.name.toLowerCase() === name).length > 1) report({ code: 'duplicate', part: '', value: name });
  const addresses = (name: string): Address[] => addressesIn(fieldOf(fields, name) ?? '');
  const date = fieldOf(fields, 'date') ?? '';
  if (Number.isNaN(Date.parse(date.replace(/\([^()]*\)\s*$/, '')))) report({ code: 'date', part: '', value: date.slice(0, 100) });
  return {
    subject: decoded(fieldOf(fields, 'subject') ?? ''),
    from: addresses('from'),
    sender: addresses('sender'),
    replyTo: addresses('reply-to'),
    to: addresses('to'),
    cc: addresses('cc'),
    bcc: addresses('bcc'),
    date: visible(date),
  };
}

function addressesIn(value: string): Address[] {
  const found: Address[] = [];
  for (const { name, address, group } of addressParser(value)) {
    if (group)
      found.push({ name: visible(name), address: '' }, ...group.map((one) => ({ name: visible(one.name), address: visible(one.address) })));
    else found.push({ name: visible(name), address: visible(address ?? '') });
    if (found.length >= MOST_ADDRESSES) break;
  }
  return found.slice(0, MOST_ADDRESSES);
}

// --- Texts ------------------------------------------------------------------------------------------------------------

type Taste = 'rich' | 'plain';

/** A multipart in which no parts were found is shown as it stands. */
const isText = ({ type, disposition, parts }: Entity): boolean =>
  (type === 'text/plain' || type === 'text/html' || type.startsWith('multipart/')) && disposition !== 'attachment' && parts.length === 0;

/** The texts to show in each manner. */
function bodiesOf(tree: Entity): Record<Taste, Entity[]> {
  return { rich: [...bodies(tree, 'rich')], plain: [...bodies(tree, 'plain')] };
}

function* bodies(part: Entity, taste: Taste): Iterable<Entity> {
  if (isText(part)) yield part;
  else if (part.disposition === 'attachment') return;
  else if (part.type === 'multipart/alternative') {
    const wanted = taste === 'rich' ? 'text/html' : 'text/plain';
    const able = part.parts.filter((one) => !bodies(one, taste)[Symbol.iterator]().next().done);
    // The last one is the richest (RFC 2046 §5.1.4).
    const best = able.findLast((one) => [...bodies(one, taste)].some(({ type }) => type === wanted)) ?? able.at(-1);
    if (best) yield* bodies(best, taste);
  } else for (const one of part.parts) yield* bodies(one, taste);
}

function textsOf(bytes: Buffer, tree: Entity, shown: ReadonlySet<Entity>, limits: MailLimits, report: Report): Text[] {
  const texts: Text[] = [];
  let left = limits.texts;
  const visit = (part: Entity, of: string | undefined): void => {
    if (shown.has(part)) {
      const say: Say = (code, value = '') => report({ code, part: part.path, value });
      const type = part.type === 'text/html' ? 'text/html' : 'text/plain';
      let text = evenLines(decodeCharset(contentOf(bytes, part, say), part.charset, say));
      if (text.includes('\0')) say('nul');
      text = visible(text);
      if (text.length > limits.text) {
        say('textCut', limits.text);
        text = upTo(text, limits.text);
      }
      if (type === 'text/html') {
        const cut = tagsUpTo(text, limits.tags);
        if (cut < text.length) say('markupCut', limits.tags);
        text = text.slice(0, cut);
      }
      if (text.length > left) {
        report({ code: 'textsCut', part: '', value: limits.texts });
        text = upTo(text, left);
      }
      left -= text.length;
      texts.push({ part: part.path, type, text, of });
    }
    const inside = isMessage(part) ? attachedTitle(part) : of;
    for (const one of part.parts) visit(one, inside);
  };
  visit(tree, undefined);
  return texts;
}

/** The beginning of a text, which does not end within a character. */
const upTo = (text: string, most: number): string => text.slice(0, most).replace(/[\ud800-\udbff]$/, '');

/** Where the tag too many begins. */
function tagsUpTo(html: string, most: number): number {
  let at = -1;
  for (let n = 0; n <= most; n++) {
    at = html.indexOf('<', at + 1);
    if (at < 0) return html.length;
  }
  return at;
}

/** "Subject: sender" of an attached message. */
function attachedTitle({ parts }: Entity): string {
  const fields = parts[0]?.fields ?? [];
  const [from] = addressesIn(fieldOf(fields, 'from') ?? '');
  return [from?.name || from?.address, decoded(fieldOf(fields, 'subject') ?? '')].filter(Boolean).join(': ');
}

// --- Attachments and pictures -----------------------------------------------------------------------------------------

function attachmentsOf(tree: Entity, shown: ReadonlySet<Entity>): Attachment[] {
  return [...allOf(tree)]
    .filter((part) => !shown.has(part) && !part.type.startsWith('multipart/') && (part !== tree || part.disposition === 'attachment'))
    .map((part) => ({
      part: part.path,
      name: fileNameOf(part.name ?? '', part.path, part.type),
      type: part.type,
      size: part.end - part.bodyStart,
      inline: part.disposition === 'inline' || (part.disposition === undefined && part.contentId !== undefined),
    }));
}

/** Pictures that a browser draws and cannot run, by how their files begin. What a part says of itself does not count. */
const PICTURES: readonly (readonly [type: string, start: string, atEight: string])[] = [
  ['image/png', '\x89PNG\r\n\x1a\n', ''],
  ['image/jpeg', '\xff\xd8\xff', ''],
  ['image/gif', 'GIF87a', ''],
  ['image/gif', 'GIF89a', ''],
  ['image/webp', 'RIFF', 'WEBP'],
  ['image/bmp', 'BM', ''],
];

function pictureType(content: Buffer): string | undefined {
  const head = content.toString('latin1', 0, 16);
  return PICTURES.find(([, start, atEight]) => head.startsWith(start) && head.startsWith(atEight, 8))?.[0];
}

function imagesOf(bytes: Buffer, tree: Entity, limits: MailLimits, report: Report): Record<string, string> {
  const images: [string, string][] = [];
  let left = limits.images;
  for (const part of allOf(tree)) {
    if (part.contentId === undefined || !part.type.startsWith('image/')) continue;
    // Decoded is never more than encoded.
    if (part.end - part.bodyStart > limits.image * 1.5) {
      report({ code: 'imageCut', part: part.path, value: limits.image });
      continue;
    }
    const content = contentOf(bytes, part, () => undefined);
    const type = pictureType(content);
    if (type === undefined) continue;
    if (content.length > Math.min(limits.image, left)) report({ code: 'imageCut', part: part.path, value: limits.image });
    else {
      left -= content.length;
      images.push([part.contentId, `data:${type};base64,${content.toString('base64')}`]);
    }
  }
  return Object.fromEntries(images);
}
