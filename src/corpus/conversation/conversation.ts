import type { Slot } from '../block.ts';
import type { Clock } from '../clock.ts';
import type { ContentSpec } from '../content.ts';
import {
  type CompiledFact,
  type CompiledTopic,
  type Facts,
  FIRST_FACT,
  given,
  type Language,
  type Phrasebook,
  type Pool,
  say,
} from '../pack/compile.ts';
import { type Bytes, type Run, runOf } from '../mime/bytes.ts';
import { Lines, WIDE } from '../mime/lines.ts';
import type { Profile } from '../profiles/profile.ts';
import { below, label, type Path, Stream } from '../random.ts';
import type { Arc } from '../scenario/arc.ts';
import type { Person } from '../world/person.ts';
import { type OutsideKind, PEOPLE_A_FIRM, skewed, type World } from '../world/world.ts';
import { drawFact, type FactContext } from './facts.ts';
import type { Category, Setting, Topics } from './topics.ts';

const STRUCTURE = label('structure');
const FACTS = label('facts');
const GHOST = label('ghost');

/** What a conversation is about, without prefixes. */
export interface Subject {
  readonly run: Run;
  readonly ascii: boolean;
  /** Headers that have to be folded or encoded, once one has been written. */
  readonly headers: { readonly name: Run; readonly prefix: Run; readonly text: string }[];
}

/** One message of a conversation: who writes to whom, when, and what it answers. */
export interface Turn {
  /** Its place in the conversation. */
  readonly number: number;
  readonly index: number;
  /** It is none of the corpus. */
  readonly ghost: boolean;
  readonly kind: 'new' | 'reply' | 'forward';
  readonly parent: Turn | undefined;
  readonly author: Person;
  readonly to: readonly Person[];
  readonly cc: readonly Person[];
  readonly bcc: readonly Person[];
  /** Unix seconds, and the author's seconds east of UTC then. */
  readonly instant: number;
  readonly offset: number;
  /** "Re: ", "Fwd: "; "" for a new message. */
  readonly prefix: Run;
  readonly subject: Subject;
  /** Where this message's own draws start. */
  readonly path: Path;
  readonly plant: Plant | undefined;
}

/** Words of a scenario that a message has to say. */
export interface Plant {
  readonly pool: Pool;
  readonly book: Phrasebook;
  readonly facts: Facts;
  /** plain: with the letters that every keyboard has. */
  readonly spelling: 'right' | 'wrong' | 'plain';
  readonly into: 'body' | 'attachment' | 'image';
}

export interface Conversation {
  readonly slot: Slot;
  readonly language: Language;
  readonly topic: CompiledTopic;
  readonly category: Category;
  /** The employee at its centre, and the first outsider where there is one. */
  readonly insider: Person;
  readonly starter: Person;
  /** By slot: the given ones are filled in for each message, the topic's own stay. */
  readonly facts: Facts;
  readonly factContext: FactContext;
  readonly turns: readonly Turn[];
  /** Nothing is said but what is planted. */
  readonly bare: boolean;
  /** What it is a thread of. */
  readonly arc: Arc | undefined;
}

/** Everything conversations are made from. */
export interface Stage {
  readonly spec: ContentSpec;
  readonly profile: Profile;
  readonly world: World;
  readonly topics: Topics;
  readonly clock: Clock;
  /** Of the conversation at hand: the next one takes their place. */
  readonly facts: Facts;
  /** Of the scenario, in an arc. */
  readonly arcFacts: Facts;
}

const OUTSIDE: Readonly<Record<string, OutsideKind>> = {
  client: 'client',
  counterparty: 'counterparty',
  vendor: 'vendor',
  regulator: 'regulator',
};

/** Percent of people's conversations that began before the corpus: their first message is only ever quoted. */
const GHOSTS = 11;

/** Message-IDs of such messages are those of indices that no corpus has. */
const GHOST_INDEX = 0x400000000000;

