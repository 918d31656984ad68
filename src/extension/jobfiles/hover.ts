import type { JobFormat } from './format.ts';
import { type Field, fieldAt, isContainer, kindOf, valuesOf } from './schema.ts';
import { JobText, type Span } from './text.ts';

/** What is told of the field at a place of a job file. */
export interface Hovered {
  readonly span: Span;
  readonly name: string;
  readonly kind: string;
  readonly description: string | undefined;
  /** What the value means, where that is known. */
  readonly value: string | undefined;
  /** As it would be written; undefined where there is none, or a long one. */
  readonly usual: string | undefined;
  /** The values to choose from, where they are few. */
  readonly choices: readonly string[];
}

const FEW = 12;

export function hoverAt(text: string, format: JobFormat, offset: number): Hovered | undefined {
  const source = new JobText(text, format);
  const found = source.at(offset);
  if (!found) return undefined;
  const field = fieldAt(found.path);
  if (!field) return undefined;
  const { from, to } = found.value;
  const values = valuesOf(field);
  const written = text.slice(from, to).replace(/^["'](.*)["']$/, '$1');
  return {
    span: found.value,
    name: String(found.path.findLast((key) => typeof key === 'string') ?? ''),
    kind: kindOf(field),
    description: field.description,
    value: found.scalar ? values.find(({ value }) => String(value) === written)?.description : undefined,
    usual: usualOf(field),
    choices: field.enum && field.enum.length <= FEW ? field.enum.map(String) : [],
  };
}

export const usualOf = (field: Field): string | undefined =>
  field.default === undefined || isContainer(field) ? undefined : JSON.stringify(field.default);
