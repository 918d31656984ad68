import * as z from 'zod';
import { contentShape, refineContent } from '../corpus/content.ts';

/** The job spec: one schema for types, checks, defaults and the JSON schema. */

export const LAYOUTS = ['eml', 'zip', 'mbox', 'none'] as const;
export type DeliveryLayout = (typeof LAYOUTS)[number];

export const TRUTH_FORMATS = ['jsonl', 'csv', 'parquet'] as const;

const truth = z.strictObject({
  lines: z
    .enum(['arcs', 'all'])
    .default('arcs')
    .describe('arcs: a line for each message of an arc or a near miss; all: one for every message'),
  formats: z
    .array(z.enum(TRUTH_FORMATS))
    .max(TRUTH_FORMATS.length)
    .default(['jsonl'])
    .describe('jsonl is always written; csv, parquet: one file each as well, for the whole corpus'),
});

const delivery = z.strictObject({
  layout: z
    .enum(LAYOUTS)
    .default('eml')
    .describe('eml: a file a message; zip, mbox: a file a shard; none: measures only, leaves no message'),
  truth: truth.prefault({}),
});

const execution = z.strictObject({
  workers: z
    .number()
    .int()
    .min(1)
    .max(256)
    .optional()
    .describe('Threads of the local engine; otherwise up to one a processor, as many as the job is large enough for'),
  shardBlocks: z.number().int().min(1).max(64).optional().describe('Blocks of 256 messages in a shard; otherwise by the size of the job'),
});

export const jobSpecSchema = z
  .strictObject({
    $schema: z.string().optional().describe('Where editors find this schema'),
    version: z.literal(1).default(1).describe('Version of this format'),
    ...contentShape,
    delivery: delivery.prefault({}),
    execution: execution.prefault({}),
  })
  .superRefine((spec, ctx) => refineContent(spec, ctx));

/** A checked job spec, all defaults filled in. */
export type JobSpec = z.output<typeof jobSpecSchema>;

/** One thing wrong with a spec. */
export interface SpecProblem {
  /** "organisation.offices[2].zone"; "" for the spec as a whole. */
  readonly path: string;
  readonly message: string;
}

/** A spec that cannot be used; `problems` names all that is wrong with it. */
export class SpecError extends Error {
  readonly code = 'SPEC_INVALID';
  readonly problems: readonly SpecProblem[];

  constructor(problems: readonly SpecProblem[]) {
    super(problems.map((p) => (p.path === '' ? p.message : `${p.path}: ${p.message}`)).join('\n'));
    this.name = 'SpecError';
    this.problems = problems;
  }
}

/** Checks a spec as a user wrote it; throws a SpecError with every problem. */
export function parseSpec(input: unknown): JobSpec {
  const result = jobSpecSchema.safeParse(input);
  if (result.success) return result.data;
  throw new SpecError(result.error.issues.flatMap((issue) => problemsOf(issue, input)));
}

/** The JSON schema of a job spec, for editors and for docs/job-spec.md. */
export function jobSpecJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(jobSpecSchema, { io: 'input', target: 'draft-7' }) as Record<string, unknown>;
}

function problemsOf(issue: z.core.$ZodIssue, input: unknown): SpecProblem[] {
  const path = pathText(issue.path);
  if (issue.code === 'unrecognized_keys') {
    const known = fieldsAt(issue.path);
    return issue.keys.map((key) => ({
      path: path === '' ? key : `${path}.${key}`,
      message: `no such field${known.length > 0 ? `; the fields here are ${known.join(', ')}` : ''}`,
    }));
  }
  // What is wrong with a key is the key.
  const value = issue.code === 'invalid_key' ? issue.path.at(-1) : valueAt(input, issue.path);
  const shown = value === undefined ? 'missing' : shorten(typeof value === 'number' ? String(value) : JSON.stringify(value));
  return [
    {
      path,
      message:
        issue.code === 'custom'
          ? `${shown === 'missing' ? '' : `${shown}: `}${issue.message}`
          : `${shown} will not do: ${messageOf(issue)}`,
    },
  ];
}

/** What would be right, for the issues a user meets most. */
function messageOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'too_small':
      return `at least ${issue.minimum}${unitOf(issue.origin)}`;
    case 'too_big':
      return `at most ${issue.maximum}${unitOf(issue.origin)}`;
    case 'invalid_key':
      return issue.issues[0]?.message ?? issue.message;
    case 'invalid_value':
      return `one of ${issue.values.map(String).join(', ')}`;
    case 'invalid_type':
      if (issue.expected === 'never') return issue.message;
      return `it has to be ${issue.expected === 'int' ? 'a whole number' : `of type ${issue.expected}`}`;
    default:
      return issue.message;
  }
}

const unitOf = (origin: string): string => (origin === 'string' ? ' characters' : origin === 'array' ? ' of them' : '');

const shorten = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}…` : text);

function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? String(key) : `${text}.${String(key)}`),
    '',
  );
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined),
    input,
  );
}

interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
}

let shape: SchemaNode | undefined;

function fieldsAt(path: readonly PropertyKey[]): string[] {
  shape ??= jobSpecJsonSchema() as SchemaNode; // made once: it takes some milliseconds
  let node: SchemaNode | undefined = shape;
  for (const key of path) node = typeof key === 'number' ? node?.items : node?.properties?.[String(key)];
  return Object.keys(node?.properties ?? {});
}