/** Works out a whole conversation but its words. `base` is the index of the block's first message. */
export function plan(stage: Stage, slot: Slot, base: number): Conversation {
  const { world, topics } = stage;
  const stream = new Stream(below(slot.path, STRUCTURE));
  const tongue = topics.language(stream);
  const setting = topics.draw(slot.size, tongue, stream);
  const tag = world.tags[tongue]!;
  const people = setting.category !== 'newsletter' && setting.category !== 'robot';
  const ghost = people && new Stream(below(slot.path, GHOST)).percent(GHOSTS);
  const cast = castOf(stage, setting, tag, stream);
  return converse(stage, slot, base, { tag, setting, cast, ghost }, stream);
}

/** What a message of an arc has to be. */
export interface Line {
  readonly author: Person;
  readonly target: Person;
  readonly kind: Turn['kind'];
  readonly plant: Plant | undefined;
}

/** What a conversation is made of. */
export interface Converse {
  readonly tag: string;
  readonly setting: Setting;
  readonly cast: Cast;
  /** Its first message is none of the corpus. */
  readonly ghost: boolean;
  /** For its first messages, in an arc. */
  readonly script?: readonly Line[];
  /** It stays between the two who began it. */
  readonly alone?: boolean;
  /** It does not begin before this instant. */
  readonly after?: number | undefined;
  /** Nothing is said but what is planted. */
  readonly bare?: boolean;
}

/** Works out who writes what kind of message when. */
export function converse(stage: Stage, slot: Slot, base: number, scene: Converse, stream: Stream): Conversation {
  const { world, clock } = stage;
  const { tag, setting, cast, ghost, script, after, alone = false } = scene;
  const { topic, category } = setting;
  const { phrases } = topic;
  const language = world.languages.get(tag)!;
  const { starter, insider } = cast;
  const count = slot.size + (ghost ? 1 : 0);

  const zone = world.zones[starter.office]!;
  const last = clock.last(zone);
  let instant = clock.begin(slot.when, zone, count, stream);
  if (after !== undefined && instant <= after)
    instant = Math.max(after + 1, Math.min(clock.reply(after, zone, count, last, stream), last - count * 60));
  const offset = zone.offset(instant);

  const factContext: FactContext = {
    world,
    language: tag,
    calendar: language.common.calendar,
    dates: language.common.dates,
    local: instant + offset,
    until: instant + offset,
    insider,
    starter,
    addressee: cast.to[0]!,
  };
  const facts = stage.facts;
  facts.drawn.length = 0;
  const factStream = new Stream(below(slot.path, FACTS));
  drawFacts(stage, facts, phrases.facts, factStream, factContext);
  facts.me = starter.said;
  facts.you = cast.to[0]!.said;
  const from = facts.drawn.length;
  say(facts.drawn, SUBJECT_LINES, language.book, language.book.pick(phrases.subject, stream), factStream, facts, cast.to.length > 1);
  const subject = subjectOf(facts.drawn, from);

  const turns: Turn[] = [
    {
      number: 0,
      index: ghost ? GHOST_INDEX + base + slot.first : base + slot.first,
      ghost,
      kind: 'new',
      parent: undefined,
      author: starter,
      to: cast.to,
      cc: cast.cc,
      bcc: cast.bcc,
      instant,
      offset,
      prefix: NO_PREFIX,
      subject,
      path: below(slot.path, 1),
      plant: script?.[0]?.plant,
    },
  ];
  for (let m = 1; m < count; m++)
    turns.push(next(stage, turns, m, count, slot, base, topic, language, subject, last, script?.[m], alone, stream));
  return { slot, language, topic, category, insider, starter, facts, factContext, turns, bare: scene.bare === true, arc: undefined };
}

/** Draws the facts of a topic or a scenario. */
export function drawFacts({ world }: Stage, facts: Facts, kinds: readonly CompiledFact[], stream: Stream, context: FactContext): void {
  const { starter, insider, addressee } = context;
  facts.set(FIRM_NAME, world.firmName);
  facts.set(FIRM_SHORT, world.firmShort);
  facts.set(THEIR_FIRM, (insider === starter ? addressee : starter).said[7]!);
  for (let i = 0; i < kinds.length; i++) {
    // Two facts of one conversation are two things: one that came out the same is drawn again.
    const from = facts.drawn.length;
    for (let tries = 0; tries < 4; tries++) {
      facts.drawn.length = from;
      const marks = drawFact(facts.drawn, kinds[i]!, context, stream);
      facts.written(FIRST_FACT + i, from, marks);
      if (!facts.repeats(FIRST_FACT + i, FIRST_FACT)) break;
    }
  }
}

