import { DAY } from '../calendar.ts';
import type { Turn } from '../conversation/conversation.ts';
import type { Passage, Range, Text } from '../conversation/dialogue.ts';
import { type Bytes, type Run, runOf } from '../mime/bytes.ts';
import type { Lines } from '../mime/lines.ts';
import type { CompiledCommon } from '../pack/compile.ts';
import type { Client } from '../profiles/profile.ts';
import type { Person } from '../world/person.ts';

/** A message with its words, and the one it answers: what bodies are laid out from. */
export interface Letter {
  readonly turn: Turn;
  /** The conversation's text, its lines, and this message's places in it. */
  readonly words: Bytes;
  readonly lines: Lines;
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
  /** The attribution line; for a block of headers, nothing. */
  readonly line: Passage;
  /** "Original Message", for a block of headers. */
  readonly label: Run;
  /** Labels, with the colon and the space behind it, and values, for a block of headers. */
  readonly fields: readonly { readonly name: Run; readonly value: Range }[];
  /** What is on the lines: see Lines. */
  readonly marks: number;
}

/** How a letter introduces its parent, as its author's client shows it: times are on the author's clock. Written once. */
export function quoteHead(letter: Letter, parent: Letter, quote: Layout['quote']): QuoteHead {
  const key = quote === 'arrows' && letter.turn.kind !== 'forward' ? 'arrows' : 'block';
  return (letter.heads[key] ??= key === 'arrows' ? attribution(letter, parent) : headers(letter, parent));
}

function attribution(letter: Letter, parent: Letter): QuoteHead {
  const { words, lines, common, turn } = letter;
  const { author } = parent.turn;
  const from = words.length;
  const line = lines.count;
  const local = localOf(letter, parent);
  for (const part of common.quoting.wrote[turn.author.layout % common.quoting.wrote.length]!) {
    const run =
      part === 'date'
        ? common.dates.longDate(Math.floor(local / DAY))
        : part === 'time'
          ? common.dates.time(local)
          : part === 'name'
            ? author.shown
            : part === 'address'
              ? author.at
              : part;
    words.put(run);
    lines.pending |= run.marks;
  }
  lines.end(words);
  return { line: { from, to: words.length, line, lines: lines.count - line }, label: NOTHING, fields: [], marks: 0 };
}

const NOTHING = runOf('');
const NOWHERE: Passage = { from: 0, to: 0, line: 0, lines: 0 };

function headers(letter: Letter, parent: Letter): QuoteHead {
  const { words, common } = letter;
  const { quoting } = common;
  const { turn } = parent;
  const label = letter.turn.kind === 'forward' ? quoting.forwarded : quoting.original;
  const start = words.length;
  words.put(turn.author.shownInFull);
  const author = { from: start, to: words.length };
  const local = localOf(letter, parent);
  const date = common.dates.longDate(Math.floor(local / DAY));
  const time = common.dates.time(local);
  words.put(date);
  words.byte(32);
  words.put(time);
  const sent = { from: author.to, to: words.length };
  // What is on one of the lines is taken to be on each.
  let marks = label.marks | turn.author.shownInFull.marks | date.marks | time.marks | turn.prefix.marks | turn.subject.run.marks;
  marks |= list(words, turn.to);
  const to = { from: sent.to, to: words.length };
  const fields = [
    { name: quoting.from, value: author },
    { name: quoting.sent, value: sent },
    { name: quoting.to, value: to },
  ];
  if (turn.cc.length > 0) {
    const from = words.length;
    marks |= list(words, turn.cc);
    fields.push({ name: quoting.cc, value: { from, to: words.length } });
  }
  const subject = words.length;
  words.put(turn.prefix);
  words.put(turn.subject.run);
  fields.push({ name: quoting.subject, value: { from: subject, to: words.length } });
  for (let i = 0; i < fields.length; i++) marks |= fields[i]!.name.marks;
  return { line: NOWHERE, label, fields, marks };
}

/** Clients show a few names and cut off the rest. Answers with what is on them. */
function list(words: Bytes, people: readonly Person[]): number {
  let marks = 0;
  for (let i = 0; i < people.length && i < 6; i++) {
    if (i > 0) words.put(SEMICOLON);
    const { shown } = people[i]!;
    words.put(shown);
    marks |= shown.marks;
  }
  if (people.length <= 6) return marks;
  words.put(MORE);
  return marks | MORE.marks;
}

const SEMICOLON = runOf('; ');
const MORE = runOf('; …');

/** When the parent was sent, on the clock of the letter's author, as if it were UTC. */
const localOf = (letter: Letter, parent: Letter): number => parent.turn.instant + letter.turn.offset;
