import { count } from '../../job/count.ts';
import { jobSpecJsonSchema } from '../../job/spec.ts';
import type { Path } from './text.ts';

/** The JSON schema of a job spec, as help for whoever writes one. */

export interface Field {
  readonly description?: string;
  readonly default?: unknown;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, Field>>;
  readonly required?: readonly string[];
  readonly items?: Field;
  readonly anyOf?: readonly Field[];
  readonly propertyNames?: Field & { readonly pattern?: string };
  readonly additionalProperties?: Field | boolean;
}

let root: Field | undefined;

/** All of it. Made once: it takes some milliseconds. */
export const specField = (): Field => (root ??= jobSpecJsonSchema() as Field);

/** The field at a path; undefined where there is none. */
export function fieldAt(path: Path): Field | undefined {
  let field: Field | undefined = specField();
  for (const key of path) field = field && (typeof key === 'number' ? field.items : fieldIn(field, key));
  return field;
}

function fieldIn(section: Field, name: string): Field | undefined {
  if (section.properties && Object.hasOwn(section.properties, name)) return section.properties[name];
  const { propertyNames, additionalProperties } = section;
  if (typeof additionalProperties !== 'object') return undefined;
  if (propertyNames?.enum && !propertyNames.enum.includes(name)) return undefined;
  if (propertyNames?.pattern && !new RegExp(propertyNames.pattern).test(name)) return undefined;
  return additionalProperties;
}

/** The names that a section's fields can have, where they are known. */
export function namesIn(section: Field): readonly string[] {
  if (section.properties) return Object.keys(section.properties);
  return (section.propertyNames?.enum ?? []).map(String);
}

export interface FieldValue {
  readonly value: unknown;
  readonly description: string | undefined;
  readonly isDefault: boolean;
}

/** The values to choose from; where any will do, the default. */
export function valuesOf(field: Field): FieldValue[] {
  const values = field.const !== undefined ? [field.const] : (field.enum ?? (field.type === 'boolean' ? [true, false] : []));
  const known = values.length > 0 || isContainer(field) || field.default === undefined ? values : [field.default];
  return known.map((value) => ({ value, description: meaningOf(field, value), isDefault: value === field.default }));
}

export const isContainer = ({ properties, items, additionalProperties }: Field): boolean =>
  properties !== undefined || items !== undefined || typeof additionalProperties === 'object';

/** What a description says of one value: "zip, mbox: a file a shard; none: …". */
function meaningOf({ description = '' }: Field, value: unknown): string | undefined {
  for (const clause of description.split('; ')) {
    const [, names, meaning] = /^([\w, -]+?)(?:: | (?=is ))(.+)$/.exec(clause) ?? [];
    if (names?.split(', ').includes(String(value))) return meaning;
  }
  return undefined;
}

/** What kind of value it takes, in words: "whole number, 1 to 256". */
export function kindOf(field: Field): string {
  if (field.anyOf) return field.anyOf.map(kindOf).join(' or ');
  if (isContainer(field)) return field.items ? 'list' : 'section';
  const { minimum, maximum } = field;
  const most = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum;
  const range = minimum === undefined ? '' : most === undefined ? `, from ${count(minimum)}` : `, ${count(minimum)} to ${count(most)}`;
  return `${{ integer: 'whole number', string: 'text' }[field.type ?? ''] ?? field.type ?? ''}${range}`;
}

/** The schema as VS Code's own JSON support gets it: for completion and hover alone. What is wrong we say ourselves, once and in our words. */
export function helpSchema(): object {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Mailwright job spec',
    allowTrailingCommas: false,
    ...helpOf(specField()),
  };
}

function helpOf(field: Field): object {
  const { description, properties, items, additionalProperties, propertyNames, default: usual } = field;
  const choices = field.enum ?? (field.const !== undefined ? [field.const] : []);
  const named = propertyNames?.enum && typeof additionalProperties === 'object' ? additionalProperties : undefined;
  const fields = properties ?? (named && Object.fromEntries(namesIn(field).map((name) => [name, named])));
  return {
    ...(description !== undefined && { description }),
    ...(usual !== undefined && { default: usual }),
    ...(choices.length > 0 && {
      defaultSnippets: valuesOf(field).map(({ value, description: meaning = description }) => ({
        label: JSON.stringify(value),
        body: value,
        ...(meaning !== undefined && { description: meaning }),
      })),
    }),
    ...(fields && { properties: Object.fromEntries(Object.entries(fields).map(([name, each]) => [name, helpOf(each)])) }),
    ...(items && { items: helpOf(items) }),
  };
}
