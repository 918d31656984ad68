import type { ContentSpec } from '../content.ts';
import { Bytes, type Run, runOf } from '../mime/bytes.ts';
import { Lines } from '../mime/lines.ts';
import {
  type CompiledAttachment,
  type CompiledExchange,
  type Exchanges,
  type Facts,
  FIRST_FACT,
  given,
  type Phrasebook,
  type Pool,
  type Program,
  say,
  type TopicPhrases,
} from '../pack/compile.ts';
import type { LowerWords } from '../pack/lower.ts';
import type { Profile } from '../profiles/profile.ts';
import { below, label, Stream } from '../random.ts';
import { notesOf, paragraphsOf, wordsOf } from '../scenario/words.ts';
import type { Person, Signature } from '../world/person.ts';
import type { Conversation, Plant, Turn } from './conversation.ts';

/**
 * What a message says, as places in the conversation's text: UTF-8, lines separated by \n, paragraphs by an empty line;
 * nothing is wrapped or encoded yet. Ground truth points into these: later stages only copy, wrap at spaces, mark as quoted
 * and encode.
 */
export interface Text {
  /** Greeting, body, sign-off and name: what this author wrote for this message. */
  readonly authored: Passage;
  /** Signature block or phone line; empty where there is none. */
  readonly signature: Passage;
  readonly disclaimer: Passage;
  /** Whether what is answered stands below (or, forwarded, has to). */
  readonly quotes: boolean;
  readonly attachment: AttachmentPlan | undefined;
  /** The words of a scenario, where they stand in what is authored. */
  readonly planted: Range | undefined;
}

/** Bytes from … to − 1 of a text. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** A range with its lines: the first, and how many; none where it is empty. */
export interface Passage extends Range {
  readonly line: number;
  readonly lines: number;
}

const NOWHERE: Passage = { from: 0, to: 0, line: 0, lines: 0 };

/** A document to be attached: its kind, title and file name; its words come from the same topic. */
export interface AttachmentPlan {
  readonly columns: CompiledAttachment['columns'];
  readonly kind: CompiledAttachment['kinds'][number];
  readonly title: string;
  readonly fileName: string;
  readonly paragraphs: readonly string[];
  /** Which of the paragraphs are the words of a scenario, or −1. */
  readonly planted: number;
  readonly turn: Turn;
}

const TEXT = label('text');

/** Characters a word takes, with its space: 5.6 in English, near enough elsewhere. */
const WORD = 5.6;

const FIRM_NAME = given('firm.name');

interface Pending {
  readonly exchange: CompiledExchange;
  readonly asker: Person;
}

type Tone = 'internal' | 'external';

/** Speaks the messages of one conversation in order, never the same phrase twice. */
export class Dialogue {
  /** What has been said so far, all messages behind each other. */
  readonly out: Bytes;
  private readonly lines: Lines;
  private readonly conversation: Conversation;
  private readonly book: Phrasebook;
  private readonly phrases: TopicPhrases;
  private readonly spec: ContentSpec;
  private readonly profile: Profile;
  /** Tells conversations apart, for their decks. */
  private readonly number = (conversations = (conversations + 1) & 0x3fffffff || 1);
  private readonly stream = new Stream();
  private pending: Pending | undefined;
  private readonly facts: Facts;
  private many = false;
  /** Where the body of the message begins, and whether a paragraph of it stands already. */
  private body = 0;
  private begun = false;
  private planted: Range | undefined;
  /** Bytes of the body that the words of a scenario will still take. */
  private owed = 0;

  /** `out` takes the text, and `lines` its lines; they are emptied first. */
  constructor(conversation: Conversation, spec: ContentSpec, profile: Profile, out: Bytes, lines: Lines) {
    this.conversation = conversation;
    this.book = conversation.language.book;
    this.phrases = conversation.topic.phrases;
    this.spec = spec;
    this.profile = profile;
    this.facts = conversation.facts;
    this.out = out;
    out.length = 0;
    this.lines = lines;
    lines.clear();
  }

