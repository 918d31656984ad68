import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { languagesOf } from '../corpus/content.ts';
import { checkPack, PackError, packDigest, type PackSource } from '../corpus/pack/source.ts';
import type { Pack } from '../corpus/pack/schema.ts';
import { PlacementError, placementOf } from '../corpus/scenario/placement.ts';
import type { PackRecord } from '../job/records.ts';
import type { JobSpec } from '../job/spec.ts';
import { SpecError } from '../job/spec.ts';

/** Reads packs: the built-in ones, which the build has turned into JSON, and folders of a user's own. */

/** A pack is prose: this is far more than anybody writes. */
const MOST_BYTES = 8 << 20;

/** Reads a pack's folder. Only the files a pack is made of are read. */
export function readPackFolder(folder: string): PackSource {
  const read = (file: string): unknown => {
    const path = join(folder, file);
    if (statSync(path).size > MOST_BYTES) throw new PackError(folder, [`${file}: over ${MOST_BYTES >> 20} MiB`]);
    try {
      return parse(readFileSync(path, 'utf8'), { maxAliasCount: 0 });
    } catch (error) {
      throw new PackError(folder, [`${file}: ${(error as Error).message.split('\n')[0]}`]);
    }
  };
  if (!existsSync(join(folder, 'pack.yaml')))
    throw new PackError(folder, ['no pack.yaml here: a pack is a folder with pack.yaml, and common.yaml, desks/ or scenarios/']);
  const files = (kind: string): Record<string, unknown> | undefined => {
    if (!existsSync(join(folder, kind))) return undefined;
    const names = readdirSync(join(folder, kind)).filter((f) => f.endsWith('.yaml'));
    return Object.fromEntries(names.sort().map((file) => [file, read(join(kind, file))]));
  };
  const scenarios = files('scenarios');
  return {
    header: read('pack.yaml'),
    ...(existsSync(join(folder, 'common.yaml')) && { common: read('common.yaml') }),
    desks: files('desks') ?? {},
    ...(scenarios && { scenarios }),
  };
}

/** The packs of a job, checked, with what its records say of them. */
export interface LoadedPacks {
  readonly packs: readonly Pack[];
  readonly records: readonly PackRecord[];
}

/** A user's own pack as it was read, and what the spec calls it. */
export interface OwnPack {
  readonly name: string;
  readonly source: PackSource;
}

/** Reads the folders of packs that a spec names, relative to the job file. */
const readOwnPacks = (spec: JobSpec, base: string): OwnPack[] =>
  spec.content.packs.map((folder) => ({ name: folder, source: readPackFolder(resolve(base, folder)) }));

/** Loads the packs a spec needs, its own ones from their folders. */
export const loadPacks = (spec: JobSpec, builtin: string, base: string): LoadedPacks => packsOf(spec, builtin, readOwnPacks(spec, base));

/** The packs a spec needs: the built-in one of each language with a weight, then the user's own. `builtin` is the folder of the built-in packs' JSON. */
export function packsOf(spec: JobSpec, builtin: string, own: readonly OwnPack[]): LoadedPacks {
  const packs: Pack[] = [];
  const records: PackRecord[] = [];
  const wanted = languagesOf(spec);
  for (const tag of wanted) {
    const built = readBuiltin(builtin, tag);
    if (!built) continue;
    packs.push(built.pack);
    records.push({ pack: built.pack.pack, language: built.pack.language, digest: built.digest });
  }
  for (const { name, source } of own) {
    const pack = checkPack(source, name);
    if (!wanted.includes(pack.language)) continue;
    packs.push(pack);
    records.push({ pack: pack.pack, language: pack.language, digest: packDigest(source), source });
  }
  checkCoverage(spec, packs, wanted, builtin);
  checkPlacement(spec, packs);
  return { packs, records };
}

/** Loads the packs a job was made with; throws where a built-in one is no longer the same. */
export function reloadPacks(records: readonly PackRecord[], builtin: string): Pack[] {
  return records.map((record) => {
    if (record.source) return checkPack(record.source, record.pack);
    const built = readBuiltin(builtin, record.pack);
    if (built?.digest !== record.digest)
      throw new PackError(record.pack, [
        `this installation's pack is not the one the job was made with (${record.digest.slice(0, 12)}…): use the version of Mailwright that made the job`,
      ]);
    return built.pack;
  });
}

/** A built-in pack as the build leaves it, checked already: checking it again would take longer than all else at the start. */
interface BuiltinPack {
  readonly digest: string;
  readonly pack: Pack;
}

/** What the build writes for a built-in pack. */
export function buildPack(folder: string): BuiltinPack {
  const source = readPackFolder(folder);
  return { digest: packDigest(source), pack: checkPack(source, folder) };
}

function readBuiltin(folder: string, tag: string): BuiltinPack | undefined {
  const path = join(folder, `${tag}.json`);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as BuiltinPack) : undefined;
}

/** Every language needs a pack with a common.yaml, every desk a pack that knows it. */
function checkCoverage(spec: JobSpec, packs: readonly Pack[], wanted: readonly string[], builtin: string): void {
  const problems: { path: string; message: string }[] = [];
  for (const tag of wanted)
    if (!packs.some((p) => p.language === tag && p.common)) {
      const known = existsSync(builtin)
        ? readdirSync(builtin)
            .map((f) => f.replace('.json', ''))
            .join(', ')
        : '';
      problems.push({
        path: `content.languages.${tag}`,
        message: `no pack for this language: built in are ${known}; add the folder of your own to content.packs`,
      });
    }
  const desks = new Set(packs.flatMap((p) => p.desks.map((d) => d.desk)));
  spec.organisation.desks.forEach((desk, i) => {
    if (!desks.has(desk.id))
      problems.push({
        path: `organisation.desks[${i}].id`,
        message: `"${desk.id}": no pack has this desk; the packs in use have ${[...desks].sort().join(', ')}`,
      });
  });
  if (problems.length > 0) throw new SpecError(problems);
}

/** Every scenario that the spec asks for is in the packs, and there is room for all of them. */
function checkPlacement(spec: JobSpec, packs: readonly Pack[]): void {
  try {
    placementOf(spec, packs);
  } catch (error) {
    if (!(error instanceof PlacementError)) throw error;
    throw new SpecError([{ path: error.path, message: error.message }]);
  }
}
