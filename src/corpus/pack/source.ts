import { createHash } from 'node:crypto';
import * as z from 'zod';
import { scenarioSchema } from './scenario.ts';
import { commonSchema, deskSchema, type Pack, packSchema } from './schema.ts';

/** A pack as its files were read: what is stored, sent and digested. */
export interface PackSource {
  readonly header: unknown;
  readonly common?: unknown;
  /** By file name, in the order of the names. */
  readonly desks: Readonly<Record<string, unknown>>;
  readonly scenarios?: Readonly<Record<string, unknown>>;
}

/** What is wrong with a pack, a line a problem: file, place in it, what would be right. */
export class PackError extends Error {
  readonly code = 'PACK_INVALID';
  readonly problems: readonly string[];

  constructor(where: string, problems: readonly string[]) {
    super(`${where}: ${problems.length === 1 ? problems[0] : `${problems.length} problems\n  ${problems.join('\n  ')}`}`);
    this.name = 'PackError';
    this.problems = problems;
  }
}

/** Checks a pack; throws a PackError that names every problem. */
export function checkPack(source: PackSource, where: string): Pack {
  const problems: string[] = [];
  const check = <T extends z.ZodType>(schema: T, value: unknown, file: string): z.output<T> | undefined => {
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    for (const issue of result.error.issues) problems.push(`${file}: ${issue.path.join('.') || '(top level)'}: ${issue.message}`);
    return undefined;
  };
  const header = check(packSchema, source.header, 'pack.yaml');
  const common = source.common === undefined ? undefined : check(commonSchema, source.common, 'common.yaml');
  const desks = Object.entries(source.desks).map(([file, desk]) => check(deskSchema, desk, `desks/${file}`));
  const scenarios = Object.entries(source.scenarios ?? {}).map(([file, scenario]) => check(scenarioSchema, scenario, `scenarios/${file}`));
  if (desks.length + scenarios.length === 0) problems.push('no desk and no scenario: nothing to talk about');
  if (problems.length > 0) throw new PackError(where, problems);
  return { ...header!, ...(common && { common }), desks: desks.map((d) => d!), scenarios: scenarios.map((s) => s!) };
}

/**
 * SHA-256 of a pack's content, whatever the layout of its files: two packs of one digest generate the same bytes. The
 * order of facts and columns counts.
 */
export function packDigest({ header, common, desks, scenarios }: PackSource): string {
  return createHash('sha256')
    .update(`${canonicalJson({ header, common })}\n${JSON.stringify(desks)}${scenarios ? `\n${JSON.stringify(scenarios)}` : ''}`)
    .digest('hex');
}

/** JSON with the keys of every object in order: one text for one value. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, v]) => v !== undefined);
    entries.sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([k, v]) => `${JSON.stringify(k)}:${canonicalJson(v)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}
