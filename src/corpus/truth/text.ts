import type { Evidence, TruthLine } from './line.ts';
import type { Truth } from './record.ts';

/** What a field of a truth line holds. */
export type FieldKind = 'text' | 'text or null' | 'texts' | 'evidence';

/** The fields of a truth line, in the order in which they are written. */
export const TRUTH_FIELDS = {
  key: 'text',
  sha256: 'text',
  message_id: 'text',
  thread_id: 'text',
  date: 'text',
  sender: 'text',
  recipients: 'texts',
  label: 'text',
  scenario: 'text or null',
  family: 'text or null',
  language: 'text',
  arc_id: 'text or null',
  role: 'text or null',
  phase: 'text or null',
  evasion: 'text or null',
  severity: 'text or null',
  alert_unit: 'text or null',
  context: 'texts',
  due: 'text',
  evidence: 'evidence',
  shape: 'text',
  near_miss: 'text or null',
} as const satisfies Record<keyof TruthLine, FieldKind>;

/** The same of an entry of its evidence. */
export const EVIDENCE_FIELDS = {
  part: 'text',
  start: 'number or null',
  end: 'number or null',
  raw_start: 'number or null',
  raw_end: 'number or null',
  quote: 'text',
  layer: 'text',
} as const satisfies Record<keyof Evidence, 'text' | 'number or null'>;

const FIELDS = (Object.keys(TRUTH_FIELDS) as (keyof TruthLine)[]).filter((field) => field !== 'key' && field !== 'sha256');
const EVIDENCE = Object.keys(EVIDENCE_FIELDS) as (keyof Evidence)[];

/** A line of truth as it is written, and as it is digested: where the key stands, which the layout changes, that has the id. */
export function truthText(id: string, key: string, sha256: string, truth: Truth): { readonly written: string; readonly digested: string } {
  const evidence = truth.evidence.map((entry) => inOrder(EVIDENCE, entry));
  const rest = JSON.stringify(inOrder(FIELDS as (keyof Truth)[], { ...truth, evidence }));
  const behind = `"sha256":"${sha256}",${rest.slice(1)}`;
  return { written: `{"key":${JSON.stringify(key)},${behind}`, digested: `{"id":"${id}",${behind}` };
}

/** The same object with its fields in this order. */
function inOrder<T extends object>(fields: readonly (keyof T)[], value: T): T {
  const ordered = {} as T;
  for (const field of fields) ordered[field] = value[field];
  return ordered;
}
