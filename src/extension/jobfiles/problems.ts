import { parseSpec, SpecError, type JobSpec, type SpecProblem } from '../../job/spec.ts';
import type { JobFormat } from './format.ts';
import { fieldAt } from './schema.ts';
import { JobText, type Span } from './text.ts';

/** What is wrong with a job file, and where. */

export interface PlacedProblem extends Span {
  readonly message: string;
  /** syntax: it cannot be read; spec: what it says will not do. */
  readonly kind: 'syntax' | 'spec';
  readonly mild: boolean;
}

export interface CheckedFile {
  readonly text: JobText;
  /** Undefined where something is wrong. */
  readonly spec: JobSpec | undefined;
  readonly problems: readonly PlacedProblem[];
}

/** Checks a job file by the same schema as the engines. What only packs know is not looked at. */
export function checkFile(source: string, format: JobFormat): CheckedFile {
  const text = new JobText(source, format);
  const syntax = text.faults.map(({ mild, ...fault }): PlacedProblem => ({ ...fault, mild, kind: 'syntax' }));
  if (syntax.some(({ mild }) => !mild)) return { text, spec: undefined, problems: syntax };
  try {
    return { text, spec: specOf(text.value), problems: syntax };
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    return { text, spec: undefined, problems: [...syntax, ...placed(text, error.problems)] };
  }
}

function specOf(value: unknown): JobSpec {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new SpecError([{ path: '', message: 'a job spec is an object, such as { "messages": 1000 }' }]);
  return parseSpec(value);
}

/** Each problem at its field, or at the nearest one above it that there is. */
export function placed(text: JobText, problems: readonly SpecProblem[]): PlacedProblem[] {
  return problems.map(({ path, message }) => {
    const { key, value, scalar, exact, path: walked } = text.find(path);
    // What nobody knows is wrong by its name, whatever its value.
    const known = fieldAt(walked) !== undefined;
    const span = exact && scalar && known ? value : (key ?? value);
    return { ...span, message: path === '' ? message : `${path}: ${message}`, kind: 'spec', mild: false };
  });
}
