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
  readonly truth?: string;
  /** Formats with commas between. */
  readonly truthFormat?: string;
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
  const number = (text: string | undefined): number | string | undefined => (text === undefined ? undefined : numberOr(text));
  const laid = laidOver(raw, {
    messages: number(options.messages),
    seed: number(options.seed),
    execution: { workers: number(options.workers) },
    delivery: {
      layout: options.layout,
      truth: { lines: options.truth, formats: options.truthFormat?.split(',').map((format) => format.trim()) },
    },
  });
  return { spec: parseSpec(laid), base: file === undefined || file === '-' ? process.cwd() : dirname(resolve(file)) };
}

/** A spec with settings in the place of its own values. What should be a section and is none stays, for the schema to refuse. */
function laidOver(value: unknown, settings: object): unknown {
  if (value !== undefined && !isObject(value)) return value;
  const laid = { ...value };
  for (const [key, setting] of Object.entries(settings) as [string, unknown][])
    if (isObject(setting)) laid[key] = laidOver(laid[key], setting);
    else if (setting !== undefined) laid[key] = setting;
  return laid;
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
export function numberOr(text: string): number | string {
  const plain = /^\d{1,3}([_,]\d{3})+$/.test(text) ? text.replace(/[_,]/g, '') : text;
  return /^-?\d+(\.\d+)?$/.test(plain) && Number.isFinite(Number(plain)) ? Number(plain) : text;
}
