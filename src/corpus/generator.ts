import { BLOCK, BlockPlan, blockSize, type Slot } from './block.ts';
import { Clock } from './clock.ts';
import type { ContentSpec } from './content.ts';
import { attachmentOf } from './attachments/index.ts';
import { type Conversation, plan, type Stage, type Turn } from './conversation/conversation.ts';
import { Dialogue, type Range } from './conversation/dialogue.ts';
import { Topics } from './conversation/topics.ts';
import { Ids, writeMessageId } from './id.ts';
import { Bytes } from './mime/bytes.ts';
import { Lines } from './mime/lines.ts';
import { MessageWriter } from './mime/message.ts';
import type { Letter } from './body/letter.ts';
import { compilePacks, Facts } from './pack/compile.ts';
import type { Pack } from './pack/schema.ts';
import { PROFILES } from './profiles/index.ts';
import { below, label, root } from './random.ts';
import { Arcs } from './scenario/arc.ts';
import { type Placement, placementOf, type Unit } from './scenario/placement.ts';
import { type Before, planThread } from './scenario/thread.ts';
import type { ArcLine } from './truth/line.ts';
import { arcLineOf, type Story, type Truth, truthOf } from './truth/record.ts';
import { World } from './world/world.ts';

/** A generated message. `bytes`, and the words of `letter`, are in buffers that the next message overwrites. */
export interface Message {
  readonly index: number;
  /** Object id: twelve hexadecimal digits. */
  readonly id: string;
  readonly bytes: Uint8Array;
  readonly letter: Letter;
  readonly conversation: Conversation;
  /** What it really is; for a message of no arc, only where all were asked for. */
  readonly truth: Truth | undefined;
}

const MESSAGE_ID = label('message-id');

/** Makes the messages of one corpus, any of them, in any order: the same bytes for the same spec and packs. */
export class Generator {
  readonly messages: number;
  readonly objectIds: Ids;
  readonly messageIds: Ids;
  /** How many arcs there are, of which kinds. */
  readonly placement: Placement;
  private readonly truth: 'arcs' | 'all';
  private readonly arcs: Arcs;
  private readonly stage: Stage;
  private readonly blocks: BlockPlan;
  private readonly html: number;
  private known: { readonly block: number; readonly slots: readonly Slot[] } | undefined;
  private readonly writer = new MessageWriter();
  private readonly words = new Bytes();
  private readonly lines = new Lines();

  /** Throws a PlacementError where the scenarios of the spec cannot be placed. `truth` says whether ordinary messages are told of too. */
  constructor(spec: ContentSpec, packs: readonly Pack[], truth: 'arcs' | 'all' = 'arcs') {
    const seed = root(String(spec.seed));
    this.placement = placementOf(spec, packs);
    const languages = compilePacks(packs, new Set(this.placement.cells.map(({ scenario }) => scenario)));
    const base = PROFILES[spec.traffic.profile];
    const { external = base.external, private: own = base.private, machine = base.machine } = spec.traffic.overrides;
    const profile = { ...base, external, private: own, machine };
    const world = new World(spec, languages, seed);
    this.truth = truth;
    this.messages = spec.messages;
    this.objectIds = new Ids(seed, 'object');
    this.messageIds = new Ids(seed, 'message-id');
    this.arcs = new Arcs(spec, world, this.placement, seed);
    this.blocks = new BlockPlan(spec, seed, (block) => this.arcs.slots(block));
    this.html = spec.content.html ?? profile.html;
    this.stage = {
      spec,
      profile,
      world,
      topics: new Topics(spec, world, languages, profile),
      clock: new Clock(spec.period, profile),
      facts: new Facts(),
      arcFacts: new Facts(),
    };
  }

  /** Makes every message of a block, in index order, then tells of its arcs. */
  block(block: number, visit: (message: Message) => void, visitArc?: (line: ArcLine) => void): void {
    const slots = this.blocks.slots(block);
    const base = block * BLOCK;
    const stories = storiesOf(slots, (unit) => this.story(unit, slots, base));
    for (const slot of slots) this.conversation(slot, base, stories, visit);
    if (visitArc) for (const story of stories.values()) visitArc(arcLineOf(story));
  }

  /** Makes message `index` alone; its bytes are a copy. */
  message(index: number): Message {
    if (!Number.isInteger(index) || index < 0 || index >= this.messages)
      throw new RangeError(`index ${index}: this corpus has messages 0 to ${this.messages - 1}`);
    const block = Math.floor(index / BLOCK);
    const base = block * BLOCK;
    // Whoever asks for one message may ask for the next one.
    if (this.known?.block !== block) this.known = { block, slots: this.blocks.slots(block) };
    const { slots } = this.known;
    const slot = slots.findLast((s) => base + s.first <= index)!;
    const stories = storiesOf([slot], (unit) => this.story(unit, slots, base));
    let found: Message | undefined;
    this.conversation(slot, base, stories, (message) => (found = message), index);
    return { ...found!, bytes: Uint8Array.from(found!.bytes) };
  }

