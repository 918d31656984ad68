import type { Table } from './boosting.ts';

/**
 * What can be seen of messages without reading them: headers by name, order and size, sizes of parts, times, numbers of
 * people, ids. It is read from the bytes as they are delivered; no word of a body counts.
 *
 * Two things are left out: which lines of a body are empty, and how much larger a message is than the one it answers. Both
 * tell how much its author wrote, and nobody shows misconduct in the five words that most answers have.
 */

/** A message as it is delivered. */
export interface Delivered {
  readonly index: number;
  readonly id: string;
  readonly bytes: Uint8Array;
}

/** What ordinary mail is matched on, and whether people wrote it. */
export interface Seen {
  readonly direction: 'internal' | 'in' | 'out';
  /** Ending of the attachment's name; '' where there is none. */
  readonly attachment: string;
  readonly machine: boolean;
  readonly messageId: string;
  readonly thread: string;
  readonly parent: string | undefined;
  readonly instant: number;
  readonly size: number;
  /** Numbers by name. */
  readonly numbers: ReadonlyMap<string, number>;
}

/** Messages a block; a shard of these tests is as long. */
const BLOCK = 256;
const ORDERS = 24;

export function seen({ index, id, bytes }: Delivered, domain: string): Seen {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  const headers = headersOf(text.slice(0, end));
  const value = (name: string): string => headers.find(([n]) => n === name)?.[1] ?? '';
  const numbers = new Map<string, number>();
  const note = (name: string, number: number): void => void numbers.set(name, number);

  for (const [name, content] of headers) {
    note(`has ${name}`, 1);
    note(`size of ${name}`, content.length);
  }
  note(`order ${fnv1a(headers.map(([name]) => name).join()) % ORDERS}`, 1);
  note('headers', headers.length);
  note('size', bytes.length);
  note('size of head', end);
  note('size of body', bytes.length - end - 4);
  note('lines of head', count(text.slice(0, end), '\r\n'));

  const [to, cc, bcc] = ['To', 'Cc', 'Bcc'].map((name) => addressesIn(value(name))) as [string[], string[], string[]];
  note('to', to.length);
  note('cc', cc.length);
  note('bcc', bcc.length);
  note('recipients', to.length + cc.length + bcc.length);
  const from = addressesIn(value('From'))[0]!;
  const ours = (address: string): boolean => address.endsWith(`@${domain}`);
  const people = [...to, ...cc, ...bcc];
  note('recipients of ours', people.filter(ours).length);

  const ids = value('References').match(/<[^>]+>/g) ?? [];
  note('references', ids.length);
  const messageId = value('Message-ID').trim();
  const digits = messageId.replace(/^<(OF)?/, '').replace(/@.*/, '');
  note(`shape of id ${fnv1a(digits.replace(/[0-9a-f]+/gi, 'x').replace(/[A-F]/, 'A')) % 8}`, 1);
  note('upper case id', /[A-F]/.test(digits) ? 1 : 0);
  const hex = digits.replace(/[^0-9a-f]/gi, '');
  for (let i = 0; i < 24; i += 6) note(`id digits ${i}`, parseInt(hex.slice(i, i + 6), 16) || 0);
  for (let i = 0; i < 12; i += 6) note(`key digits ${i}`, parseInt(id.slice(i, i + 6), 16));
  note('place in block', index % BLOCK);
  note('place in corpus', index);
  note('parity', index % 2);

  const date = value('Date').trim();
  const instant = Date.parse(date) / 1000;
  const zone = /([+-])(\d\d)(\d\d)$/.exec(date)!;
  const offset = (zone[1] === '-' ? -1 : 1) * (Number(zone[2]) * 60 + Number(zone[3]));
  const local = new Date((instant + offset * 60) * 1000);
  note('zone', offset);
  note('instant', instant);
  note('hour', local.getUTCHours());
  note('minute', local.getUTCMinutes());
  note('second', local.getUTCSeconds());
  note('weekday', local.getUTCDay());
  note('day of month', local.getUTCDate());

  const parts = partsOf(headers, text.slice(end + 4));
  note('parts', parts.length);
  let attachment = '';
  for (const part of parts) {
    const name = /filename="?([^";\r\n]*)/.exec(part.disposition)?.[1];
    const kind = part.disposition.startsWith('attachment') ? 'attachment' : part.type;
    note(`part ${kind}`, 1);
    note(`${kind}: size`, part.body.length);
    note(`${kind}: lines`, count(part.body, '\r\n'));
    note(`${kind}: ${part.encoding}`, 1);
    if (part.charset) note(`${kind}: ${part.charset}`, 1);
    if (kind !== 'attachment') continue;
    attachment = (name ?? 'unnamed').replace(/.*\./, '').toLowerCase();
    note('length of file name', name?.length ?? 0);
  }
  return {
    direction: !ours(from) ? 'in' : people.every(ours) ? 'internal' : 'out',
    attachment,
    machine: headers.some(([name]) => name === 'List-Id' || name === 'Auto-Submitted'),
    messageId,
    thread: ids[0] ?? messageId,
    parent: value('In-Reply-To').trim() || undefined,
    instant,
    size: bytes.length,
    numbers,
  };
}