const FIRM_NAME = given('firm.name');
const FIRM_SHORT = given('firm.short');
const THEIR_FIRM = given('their.firm');

const NO_PREFIX = runOf('');

/** A subject has one line. */
const SUBJECT_LINES = new Lines();

/** A subject of what has been written since `from`; good for this conversation. */
function subjectOf(drawn: Bytes, from: number): Subject {
  const { view, length } = drawn;
  const marks = SUBJECT_LINES.pending;
  SUBJECT_LINES.clear();
  return { run: { view, from, to: length, marks }, ascii: (marks & WIDE) === 0, headers: [] };
}

/** Percent of messages that answer something further back. */
const FURTHER = 12;

/** Seconds before somebody writes again without an answer. */
const PATIENCE = 3 * 3600;

export interface Cast {
  readonly insider: Person;
  readonly starter: Person;
  readonly to: readonly Person[];
  readonly cc: readonly Person[];
  readonly bcc: readonly Person[];
}

/** Fills lists with people who are not yet among `people`: draws until there are so many, or nobody new turns up. */
export function gatherer(people: Person[]): (list: Person[], count: number, draw: () => Person) => void {
  return (list, count, draw) => {
    for (let tries = 0; list.length < count && tries < count * 3 + 4; tries++) {
      const person = draw();
      if (people.some(({ address }) => address === person.address)) continue;
      people.push(person);
      list.push(person);
    }
  };
}

/** Finds the people of a conversation. */
export function castOf(
  { spec, world, profile }: Stage,
  { topic, category, desk: home, others }: Setting,
  tag: string,
  stream: Stream,
): Cast {
  let desk = home;
  if (desk < 0 || world.deskSize(desk, tag) === 0) {
    const k = stream.under(world.organisation.employees);
    desk = world.organisation.cellOf(k).desk;
  }
  const insider = world.someone(stream, desk, tag);
  if (category === 'newsletter' || category === 'robot') {
    const sender = world.machine(category, stream.pick(topic.sender), skewed(stream, spec.organisation.outsiders.newsletters));
    return { insider, starter: sender, to: [insider], cc: [], bcc: [] };
  }

  const people: Person[] = [insider];
  const gather = gatherer(people);
  const wanted = 1 + profile.recipients.draw(stream);
  const to: Person[] = [];
  const cc: Person[] = [];

  let starter = insider;
  if (category === 'private') {
    const friend = world.friend(insider.employee, skewed(stream, 8), tag);
    starter = topic.starts === 'us' ? insider : friend;
    return { insider, starter, to: [starter === insider ? friend : insider], cc: [], bcc: [] };
  }
  if (category === 'external') {
    const kind = OUTSIDE[topic.between]!;
    const firm = world.dealsWith(insider, stream, kind, tag);
    const them = (): Person => world.outsider(kind, firm, skewed(stream, PEOPLE_A_FIRM), tag);
    const us = (): Person => world.contact(insider, stream, insider.desk);
    const first = them();
    people.push(first);
    const ours = topic.starts === 'us';
    starter = ours ? insider : first;
    to.push(ours ? first : insider);
    gather(to, Math.min(wanted, 4), ours ? them : us);
    gather(cc, profile.copied.draw(stream), stream.percent(70) ? us : them);
  } else {
    const there = (): Person =>
      world.contact(
        insider,
        stream,
        others.length > 0 ? stream.pick(others) : category === 'social' && stream.percent(40) ? -1 : insider.desk,
      );
    gather(to, wanted, there);
    // In a very small firm the one colleague there is.
    if (to.length === 0) gather(to, 1, () => world.employee((insider.employee + 1) % world.organisation.employees));
    const manager = world.organisation.manager(insider.employee);
    gather(cc, profile.copied.draw(stream), () =>
      manager !== undefined && stream.percent(30)
        ? world.employee(manager)
        : world.contact(insider, stream, stream.percent(60) ? insider.desk : -1),
    );
  }
  const bcc: Person[] = [];
  if (starter === insider && stream.percent(profile.blind)) gather(bcc, 1, () => world.contact(insider, stream, insider.desk));
  return { insider, starter, to, cc, bcc };
}

