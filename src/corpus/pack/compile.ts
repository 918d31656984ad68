import { Bytes } from '../mime/bytes.ts';
import type { Stream } from '../random.ts';
import { type FactKind, parseFact } from './facts.ts';
import { type Part, parsePhrase } from './phrase.ts';
import { type Common, type Desk, GIVEN_SLOTS, type Pack, type Party, type Topic } from './schema.ts';

/** A phrase ready to be said: where its code starts in the language's phrasebook. */
export type Program = number;

export type Pool = readonly Program[];

/**
 * All phrases of a language, in two flat tables: code, and the UTF-8 bytes of the literals. A phrase is a run of codes up
 * to END:
 *
 *   LITERAL from to          copy these bytes
 *   SLOT n                   say fact n
 *   CHOICE n p1 … pn         say one of n phrases, drawn
 *   NUMBER one many          say the first to one person, the second to several
 */
export class Phrasebook {
  code: Int32Array = new Int32Array(0);
  bytes: Uint8Array = new Uint8Array(0);
  private readonly codes: number[] = [];
  private readonly literals = new Bytes();

  /** Adds a phrase. */
  add(source: string, slots: ReadonlyMap<string, number>): Program {
    return this.sequence(parsePhrase(source), slots);
  }

  /** No more phrases will come. */
  seal(): void {
    this.code = Int32Array.from(this.codes);
    this.bytes = this.literals.view().slice();
  }

  private sequence(parts: readonly Part[], slots: ReadonlyMap<string, number>): Program {
    // Inner phrases first, so that this one's code is in one run.
    const inner = parts.map((part) =>
      (part.kind === 'choice' ? part.options : part.kind === 'number' ? [part.one, part.many] : []).map((option) =>
        this.sequence(option, slots),
      ),
    );
    const start = this.codes.length;
    parts.forEach((part, i) => {
      switch (part.kind) {
        case 'text': {
          const from = this.literals.length;
          this.literals.utf8(part.text);
          this.codes.push(LITERAL, from, this.literals.length);
          break;
        }
        case 'slot':
          this.codes.push(SLOT, slots.get(part.name)!);
          break;
        case 'choice':
          this.codes.push(CHOICE, inner[i]!.length, ...inner[i]!);
          break;
        case 'number':
          this.codes.push(NUMBER, ...inner[i]!);
      }
    });
    this.codes.push(END);
    return start;
  }
}

const END = 0;
const LITERAL = 1;
const SLOT = 2;
const CHOICE = 3;
const NUMBER = 4;

/** The given slots: first those of the author, then those of the addressee, then the firms. */
const YOU = GIVEN_SLOTS.indexOf('you.first');
const FIRM = GIVEN_SLOTS.indexOf('firm.name');

/** The facts of a conversation and the people of a message, by slot, in UTF-8. */
export class Facts {
  /** What is said of the author and of the first addressee: Person.said. */
  me: readonly Uint8Array[] = [];
  you: readonly Uint8Array[] = [];
  /** What the topic's own facts were drawn into. */
  readonly drawn = new Bytes(4096);
  readonly source: Uint8Array[] = Array.from({ length: MOST_SLOTS }, () => this.drawn.array);
  readonly from = new Int32Array(MOST_SLOTS);
  readonly to = new Int32Array(MOST_SLOTS);

  /** Gives a slot its value; it is not copied. */
  set(slot: number, value: Uint8Array): void {
    this.source[slot] = value;
    this.from[slot] = 0;
    this.to[slot] = value.length;
  }

