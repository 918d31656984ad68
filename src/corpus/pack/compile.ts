import { Bytes, marksOf, type Run, runOf, runsOf } from '../mime/bytes.ts';
import type { Lines } from '../mime/lines.ts';
import type { Stream } from '../random.ts';
import { Dates } from './dates.ts';
import { type FactKind, parseFact } from './facts.ts';
import { LowerWords } from './lower.ts';
import { type Part, parsePhrase } from './phrase.ts';
import { type Evasion, type Scenario, WRITTEN } from './scenario.ts';
import { type Common, type Desk, GIVEN_SLOTS, type Pack, type Party, type Topic } from './schema.ts';

/** A phrase ready to be said: where its code starts in the language's phrasebook. */
export type Program = number;

/** Phrases to be drawn from, none of them twice in a conversation: where their deck starts in the language's phrasebook. Never 0. */
export type Pool = number;

/**
 * All phrases of a language in one flat table of 32-bit codes. A phrase is a run of codes up to END. The lowest three bits
 * of a code say what to do, the others how much of it:
 *
 *   LITERAL length, marks …  copy so many bytes, which follow, filled up to whole codes; what is on them: see Lines
 *   NEWLINE                  end the line
 *   SLOT n                   say fact n
 *   CHOICE n, p1 … pn        say one of n phrases, drawn
 *   NUMBER one many          say the first to one person, the second to several
 *
 * The table is larger than a processor's nearer caches, and most phrases come from farther away: it is kept tight.
 */
export class Phrasebook {
  codes = new Int32Array(1 << 16);
  /** The same memory, for the literals in it. */
  text = new DataView(this.codes.buffer);
  /** The same, to be filled. */
  private bytes = Buffer.from(this.codes.buffer);
  /** Codes in use. */
  private length = 0;
  /**
   * Decks, each in one run: the conversation it was last drawn from, how many cards are left to it, how many there are, then
   * each card with the conversation that drew it.
   */
  private decks = new Int32Array(1 << 12);
  /** Its cells in use. */
  private dealt = 1;

  /** Adds a deck of cards: numbers from 0. */
  deck(cards: readonly number[]): Pool {
    const pool = this.dealt;
    this.dealt += 3 + 2 * cards.length;
    if (this.dealt > this.decks.length) {
      const { decks } = this;
      this.decks = new Int32Array(Math.max(this.dealt, decks.length * 2));
      this.decks.set(decks);
    }
    this.decks[pool + 2] = cards.length;
    for (let i = 0; i < cards.length; i++) this.decks[pool + 3 + 2 * i] = cards[i]!;
    return pool;
  }

  /** A card not yet drawn in this conversation (numbered, not 0); −1 when all are spent. */
  draw(pool: Pool, conversation: number, stream: Stream): number {
    const { decks } = this;
    const size = decks[pool + 2]!;
    if (decks[pool] !== conversation) {
      decks[pool] = conversation;
      decks[pool + 1] = size;
    }
    if (decks[pool + 1] === 0) return -1;
    decks[pool + 1]!--;
    const first = pool + 3;
    let at = stream.under(size);
    while (decks[first + 2 * at + 1] === conversation) at = at + 1 === size ? 0 : at + 1;
    decks[first + 2 * at + 1] = conversation;
    return decks[first + 2 * at]!;
  }

  /** Any card. */
  pick(pool: Pool, stream: Stream): number {
    return this.card(pool, stream.under(this.decks[pool + 2]!));
  }

  card(pool: Pool, n: number): number {
    return this.decks[pool + 3 + 2 * n]!;
  }

  size(pool: Pool): number {
    return this.decks[pool + 2]!;
  }

  /** Adds a phrase. */
  add(source: string, slots: ReadonlyMap<string, number>): Program {
    return this.sequence(parsePhrase(source), slots);
  }

