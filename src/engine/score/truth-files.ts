import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readJson } from '../files.ts';
import { TRUTH } from '../../job/plan.ts';
import type { JobRecord, Manifest } from '../../job/records.ts';
import { readTruthLine, type ScoredLine } from '../../job/scoring/truth.ts';
import { chunksOf, LONGEST_LINE, readLines } from './lines.ts';
import { kindOf } from './paths.ts';
import { badInput, type Problems, reasonOf } from './problems.ts';

/** A file of ground truth, wherever it is. */
export interface TruthFile {
  readonly name: string;
  chunks(): AsyncIterable<Uint8Array>;
}

/** The ground truth, and what is at hand of its corpus. */
export interface Truth {
  /** What a report calls it. */
  readonly name: string;
  readonly files: readonly TruthFile[];
  /** In bytes; undefined where nobody can say before all is read. */
  readonly size: number | undefined;
  readonly job: JobRecord | undefined;
  /** Of the corpus. */
  readonly messages: number | undefined;
  /** Undefined where nobody can say. */
  readonly complete: boolean | undefined;
}

/** Lines about arcs, of the corpus and of its shards. */
const ARCS = /(^|\.)arcs\.jsonl$/;

/** Finds the truth: a corpus, the truth/ of one, or a single file; and its job.json, beside it or where `job` says. */
export function findTruth(truth: string, job: string | undefined): Truth {
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
    name: truth,
    files: files.map((file) => ({ name: file, chunks: () => chunksOf(file) })),
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

/** Reads the truth line by line; what cannot be read is told to `problems`. Progress is in bytes, or, where nobody knows how many there are, in files. */
export async function readTruth(
  { files, size }: Truth,
  take: (line: ScoredLine, file: string, number: number) => void,
  problems: Problems,
  progress: (read: number, of: number) => void,
): Promise<void> {
  let bytes = 0;
  for (const [i, { name: file, chunks }] of files.entries())
    try {
      await readLines(chunks(), 'utf-8', {
        line(text, number) {
          if (text === '') return;
          const line = readTruthLine(text);
          if (typeof line === 'string') problems.add(file, number, line);
          else take(line, file, number);
        },
        tooLong: (number) => problems.add(file, number, `a line of over ${LONGEST_LINE} characters`),
        read: (length) => {
          if (size !== undefined) progress((bytes += length), size);
        },
      });
      if (size === undefined) progress(i + 1, files.length);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
      throw badInput('--truth', `${file}: ${reasonOf(error)}`);
    }
}