  /** The text of the next message; has to be called for each turn, in order. */
  speak(turn: Turn): Text {
    const { arc, category, language } = this.conversation;
    const { out } = this;
    const stream = this.stream.seek(below(turn.path, TEXT));
    const common = language.common;
    const you = turn.to[0]!;
    // The words of a scenario are for one person, whoever else gets them.
    this.many = turn.to.length > 1 && !turn.plant && (turn.kind === 'new' || turn.author.address === turn.parent?.author.address);
    this.facts.me = turn.author.said;
    this.facts.you = you.said;
    const from = out.length;
    const line = this.lines.count;
    this.start();
    if (category === 'newsletter' || category === 'robot') {
      this.machine();
      return {
        authored: this.passage(from, line),
        signature: NOWHERE,
        disclaimer: NOWHERE,
        quotes: false,
        attachment: undefined,
        planted: undefined,
      };
    }

    const outward = turn.author.employee < 0 || you.employee < 0;
    const tone = category === 'external' && outward ? 'external' : 'internal';
    const first = turn.kind === 'new';
    let room = this.roomFor(first);
    // The words of a scenario are no short answer, and what quotes them gets long: the rest is short.
    if (arc && !first) room = Math.min(room, this.roomFor(first));
    const attachment = first ? this.attach(turn) : undefined;
    const plant = turn.plant?.into === 'body' ? wordsOf(turn.plant, this.facts, this.number, stream) : undefined;
    this.planted = undefined;
    this.owed = 0;
    // An opening is one of those that are long enough for it, and as long as these are; an answer may say nothing else.
    if (plant && first) for (let tries = 0; room < plant.length && tries < MOST_ROOMS; tries++) room = this.roomFor(first);
    if (this.conversation.bare) return this.bare(turn, plant, from, line, attachment);

    const short = room < 60 && !first;
    if (first || stream.percent(short ? 25 : 60)) {
      this.any(this.greetings(category, tone, first, you));
      this.gap();
    }
    this.start();
    if (first) this.opening(tone, room, attachment, plant);
    else {
      const early = plant !== undefined && stream.percent(50);
      if (early) this.plant(plant, first);
      else if (plant) this.owed = plant.length;
      this.answer(turn, tone, room);
      if (plant && !early) this.plant(plant, first);
    }
    if (!common.lowerAfterComma.none) this.lowerAfterComma(common.lowerAfterComma);
    if (first || stream.percent(short ? 35 : 75)) {
      this.gap();
      this.any(category === 'private' ? common.signoffs.friend : common.signoffs[tone]);
      this.lines.feed(out);
      this.put(turn.author.said[tone === 'external' && stream.percent(50) ? 2 : 0]!);
    } else if (stream.percent(40)) {
      this.gap();
      this.put(turn.author.said[0]!);
    }
    const authored = this.passage(from, line);

    const quotes =
      turn.kind === 'forward' ||
      (turn.parent?.ghost === true && turn.parent.plant !== undefined) ||
      (turn.kind === 'reply' && stream.percent(this.spec.traffic.overrides.quoting ?? this.profile.quoting));
    const signature = this.said(() => this.signature(turn, first || tone === 'external'));
    const disclaimer = this.said(() => this.disclaimer(turn));
    return { authored, signature, disclaimer, quotes, attachment, planted: this.planted };
  }

  /** What has been said since `from`. */
  private passage(from: number, line: number): Passage {
    const { out, lines } = this;
    if (out.length === from) return NOWHERE;
    lines.end(out);
    return { from, to: out.length, line, lines: lines.count - line };
  }

  private said(say: () => void): Passage {
    const from = this.out.length;
    const line = this.lines.count;
    say();
    return this.passage(from, line);
  }

  private put(run: Run): void {
    this.out.put(run);
    this.lines.pending |= run.marks;
  }

  /** An empty line. */
  private gap(): void {
    this.lines.feed(this.out);
    this.lines.feed(this.out);
  }

  /** How much a message has to say, in characters. */
  private roomFor(first: boolean): number {
    const words = (first ? this.profile.openingWords : this.profile.replyWords).draw(this.stream);
    return (words * WORD * (this.spec.traffic.overrides.length ?? 100)) / 100;
  }

  /** Says the words of a scenario, as paragraphs of their own. */
  private plant(words: Bytes, first: boolean): void {
    const { out, lines } = this;
    let start = -1;
    const { category, bare } = this.conversation;
    const short = bare || !first || category === 'private' || category === 'social';
    for (const { view, from, to } of short ? notesOf(words) : paragraphsOf(words)) {
      if (this.begun) this.gap();
      this.begun = true;
      if (start < 0) start = out.length;
      const at = out.length;
      out.copy(view, from, to);
      lines.pending |= out.marks(at);
    }
    this.owed = 0;
    this.planted = { from: start, to: out.length };
  }