/** What a message shows beside the others of its thread. */
export interface Placed {
  readonly seen: Seen;
  /** Messages of the thread in the corpus. */
  readonly length: number;
  readonly numbers: ReadonlyMap<string, number>;
}

/** Sets the messages of a corpus beside each other. */
export function placed(all: readonly Seen[]): Placed[] {
  const threads = new Map<string, Seen[]>();
  const byId = new Map<string, Seen>();
  for (const one of all) {
    byId.set(one.messageId, one);
    const thread = threads.get(one.thread);
    if (thread) thread.push(one);
    else threads.set(one.thread, [one]);
  }
  for (const thread of threads.values()) thread.sort((a, b) => a.instant - b.instant);
  return all.map((one) => {
    const thread = threads.get(one.thread)!;
    const at = thread.indexOf(one);
    const parent = one.parent === undefined ? undefined : byId.get(one.parent);
    const numbers = new Map(one.numbers);
    numbers.set('place in thread', at);
    numbers.set('length of thread', thread.length);
    numbers.set('messages behind', thread.length - 1 - at);
    numbers.set('first is missing', byId.has(one.thread) ? 0 : 1);
    numbers.set('since the parent', parent ? one.instant - parent.instant : -1);
    return { seen: one, length: thread.length, numbers };
  });
}

/** A column for every name that some message has; 0 where one has it not. */
export function tableOf(rows: readonly Placed[]): Table {
  const names = [...new Set(rows.flatMap(({ numbers }) => [...numbers.keys()]))].sort();
  return { names, columns: names.map((name) => Float64Array.from(rows, ({ numbers }) => numbers.get(name) ?? 0)) };
}

function headersOf(head: string): [name: string, value: string][] {
  return head
    .split(/\r\n(?![ \t])/)
    .filter((line) => line !== '')
    .map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1)];
    });
}

interface Part {
  readonly type: string;
  readonly charset: string;
  readonly encoding: string;
  readonly disposition: string;
  readonly body: string;
}

/** The leaves of a body, encoded as they stand. */
function partsOf(headers: readonly (readonly [string, string])[], body: string): Part[] {
  const value = (wanted: string): string => (headers.find(([name]) => name.toLowerCase() === wanted)?.[1] ?? '').trim();
  const type = value('content-type');
  const boundary = /boundary="?([^";\r\n]+)/.exec(type)?.[1];
  if (boundary !== undefined)
    return `\r\n${body}`
      .split(`\r\n--${boundary}`)
      .slice(1, -1)
      .flatMap((part) => {
        const end = part.indexOf('\r\n\r\n');
        return partsOf(headersOf(part.slice(2, end)), part.slice(end + 4));
      });
  return [
    {
      type: /^[^;\s]*/.exec(type)![0],
      charset: /charset="?([^";\s]+)/.exec(type)?.[1] ?? '',
      encoding: value('content-transfer-encoding') || '7bit',
      disposition: value('content-disposition'),
      body,
    },
  ];
}

/** Bare addresses of a header; ours have no comma in a display name that is not quoted. */
const addressesIn = (value: string): string[] => value.match(/[^\s<>,"]+@[^\s<>,"]+/g) ?? [];

function count(text: string, what: string): number {
  let found = 0;
  for (let at = text.indexOf(what); at >= 0; at = text.indexOf(what, at + what.length)) found++;
  return found;
}

/** The FNV-1a hash of a text. */
export function fnv1a(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h >>> 0;
}

/**
 * Pairs each of some messages with one of the others of the same direction, attachment kind, thread length and size decile
 * (of all people's mail of that direction and kind), as far as there is one left.
 */
export function matched(all: readonly Placed[], some: readonly number[], others: readonly number[]): [number, number][] {
  const sizes = new Map<string, number[]>();
  const kindOf = ({ seen: { direction, attachment } }: Placed): string => `${direction} ${attachment}`;
  for (const one of all) {
    if (one.seen.machine) continue;
    const list = sizes.get(kindOf(one));
    if (list) list.push(one.seen.size);
    else sizes.set(kindOf(one), [one.seen.size]);
  }
  for (const list of sizes.values()) list.sort((a, b) => a - b);
  const cellOf = (row: number): string => {
    const one = all[row]!;
    const list = sizes.get(kindOf(one))!;
    let decile = 0;
    while (decile < 9 && one.seen.size >= list[Math.floor(((decile + 1) * list.length) / 10)]!) decile++;
    return `${kindOf(one)} ${one.length} ${decile}`;
  };
  // In an order that has nothing to do with what they are.
  const mixed = (rows: readonly number[]): number[] =>
    rows.toSorted((a, b) => fnv1a(all[a]!.seen.messageId) - fnv1a(all[b]!.seen.messageId));
  const left = new Map<string, number[]>();
  for (const row of mixed(others)) {
    const list = left.get(cellOf(row));
    if (list) list.push(row);
    else left.set(cellOf(row), [row]);
  }
  return mixed(some).flatMap((row): [number, number][] => {
    const other = left.get(cellOf(row))?.pop();
    return other === undefined ? [] : [[row, other]];
  });
}
