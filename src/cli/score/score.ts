import { existsSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Alerts, type Run } from '../../job/scoring/alerts.ts';
import { Corpus } from '../../job/scoring/reference.ts';
import { Scorer } from '../../job/scoring/scorer.ts';
import type { Installation } from '../installation.ts';
import { count } from '../output.ts';
import { numberOr } from '../spec-file.ts';
import { readAlerts } from './alerts-file.ts';
import { parseMap } from './columns.ts';
import { scorePage } from './page.ts';
import { badInput, Problems, reasonOf } from './problems.ts';
import { regeneratorOf } from './regenerate.ts';
import type { ScoreReport } from './report.ts';
import { scoreText } from './text.ts';
import { findTruth, readTruth, type TruthFiles } from './truth-files.ts';

export interface ScoreOptions {
  readonly truth: string;
  readonly alerts: string;
  readonly baseline?: string;
  readonly job?: string;
  readonly map?: readonly string[];
  readonly threshold?: string;
  readonly messages?: string;
  readonly html?: string;
  readonly json?: boolean;
}

/** `mailwright score`: what the alerts of a surveillance system found of the ground truth. Answers 0 whatever the figures are. */
export async function score(options: ScoreOptions, installation: Installation): Promise<number> {
  if (options.html !== undefined && !existsSync(dirname(options.html)))
    throw badInput('--html', `${dirname(options.html)}: no such folder`);
  const report = await scoreFiles(options, installation.packs, options.json ? undefined : progressTeller());
  process.stdout.write(options.json ? JSON.stringify(report, undefined, 2) + '\n' : scoreText(report));
  if (options.html !== undefined)
    try {
      writeFileSync(options.html, scorePage(report));
    } catch (error) {
      throw badInput('--html', `${options.html}: ${reasonOf(error)}`);
    }
  return 0;
}

/** Is told how far scoring is. */
export interface Progress {
  /** In bytes. */
  truth(read: number, of: number): void;
  /** Alerts on messages that have no truth. */
  alerts(judged: number, of: number): void;
}

/**
 * Reads the alerts, then lets the truth stream by; then messages that have alerts and no truth are made again. `builtin` is
 * the folder of the built-in packs.
 */
export async function scoreFiles(options: ScoreOptions, builtin: string, progress?: Progress): Promise<ScoreReport> {
  const map = parseMap(options.map ?? []);
  const threshold = thresholdOf(options.threshold);
  const given = messagesOf(options.messages);
  const truth = findTruth(options.truth, options.job);
  const messages = given ?? truth.messages ?? null;

  const problems = new Problems();
  const regenerate = truth.job && regeneratorOf(truth.job, builtin);
  const alerts = new Alerts(truth.job && new Corpus(truth.job, typeof regenerate === 'string' ? undefined : regenerate));
  const read = (run: Run, file: string, option: string): ReturnType<typeof readAlerts> =>
    readAlerts(
      file,
      { option, map, threshold },
      { add: (alert) => alerts.add(run, alert), leaveOut: () => alerts.leaveOut(run) },
      problems,
    );
  const columns = await read(0, options.alerts, '--alerts');
  if (options.baseline !== undefined) await read(1, options.baseline, '--baseline');

  const unread = problems.count;
  const scorer = new Scorer(alerts, options.baseline !== undefined);
  let taken = 0;
  let strangers = 0;
  let bytes = 0;
  await readTruth(
    truth.files,
    (line, file, number) => {
      if (scorer.line(line)) return taken++;
      strangers++;
      problems.add(file, number, `${line.message_id} is not a message of job ${truth.job?.job ?? ''}`);
    },
    problems,
    (length) => progress?.truth((bytes += length), truth.size),
  );
  if (taken === 0 && strangers > 0)
    throw badInput('--job', `job ${truth.job!.job} is not the one of this truth: none of its ${count(strangers)} messages is of it`);
  if (taken === 0 && problems.count > unread)
    throw badInput('--truth', `no line of ${options.truth} could be read: is it ground truth, as truth/ of a corpus has it?`);

  const found = scorer.finish(messages, (judged, of) => progress?.alerts(judged, of));
  return {
    files: { truth: options.truth, alerts: options.alerts, baseline: options.baseline ?? null, job: truth.job?.job ?? null },
    columns,
    threshold: threshold ?? null,
    notes: notesOf(found, truth, typeof regenerate === 'string' ? regenerate : undefined),
    problems: { count: problems.count, first: problems.first },
    ...found,
  };
}

/** `lost` says why messages cannot be made again. */
function notesOf(found: ReturnType<Scorer['finish']>, truth: TruthFiles, lost: string | undefined): string[] {
  const { alerts, baseline, messages } = found;
  const notes: string[] = [];
  if (alerts.unverifiable + (baseline?.alerts.unverifiable ?? 0) > 0)
    notes.push(
      'alerts on messages without truth are unverifiable, and count neither for nor against: --job tells false ones from unknown ones.',
    );
  if (lost !== undefined)
    notes.push(
      `messages of this corpus cannot be made again here: ${lost}. Of false alerts on ordinary mail language and shape are not known, and of a Message-ID only the part was looked at that holds the message's index.`,
    );
  if (alerts.unknown > 0) notes.push('alerts on messages that are not of this corpus count as nothing.');
  if (messages === null) notes.push('how many alerts there are in 10,000 messages takes the number of messages: --messages or --job.');
  else if (alerts.messages - alerts.unknown > messages)
    notes.push(`there are alerts on more messages than the ${count(messages)} there are said to be.`);
  if (truth.complete === false)
    notes.push('this corpus is not complete (it has no manifest.json): of messages whose truth is not there yet, alerts count as false.');
  return notes;
}

function thresholdOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw badInput('--threshold', `'${text}' is not a number`);
  return value;
}

function messagesOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = numberOr(text);
  if (typeof value === 'string' || !Number.isInteger(value) || value < 1)
    throw badInput('--messages', `'${text}' is not a number of messages`);
  return value;
}

/** What takes some while: truth to read, in bytes, and alerts to judge. */
const LARGE = 200e6;
const MANY = 20_000;

/** Tells every tenth of what takes some while. */
function progressTeller(): Progress {
  const teller = (large: number, what: string): ((done: number, of: number) => void) => {
    let told = 0;
    return (done, of) => {
      const tenth = Math.floor((done * 10) / of);
      if (of < large || tenth <= told) return;
      told = tenth;
      process.stderr.write(`${tenth * 10} % of ${what}\n`);
    };
  };
  return { truth: teller(LARGE, 'the truth read'), alerts: teller(MANY, 'the alerts on messages without truth looked at') };
}