  /** A message that says nothing else. */
  private bare(turn: Turn, plant: Bytes | undefined, from: number, line: number, attachment: AttachmentPlan | undefined): Text {
    if (plant) this.plant(plant, true);
    else this.any(this.phrases.open);
    const authored = this.passage(from, line);
    // The client adds it, whoever it is for.
    const signature = this.said(() => this.signature(turn, true));
    return {
      authored,
      signature,
      disclaimer: NOWHERE,
      quotes: false,
      attachment,
      planted: this.planted,
    };
  }

  private machine(): void {
    const { phrases } = this;
    this.paragraph(phrases.open);
    for (let n = 2 + this.stream.under(Math.max(1, Math.min(6, this.book.size(phrases.detail) - 2))); n > 0; n--) this.add(phrases.detail);
    this.add(phrases.close);
  }

  private opening(tone: Tone, room: number, attachment: AttachmentPlan | undefined, plant: Bytes | undefined): void {
    const { language, turns, category } = this.conversation;
    const { phrases } = this;
    const common = language.common;
    const stream = this.stream;
    if (room > 150 && category !== 'private' && stream.percent(30)) this.paragraph(common.pleasantries[tone]);
    this.paragraph(phrases.open);
    if (attachment) {
      this.facts.set(FIRST_FACT + phrases.facts.length, runOf(attachment.fileName));
      if (phrases.attachment) this.add(phrases.attachment.mention);
    }
    const early = plant !== undefined && stream.percent(50);
    if (early) this.plant(plant, true);
    else if (plant) this.owed = plant.length;
    const asks = stream.percent(turns.length > 1 ? 85 : 45);
    while (this.length < room - (asks ? 120 : 40) && this.add(phrases.detail));
    if (this.length < room - 200 && tone === 'internal' && category === 'internal') this.aside(turns[0]!.author);
    if (plant && !early) this.plant(plant, true);
    if (asks) this.ask(phrases.asks, turns[0]!.author);
    if (room > 250 && category !== 'private' && stream.percent(35)) this.paragraph(common.offers[tone]);
  }

  private answer(turn: Turn, tone: Tone, room: number): void {
    const { language, turns, starter, category } = this.conversation;
    const { phrases } = this;
    const common = language.common;
    const stream = this.stream;
    if (turn.kind === 'forward') return this.paragraph(common.forwards);
    const parent = turn.parent!;
    const again = turn.author.address === parent.author.address;
    if (parent.kind === 'forward' && !again) return this.paragraph(common.delegated);
    const last = turn === turns[turns.length - 1];
    // Among ourselves nobody speaks as they would to the client the conversation is with.
    if (category === 'external' && tone === 'internal')
      return this.paragraph(again ? common.chasers.internal : last ? common.thanks.internal : common.acks.internal);

    // A starter's question is anybody else's to answer; a question back is the starter's.
    const mine = turn.author.address === starter.address;
    const pending = this.pending;
    const owed = pending && (pending.asker.address === starter.address) !== mine;
    const news = mine ? phrases.update : phrases.response;
    let closing: Pool | undefined;
    if (again) {
      // Writing again before anybody has answered.
      if (pending && !owed && stream.percent(70)) this.paragraph(common.chasers[tone]);
      else if (!this.add(news)) this.paragraph(common.chasers[tone]);
      if (room < 200) return;
    } else if (owed) {
      if (room > 120 && category !== 'private' && stream.percent(35)) {
        this.paragraph(common.leads[tone]);
        this.out.byte(32);
        this.any(pending.exchange.answer);
      } else this.paragraph(pending.exchange.answer);
      this.pending = undefined;
    } else if (last) closing = mine && stream.percent(45) && this.book.size(phrases.close) > 0 ? phrases.close : common.thanks[tone];
    else if (room < 60 || stream.percent(20)) closing = common.acks[tone];
    if (closing && room < 60) return this.paragraph(closing);

    const more = !last && this.pending === undefined && stream.percent(mine ? 55 : 40);
    while (this.length < room - (more ? 110 : 30) && this.add(news));
    if (this.begun && this.length < room - 150 && category === 'internal') this.aside(turn.author);
    if (closing) this.paragraph(closing);
    else if (!this.begun && !this.add(news)) this.paragraph(common.acks[tone]);
    if (more && room > 40) this.ask(mine ? phrases.asks : phrases.queries, turn.author);
  }

