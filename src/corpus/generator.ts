import { BLOCK, BlockPlan, blockSize, type Slot } from './block.ts';
import { Clock } from './clock.ts';
import type { ContentSpec } from './content.ts';
import { attachmentOf } from './attachments/index.ts';
import { type Conversation, plan, type Stage } from './conversation/conversation.ts';
import { Dialogue } from './conversation/dialogue.ts';
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
import { World } from './world/world.ts';

/** A generated message. `bytes`, and the words of `letter`, are in buffers that the next message overwrites. */
export interface Message {
  readonly index: number;
  /** Object id: twelve hexadecimal digits. */
  readonly id: string;
  readonly bytes: Uint8Array;
  readonly letter: Letter;
  readonly conversation: Conversation;
}

const MESSAGE_ID = label('message-id');

/** Makes the messages of one corpus, any of them, in any order: the same bytes for the same spec and packs. */
export class Generator {
  readonly messages: number;
  readonly objectIds: Ids;
  readonly messageIds: Ids;
  private readonly stage: Stage;
  private readonly blocks: BlockPlan;
  private readonly html: number;
  private readonly writer = new MessageWriter();
  private readonly words = new Bytes();
  private readonly lines = new Lines();

  constructor(spec: ContentSpec, packs: readonly Pack[]) {
    const seed = root(String(spec.seed));
    const languages = compilePacks(packs);
    const base = PROFILES[spec.traffic.profile];
    const { external = base.external, private: own = base.private, machine = base.machine } = spec.traffic.overrides;
    const profile = { ...base, external, private: own, machine };
    const world = new World(spec, languages, seed);
    this.messages = spec.messages;
    this.objectIds = new Ids(seed, 'object');
    this.messageIds = new Ids(seed, 'message-id');
    this.blocks = new BlockPlan(spec, seed);
    this.html = spec.content.html ?? profile.html;
    this.stage = {
      spec,
      profile,
      world,
      topics: new Topics(spec, world, languages, profile),
      clock: new Clock(spec.period, profile),
      facts: new Facts(),
    };
  }

  /** Makes every message of a block, in index order. */
  block(block: number, visit: (message: Message) => void): void {
    for (const slot of this.blocks.slots(block)) this.conversation(slot, block * BLOCK, slot.size, visit);
  }

  /** Makes message `index` alone; its bytes are a copy. */
  message(index: number): Message {
    if (!Number.isInteger(index) || index < 0 || index >= this.messages)
      throw new RangeError(`index ${index}: this corpus has messages 0 to ${this.messages - 1}`);
    const block = Math.floor(index / BLOCK);
    const within = index - block * BLOCK;
    const slot = this.blocks.slots(block).findLast((s) => s.first <= within)!;
    let found: Message | undefined;
    this.conversation(slot, block * BLOCK, within - slot.first + 1, (message) => (found = message), within - slot.first);
    return { ...found!, bytes: Uint8Array.from(found!.bytes) };
  }

  /** Messages in a block. */
  size(block: number): number {
    return blockSize(this.messages, block);
  }

  /** Speaks the first `count` messages of a conversation, and writes those from number `from` on. */
  private conversation(slot: Slot, base: number, count: number, visit: (message: Message) => void, from = 0): void {
    const conversation = plan(this.stage, slot, base);
    const { spec, profile } = this.stage;
    const { turns, category, language } = conversation;
    const { words, lines } = this;
    const dialogue = new Dialogue(conversation, spec, profile, words, lines);
    const machine = category === 'newsletter' || category === 'robot' ? category : undefined;
    const letters: Letter[] = [];
    const first = turns[0]!.index;
    for (let m = 0; m < count; m++) {
      const turn = turns[m]!;
      const text = dialogue.speak(turn);
      const parent = turn.parent && letters[turn.parent.index - first];
      const start = words.length;
      writeMessageId(words, this.messageIds, turn.index, below(turn.path, MESSAGE_ID), turn.author.client, turn.author.host);
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
      if (m < from) continue;
      // A forward takes the attachment along.
      const source = text.attachment ?? (turn.kind === 'forward' ? parent!.text.attachment : undefined);
      this.writer.write({
        letter,
        attachment: source && attachmentOf(source, conversation),
        html: this.html,
        profile,
        machine,
        language: conversation.factContext.language,
      });
      visit({ index: turn.index, id: this.objectIds.id(turn.index), bytes: this.writer.out.written(), letter, conversation });
    }
  }
}
