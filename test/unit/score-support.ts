import { Ids } from '../../src/corpus/id.ts';
import { root } from '../../src/corpus/random.ts';
import { planOf } from '../../src/job/plan.ts';
import type { JobRecord } from '../../src/job/records.ts';
import { type Alert, Alerts } from '../../src/job/scoring/alerts.ts';
import { Corpus, type Features } from '../../src/job/scoring/reference.ts';
import type { Score } from '../../src/job/scoring/score.ts';
import { Scorer } from '../../src/job/scoring/scorer.ts';
import { readTruthLine, type ScoredLine } from '../../src/job/scoring/truth.ts';
import { parseSpec } from '../../src/job/spec.ts';

/** Truth and alerts for the tests of the scorer. */

/** Message-ID and key of the message called so: any short name. */
export const idOf = (name: string): string => `<${name}@aldermoor.example>`;
export const keyOf = (name: string): string => {
  const id = Buffer.from(name.padEnd(6, '\0')).toString('hex').slice(0, 12);
  return `messages/${id.slice(0, 2)}/${id}.eml`;
};

/** What a test says of a message; names stand for ids. */
export interface Told extends Partial<Omit<ScoredLine, 'context' | 'message_id' | 'key' | 'thread_id'>> {
  readonly name: string;
  readonly thread?: string;
  readonly context?: readonly string[];
}

/** A line of truth: a required message of arc `a`, alone in its context, unless told otherwise. */
export function lineOf({ name, thread = name, context = [name], ...told }: Told): ScoredLine {
  const benign = told.label === 'benign';
  const nearMiss = told.label === 'near_miss';
  return {
    key: keyOf(name),
    message_id: idOf(name),
    thread_id: idOf(thread),
    label: 'positive',
    scenario: benign ? null : 'deal-tip',
    family: benign ? null : 'inside-information',
    language: 'en',
    arc_id: benign ? null : 'a',
    evasion: benign ? null : 'explicit',
    alert_unit: benign ? null : 'message',
    context: benign ? [] : context.map(idOf),
    due: benign || nearMiss ? 'none' : 'required',
    shape: 'text',
    near_miss: nearMiss ? 'announced-bid' : null,
    ...told,
  };
}

export const alertOn = (message: string, person = '', policy = ''): Alert => ({ message, person, policy });

export interface Given {
  readonly lines: readonly ScoredLine[];
  /** Names of messages, or alerts. */
  readonly alerts: readonly (string | Alert)[];
  readonly baseline?: readonly (string | Alert)[];
  readonly job?: JobRecord;
  /** What messages of the job are like when they are made again. */
  readonly regenerate?: (index: number) => Features;
  readonly messages?: number;
  readonly judged?: (done: number, of: number) => void;
}

/** Scores as the command does, each line by way of its JSON. */
export function scoreOf({ lines, alerts, baseline, job, regenerate, messages, judged }: Given): Score {
  const all = new Alerts(job && new Corpus(job, regenerate));
  const add = (run: 0 | 1, list: readonly (string | Alert)[]): void =>
    list.forEach((alert) => all.add(run, typeof alert === 'string' ? alertOn(idOf(alert)) : alert));
  add(0, alerts);
  add(1, baseline ?? []);
  const scorer = new Scorer(all, baseline !== undefined);
  for (const line of lines) {
    const read = readTruthLine(JSON.stringify(line));
    if (typeof read === 'string') throw new Error(read);
    scorer.line(read);
  }
  return scorer.finish(messages ?? job?.plan.messages ?? null, judged);
}

/** A job of so many messages, with the ids its messages have, and their lines as required messages of an arc each; of no generator that there is. */
export function jobOf(
  messages: number,
  layout = 'eml',
): { job: JobRecord; messageId: (index: number) => string; objectId: (index: number) => string; line: (index: number) => string } {
  const spec = parseSpec({ messages, seed: 11, delivery: { layout } });
  const seed = root('11');
  const [messageIds, objectIds] = [new Ids(seed, 'message-id'), new Ids(seed, 'object')];
  const messageId = (index: number): string => `<${messageIds.id(index).toUpperCase()}0123456789ABCDEF@aldermoor.example>`;
  return {
    job: { job: 'JOB', created: '2025-01-01T00:00:00Z', generator: 'none', content: '', spec, packs: [], plan: planOf(spec) },
    messageId,
    objectId: (index) => objectIds.id(index),
    line: (index) =>
      `${JSON.stringify({ ...lineOf({ name: 'm', arc_id: `a${index}` }), message_id: messageId(index), key: `k${index}`, context: [] })}\n`,
  };
}