  /** A paragraph beside the matter: of the author's own desk, or of office life. */
  private aside(author: Person): void {
    const { insider, language } = this.conversation;
    const { phrases } = this;
    const own = author.desk === insider.desk && this.book.size(phrases.asides) > 0 && this.stream.percent(50);
    this.add(own ? phrases.asides : language.common.asides);
  }

  /** Asks one of the questions not asked yet, and remembers that it waits for an answer. */
  private ask({ deck, list }: Exchanges, asker: Person): void {
    const at = this.book.draw(deck, this.number, this.stream);
    if (at < 0) return;
    const exchange = list[at]!;
    this.paragraph(exchange.ask);
    this.pending = { exchange, asker };
  }

  private attach(turn: Turn): AttachmentPlan | undefined {
    const { phrases, stream } = this;
    const from = phrases.attachment;
    const plant = turn.plant && turn.plant.into !== 'body' ? turn.plant : undefined;
    const share = from ? (from.share * this.spec.content.attachments * this.profile.attachments) / 10000 : 0;
    if (!plant && (!from || !stream.percent(share))) return undefined;
    const kind = plant ? this.kindFor(plant.into, from) : stream.pick(from!.kinds);
    const title = this.apart(this.book.pick(from?.title ?? phrases.subject, stream));
    const paragraphs: string[] = [];
    if (kind === 'pdf' || kind === 'docx')
      for (const pool of [phrases.detail, phrases.update, phrases.response])
        for (let n = 1 + stream.under(3); n > 0; n--) paragraphs.push(this.filed(pool));
    // A picture is a chart, or a note.
    else if (kind === 'png' && (plant || stream.percent(50)))
      for (let n = (plant ? 0 : 1) + stream.under(2); n > 0; n--) paragraphs.push(this.filed(phrases.detail));
    let planted = -1;
    if (plant) {
      const words = wordsOf(plant, this.facts, this.number, stream).text();
      // They are as long as two others, and stand in their place.
      if (paragraphs.length > 3) paragraphs.length -= 2;
      planted = stream.under(paragraphs.length + 1);
      paragraphs.splice(planted, 0, words);
    }
    return { columns: from?.columns ?? [], kind, title, fileName: `${fileStem(title)}.${kind}`, paragraphs, planted, turn };
  }

  /** A phrase for an attachment: none twice there, whatever the mail says. */
  private filed(pool: Pool): string {
    const drawn = this.book.draw(pool, -this.number, this.stream);
    return this.apart(drawn < 0 ? this.book.pick(pool, this.stream) : drawn);
  }

  /** What the words of a scenario can stand in. */
  private kindFor(into: Plant['into'], from: CompiledAttachment | undefined): AttachmentPlan['kind'] {
    if (into === 'image') return 'png';
    const written = from?.kinds.filter((kind) => kind === 'pdf' || kind === 'docx') ?? [];
    return this.stream.pick(written.length > 0 ? written : (['pdf', 'docx'] as const));
  }

  private greetings(category: string, tone: Tone, first: boolean, you: Person): Pool {
    const g = this.conversation.language.common.greetings;
    if (category === 'private') return g.friend;
    if (tone === 'external') return this.many ? g.formalMany : you.female ? g.formalFemale : g.formalMale;
    if (this.many) return g.many;
    return first ? g.one : g.reply;
  }

  private signature(turn: Turn, formal: boolean): void {
    const { category, language, bare } = this.conversation;
    const { author } = turn;
    const { stream } = this;
    const common = language.common;
    if (author.client === 'phone') {
      if (stream.percent(55)) this.any(common.mobile);
      return;
    }
    if (author.signs && (category !== 'private' || bare) && stream.percent(formal ? 92 : 35)) this.sign(author, common.labels);
  }

  /** The signature block of an author. */
  private sign(author: Person, labels: SignatureLabels): void {
    const { out, lines } = this;
    const { run, ends, marks } = signatureOf(author, labels);
    const from = out.length;
    out.put(run);
    const last = ends.length - 1;
    for (let i = 0; i < last; i++) lines.add(from + ends[i]!, marks[i]!);
    lines.pending = marks[last]!;
  }