function next(
  stage: Stage,
  turns: readonly Turn[],
  m: number,
  count: number,
  slot: Slot,
  base: number,
  topic: CompiledTopic,
  language: Language,
  subject: Subject,
  last: number,
  line: Line | undefined,
  alone: boolean,
  stream: Stream,
): Turn {
  const { world, profile, clock } = stage;
  const further = m >= 3 && stream.percent(FURTHER) ? turns[1 + stream.under(m - 1)]! : undefined;
  const fits = !line || (further?.author === line.target && line.kind === 'reply');
  const parent = further && fits ? further : turns[m - 1]!;
  const delegated = parent.kind === 'forward';
  let author = line?.author ?? parent.to[0]!;
  if (!line && !delegated) {
    const at = stream.under(100);
    if (at < 7) author = parent.author;
    else if (at < 35) author = stream.pick(parent.to);
    else if (at < 42 && parent.cc.length > 0) author = stream.pick(parent.cc);
  }
  const zone = world.zones[author.office]!;
  // What is said next is also sent next, even where it answers something further back.
  // And whoever writes again has waited for an answer, as long as the period allows.
  const after = count - 1 - m;
  const from =
    parent.instant + (author.address === parent.author.address && parent.instant + PATIENCE < last - 60 * (after + 1) ? PATIENCE : 0);
  const instant = Math.max(clock.reply(from, zone, after, last, stream), turns[m - 1]!.instant + 1 + stream.under(50));
  const same = (a: Person, b: Person): boolean => a.address === b.address;

  let kind: Turn['kind'] = 'reply';
  let to: readonly Person[] = parent.to;
  let cc: readonly Person[] = parent.cc;
  const common = language.common;
  let prefix = common.prefixes.reply[author.layout % common.prefixes.reply.length]!;
  const followUp = same(author, parent.author);
  if (line?.kind === 'forward') {
    kind = 'forward';
    to = [line.target];
    cc = [];
    prefix = common.prefixes.forward[author.layout % common.prefixes.forward.length]!;
  } else if (
    !line &&
    !alone &&
    !followUp &&
    !delegated &&
    author.employee >= 0 &&
    topic.between !== 'private' &&
    stream.percent(profile.forwards)
  ) {
    const colleague = world.contact(author, stream, author.desk);
    const known = [author, parent.author, ...parent.to, ...parent.cc];
    if (!known.some((p) => same(p, colleague))) {
      kind = 'forward';
      to = [colleague];
      cc = [];
      prefix = common.prefixes.forward[author.layout % common.prefixes.forward.length]!;
    }
  }
  if (kind === 'reply' && !followUp) {
    const others = (list: readonly Person[]): Person[] => list.filter((p) => !same(p, author) && !same(p, parent.author));
    const all = stream.percent(profile.replyAll);
    to = all ? [parent.author, ...others(parent.to)] : [parent.author];
    cc = all ? others(parent.cc) : [];
    if (!alone && author.employee >= 0 && topic.between !== 'private' && stream.percent(4)) {
      const brought = world.contact(author, stream, -1);
      if (![author, ...to, ...cc].some((p) => same(p, brought))) cc = [...cc, brought];
    }
  }
  // Whom it is for comes first.
  if (line && !same(to[0]!, line.target)) {
    to = [line.target, ...to.filter((p) => !same(p, line.target))];
    cc = cc.filter((p) => !same(p, line.target));
  }
  return {
    number: m,
    index: base + slot.first + m - (turns[0]!.ghost ? 1 : 0),
    ghost: false,
    kind,
    parent,
    author,
    to,
    cc,
    bcc: [],
    instant,
    offset: zone.offset(instant),
    prefix,
    subject,
    path: below(slot.path, m + 1),
    plant: line?.plant,
  };
}