  private sequence(parts: readonly Part[], slots: ReadonlyMap<string, number>): Program {
    // Inner phrases first, so that this one's code is in one run.
    const inner = parts.map((part) => {
      if (part.kind === 'choice') return part.options.map((option) => this.sequence(option, slots));
      return part.kind === 'number' ? [this.sequence(part.one, slots), this.sequence(part.many, slots)] : NO_PROGRAMS;
    });
    const start = this.length;
    parts.forEach((part, i) => {
      switch (part.kind) {
        case 'text':
          part.text.split('\n').forEach((text, line) => {
            if (line > 0) this.code(NEWLINE);
            if (text !== '') this.literal(text);
          });
          break;
        case 'slot':
          this.code(SLOT | (slots.get(part.name)! << 3));
          break;
        case 'choice':
          this.code(CHOICE | (inner[i]!.length << 3));
          for (const program of inner[i]!) this.code(program);
          break;
        case 'number':
          this.code(NUMBER);
          for (const program of inner[i]!) this.code(program);
      }
    });
    this.code(END);
    return start;
  }

  private code(code: number): void {
    if (this.length === this.codes.length) this.move(this.length * 2);
    this.codes[this.length++] = code;
  }

  private literal(text: string): void {
    const most = this.length + 1 + text.length + SLACK; // three bytes to a letter at the most
    if (most > this.codes.length) this.move(Math.max(most, this.codes.length * 2));
    const from = (this.length + 1) * 4;
    const count = this.bytes.write(text, from);
    this.code(LITERAL | (marksOf(this.bytes, from, from + count) << 3) | (count << 5));
    this.length += (count + 3) >> 2;
  }

  /** Takes all of it to memory for so many codes. */
  private move(codes: number): void {
    const moved = new Int32Array(codes);
    moved.set(this.codes.subarray(0, this.length));
    this.codes = moved;
    this.text = new DataView(moved.buffer);
    this.bytes = Buffer.from(moved.buffer);
  }
}

/** Codes behind the last one: literals are copied eight bytes at a time. */
const SLACK = 2;

const NO_PROGRAMS: readonly Program[] = [];

const END = 0;
const LITERAL = 1;
const SLOT = 2;
const CHOICE = 3;
const NUMBER = 4;
const NEWLINE = 5;

/** The given slots: first those of the author, then those of the addressee, then the firms. */
const YOU = GIVEN_SLOTS.indexOf('you.first');
const FIRM = GIVEN_SLOTS.indexOf('firm.name');

/** The facts of a conversation and the people of a message, by slot, in UTF-8. */
export class Facts {
  /** What is said of the author and of the first addressee: Person.said. */
  me: readonly Run[] = [];
  you: readonly Run[] = [];
  /** What the topic's own facts were drawn into. */
  readonly drawn = new Bytes(4096);
  readonly source: DataView[] = Array.from({ length: MOST_SLOTS }, () => this.drawn.view);
  readonly from = new Int32Array(MOST_SLOTS);
  readonly to = new Int32Array(MOST_SLOTS);
  readonly marks = new Uint8Array(MOST_SLOTS);

  /** Gives a slot its value; it is not copied. */
  set(slot: number, value: Run): void {
    this.source[slot] = value.view;
    this.from[slot] = value.from;
    this.to[slot] = value.to;
    this.marks[slot] = value.marks;
  }

  /** The value of a slot is what has been drawn since `from`; `marks` is what is on it. */
  written(slot: number, from: number, marks: number): void {
    this.source[slot] = this.drawn.view;
    this.from[slot] = from;
    this.to[slot] = this.drawn.length;
    this.marks[slot] = marks;
  }

  /** Whether a drawn slot says the same as one of those from `first` on before it. */
  repeats(slot: number, first: number): boolean {
    const array = this.drawn.array;
    const length = this.to[slot]! - this.from[slot]!;
    for (let other = first; other < slot; other++) {
      if (this.to[other]! - this.from[other]! !== length) continue;
      let i = 0;
      while (i < length && array[this.from[other]! + i] === array[this.from[slot]! + i]) i++;
      if (i === length) return true;
    }
    return false;
  }
}

/** Given slots, a topic's facts, and the file's name. */
const MOST_SLOTS = 128;

export interface CompiledExchange {
  readonly ask: Pool;
  readonly answer: Pool;
}

/** Questions with their answers, and a deck of their numbers. */
export interface Exchanges {
  readonly deck: Pool;
  readonly list: readonly CompiledExchange[];
}

