import { evidencePlace } from '../attachments/index.ts';
import { isoDate } from '../calendar.ts';
import type { Letter } from '../body/letter.ts';
import type { Conversation, Turn } from '../conversation/conversation.ts';
import type { AttachmentPlan, Range } from '../conversation/dialogue.ts';
import type { Written } from '../mime/message.ts';
import type { MimePart } from '../mime/part.ts';
import type { Arc } from '../scenario/arc.ts';
import type { ArcLine, Evidence, TruthLine } from './line.ts';
import { placesOf } from './raw.ts';

/** Puts together what is known of a message and of an arc. */

/** A truth line, but for what only whoever delivers the message knows. */
export type Truth = Omit<TruthLine, 'key' | 'sha256'>;

/** An arc as it is told: its messages by thread. */
export interface Story {
  readonly arc: Arc;
  readonly threads: readonly {
    readonly turns: readonly Turn[];
    /** Of each turn, a ghost's too. */
    readonly ids: readonly string[];
  }[];
  readonly language: string;
}

/** A message with all that the truth about it is made of. */
export interface Witness {
  readonly letter: Letter;
  readonly conversation: Conversation;
  /** Message-IDs: its own, and that of the first message of its thread. */
  readonly messageId: string;
  readonly threadId: string;
  readonly written: Written;
  readonly message: Uint8Array;
  readonly attachment: AttachmentPlan | undefined;
  /** Words of a scenario said in the thread so far, and by whom. */
  readonly planted: readonly { readonly range: Range; readonly by: Turn }[];
  readonly story: Story | undefined;
}

export function truthOf(witness: Witness): Truth {
  const { letter, conversation, messageId, threadId, story, attachment } = witness;
  const { turn } = letter;
  const common = {
    message_id: messageId,
    thread_id: threadId,
    date: isoDate(turn.instant, turn.offset),
    sender: turn.author.address,
    recipients: [...turn.to, ...turn.cc, ...turn.bcc].map((person) => person.address),
    language: conversation.language.tag,
    shape: shapeOf(witness.written.body, attachment),
  };
  if (!story)
    return {
      ...common,
      label: 'benign',
      scenario: null,
      family: null,
      arc_id: null,
      role: null,
      phase: null,
      evasion: null,
      severity: null,
      alert_unit: null,
      context: [],
      due: 'none',
      evidence: [],
      near_miss: null,
    };
  const { arc } = story;
  const { source } = arc.scenario;
  const thread = arc.threads[conversation.slot.arc!.thread]!;
  const phase = source.phases[thread.phases[thread.at.indexOf(turn.number)] ?? -1];
  const shown = shows(turn);
  const evidence = evidenceOf(witness);
  const player = arc.players.findIndex(({ person }) => person.address === turn.author.address);
  const unit = unitOf(arc);
  // What is quoted is owed as the phase that said it.
  const told = turn.parent?.ghost === true && shown ? source.phases[thread.phases[0]!]! : phase;
  return {
    ...common,
    label: !shown ? 'benign' : arc.near < 0 ? 'positive' : 'near_miss',
    scenario: source.scenario,
    family: source.family,
    arc_id: arc.id,
    role: phase?.from ?? (player >= 0 ? arc.scenario.roles[player]! : 'bystander'),
    phase: phase?.phase ?? null,
    evasion: arc.evasion,
    severity: source.severity,
    alert_unit: unit,
    context: shown ? contextOf(story, conversation.slot.arc!.thread, messageId) : [],
    due: arc.near >= 0 ? 'none' : shown ? (told?.due ?? 'required') : evidence.length > 0 ? 'allowed' : 'none',
    evidence,
    near_miss: arc.near < 0 ? null : source.nearMisses[arc.near]!.id,
  };
}

/** Whether a message of an arc shows something of its own. */
const shows = (turn: Turn): boolean =>
  (turn.plant !== undefined && !turn.ghost) || (turn.parent?.ghost === true && turn.parent.plant !== undefined);

