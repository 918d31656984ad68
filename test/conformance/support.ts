import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { textOf } from '../../src/corpus/mime/bytes.ts';
import { BLOCK } from '../../src/corpus/block.ts';
import type { Conversation, Turn } from '../../src/corpus/conversation/conversation.ts';
import type { Category } from '../../src/corpus/conversation/topics.ts';
import { Generator } from '../../src/corpus/generator.ts';
import type { Pack } from '../../src/corpus/pack/schema.ts';
import { loadPacks } from '../../src/engine/packs.ts';
import { type JobSpec, parseSpec } from '../../src/job/spec.ts';

/** The corpus these tests look at: 10,000 messages of the default spec, made once, every fifth of them kept whole. */

const PACKS = fileURLToPath(new URL('../../dist/packs', import.meta.url));

export function generatorOf(spec: JobSpec): Generator {
  return new Generator(spec, loadPacks(spec, PACKS, '.').packs);
}

/** The packs of the default spec, as the build leaves them. */
export const builtinPacks = (): readonly Pack[] => loadPacks(parseSpec({}), PACKS, '.').packs;

/** Runs a script of this folder with Python on a folder, and answers with what it prints; `use`: what these tests need Python for. */
export function python(script: string, folder: string, use: string): Promise<string> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const env = { ...process.env, PYTHONIOENCODING: 'utf-8', PYTHONDONTWRITEBYTECODE: '1' };
  return new Promise((resolve, reject) => {
    execFile('python3', [path, folder], { maxBuffer: 1 << 28, env }, (error, stdout, stderr) => {
      if (error && error.code === 'ENOENT')
        reject(new Error(`python3 is not on the PATH, and ${use}: apt-get install python3 (3.9 or newer)`));
      else if (error) reject(new Error(`${script}: ${stderr.trim()}`));
      else resolve(stdout);
    });
  });
}

/** What the generator says of a message, copied from its buffers. */
export interface Made {
  readonly index: number;
  readonly id: string;
  readonly category: Category;
  readonly turn: Turn;
  /** Its bytes are the next conversation's by the time somebody looks. */
  readonly subject: string;
  /** Its conversation began before the corpus. */
  readonly begun: boolean;
  /** Desk and topic: where the pack has the phrases. */
  readonly topic: string;
  /** What the author wrote. */
  readonly authored: string;
  readonly attachment: string | undefined;
  /** Headers as they stand on the wire, without the empty line. */
  readonly head: string;
  /** The whole message, for every fifth. */
  readonly bytes: Buffer | undefined;
}

export interface Corpus {
  readonly spec: JobSpec;
  readonly all: readonly Made[];
  readonly sample: readonly (Made & { readonly bytes: Buffer })[];
}

const STEP = 5;
let corpus: Corpus | undefined;

/** The corpus of the default spec. */
export function defaultCorpus(): Corpus {
  return (corpus ??= make(parseSpec({})));
}

function make(spec: JobSpec): Corpus {
  const generator = generatorOf(spec);
  const all: Made[] = [];
  for (let block = 0; block * BLOCK < spec.messages; block++)
    generator.block(block, ({ index, id, bytes, letter, conversation }) => {
      const { turn, text, words } = letter;
      const whole = Buffer.from(bytes);
      all.push({
        index,
        id,
        category: conversation.category,
        turn,
        subject: textOf(turn.subject.run),
        begun: conversation.turns[0]!.ghost,
        topic: topicOf(conversation),
        authored: words.text(text.authored.from, text.authored.to),
        attachment: attachmentName(letter.parent?.text.attachment?.fileName, text.attachment?.fileName, turn),
        head: whole.toString('latin1', 0, whole.indexOf('\r\n\r\n')),
        bytes: index % STEP === 0 ? whole : undefined,
      });
    });
  return { spec, all, sample: all.filter((m): m is Made & { bytes: Buffer } => m.bytes !== undefined) };
}

const topicOf = ({ topic }: Conversation): string => `${topic.desk}/${topic.id}`;

/** A forward takes along what it forwards. */
const attachmentName = (parents: string | undefined, own: string | undefined, { kind }: Turn): string | undefined =>
  own ?? (kind === 'forward' ? parents : undefined);

export const isMachine = ({ category }: { readonly category: Category }): boolean => category === 'newsletter' || category === 'robot';

/** The value at a share of a sorted list. */
export const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;

export const median = (values: readonly number[]): number =>
  quantile(
    [...values].sort((a, b) => a - b),
    0.5,
  );

/** A table for the report, columns aligned: the first to the left, numbers to the right. */
export function table(rows: readonly (readonly (string | number)[])[]): string {
  const cells = rows.map((row) => row.map(String));
  const widths = cells[0]!.map((_, i) => Math.max(...cells.map((row) => row[i]!.length)));
  return cells
    .map((row) => `      ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ')}`)
    .join('\n');
}

/** The first few of a list of faults, for an assertion's message. */
export const some = (faults: readonly string[]): string => `${faults.length} in all:\n${faults.slice(0, 12).join('\n')}`;
