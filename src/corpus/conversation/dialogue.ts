import type { ContentSpec } from '../content.ts';
import { Bytes, type Run, runOf, runsOf } from '../mime/bytes.ts';
import { Lines } from '../mime/lines.ts';
import {
  type CompiledAttachment,
  type CompiledExchange,
  type Deck,
  type Facts,
  FIRST_FACT,
  given,
  type Pool,
  type Program,
  say,
} from '../pack/compile.ts';
import type { Profile } from '../profiles/profile.ts';
import { below, label, Stream } from '../random.ts';
import type { Person } from '../world/person.ts';
import type { Conversation, Turn } from './conversation.ts';

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
  readonly from: CompiledAttachment;
  readonly kind: CompiledAttachment['kinds'][number];
  readonly title: string;
  readonly fileName: string;
  readonly paragraphs: readonly string[];
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

  /** `out` takes the text, and `lines` its lines; they are emptied first. */
  constructor(conversation: Conversation, spec: ContentSpec, profile: Profile, out: Bytes, lines: Lines) {
    this.conversation = conversation;
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
    const { category, language } = this.conversation;
    const { out } = this;
    const stream = this.stream.seek(below(turn.path, TEXT));
    const common = language.common;
    const you = turn.to[0]!;
    this.many = turn.to.length > 1 && (turn.kind === 'new' || turn.author.address === turn.parent?.author.address);
    this.facts.me = turn.author.said;
    this.facts.you = you.said;
    const from = out.length;
    const line = this.lines.count;
    this.start();
    if (category === 'newsletter' || category === 'robot') {
      this.machine();
      return { authored: this.passage(from, line), signature: NOWHERE, disclaimer: NOWHERE, quotes: false, attachment: undefined };
    }

    const outward = turn.author.employee < 0 || you.employee < 0;
    const tone = category === 'external' && outward ? 'external' : 'internal';
    const first = turn.kind === 'new';
    const words = (first ? this.profile.openingWords : this.profile.replyWords).draw(stream);
    const room = (words * WORD * (this.spec.traffic.overrides.length ?? 100)) / 100;
    const attachment = first ? this.attach(turn) : undefined;

    const short = room < 60 && !first;
    if (first || stream.percent(short ? 25 : 60)) {
      this.any(this.greetings(category, tone, first, you));
      this.gap();
    }
    this.start();
    if (first) this.opening(tone, room, attachment);
    else this.answer(turn, tone, room);
    if (common.lowerAfterComma.size > 0) this.lowerAfterComma(common.lowerAfterComma);
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
      turn.kind === 'forward' || (turn.kind === 'reply' && stream.percent(this.spec.traffic.overrides.quoting ?? this.profile.quoting));
    const signature = this.said(() => this.signature(turn, first || tone === 'external'));
    const disclaimer = this.said(() => this.disclaimer(turn));
    return { authored, signature, disclaimer, quotes, attachment };
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

  private machine(): void {
    const { topic } = this.conversation;
    this.paragraph(topic.open);
    for (let n = 2 + this.stream.under(Math.max(1, Math.min(6, topic.detail.size - 2))); n > 0; n--) this.add(topic.detail);
    this.add(topic.close);
  }

  private opening(tone: Tone, room: number, attachment: AttachmentPlan | undefined): void {
    const { topic, language, turns, category } = this.conversation;
    const common = language.common;
    const stream = this.stream;
    if (room > 150 && category !== 'private' && stream.percent(30)) this.paragraph(common.pleasantries[tone]);
    this.paragraph(topic.open);
    if (attachment) {
      this.facts.set(FIRST_FACT + topic.facts.length, runOf(attachment.fileName));
      this.add(attachment.from.mention);
    }
    const asks = stream.percent(turns.length > 1 ? 85 : 45);
    while (this.length < room - (asks ? 120 : 40) && this.add(topic.detail));
    if (this.length < room - 200 && tone === 'internal' && category === 'internal') this.aside(turns[0]!.author);
    if (asks) this.ask(topic.asks, turns[0]!.author);
    if (room > 250 && category !== 'private' && stream.percent(35)) this.paragraph(common.offers[tone]);
  }

  private answer(turn: Turn, tone: Tone, room: number): void {
    const { topic, language, turns, starter, category } = this.conversation;
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
    const news = mine ? topic.update : topic.response;
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
    } else if (last) closing = mine && stream.percent(45) && topic.close.size > 0 ? topic.close : common.thanks[tone];
    else if (room < 60 || stream.percent(20)) closing = common.acks[tone];
    if (closing && room < 60) return this.paragraph(closing);

    const more = !last && this.pending === undefined && stream.percent(mine ? 55 : 40);
    while (this.length < room - (more ? 110 : 30) && this.add(news));
    if (this.begun && this.length < room - 150 && category === 'internal') this.aside(turn.author);
    if (closing) this.paragraph(closing);
    else if (!this.begun && !this.add(news)) this.paragraph(common.acks[tone]);
    if (more && room > 40) this.ask(mine ? topic.asks : topic.queries, turn.author);
  }

  /** A paragraph beside the matter: of the author's own desk, or of office life. */
  private aside(author: Person): void {
    const { topic, insider, language } = this.conversation;
    const own = author.desk === insider.desk && topic.asides.size > 0 && this.stream.percent(50);
    this.add(own ? topic.asides : language.common.asides);
  }

  /** Asks one of the questions not asked yet, and remembers that it waits for an answer. */
  private ask(exchanges: Deck<CompiledExchange>, asker: Person): void {
    const exchange = exchanges.draw(this.number, this.stream);
    if (!exchange) return;
    this.paragraph(exchange.ask);
    this.pending = { exchange, asker };
  }

  private attach(turn: Turn): AttachmentPlan | undefined {
    const { topic } = this.conversation;
    const from = topic.attachment;
    const share = from ? (from.share * this.spec.content.attachments * this.profile.attachments) / 10000 : 0;
    if (!from || !this.stream.percent(share)) return undefined;
    const kind = this.stream.pick(from.kinds);
    const title = this.apart(this.stream.pick(from.title.cards));
    const paragraphs: string[] = [];
    if (kind === 'pdf' || kind === 'docx')
      for (const pool of [topic.detail, topic.update, topic.response])
        for (let n = 1 + this.stream.under(3); n > 0; n--) paragraphs.push(this.apart(this.stream.pick(pool.cards)));
    return { from, kind, title, fileName: `${fileStem(title)}.${kind}`, paragraphs, turn };
  }

  private greetings(category: string, tone: Tone, first: boolean, you: Person): Pool {
    const g = this.conversation.language.common.greetings;
    if (category === 'private') return g.friend;
    if (tone === 'external') return this.many ? g.formalMany : you.female ? g.formalFemale : g.formalMale;
    if (this.many) return g.many;
    return first ? g.one : g.reply;
  }

  private signature(turn: Turn, formal: boolean): void {
    const { category, language } = this.conversation;
    const { author } = turn;
    const { stream } = this;
    const common = language.common;
    if (author.client === 'phone') {
      if (stream.percent(55)) this.any(common.mobile);
      return;
    }
    if (author.signs && category !== 'private' && stream.percent(formal ? 92 : 35))
      signatureOf(author, common.labels).forEach((line, i) => {
        if (i > 0) this.lines.feed(this.out);
        this.put(line);
      });
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
    this.say(pool.cards[(turn.author.firm.length * 7 + turn.author.office) % pool.size]!);
    this.facts.set(FIRM_NAME, this.conversation.factContext.world.firmName);
  }

  /** The body starts here. */
  private start(): void {
    this.body = this.out.length;
    this.begun = false;
  }

  /** Bytes of the body so far. */
  private get length(): number {
    return this.out.length - this.body;
  }

  private say(program: Program): void {
    say(this.out, this.lines, this.conversation.language.book, program, this.stream, this.facts, this.many);
  }

  /** A phrase that is not part of the mail. */
  private apart(program: Program): string {
    APART.length = 0;
    APART_LINES.clear();
    say(APART, APART_LINES, this.conversation.language.book, program, this.stream, this.facts, true);
    return APART.text();
  }

  /** German goes on in lower case behind "Hallo Laura,". */
  private lowerAfterComma(words: ReadonlySet<string>): void {
    const { array } = this.out;
    if (this.body < 3 || array[this.body - 3] !== COMMA || array[this.body - 1] !== 10) return;
    const text = this.out.text(this.body, Math.min(this.out.length, this.body + LONGEST_WORD));
    const word = /^\p{L}+/u.exec(text)?.[0];
    if (word === undefined || !words.has(word)) return;
    // Letters that take as many bytes in either case, as all do that German begins a word with.
    const lower = Buffer.from(word[0]!.toLowerCase());
    if (lower.length === Buffer.byteLength(word[0]!)) array.set(lower, this.body);
  }

  /** Says a phrase of a pool that the conversation has not used yet; any, when all are spent. */
  private any(pool: Pool): void {
    this.say(pool.draw(this.number, this.stream) ?? this.stream.pick(pool.cards));
  }

  /** The same, as a paragraph of its own. */
  private paragraph(pool: Pool): void {
    if (this.begun) this.gap();
    this.begun = true;
    this.any(pool);
  }

  /** Adds an unused phrase as a paragraph; false when the pool is spent. */
  private add(pool: Pool): boolean {
    const phrase = pool.draw(this.number, this.stream);
    if (phrase === undefined) return false;
    if (this.begun) this.gap();
    this.begun = true;
    this.say(phrase);
    return true;
  }
}

/** For phrases that are not part of the mail. */
const APART = new Bytes(1024);
const APART_LINES = new Lines();

let conversations = 0;
const COMMA = 44;

/** In bytes; a longer one is in no list. */
const LONGEST_WORD = 64;

/** Signature blocks, kept: a person has one in each language. */
const SIGNATURES = new WeakMap<Person, { readonly labels: object; readonly lines: readonly Run[] }>();

function signatureOf(author: Person, labels: SignatureLabels): readonly Run[] {
  const known = SIGNATURES.get(author);
  if (known?.labels === labels) return known.lines;
  const lines = runsOf(signatureText(author, labels).split('\n'));
  SIGNATURES.set(author, { labels, lines });
  return lines;
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