/** Where an alert is due; what is split over several messages, none of them shows alone. */
function unitOf(arc: Arc): 'message' | 'thread' | 'person' {
  if (arc.evasion !== 'split') return arc.scenario.source.alertUnit;
  return arc.threads.length > 1 ? 'person' : 'thread';
}

function contextOf(story: Story, thread: number, own: string): string[] {
  const unit = unitOf(story.arc);
  if (unit === 'message') return [own];
  const threads = unit === 'thread' ? [story.threads[thread]!] : story.threads;
  return threads.flatMap(({ turns, ids }) => ids.filter((_, i) => shows(turns[i]!)));
}

function evidenceOf({ letter, written, message, attachment, planted, conversation }: Witness): Evidence[] {
  const { body, watches } = written;
  const found: Evidence[] = [];
  walk(body, '', (part, path) => {
    if (part.kind === 'text' && watches) {
      const { starts, ends } = part.subtype === 'plain' ? watches.plain : watches.html;
      const here = planted.map((p, i) => ({ ...p, span: [starts[i]!, ends[i]!] as const })).filter(({ span }) => span[0] >= 0);
      const places = placesOf(
        message,
        part,
        here.map(({ span }) => span),
      );
      here.forEach(({ by, span }, i) => {
        const { start, end, rawStart, rawEnd } = places[i]!;
        // In HTML the words are escaped, and may stand in two paragraphs: the quote is what they say.
        const quote = part.subtype === 'plain' ? part.utf8.text(...span) : saidIn(part.utf8.text(...span));
        const layer = by === letter.turn ? 'authored' : 'quoted';
        found.push({ part: path, start, end, raw_start: rawStart, raw_end: rawEnd, quote, layer });
      });
    }
    if (part.kind === 'file' && attachment && attachment.planted >= 0) {
      const place = evidencePlace(attachment, conversation);
      found.push({ part: path, ...place, raw_start: null, raw_end: null, layer: 'attachment' });
    }
  });
  return found;
}

/** What a stretch of HTML says: without its tags, and its characters as they are. */
const saidIn = (html: string): string =>
  html.replace(/<[^>]*>/g, '').replace(/&(amp|lt|gt|quot|nbsp);/g, (_, name: string) => CHARACTERS[name]!);

const CHARACTERS: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', nbsp: '\u00a0' };

/** Visits the leaves of a message with their part paths (RFC 9051 §6.4.5.1). */
function walk(part: MimePart, path: string, visit: (leaf: MimePart, path: string) => void): void {
  if (part.kind === 'multi') part.parts.forEach((child, i) => walk(child, path === '' ? `${i + 1}` : `${path}.${i + 1}`, visit));
  else visit(part, path === '' ? '1' : path);
}

function shapeOf(body: MimePart, attachment: AttachmentPlan | undefined): string {
  let html = false;
  walk(body, '', (part) => {
    if (part.kind === 'text' && part.subtype === 'html') html = true;
  });
  return ['text', ...(html ? ['html'] : []), ...(attachment ? [attachment.kind] : [])].join('+');
}

/** The line of an arc. */
export function arcLineOf({ arc, threads, language }: Story): ArcLine {
  const { source } = arc.scenario;
  const told = threads.flatMap(({ turns, ids }) => turns.map((turn, i) => ({ turn, id: ids[i]! }))).filter(({ turn }) => !turn.ghost);
  const times = told.map(({ turn }) => turn).sort((a, b) => a.instant - b.instant);
  const date = (turn: Turn): string => isoDate(turn.instant, turn.offset);
  return {
    arc_id: arc.id,
    label: arc.near < 0 ? 'positive' : 'near_miss',
    scenario: source.scenario,
    family: source.family,
    near_miss: arc.near < 0 ? null : source.nearMisses[arc.near]!.id,
    paired_with: arc.pairedWith ?? null,
    evasion: arc.evasion,
    severity: source.severity,
    alert_unit: unitOf(arc),
    language,
    people: arc.players.map(({ person }, i) => ({ role: arc.scenario.roles[i]!, address: person.address })),
    first: date(times[0]!),
    last: date(times.at(-1)!),
    messages: told.map(({ id }) => id),
  };
}
