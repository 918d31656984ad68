import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import fc from 'fast-check';
import type { ContentSpec } from '../../src/corpus/content.ts';
import { Generator } from '../../src/corpus/generator.ts';
import { compilePacks, type Language } from '../../src/corpus/pack/compile.ts';
import type { Pack } from '../../src/corpus/pack/schema.ts';
import { checkPack } from '../../src/corpus/pack/source.ts';
import { readPackFolder } from '../../src/engine/packs.ts';
import { parseSpec } from '../../src/job/spec.ts';

/** What several unit tests need. */

const ROOT = new URL('../../', import.meta.url).pathname;
const PACKS = `${ROOT}packs/`;

let builtin: readonly Pack[] | undefined;
let compiled: Map<string, Language> | undefined;

/** The packs of this checkout, read and checked once. */
export function builtinPacks(): readonly Pack[] {
  builtin ??= readdirSync(PACKS, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => built(name) ?? checkPack(readPackFolder(PACKS + name), name));
  return builtin;
}

/** A pack as the build has left it, where that is newer than its YAML and what checks it: reading the YAML takes seconds. */
function built(name: string): Pack | undefined {
  const path = `${ROOT}dist/packs/${name}.json`;
  const changed = (folder: string): number =>
    Math.max(...['', ...(readdirSync(folder, { recursive: true }) as string[])].map((file) => statSync(`${folder}/${file}`).mtimeMs));
  if (!existsSync(path) || statSync(path).mtimeMs < Math.max(changed(PACKS + name), changed(`${ROOT}src/corpus/pack`))) return undefined;
  return (JSON.parse(readFileSync(path, 'utf8')) as { readonly pack: Pack }).pack;
}

/** The languages of the built-in packs, for tests that nobody speaks in: desks and what every mail has, no topic, no scenario. */
export function builtinLanguages(): Map<string, Language> {
  return (compiled ??= compilePacks(
    builtinPacks().map((pack) => ({ ...pack, desks: pack.desks.map((desk) => ({ ...desk, topics: [] })) })),
    new Set(),
  ));
}

/** A spec as a user writes it, checked. */
export const specOf = (input: object = {}): ContentSpec => parseSpec(input);

const packsFor = (spec: ContentSpec, packs = builtinPacks()): Pack[] =>
  packs.filter(({ language }) => (spec.content.languages[language] ?? 0) > 0);

/** A generator with the built-in packs of the languages that a spec gives a weight. */
export function generatorOf(input: object = {}): Generator {
  const spec = specOf(input);
  return new Generator(spec, packsFor(spec));
}

/** The desks of a small firm, and which of their topics it talks about: every second, or every third. */
const FEW: Readonly<Record<string, number>> = { fx: 2, risk: 2, personal: 3, machines: 3 };

const WORDINGS = 3;

/** The same with no more than a few wordings of each phrase. */
function thin<T>(value: T): T {
  if (Array.isArray(value)) return (typeof value[0] === 'string' ? value.slice(0, WORDINGS) : value.map(thin)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, thin(part)])) as T;
}

let small: readonly Pack[] | undefined;

/** No more of the built-in packs than two desks need, and no scenario: compiling phrases is what takes time. */
const smallPacks = (): readonly Pack[] =>
  (small ??= builtinPacks().map((pack) => ({
    ...pack,
    common: { ...thin(pack.common!), calendar: pack.common!.calendar },
    desks: pack.desks
      .filter(({ desk }) => desk in FEW)
      .map((desk) => ({ ...desk, topics: thin(desk.topics.filter((_, i) => i % FEW[desk.desk]! === FEW[desk.desk]! - 2)) })),
    scenarios: [],
  })));

/** A generator for a firm of two desks that have little to say. */
export function smallGeneratorOf(input: object = {}): Generator {
  const { organisation } = input as { readonly organisation?: object };
  const spec = specOf({ ...input, organisation: { desks: [{ id: 'fx' }, { id: 'risk' }], ...organisation } });
  return new Generator(spec, packsFor(spec, smallPacks()));
}

/**
 * A character, any of Unicode, half of them Latin. fast-check has a unit of strings for it, but that first lists them all,
 * which takes longer than most tests.
 */
export const character = fc.oneof(
  fc.nat(0x17f).map((n) => String.fromCodePoint(n)),
  fc.nat(0x10ffff - 0x800).map((n) => String.fromCodePoint(n < 0xd800 ? n : n + 0x800)),
);

/** Checks a property on the same cases every time: what fails here fails everywhere. */
export function holds<T extends [unknown, ...unknown[]]>(property: fc.IProperty<T>, numRuns = 100): void {
  fc.assert(property, { seed: 20250306, numRuns });
}

/** So many cases, the same every time. */
export const sample = <T>(arbitrary: fc.Arbitrary<T>, count: number): T[] => fc.sample(arbitrary, { seed: 20250306, numRuns: count });

/** Python, as an independent reader: runs a program that finds `data` and leaves `result`, both JSON. */
export function python<T>(program: string, data: unknown): T {
  const code = `import json, sys\ndata = json.load(sys.stdin)\n${program}\nprint(json.dumps(result))\n`;
  const { status, stdout, stderr, error } = spawnSync('python3', ['-c', code], {
    input: JSON.stringify(data),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, PYTHONIOENCODING: 'utf-8' },
  });
  if (error)
    throw new Error(
      `these tests read what we write with python3, which does not start here (${error.message}): install it, on Debian with apt-get install python3`,
    );
  if (status !== 0) throw new Error(`python3: ${stderr}`);
  return JSON.parse(stdout) as T;
}
