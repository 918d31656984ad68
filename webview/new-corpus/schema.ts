import * as z from 'zod';
import { jobSpecJsonSchema, parseSpec, SpecError, type SpecProblem } from '../../src/job/spec.ts';
import { type Key } from './spec-path.ts';

/** The job spec's schema as the form asks it: defaults, choices, bounds, descriptions, and what is wrong with a draft. */

// Its faster way to check is code made at run time, which the page's policy forbids, rightly.
z.config({ jitless: true });

/** A node of the JSON schema, as far as the form reads it. */
export interface SchemaNode {
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly propertyNames?: SchemaNode;
  readonly additionalProperties?: SchemaNode | false;
}

const ROOT = jobSpecJsonSchema() as SchemaNode;

/** What a draft without a setting means. */
export const DEFAULTS: unknown = parseSpec({});

/** The node of a place in the spec; an empty one where there is none. */
export function nodeAt(keys: readonly Key[]): SchemaNode {
  let node: SchemaNode | false | undefined = ROOT;
  for (const key of keys) node = node && (typeof key === 'number' ? node.items : (node.properties?.[key] ?? node.additionalProperties));
  return node || {};
}

export function problemsOf(draft: unknown): readonly SpecProblem[] {
  try {
    parseSpec(draft ?? {});
    return [];
  } catch (error) {
    if (error instanceof SpecError) return error.problems;
    throw error;
  }
}