export interface CompiledTopic {
  readonly id: string;
  readonly desk: string;
  readonly weight: number;
  readonly between: Party;
  readonly with: readonly string[];
  readonly starts: 'us' | 'them';
  readonly sender: readonly string[];
  /** Whether it can have an attachment. */
  readonly attaches: boolean;
  /** What is said about it: compiled when it is first talked about. */
  readonly phrases: TopicPhrases;
}

export interface TopicPhrases {
  /** In the order of their slots, after the given ones. */
  readonly facts: readonly CompiledFact[];
  readonly attachment: CompiledAttachment | undefined;
  readonly subject: Pool;
  readonly open: Pool;
  readonly detail: Pool;
  readonly asks: Exchanges;
  readonly queries: Exchanges;
  readonly response: Pool;
  readonly update: Pool;
  readonly close: Pool;
  readonly asides: Pool;
}

export interface CompiledAttachment {
  readonly share: number;
  readonly kinds: readonly ('pdf' | 'docx' | 'xlsx' | 'csv' | 'png')[];
  readonly title: Pool;
  readonly mention: Pool;
  readonly columns: readonly (readonly [name: string, fact: CompiledFact])[];
}

interface Tones {
  readonly internal: Pool;
  readonly external: Pool;
}

/** A fact ready to be drawn: lists are looked up, words are bytes. */
export type CompiledFact =
  Exclude<FactKind, { kind: 'list' } | { kind: 'oneOf' }> | { readonly kind: 'words'; readonly words: readonly Run[] };

function compileFact(fact: FactKind, lists: Readonly<Record<string, readonly string[]>>): CompiledFact {
  if (fact.kind === 'oneOf') return { kind: 'words', words: runsOf(fact.options) };
  if (fact.kind === 'list') return { kind: 'words', words: runsOf(lists[fact.list]!) };
  return fact;
}

/** What every mail of a language draws on. */
export interface CompiledCommon {
  readonly greetings: Readonly<Record<keyof Common['greetings'], Pool>>;
  readonly lowerAfterComma: LowerWords;
  readonly pleasantries: Tones;
  readonly leads: Tones;
  readonly acks: Tones;
  readonly chasers: Tones;
  readonly thanks: Tones;
  readonly offers: Tones;
  readonly forwards: Pool;
  readonly delegated: Pool;
  readonly asides: Pool;
  readonly mobile: Pool;
  readonly disclaimers: Pool;
  readonly signoffs: Readonly<Record<keyof Common['signoffs'], Pool>>;
  readonly prefixes: { readonly reply: readonly Run[]; readonly forward: readonly Run[] };
  readonly quoting: Quoting;
  readonly dates: Dates;
  readonly labels: Common['labels'];
  readonly calendar: Common['calendar'];
}

/** What stands above a quotation. */
export interface Quoting {
  /** Forms of "On … wrote:": words, and what is said between them. */
  readonly wrote: readonly (readonly (Run | 'date' | 'time' | 'name' | 'address')[])[];
  readonly original: Run;
  readonly forwarded: Run;
  /** Names of fields, with the colon and the space behind it. */
  readonly from: Run;
  readonly sent: Run;
  readonly to: Run;
  readonly cc: Run;
  readonly subject: Run;
}

export interface Language {
  readonly tag: string;
  readonly book: Phrasebook;
  readonly common: CompiledCommon;
  readonly desks: ReadonlyMap<string, { readonly name: string; readonly titles: Desk['titles'] }>;
  readonly topics: readonly CompiledTopic[];
  /** By id. */
  readonly scenarios: ReadonlyMap<string, CompiledScenario>;
}

/** The slot of what an attachment is called, in the phrases that mention it: after the topic's own. */
const FILE_SLOT = 'file';

const GIVEN = new Map<string, number>(GIVEN_SLOTS.map((slot, i) => [slot, i]));
export const given = (slot: (typeof GIVEN_SLOTS)[number]): number => GIVEN.get(slot)!;
export const FIRST_FACT = GIVEN_SLOTS.length;

