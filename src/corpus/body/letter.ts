import { DAY } from '../calendar.ts';
import type { Turn } from '../conversation/conversation.ts';
import type { Range, Text } from '../conversation/dialogue.ts';
import { formatTime, longDate } from '../conversation/facts.ts';
import { type Bytes, bytesOf } from '../mime/bytes.ts';
import type { CompiledCommon } from '../pack/compile.ts';
import type { Client } from '../profiles/profile.ts';
import type { Person } from '../world/person.ts';

/** A message with its words, and the one it answers: what bodies are laid out from. */
export interface Letter {
  readonly turn: Turn;
  /** The conversation's text, and this message's places in it. */
  readonly words: Bytes;
  readonly text: Text;
  readonly parent: Letter | undefined;
  readonly common: CompiledCommon;
  /** Its Message-ID with the angle brackets, in `words`. */
  readonly messageId: Range;
  /** How it introduces its parent, once that has been written. */
  readonly heads: { block?: QuoteHead; arrows?: QuoteHead };
}

/** How a client lays out a body. */
export interface Layout {
  /** Column at which plain text is wrapped; 0 leaves paragraphs on one line each. */
  readonly wrap: number;
  /** What stands above a quotation: a block of headers, or "On … wrote:" with each quoted line marked. */
  readonly quote: 'block' | 'arrows';
  /** Answers below what they quote. */
  readonly below: boolean;
  /** How many messages back a quotation goes. */
  readonly depth: number;
  /** Sets a signature off by "-- " (RFC 3676 §4.3). */
  readonly dashes: boolean;
}

export const LAYOUTS: Readonly<Record<Client, Layout>> = {
  outlook: { wrap: 0, quote: 'block', below: false, depth: 4, dashes: false },
  phone: { wrap: 0, quote: 'block', below: false, depth: 3, dashes: false },
  apple: { wrap: 0, quote: 'arrows', below: false, depth: 3, dashes: false },
  webmail: { wrap: 72, quote: 'arrows', below: false, depth: 3, dashes: true },
  thunderbird: { wrap: 72, quote: 'arrows', below: true, depth: 3, dashes: true },
  notes: { wrap: 72, quote: 'block', below: false, depth: 4, dashes: false },
};

/** The lines above a quotation, the same in text and HTML: places in the conversation's text. */
export interface QuoteHead {
  /** "Original Message", for a block of headers; else the whole attribution line. */
  readonly line: Range;
  /** Labels and values, for a block of headers. */
  readonly fields: readonly { readonly name: Range; readonly value: Range }[];
}

/** How a letter introduces its parent, as its author's client shows it: times are on the author's clock. Written once. */
export function quoteHead(letter: Letter, parent: Letter, quote: Layout['quote']): QuoteHead {
  const key = quote === 'arrows' && letter.turn.kind !== 'forward' ? 'arrows' : 'block';
  return (letter.heads[key] ??= key === 'arrows' ? attribution(letter, parent) : headers(letter, parent));
}

function attribution(letter: Letter, parent: Letter): QuoteHead {
  const { words, common, turn } = letter;
  const [date, time] = shownDate(letter, parent);
  const { author } = parent.turn;
  const values: Readonly<Record<string, string>> = {
    date,
    time,
    name: author.name === '' ? author.address : author.name,
    address: author.address,
  };
  const form = common.quoting.wrote[turn.author.layout % common.quoting.wrote.length]!;
  const from = words.length;
  words.utf8(form.replace(/\{(\w+)\}/g, (whole, slot: string) => values[slot] ?? whole));
  return { line: { from, to: words.length }, fields: [] };
}

function headers(letter: Letter, parent: Letter): QuoteHead {
  const { words, common } = letter;
  const { quoting } = common;
  const { turn } = parent;
  const written = (text: string): Range => {
    const from = words.length;
    words.utf8(text);
    return { from, to: words.length };
  };
  const list = (people: readonly Person[]): Range => {
    const from = words.length;
    // Clients show a few names and cut off the rest.
    for (let i = 0; i < people.length && i < 6; i++) {
      if (i > 0) words.put(SEMICOLON);
      words.put(people[i]!.shown);
    }
    if (people.length > 6) words.put(MORE);
    return { from, to: words.length };
  };
  const from = words.length;
  words.put(turn.author.shownInFull);
  const author = { from, to: words.length };
  const [date, time] = shownDate(letter, parent);
  const fields = [
    { name: written(quoting.from), value: author },
    { name: written(quoting.sent), value: written(`${date} ${time}`) },
    { name: written(quoting.to), value: list(turn.to) },
  ];
  if (turn.cc.length > 0) fields.push({ name: written(quoting.cc), value: list(turn.cc) });
  const subject = words.length;
  words.utf8(turn.prefix);
  words.put(turn.subject.bytes);
  fields.push({ name: written(quoting.subject), value: { from: subject, to: subject + turn.prefix.length + turn.subject.bytes.length } });
  return { line: written(letter.turn.kind === 'forward' ? quoting.forwarded : quoting.original), fields };
}

const SEMICOLON = bytesOf('; ');
const MORE = bytesOf('; …');

function shownDate(letter: Letter, parent: Letter): readonly [date: string, time: string] {
  const local = parent.turn.instant + letter.turn.offset;
  const day = Math.floor(local / DAY);
  const { calendar } = letter.common;
  return [longDate(day, calendar), formatTime(Math.floor((local - day * DAY) / 3600), Math.floor(local / 60) % 60, calendar)];
}
