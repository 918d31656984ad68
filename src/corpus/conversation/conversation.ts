import type { Slot } from '../block.ts';
import type { Clock } from '../clock.ts';
import type { ContentSpec } from '../content.ts';
import { type CompiledTopic, type Facts, FIRST_FACT, given, type Language, say } from '../pack/compile.ts';
import { type Bytes, type Run, runOf } from '../mime/bytes.ts';
import { Lines, WIDE } from '../mime/lines.ts';
import type { Profile } from '../profiles/profile.ts';
import { below, label, type Path, Stream } from '../random.ts';
import type { Person } from '../world/person.ts';
import { type OutsideKind, PEOPLE_A_FIRM, skewed, type World } from '../world/world.ts';
import { drawFact, type FactContext } from './facts.ts';
import type { Category, Setting, Topics } from './topics.ts';

const STRUCTURE = label('structure');
const FACTS = label('facts');

/** What a conversation is about, without prefixes. */
export interface Subject {
  readonly run: Run;
  readonly ascii: boolean;
}

/** One message of a conversation: who writes to whom, when, and what it answers. */
export interface Turn {
  readonly index: number;
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
}

const OUTSIDE: Readonly<Record<string, OutsideKind>> = {
  client: 'client',
  counterparty: 'counterparty',
  vendor: 'vendor',
  regulator: 'regulator',
};

/** Works out a whole conversation but its words. `base` is the index of the block's first message. */
export function plan(stage: Stage, slot: Slot, base: number): Conversation {
  const { world, clock } = stage;
  const stream = new Stream(below(slot.path, STRUCTURE));
  const tongue = stage.topics.language(stream);
  const tag = world.tags[tongue]!;
  const setting = stage.topics.draw(slot.size, tongue, stream);
  const { topic, category } = setting;
  const language = world.languages.get(tag)!;
  const cast = castOf(stage, setting, tag, stream);
  const { starter, insider } = cast;

  const zone = world.zones[starter.office]!;
  const instant = clock.begin(slot.when, zone, slot.size, stream);
  const offset = zone.offset(instant);

  const factContext: FactContext = {
    world,
    language: tag,
    calendar: language.common.calendar,
    dates: language.common.dates,
    lists: topic.lists,
    local: instant + offset,
    insider,
    starter,
    addressee: cast.to[0]!,
  };
  const facts = stage.facts;
  facts.drawn.length = 0;
  facts.set(FIRM_NAME, world.firmName);
  facts.set(FIRM_SHORT, world.firmShort);
  facts.set(THEIR_FIRM, (insider === starter ? cast.to[0]! : starter).said[7]!);
  const factStream = new Stream(below(slot.path, FACTS));
  for (let i = 0; i < topic.facts.length; i++) {
    // Two facts of one conversation are two things: one that came out the same is drawn again.
    const from = facts.drawn.length;
    for (let tries = 0; tries < 4; tries++) {
      facts.drawn.length = from;
      drawFact(facts.drawn, topic.facts[i]!, factContext, factStream);
      facts.written(FIRST_FACT + i, from);
      if (!facts.repeats(FIRST_FACT + i, FIRST_FACT)) break;
    }
  }
  facts.me = starter.said;
  facts.you = cast.to[0]!.said;
  const from = facts.drawn.length;
  say(facts.drawn, SUBJECT_LINES, language.book, stream.pick(topic.subject.cards), factStream, facts, cast.to.length > 1);
  const subject = subjectOf(facts.drawn, from);

  const turns: Turn[] = [
    {
      index: base + slot.first,
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
    },
  ];
  const last = clock.last(zone);
  for (let m = 1; m < slot.size; m++) turns.push(next(stage, turns, m, slot, topic, language, subject, last, stream));
  return { slot, language, topic, category, insider, starter, facts, factContext, turns };
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
  return { run: { view, from, to: length, marks }, ascii: (marks & WIDE) === 0 };
}

/** Seconds before somebody writes again without an answer. */
const PATIENCE = 3 * 3600;

interface Cast {
  readonly insider: Person;
  readonly starter: Person;
  readonly to: readonly Person[];
  readonly cc: readonly Person[];
  readonly bcc: readonly Person[];
}

function castOf({ spec, world, profile }: Stage, { topic, category, desk: home, others }: Setting, tag: string, stream: Stream): Cast {
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
  const join = (person: Person): boolean => {
    for (let i = 0; i < people.length; i++) if (people[i]!.address === person.address) return false;
    people.push(person);
    return true;
  };
  const wanted = 1 + profile.recipients.draw(stream);
  const to: Person[] = [];
  const cc: Person[] = [];
  /** Draws until so many have joined, or nobody new turns up. */
  const gather = (list: Person[], count: number, draw: () => Person): void => {
    for (let tries = 0; list.length < count && tries < count * 3 + 4; tries++) {
      const person = draw();
      if (join(person)) list.push(person);
    }
  };

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
    join(first);
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
  slot: Slot,
  topic: CompiledTopic,
  language: Language,
  subject: Subject,
  last: number,
  stream: Stream,
): Turn {
  const { world, profile, clock } = stage;
  const parent = m >= 3 && stream.percent(12) ? turns[1 + stream.under(m - 1)]! : turns[m - 1]!;
  const delegated = parent.kind === 'forward';
  let author = parent.to[0]!;
  if (!delegated) {
    const at = stream.under(100);
    if (at < 7) author = parent.author;
    else if (at < 35) author = stream.pick(parent.to);
    else if (at < 42 && parent.cc.length > 0) author = stream.pick(parent.cc);
  }
  const zone = world.zones[author.office]!;
  // What is said next is also sent next, even where it answers something further back.
  // And whoever writes again has waited for an answer, as long as the period allows.
  const after = slot.size - 1 - m;
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
  if (!followUp && !delegated && author.employee >= 0 && topic.between !== 'private' && stream.percent(profile.forwards)) {
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
    if (author.employee >= 0 && topic.between !== 'private' && stream.percent(4)) {
      const brought = world.contact(author, stream, -1);
      if (![author, ...to, ...cc].some((p) => same(p, brought))) cc = [...cc, brought];
    }
  }
  return {
    index: turns[0]!.index + m,
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
  };
}