/**
 * Merges the packs of each language, in order: desks and topics add up, a later common.yaml replaces an earlier one. Of the
 * scenarios only those that are wanted, of topics what is said about them when it is first needed: compiling takes a while.
 */
export function compilePacks(packs: readonly Pack[], wanted: ReadonlySet<string>): Map<string, Language> {
  const languages = new Map<string, Language>();
  for (const tag of new Set(packs.map((p) => p.language))) {
    const own = packs.filter((p) => p.language === tag);
    const common = own.findLast((p) => p.common)?.common;
    if (!common) throw new Error(`no pack for ${tag} has a common.yaml`);
    const desks = own.flatMap((p) => p.desks);
    const book = new Phrasebook();
    languages.set(tag, {
      tag,
      book,
      common: compileCommon(common, book),
      desks: new Map(desks.map((d) => [d.desk, { name: d.name, titles: d.titles }])),
      topics: desks.flatMap((d) => compileDesk(d, book)),
      // Of two scenarios of one id, the later one counts.
      scenarios: new Map(
        own
          .flatMap((p) => p.scenarios)
          .filter((s) => wanted.has(s.scenario))
          .map((s) => [s.scenario, compileScenario(s, book)]),
      ),
    });
  }
  return languages;
}

function compileDesk(desk: Desk, book: Phrasebook): CompiledTopic[] {
  let asides: Pool | undefined;
  const asidesOf = (): Pool => (asides ??= book.deck((desk.asides ?? []).map((text) => book.add(text, GIVEN))));
  return desk.topics.map((topic) => {
    let phrases: TopicPhrases | undefined;
    return {
      id: topic.id,
      desk: desk.desk,
      weight: topic.weight,
      between: topic.between,
      with: topic.with ?? [],
      starts: topic.starts,
      sender: topic.sender ?? [],
      attaches: topic.attachment !== undefined,
      get phrases(): TopicPhrases {
        return (phrases ??= compilePhrases(topic, desk, asidesOf(), book));
      },
    };
  });
}

function compilePhrases(topic: Topic, desk: Desk, asides: Pool, book: Phrasebook): TopicPhrases {
  const slots = new Map(GIVEN);
  for (const fact of Object.keys(topic.facts)) slots.set(fact, slots.size);
  slots.set(FILE_SLOT, slots.size);
  const pool = (list: readonly string[] | undefined): Pool => book.deck((list ?? []).map((text) => book.add(text, slots)));
  const exchanges = (list: Topic['asks']): Exchanges => ({
    deck: book.deck(list.map((_, i) => i)),
    list: list.map((e) => ({ ask: pool(e.ask), answer: pool(e.answer) })),
  });
  const a = topic.attachment;
  return {
    facts: Object.values(topic.facts).map((fact) => compileFact(fact, desk.lists)),
    attachment: a && {
      share: a.share,
      kinds: a.kinds,
      title: pool(a.title),
      mention: pool(a.mention),
      columns: Object.entries(a.table ?? {}).map(([name, source]) => [name, compileFact(parseFact(source) as FactKind, desk.lists)]),
    },
    subject: pool(topic.subject),
    open: pool(topic.open),
    detail: pool(topic.detail),
    asks: exchanges(topic.asks),
    queries: exchanges(topic.queries),
    response: pool(topic.response),
    update: pool(topic.update),
    close: pool(topic.close),
    asides,
  };
}

/** A scenario in one language, its words ready to be said. */
export interface CompiledScenario {
  readonly source: Scenario;
  /** Names of the roles, in order. */
  readonly roles: readonly string[];
  /** In the order of their slots, after the given ones. */
  readonly facts: readonly CompiledFact[];
  /** By phase: the words of each level that is written. */
  readonly phases: readonly Readonly<Partial<Record<Evasion, Pool>>>[];
  /** By near miss, and phase. */
  readonly nearMisses: readonly (readonly Pool[])[];
}

