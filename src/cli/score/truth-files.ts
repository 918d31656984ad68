import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readJson } from '../../engine/files.ts';
import { TRUTH } from '../../job/plan.ts';
import type { JobRecord, Manifest } from '../../job/records.ts';
import { readTruthLine, type ScoredLine } from '../../job/scoring/truth.ts';
import { LONGEST_LINE, readLines } from './lines.ts';
import { kindOf } from './paths.ts';
import { badInput, type Problems, reasonOf } from './problems.ts';

/** Where the ground truth is, and what is at hand of its corpus. */
export interface TruthFiles {
  readonly files: readonly string[];
  /** In bytes. */
  readonly size: number;
  readonly job: JobRecord | undefined;
  /** Of the corpus. */
  readonly messages: number | undefined;
  /** Undefined where nobody can say. */
  readonly complete: boolean | undefined;
}

/** Lines about arcs, of the corpus and of its shards. */
const ARCS = /(^|\.)arcs\.jsonl$/;

/** Finds the truth: a corpus, the truth/ of one, or a single file; and its job.json, beside it or where `job` says. */
export function findTruth(truth: string, job: string | undefined): TruthFiles {
  const at = kindOf(truth);
  if (!at)
    throw badInput('--truth', `${truth}: no such file or folder. Name the folder of a corpus, its truth/, or one .jsonl file of it.`);
  const corpus = at === 'folder' && (existsSync(join(truth, TRUTH)) || existsSync(join(truth, 'job.json'))) ? truth : undefined;
  const files = at === 'folder' ? truthIn(corpus === undefined ? truth : join(corpus, TRUTH)) : [truth];
  if (files.length === 0)
    throw badInput(
      '--truth',
      corpus === undefined
        ? `${truth} has no .jsonl files: it is neither a corpus nor the truth/ of one`
        : `${truth} has no ground truth (${TRUTH}/*.jsonl): its layout is none, or it has not run yet`,
    );
  const beside = corpus !== undefined && existsSync(join(corpus, 'job.json')) ? corpus : undefined;
  const home = job ?? beside;
  const record = home === undefined ? undefined : jobAt(home);
  const manifest = corpus === undefined ? undefined : recordAt<Manifest>('--truth', join(corpus, 'manifest.json'));
  return {
    files,
    size: files.reduce((sum, file) => sum + statSync(file).size, 0),
    job: record,
    messages: manifest?.messages ?? record?.plan.messages,
    complete: beside === undefined ? undefined : manifest !== undefined,
  };
}

function truthIn(folder: string): string[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw badInput('--truth', `${folder}: ${reasonOf(error)}`);
  }
  return names
    .filter((name) => name.endsWith('.jsonl') && !ARCS.test(name))
    .sort()
    .map((name) => join(folder, name));
}

function jobAt(path: string): JobRecord {
  const file = kindOf(path) === 'folder' ? join(path, 'job.json') : path;
  const record = recordAt<JobRecord>('--job', file);
  if (!record) throw badInput('--job', `${file}: no such file. Name the folder of the corpus that the alerts are about, or its job.json.`);
  const { spec, plan, packs } = record;
  if (spec?.seed === undefined || typeof plan?.messages !== 'number' || typeof plan.keys !== 'string' || !Array.isArray(packs))
    throw badInput('--job', `${file} is not the job.json of a corpus`);
  return record;
}

function recordAt<T>(option: string, file: string): T | undefined {
  try {
    return readJson<T>(file);
  } catch (error) {
    throw badInput(option, reasonOf(error));
  }
}

/** Reads the truth line by line; what cannot be read is told to `problems`. */
export async function readTruth(
  files: readonly string[],
  take: (line: ScoredLine, file: string, number: number) => void,
  problems: Problems,
  read: (bytes: number) => void,
): Promise<void> {
  for (const file of files)
    try {
      await readLines(file, 'utf-8', {
        line(text, number) {
          if (text === '') return;
          const line = readTruthLine(text);
          if (typeof line === 'string') problems.add(file, number, line);
          else take(line, file, number);
        },
        tooLong: (number) => problems.add(file, number, `a line of over ${LONGEST_LINE} characters`),
        read,
      });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
      throw badInput('--truth', `${file}: ${reasonOf(error)}`);
    }
}