  private disclaimer(turn: Turn): void {
    const outward = turn.author.employee < 0 || turn.to.some((p) => p.employee < 0);
    if (
      !outward ||
      turn.author.firm === '' ||
      this.conversation.category === 'private' ||
      !this.stream.percent(this.spec.content.disclaimers)
    )
      return;
    this.facts.set(FIRM_NAME, turn.author.said[7]!);
    const pool = this.conversation.language.common.disclaimers;
    // A firm has one disclaimer an office, not one a mail.
    this.say(this.book.card(pool, (turn.author.firm.length * 7 + turn.author.office) % this.book.size(pool)));
    this.facts.set(FIRM_NAME, this.conversation.factContext.world.firmName);
  }

  /** The body starts here. */
  private start(): void {
    this.body = this.out.length;
    this.begun = false;
  }

  /** Bytes of the body so far, and of what it has to say yet. */
  private get length(): number {
    return this.out.length - this.body + this.owed;
  }

  private say(program: Program): void {
    say(this.out, this.lines, this.book, program, this.stream, this.facts, this.many);
  }

  /** A phrase that is not part of the mail. */
  private apart(program: Program): string {
    APART.length = 0;
    APART_LINES.clear();
    say(APART, APART_LINES, this.book, program, this.stream, this.facts, true);
    return APART.text();
  }

  /** German goes on in lower case behind "Hallo Laura,". */
  private lowerAfterComma(words: LowerWords): void {
    const { array } = this.out;
    if (this.body < 3 || array[this.body - 3] !== COMMA || array[this.body - 1] !== 10) return;
    words.change(array, this.body, this.out.length);
  }

  /** Says a phrase of a pool that the conversation has not used yet; any, when all are spent. */
  private any(pool: Pool): void {
    const at = this.book.draw(pool, this.number, this.stream);
    this.say(at < 0 ? this.book.pick(pool, this.stream) : at);
  }

  /** The same, as a paragraph of its own. */
  private paragraph(pool: Pool): void {
    if (this.begun) this.gap();
    this.begun = true;
    this.any(pool);
  }

  /** Adds an unused phrase as a paragraph; false when the pool is spent. */
  private add(pool: Pool): boolean {
    const phrase = this.book.draw(pool, this.number, this.stream);
    if (phrase < 0) return false;
    if (this.begun) this.gap();
    this.begun = true;
    this.say(phrase);
    return true;
  }
}

/** For phrases that are not part of the mail. */
const APART = new Bytes(1024);
const APART_LINES = new Lines();

/** Draws until a message is long enough for the words of a scenario. */
const MOST_ROOMS = 24;

let conversations = 0;
const COMMA = 44;

function signatureOf(author: Person, labels: SignatureLabels): Signature {
  const known = author.signature;
  if (known?.labels === labels) return known;
  const text = signatureText(author, labels);
  APART.length = 0;
  APART.utf8(text);
  APART_LINES.clear();
  APART_LINES.scan(APART, 0, APART.length);
  const { ends, marks, count } = APART_LINES;
  return (author.signature = { labels, run: runOf(text), ends: [...ends.subarray(0, count)], marks: [...marks.subarray(0, count)] });
}

interface SignatureLabels {
  readonly phone: string;
  readonly mobile: string;
}

function signatureText(author: Person, labels: SignatureLabels): string {
  const { title, deskName, firm, phone, mobile, address, city } = author;
  const name = author.name === '' ? `${author.first} ${author.last}` : author.name;
  const lines = (...all: string[]): string => all.filter((line) => line !== '').join('\n');
  // Many titles name the desk already.
  const desk = title.includes(deskName) ? '' : deskName;
  switch (author.layout) {
    case 0:
      return lines(name, title, desk, firm, `${labels.phone}: ${phone}`);
    case 1:
      return lines(
        title === '' ? name : `${name} | ${title}`,
        city === '' ? firm : `${firm}, ${city}`,
        `${labels.phone} ${phone} | ${labels.mobile} ${mobile}`,
      );
    case 2:
      return lines(name, desk === '' || title === '' ? title + desk : `${title}, ${desk}`, firm, `${labels.phone} ${phone}`, address);
    default:
      return lines(name, firm, phone);
  }
}

/** A title as a file name: no separators, no characters a file system refuses. */
export function fileStem(title: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are among what is refused
  const safe = title.replace(/[\\/:*?"<>|\u0000-\u001f]+/g, '-');
  return [...safe]
    .slice(0, 80)
    .join('')
    .replace(/[. ]+$/, '');
}
