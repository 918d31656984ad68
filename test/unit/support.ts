import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import type { ContentSpec } from '../../src/corpus/content.ts';
import { Generator } from '../../src/corpus/generator.ts';
import { compilePacks, type Language } from '../../src/corpus/pack/compile.ts';
import type { Pack } from '../../src/corpus/pack/schema.ts';
import { checkPack } from '../../src/corpus/pack/source.ts';
import { readPackFolder } from '../../src/engine/packs.ts';
import { parseSpec } from '../../src/job/spec.ts';

/** What several unit tests need. */

const PACKS = new URL('../../packs/', import.meta.url).pathname;

let builtin: readonly Pack[] | undefined;
let compiled: Map<string, Language> | undefined;

/** The packs of this checkout, from their YAML, read and checked once. */
export function builtinPacks(): readonly Pack[] {
  builtin ??= readdirSync(PACKS, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => checkPack(readPackFolder(PACKS + name), name));
  return builtin;
}

export function builtinLanguages(): Map<string, Language> {
  return (compiled ??= compilePacks(builtinPacks()));
}

/** A spec as a user writes it, checked. */
export const specOf = (input: object = {}): ContentSpec => parseSpec(input);

const packsFor = (spec: ContentSpec): Pack[] => builtinPacks().filter(({ language }) => (spec.content.languages[language] ?? 0) > 0);

/** A generator with the built-in packs of the languages that a spec gives a weight. */
export function generatorOf(input: object = {}): Generator {
  const spec = specOf(input);
  return new Generator(spec, packsFor(spec));
}

const FEW = ['fx', 'risk', 'personal', 'machines'];

/** The same for a firm of two desks, with no more of the packs than it needs: compiling phrases is what takes time. */
export function smallGeneratorOf(input: object = {}): Generator {
  const { organisation } = input as { readonly organisation?: object };
  const spec = specOf({ ...input, organisation: { desks: [{ id: 'fx' }, { id: 'risk' }], ...organisation } });
  return new Generator(
    spec,
    packsFor(spec).map((pack) => ({ ...pack, desks: pack.desks.filter(({ desk }) => FEW.includes(desk)) })),
  );
}

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
