import { existsSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseMap } from '../../engine/score/columns.ts';
import { scorePage } from '../../engine/score/page.ts';
import { badInput, reasonOf } from '../../engine/score/problems.ts';
import type { ScoreReport } from '../../engine/score/report.ts';
import { type Progress, scoreAlerts } from '../../engine/score/score.ts';
import { findTruth } from '../../engine/score/truth-files.ts';
import type { Installation } from '../installation.ts';
import { numberOr } from '../spec-file.ts';
import { scoreText } from './text.ts';

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

/** Scores what the options name. `builtin` is the folder of the built-in packs. */
export async function scoreFiles(options: ScoreOptions, builtin: string, progress?: Progress): Promise<ScoreReport> {
  const map = parseMap(options.map ?? []);
  const threshold = thresholdOf(options.threshold);
  const messages = messagesOf(options.messages);
  const truth = findTruth(options.truth, options.job);
  return scoreAlerts({ truth, alerts: options.alerts, baseline: options.baseline, map, threshold, messages }, builtin, progress);
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