function compileScenario(scenario: Scenario, book: Phrasebook): CompiledScenario {
  const slots = new Map(GIVEN);
  for (const fact of Object.keys(scenario.facts)) slots.set(fact, slots.size);
  const pool = (list: readonly string[]): Pool => book.deck(list.map((text) => book.add(text, slots)));
  return {
    source: scenario,
    roles: Object.keys(scenario.roles),
    facts: Object.values(scenario.facts).map((fact) => compileFact(fact, scenario.lists)),
    phases: scenario.phases.map((phase) =>
      Object.fromEntries(WRITTEN.flatMap((level) => (phase[level] ? [[level, pool(phase[level])]] : []))),
    ),
    nearMisses: scenario.nearMisses.map((near) => scenario.phases.map((phase) => pool(near.phases[phase.phase]!))),
  };
}

function compileCommon(common: Common, book: Phrasebook): CompiledCommon {
  const pool = (list: readonly string[]): Pool => book.deck(list.map((text) => book.add(text, GIVEN)));
  const tones = (t: { internal: readonly string[]; external: readonly string[] }): Tones => ({
    internal: pool(t.internal),
    external: pool(t.external),
  });
  const each = <K extends string>(pools: Record<K, string[]>): Record<K, Pool> =>
    Object.fromEntries(Object.entries<string[]>(pools).map(([k, v]) => [k, pool(v)])) as Record<K, Pool>;
  return {
    ...common,
    quoting: compileQuoting(common.quoting),
    dates: new Dates(common.calendar),
    prefixes: { reply: common.prefixes.reply.map(runOf), forward: common.prefixes.forward.map(runOf) },
    lowerAfterComma: new LowerWords(common.lowerAfterComma ?? []),
    greetings: each(common.greetings),
    pleasantries: tones(common.pleasantries),
    leads: tones(common.leads),
    acks: tones(common.acks),
    chasers: tones(common.chasers),
    thanks: tones(common.thanks),
    offers: tones(common.offers),
    forwards: pool(common.forwards),
    delegated: pool(common.delegated),
    asides: pool(common.asides),
    mobile: pool(common.mobile),
    disclaimers: pool(common.disclaimers),
    signoffs: each(common.signoffs),
  };
}

function compileQuoting(quoting: Common['quoting']): Quoting {
  const { wrote, original, forwarded, from, sent, to, cc, subject } = quoting;
  const label = (name: string): Run => runOf(`${name}: `);
  return {
    wrote: wrote.map((form) =>
      form
        .split(/\{(date|time|name|address)\}/)
        .map((part, i) => (i % 2 === 1 ? (part as 'date' | 'time' | 'name' | 'address') : runOf(part)))
        .filter((part) => typeof part === 'string' || part.to > part.from),
    ),
    original: runOf(original),
    forwarded: runOf(forwarded),
    from: label(from),
    sent: label(sent),
    to: label(to),
    cc: label(cc),
    subject: label(subject),
  };
}

/** Says a phrase; `many` when it is addressed to several. Its lines go to `lines`; the last one is left open. */
export function say(out: Bytes, lines: Lines, book: Phrasebook, program: Program, stream: Stream, facts: Facts, many: boolean): void {
  const { codes, text } = book;
  for (let pc = program; ;) {
    const code = codes[pc++]!;
    switch (code & 7) {
      case LITERAL: {
        const length = code >> 5;
        out.copy(text, pc * 4, pc * 4 + length);
        lines.pending |= (code >> 3) & 3;
        pc += (length + 3) >> 2;
        break;
      }
      case SLOT: {
        const slot = code >> 3;
        if (slot < FIRM) {
          const run = slot < YOU ? facts.me[slot]! : facts.you[slot - YOU]!;
          out.copy(run.view, run.from, run.to);
          lines.pending |= run.marks;
        } else {
          out.copy(facts.source[slot]!, facts.from[slot]!, facts.to[slot]!);
          lines.pending |= facts.marks[slot]!;
        }
        break;
      }
      case CHOICE: {
        const options = code >> 3;
        say(out, lines, book, codes[pc + stream.under(options)]!, stream, facts, many);
        pc += options;
        break;
      }
      case NUMBER:
        say(out, lines, book, codes[many ? pc + 1 : pc]!, stream, facts, many);
        pc += 2;
        break;
      case NEWLINE:
        lines.feed(out);
        break;
      default:
        return;
    }
  }
}
