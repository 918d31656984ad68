import { readdirSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import { build } from 'esbuild';
import { zipSync, type Zippable } from 'fflate';
import { buildPack } from '../src/engine/packs.ts';
import { noticesOf, NOTICES } from './notices.ts';
import { loadedBy, sourcesOf } from './outputs.ts';

/**
 * Bundles the functions of the cloud to one zip that Lambda takes: the same sources give the same bytes. One for all of
 * them, because what they share, SDK and packs, is most of it; a function loads only its own part.
 */

export interface Bundle<Name extends string> {
  readonly zip: Uint8Array;
  readonly functions: Readonly<Record<Name, BundledFunction>>;
}

export interface BundledFunction {
  /** As Lambda is told it. */
  readonly handler: string;
  /** Bytes of the code that it loads. */
  readonly bytes: number;
  /** The clients of the AWS SDK that are in it, as the metafile has them. */
  readonly clients: readonly string[];
}

/** Zip keeps local time, and none before 1980. */
const DATE = new Date(1980, 0, 1);
const UNIX = 3;
const READABLE = 0o100644 << 16;
/** What esbuild calls the folder of its output: nothing is written there. */
const OUT = 'functions';

/** `sources` holds `<name>/index.ts`; `files` go into the zip beside the code. */
export async function bundle<Name extends string>(
  sources: string,
  names: readonly Name[],
  version: string,
  files: Readonly<Record<string, Uint8Array>>,
): Promise<Bundle<Name>> {
  const { metafile, outputFiles } = await build({
    absWorkingDir: join(sources, '..'), // names of chunks come from paths too: these are the same on every machine
    entryPoints: Object.fromEntries(names.map((name) => [name, join(sources, name, 'index.ts')])),
    outdir: OUT,
    write: false,
    outExtension: { '.js': '.mjs' },
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    minify: true,
    legalComments: 'eof',
    logLevel: 'warning',
    metafile: true,
    define: { MAILWRIGHT_VERSION: JSON.stringify(version) },
    banner: { js: "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);" },
  });
  const code = Object.fromEntries(
    outputFiles.map(({ path, contents }) => [relative(join(sources, '..', OUT), path).replaceAll(sep, '/'), contents]),
  );
  const functions = names.map((name): [Name, BundledFunction] => {
    const loaded = loadedBy(`${OUT}/${name}.mjs`, metafile.outputs);
    const bytes = loaded.reduce((total, file) => total + metafile.outputs[file]!.bytes, 0);
    return [name, { handler: `${name}.handler`, bytes, clients: clientsIn(sourcesOf(loaded, metafile.outputs)) }];
  });
  const notices = Buffer.from(noticesOf(join(sources, '..'), [metafile]));
  return { zip: zip({ ...code, [NOTICES]: notices, ...files }), functions: Object.fromEntries(functions) as Bundle<Name>['functions'] };
}

function zip(files: Readonly<Record<string, Uint8Array>>): Uint8Array {
  const entries: Zippable = {};
  for (const name of Object.keys(files).sort()) entries[name] = [files[name]!, { mtime: DATE, os: UNIX, attrs: READABLE, level: 9 }];
  return zipSync(entries);
}

function clientsIn(sources: readonly string[]): string[] {
  const clients = sources.flatMap((path) => /node_modules\/(@aws-sdk\/client-[^/]+)\//.exec(path)?.[1] ?? []);
  return [...new Set(clients)].sort();
}

/** The built-in packs, as the functions read them. */
export function packFiles(folder: string): Record<string, Uint8Array> {
  const names = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return Object.fromEntries(
    names.map((entry) => [`packs/${basename(entry.name)}.json`, Buffer.from(JSON.stringify(buildPack(join(folder, entry.name))))]),
  );
}