  /** The value of a slot is what has been drawn since `from`. */
  written(slot: number, from: number): void {
    this.source[slot] = this.drawn.array;
    this.from[slot] = from;
    this.to[slot] = this.drawn.length;
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

export interface CompiledTopic {
  readonly id: string;
  readonly desk: string;
  readonly weight: number;
  readonly between: Party;
  readonly with: readonly string[];
  readonly starts: 'us' | 'them';
  readonly sender: readonly string[];
  /** In the order of their slots, after the given ones. */
  readonly facts: readonly FactKind[];
  readonly lists: Readonly<Record<string, readonly string[]>>;
  readonly attachment: CompiledAttachment | undefined;
  readonly subject: Pool;
  readonly open: Pool;
  readonly detail: Pool;
  readonly asks: readonly CompiledExchange[];
  readonly queries: readonly CompiledExchange[];
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
  readonly columns: readonly (readonly [name: string, fact: FactKind])[];
}

interface Tones {
  readonly internal: Pool;
  readonly external: Pool;
}

/** What every mail of a language draws on. */
export interface CompiledCommon {
  readonly greetings: Readonly<Record<keyof Common['greetings'], Pool>>;
  readonly lowerAfterComma: ReadonlySet<string>;
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
  readonly prefixes: Common['prefixes'];
  readonly quoting: Common['quoting'];
  readonly labels: Common['labels'];
  readonly calendar: Common['calendar'];
}

export interface Language {
  readonly tag: string;
  readonly book: Phrasebook;
  readonly common: CompiledCommon;
  readonly desks: ReadonlyMap<string, { readonly name: string; readonly titles: Desk['titles'] }>;
  readonly topics: readonly CompiledTopic[];
}

/** The slot of what an attachment is called, in the phrases that mention it: after the topic's own. */
const FILE_SLOT = 'file';

const GIVEN = new Map<string, number>(GIVEN_SLOTS.map((slot, i) => [slot, i]));
export const given = (slot: (typeof GIVEN_SLOTS)[number]): number => GIVEN.get(slot)!;
export const FIRST_FACT = GIVEN_SLOTS.length;

/** Merges the packs of each language, in order: desks and topics add up, a later common.yaml replaces an earlier one. */
export function compilePacks(packs: readonly Pack[]): Map<string, Language> {
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
    });
    book.seal();
  }
  return languages;
}

function compileDesk(desk: Desk, book: Phrasebook): CompiledTopic[] {
  const asides = (desk.asides ?? []).map((text) => book.add(text, GIVEN));
  return desk.topics.map((topic) => compileTopic(topic, desk, asides, book));
}

function compileTopic(topic: Topic, desk: Desk, asides: Pool, book: Phrasebook): CompiledTopic {
  const slots = new Map(GIVEN);
  for (const fact of Object.keys(topic.facts)) slots.set(fact, slots.size);
  slots.set(FILE_SLOT, slots.size);
  const pool = (list: readonly string[] | undefined): Pool => (list ?? []).map((text) => book.add(text, slots));
  const exchanges = (list: Topic['asks']): CompiledExchange[] => list.map((e) => ({ ask: pool(e.ask), answer: pool(e.answer) }));
  const a = topic.attachment;
  return {
    id: topic.id,
    desk: desk.desk,
    weight: topic.weight,
    between: topic.between,
    with: topic.with ?? [],
    starts: topic.starts,
    sender: topic.sender ?? [],
    facts: Object.values(topic.facts),
    lists: desk.lists,
    attachment: a && {
      share: a.share,
      kinds: a.kinds,
      title: pool(a.title),
      mention: pool(a.mention),
      columns: Object.entries(a.table ?? {}).map(([name, source]) => [name, parseFact(source) as FactKind]),
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

function compileCommon(common: Common, book: Phrasebook): CompiledCommon {
  const pool = (list: readonly string[]): Pool => list.map((text) => book.add(text, GIVEN));
  const tones = (t: { internal: readonly string[]; external: readonly string[] }): Tones => ({
    internal: pool(t.internal),
    external: pool(t.external),
  });
  const each = <K extends string>(pools: Record<K, string[]>): Record<K, Pool> =>
    Object.fromEntries(Object.entries<string[]>(pools).map(([k, v]) => [k, pool(v)])) as Record<K, Pool>;
  return {
    ...common,
    lowerAfterComma: new Set(common.lowerAfterComma),
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

/** Says a phrase; `many` when it is addressed to several. */
export function say(out: Bytes, book: Phrasebook, program: Program, stream: Stream, facts: Facts, many: boolean): void {
  const { code, bytes } = book;
  for (let pc = program; ;) {
    switch (code[pc]!) {
      case LITERAL:
        out.copy(bytes, code[pc + 1]!, code[pc + 2]!);
        pc += 3;
        break;
      case SLOT: {
        const slot = code[pc + 1]!;
        if (slot < YOU) out.put(facts.me[slot]!);
        else if (slot < FIRM) out.put(facts.you[slot - YOU]!);
        else out.copy(facts.source[slot]!, facts.from[slot]!, facts.to[slot]!);
        pc += 2;
        break;
      }
      case CHOICE: {
        const options = code[pc + 1]!;
        say(out, book, code[pc + 2 + stream.under(options)]!, stream, facts, many);
        pc += 2 + options;
        break;
      }
      case NUMBER:
        say(out, book, code[pc + (many ? 2 : 1)]!, stream, facts, many);
        pc += 3;
        break;
      default:
        return;
    }
  }
}
