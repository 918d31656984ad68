import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { zipSync, type Zippable } from 'fflate';
import { buildPack } from '../src/engine/packs.ts';

/** Bundles functions of the cloud, each to a zip that Lambda takes: the same sources give the same bytes. */

export interface Bundle {
  readonly zip: Uint8Array;
  /** Bytes of the code. */
  readonly bytes: number;
  /** The clients of the AWS SDK that are in it, as its metafile has them. */
  readonly clients: readonly string[];
}

/** Zip keeps local time, and none before 1980. */
const DATE = new Date(1980, 0, 1);
const UNIX = 3;
const READABLE = 0o100644 << 16;

/** `sources` holds `<name>/index.ts`; `files` go into the zip beside the code. */
export async function bundle(
  sources: string,
  name: string,
  version: string,
  files: Readonly<Record<string, Uint8Array>> = {},
): Promise<Bundle> {
  const outdir = mkdtempSync(join(tmpdir(), 'mailwright-bundle-'));
  try {
    const { metafile } = await build({
      entryPoints: { index: join(sources, name, 'index.ts') },
      outdir,
      outExtension: { '.js': '.mjs' },
      bundle: true,
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
    const code = readFileSync(join(outdir, 'index.mjs'));
    return { zip: zip({ 'index.mjs': code, ...files }), bytes: code.length, clients: clientsIn(metafile) };
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

function zip(files: Readonly<Record<string, Uint8Array>>): Uint8Array {
  const entries: Zippable = {};
  for (const name of Object.keys(files).sort()) entries[name] = [files[name]!, { mtime: DATE, os: UNIX, attrs: READABLE, level: 9 }];
  return zipSync(entries);
}

/** Only of what came into the output: what esbuild read and left out does not count. */
function clientsIn({ outputs }: Metafile): string[] {
  const used = Object.values(outputs).flatMap(({ inputs }) => Object.entries(inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0));
  const clients = used.flatMap(([path]) => /node_modules\/(@aws-sdk\/client-[^/]+)\//.exec(path)?.[1] ?? []);
  return [...new Set(clients)].sort();
}

/** The built-in packs, as the functions read them. */
export function packFiles(folder: string): Record<string, Uint8Array> {
  const names = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return Object.fromEntries(
    names.map((entry) => [`packs/${basename(entry.name)}.json`, Buffer.from(JSON.stringify(buildPack(join(folder, entry.name))))]),
  );
}