  /** Messages in a block. */
  size(block: number): number {
    return blockSize(this.messages, block);
  }

  /** Plans all threads of an arc, in their order: a later one knows when the earlier ones were. */
  private story(unit: Unit, slots: readonly Slot[], base: number): Told {
    const arc = this.arcs.of(unit);
    const own = slots.filter((slot) => slot.arc?.unit === unit).sort((a, b) => a.arc!.thread - b.arc!.thread);
    let before: Before | undefined;
    let language = '';
    const threads = own.map((slot) => {
      const { turns, factContext } = planThread(this.stage, arc, slot, base, before);
      const ended = before?.ended;
      before = { began: before?.began ?? factContext.local, ended: turns.at(-1)!.instant, until: factContext.local };
      language = factContext.language;
      return { turns, ids: turns.map((turn) => this.messageIdOf(turn)), ended };
    });
    const { began, until } = before!;
    return { arc, language, threads: threads.map(({ ended, ...thread }) => ({ ...thread, before: { began, ended, until } })) };
  }

  private messageIdOf(turn: Turn): string {
    const from = SCRATCH.length;
    this.writeId(SCRATCH, turn);
    const text = SCRATCH.text(from);
    SCRATCH.length = from;
    return text;
  }

  private writeId(out: Bytes, turn: Turn): void {
    writeMessageId(out, this.messageIds, turn.index, below(turn.path, MESSAGE_ID), turn.author.client, turn.author.host);
  }

  /** Speaks the messages of a conversation and writes them; only that of one index, where one is given. */
  private conversation(slot: Slot, base: number, stories: ReadonlyMap<Unit, Told>, visit: (message: Message) => void, only?: number): void {
    const story = slot.arc && stories.get(slot.arc.unit);
    const conversation = story
      ? planThread(this.stage, story.arc, slot, base, story.threads[slot.arc!.thread]!.before)
      : plan(this.stage, slot, base);
    const { spec, profile } = this.stage;
    const { turns, category, language } = conversation;
    const { words, lines } = this;
    const dialogue = new Dialogue(conversation, spec, profile, words, lines);
    const machine = category === 'newsletter' || category === 'robot' ? category : undefined;
    const letters: Letter[] = [];
    const planted: { range: Range; by: Turn }[] = [];
    let watched: readonly Range[] = NOTHING;
    for (const turn of turns) {
      const text = dialogue.speak(turn);
      const parent = turn.parent && letters[turn.parent.number];
      const start = words.length;
      this.writeId(words, turn);
      const letter: Letter = {
        turn,
        words,
        lines,
        text,
        parent,
        common: language.common,
        messageId: { from: start, to: words.length },
        heads: {},
      };
      letters.push(letter);
      if (text.planted) {
        planted.push({ range: text.planted, by: turn });
        watched = planted.map(({ range }) => range);
      }
      if (turn.ghost || (only !== undefined && turn.index < only)) continue;
      // A forward takes the attachment along.
      const source = text.attachment ?? (turn.kind === 'forward' ? parent!.text.attachment : undefined);
      this.writer.write({
        letter,
        attachment: source && attachmentOf(source, conversation),
        html: this.html,
        profile,
        machine,
        language: conversation.factContext.language,
        watched,
      });
      const bytes = this.writer.out.written();
      const truth =
        story || this.truth === 'all'
          ? truthOf({
              letter,
              conversation,
              messageId: words.text(start, letter.messageId.to),
              threadId: words.text(letters[0]!.messageId.from, letters[0]!.messageId.to),
              written: this.writer.written!,
              message: bytes,
              attachment: source,
              planted,
              story,
            })
          : undefined;
      visit({ index: turn.index, id: this.objectIds.id(turn.index), bytes, letter, conversation, truth });
      if (turn.index === only) return;
    }
  }
}

const NOTHING: readonly Range[] = [];

/** For a Message-ID on its own. */
const SCRATCH = new Bytes(256);

interface Told extends Story {
  readonly threads: readonly (Story['threads'][number] & { readonly before: Before })[];
}

/** The arcs that some conversations are threads of, each told once: threads of one share their unit. */
function storiesOf(slots: readonly Slot[], tell: (unit: Unit) => Told): ReadonlyMap<Unit, Told> {
  let stories: Map<Unit, Told> | undefined;
  for (const { arc } of slots) {
    if (!arc) continue;
    stories ??= new Map();
    if (!stories.has(arc.unit)) stories.set(arc.unit, tell(arc.unit));
  }
  return stories ?? NO_STORIES;
}

const NO_STORIES: ReadonlyMap<Unit, Told> = new Map();
