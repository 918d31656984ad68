import { type Conversation, converse, drawFacts, type Line, type Plant, type Stage } from '../conversation/conversation.ts';
import type { Slot } from '../block.ts';
import { WRITTEN } from '../pack/scenario.ts';
import { below, label, Stream } from '../random.ts';
import type { OutsideKind } from '../world/world.ts';
import type { Arc, ArcThread, Player } from './arc.ts';
import { castFor } from './cast.ts';
import { inFile, shows } from './shape.ts';

const STRUCTURE = label('structure');
const WORDS = label('words');

/** Of the other threads of an arc. */
export interface Before {
  /** When the first one began, on its starter's clock, as if it were UTC. */
  readonly began: number;
  /** The last instant of the one before. */
  readonly ended: number | undefined;
  /** When the last one begins, on its starter's clock. */
  readonly until: number;
}

/**
 * Works out a thread of an arc: an ordinary conversation between the people of its phases, about an ordinary topic, with the
 * phases' words to be planted in it. `before` is known of the others; nothing, while the arc's first thread is found.
 */
export function planThread(stage: Stage, arc: Arc, slot: Slot, base: number, before: Before | undefined): Conversation {
  const { world, topics } = stage;
  const thread = arc.threads[slot.arc!.thread]!;
  const stream = new Stream(below(slot.path, STRUCTURE));
  const tag = world.tags[arc.tongue]!;

  const script = scriptOf(stage, arc, thread);
  const [starter, target] = [script[0]!.from, script[0]!.to];
  const starts = starter.person.employee >= 0;
  const insider = starts ? starter : target;
  const outside = starts ? target : starter;
  const kind = kindOf(outside);
  const attachment = inFile(arc.evasion) !== undefined;
  const category =
    kind !== undefined ? (kind === 'private' || kind === 'self' ? 'private' : 'external') : attachment ? 'internal' : topics.among(stream);
  const setting = topics.cover(
    arc.tongue,
    {
      category,
      between: kind === 'self' ? 'private' : kind,
      starts: starts ? 'us' : 'them',
      // Colleagues write about the business of either.
      desk: kind === undefined && stream.percent(50) ? target.person.desk : insider.person.desk,
      attachment,
    },
    stream,
  );
  const alone = category === 'private' || arc.scenario.source.phases[thread.phases[0]!]!.audience !== 'group';
  const cast = castFor(
    stage,
    {
      insider: insider.person,
      starter: starter.person,
      target: target.person,
      outside: category === 'external' ? { kind: kind as OutsideKind, firm: outside.firm } : undefined,
      alone,
      apart: arc.players.map(({ person }) => person),
    },
    tag,
    stream,
  );
  const lines = script.map(({ from, to, ...line }): Line => ({ ...line, author: from.person, target: to.person }));
  const scene = { tag, setting, cast, ghost: thread.begun, script: lines, alone, after: before?.ended, bare: kind === 'self' };
  const conversation = converse(stage, slot, base, scene, stream);

  // Words of the scenario have facts of their own, drawn once for all threads.
  const facts = stage.arcFacts;
  facts.drawn.length = 0;
  const words = arc.words.language;
  drawFacts(stage, facts, arc.words.scenario.facts, new Stream(below(arc.path, WORDS)), {
    ...conversation.factContext,
    language: words.tag,
    calendar: words.common.calendar,
    dates: words.common.dates,
    // Days count from the day the arc begins, whichever thread this is.
    local: before?.began ?? conversation.factContext.local,
    until: before?.until ?? conversation.factContext.local,
    insider: arc.players[0]!.person,
    starter: arc.players[0]!.person,
    addressee: arc.players[1]!.person,
  });
  return { ...conversation, arc };
}

/** What somebody outside is to us; a friend, whatever else, where they write from their private address. */
function kindOf({ person, role }: Player): OutsideKind | 'private' | 'self' | undefined {
  if (!('outside' in role) || person.employee >= 0) return undefined;
  return role.outside !== 'self' && person.firm === '' ? 'private' : role.outside;
}

interface Part extends Omit<Line, 'author' | 'target'> {
  readonly from: Player;
  readonly to: Player;
}

/** The messages of a thread up to its last phase: those of its phases, and between them ordinary ones of the same people. */
function scriptOf(stage: Stage, arc: Arc, thread: ArcThread): Part[] {
  const { source } = arc.scenario;
  const playerOf = (role: string): Player => arc.players[arc.scenario.roles.indexOf(role)]!;
  const level = WRITTEN.find((written) => written === arc.evasion) ?? 'explicit';
  const { scenario, language } = arc.words;
  const script: Part[] = [];
  thread.phases.forEach((number, i) => {
    const phase = source.phases[number]!;
    const [from, to] = [playerOf(phase.from), playerOf(phase.to)];
    // Before the first phase they take turns towards it, behind another away from that; whoever wrote a ghost writes again.
    for (let m = script.length; m < thread.at[i]!; m++) {
      const before = script.at(-1);
      const same = i === 0 ? (thread.at[0]! - m) % 2 === 0 : thread.ghost;
      const [one, other] = i > 0 && before ? [before.from, before.to] : [from, to];
      script.push({ from: same ? one : other, to: same ? other : one, kind: m === 0 ? 'new' : 'reply', plant: undefined });
    }
    const pool =
      arc.near < 0 ? (scenario.phases[number]![level] ?? scenario.phases[number]!.explicit!) : scenario.nearMisses[arc.near]![number]!;
    const plant: Plant = {
      pool,
      book: language.book,
      facts: stage.arcFacts,
      spelling:
        arc.evasion === 'misspelt' ? 'wrong' : language === stage.world.languages.get(stage.world.tags[arc.tongue]!) ? 'right' : 'plain',
      into: inFile(arc.evasion) ?? 'body',
    };
    const kind = script.length === 0 ? 'new' : phase.kind === 'new' ? 'reply' : phase.kind;
    script.push({ from, to, kind, plant: shows(arc.evasion, thread, i) ? plant : undefined });
  });
  return script;
}
