import type { TruthLine } from '../../corpus/truth/line.ts';

/** What scoring reads of a line of ground truth. */
export type ScoredLine = Pick<
  TruthLine,
  | 'key'
  | 'message_id'
  | 'thread_id'
  | 'label'
  | 'scenario'
  | 'family'
  | 'language'
  | 'arc_id'
  | 'evasion'
  | 'alert_unit'
  | 'context'
  | 'due'
  | 'shape'
  | 'near_miss'
>;

const TEXTS = ['key', 'message_id', 'thread_id', 'language', 'shape'] as const;
const ARC_TEXTS = ['arc_id', 'scenario', 'family', 'evasion'] as const;
const LABELS: readonly unknown[] = ['positive', 'near_miss', 'benign'] satisfies TruthLine['label'][];
const DUES: readonly unknown[] = ['required', 'allowed', 'none'] satisfies TruthLine['due'][];
const UNITS: readonly unknown[] = ['message', 'thread', 'person'] satisfies TruthLine['alert_unit'][];

/** A line of truth; or what is wrong with it, in words. By hand and not by a schema: there may be millions. */
export function readTruthLine(text: string): ScoredLine | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return `not JSON: ${(error as Error).message}`;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'not a JSON object';
  const line = value as Record<keyof ScoredLine, unknown>;
  for (const field of TEXTS) if (typeof line[field] !== 'string') return `${field} is not a text`;
  if (!LABELS.includes(line.label)) return `label is none of ${LABELS.join(', ')}`;
  if (!DUES.includes(line.due)) return `due is none of ${DUES.join(', ')}`;
  if (line.label !== 'benign') {
    for (const field of ARC_TEXTS) if (typeof line[field] !== 'string') return `${field} is not a text`;
    if (!UNITS.includes(line.alert_unit)) return `alert_unit is none of ${UNITS.join(', ')}`;
    if (!Array.isArray(line.context) || !line.context.every((id) => typeof id === 'string')) return 'context is not a list of texts';
  }
  if (line.due === 'required' && line.label !== 'positive') return `due is required, and label ${line.label as string}`;
  return line as ScoredLine;
}
