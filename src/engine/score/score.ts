import { count } from '../../job/count.ts';
import { Alerts, type Run } from '../../job/scoring/alerts.ts';
import { Corpus } from '../../job/scoring/reference.ts';
import { Scorer } from '../../job/scoring/scorer.ts';
import { readAlerts } from './alerts-file.ts';
import type { ColumnMap } from './columns.ts';
import { badInput, Problems } from './problems.ts';
import { regeneratorOf } from './regenerate.ts';
import type { ScoreReport } from './report.ts';
import { readTruth, type Truth } from './truth-files.ts';

/** What is scored against what. */
export interface Scoring {
  readonly truth: Truth;
  /** Paths. */
  readonly alerts: string;
  readonly baseline: string | undefined;
  readonly map: ColumnMap;
  readonly threshold: number | undefined;
  /** Messages of the corpus; undefined: what its records say. */
  readonly messages: number | undefined;
}

/** Is told how far scoring is. */
export interface Progress {
  /** In bytes, or in files: see readTruth. */
  truth(read: number, of: number): void;
  /** Alerts on messages that have no truth. */
  alerts(judged: number, of: number): void;
}

/**
 * Reads the alerts, then lets the truth stream by; then messages that have alerts and no truth are made again. `builtin` is
 * the folder of the built-in packs.
 */
export async function scoreAlerts(
  { truth, alerts: file, baseline, map, threshold, messages: given }: Scoring,
  builtin: string,
  progress?: Progress,
): Promise<ScoreReport> {
  const messages = given ?? truth.messages ?? null;
  const problems = new Problems();
  const regenerate = truth.job && regeneratorOf(truth.job, builtin);
  const alerts = new Alerts(truth.job && new Corpus(truth.job, typeof regenerate === 'string' ? undefined : regenerate));
  const read = (run: Run, path: string, option: string): ReturnType<typeof readAlerts> =>
    readAlerts(
      path,
      { option, map, threshold },
      { add: (alert) => alerts.add(run, alert), leaveOut: () => alerts.leaveOut(run) },
      problems,
    );
  const columns = await read(0, file, '--alerts');
  if (baseline !== undefined) await read(1, baseline, '--baseline');

  const unread = problems.count;
  const scorer = new Scorer(alerts, baseline !== undefined);
  let taken = 0;
  let strangers = 0;
  await readTruth(
    truth,
    (line, name, number) => {
      if (scorer.line(line)) return taken++;
      strangers++;
      problems.add(name, number, `${line.message_id} is not a message of job ${truth.job?.job ?? ''}`);
    },
    problems,
    (done, of) => progress?.truth(done, of),
  );
  if (taken === 0 && strangers > 0)
    throw badInput('--job', `job ${truth.job!.job} is not the one of this truth: none of its ${count(strangers)} messages is of it`);
  if (taken === 0 && problems.count > unread)
    throw badInput('--truth', `no line of ${truth.name} could be read: is it ground truth, as truth/ of a corpus has it?`);

  const found = scorer.finish(messages, (judged, of) => progress?.alerts(judged, of));
  return {
    files: { truth: truth.name, alerts: file, baseline: baseline ?? null, job: truth.job?.job ?? null },
    columns,
    threshold: threshold ?? null,
    notes: notesOf(found, truth, typeof regenerate === 'string' ? regenerate : undefined),
    problems: { count: problems.count, first: problems.first },
    ...found,
  };
}

/** `lost` says why messages cannot be made again. */
function notesOf(found: ReturnType<Scorer['finish']>, truth: Truth, lost: string | undefined): string[] {
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
