import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { type JobSpec, parseSpec, SpecError } from '../job/spec.ts';

/** What the command line may change in a spec; still text, so that the spec's own checks speak of it. */
export interface SpecOptions {
  readonly messages?: string;
  readonly seed?: string;
  readonly workers?: string;
  readonly layout?: string;
}

export interface SpecFile {
  readonly spec: JobSpec;
  /** The folder that paths in the spec are relative to. */
  readonly base: string;
}

/** Reads a job spec (JSON or YAML; "-" is standard input; none is an empty one) and lays the options over it. */
export function readSpec(file: string | undefined, options: SpecOptions): SpecFile {
  const raw = file === undefined ? {} : parseText(file);
  if (!isObject(raw)) throw new SpecError([{ path: '', message: `${file}: a job spec is an object, such as { "messages": 1000 }` }]);
  // What is no section stays as it is, for the schema to refuse.
  const over = (section: unknown, setting: object): unknown =>
    section === undefined || isObject(section) ? { ...section, ...setting } : section;
  const laid = {
    ...raw,
    ...(options.messages !== undefined && { messages: numberOr(options.messages) }),
    ...(options.seed !== undefined && { seed: numberOr(options.seed) }),
    ...(options.workers !== undefined && { execution: over(raw.execution, { workers: numberOr(options.workers) }) }),
    ...(options.layout !== undefined && { delivery: over(raw.delivery, { layout: options.layout }) }),
  };
  return { spec: parseSpec(laid), base: file === undefined || file === '-' ? process.cwd() : dirname(resolve(file)) };
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

function parseText(file: string): unknown {
  if (file !== '-' && !existsSync(file))
    throw new SpecError([
      { path: '', message: `${file}: no such file. Name a job spec (.json or .yaml), "-" for standard input, or none for the defaults.` },
    ]);
  let text: string;
  try {
    text = readFileSync(file === '-' ? 0 : file, 'utf8').replace(/^\uFEFF/, ''); // some editors begin with a byte order mark
  } catch (error) {
    throw new SpecError([{ path: '', message: `${file}: ${(error as Error).message}` }]);
  }
  try {
    return file.endsWith('.json') ? JSON.parse(text) : parse(text, { maxAliasCount: 0 });
  } catch (error) {
    throw new SpecError([{ path: '', message: `${file}: ${(error as Error).message.split('\n')[0]}` }]);
  }
}

/** "1_000" and "1,000" are numbers to people; what is not a number stays text, for the schema to refuse. */
function numberOr(text: string): number | string {
  const plain = /^\d{1,3}([_,]\d{3})+$/.test(text) ? text.replace(/[_,]/g, '') : text;
  return /^-?\d+(\.\d+)?$/.test(plain) && Number.isFinite(Number(plain)) ? Number(plain) : text;
}
