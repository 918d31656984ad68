import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

/**
 * Builds dist/: the command, its worker thread, the packs as JSON. Each file is made beside its place and moved there when
 * whole: two builds at once do not disturb each other, nor the command where it is running.
 */

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));

mkdirSync('dist', { recursive: true });
const made = mkdtempSync(join('dist', '.build-'));
const COMMAND = 'mailwright.mjs';
const common = { bundle: true, platform: 'node', target: 'node22', format: 'esm', logLevel: 'warning' };

try {
  await build({
    ...common,
    entryPoints: { mailwright: 'src/cli/main.ts', worker: 'src/engine/local/worker.ts' },
    outdir: join(made, 'dist'),
    outExtension: { '.js': '.mjs' },
    splitting: true, // what is of AWS is loaded only by the commands that need it
    chunkNames: 'chunks/[name]-[hash]',
    define: { MAILWRIGHT_VERSION: JSON.stringify(version) },
    minifySyntax: true,
    legalComments: 'eof',
    banner: { js: "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);" },
  });

  // The packs are checked as a user's would be, and shipped as what reading them gives.
  await build({
    ...common,
    entryPoints: { packs: 'src/engine/packs.ts' },
    outdir: made,
    outExtension: { '.js': '.mjs' },
    packages: 'external',
  });
  const { buildPack } = await import(pathToFileURL(join(made, 'packs.mjs')).href);
  mkdirSync(join(made, 'dist', 'packs'));
  for (const entry of readdirSync('packs', { withFileTypes: true }))
    if (entry.isDirectory())
      writeFileSync(join(made, 'dist', 'packs', `${entry.name}.json`), JSON.stringify(buildPack(`packs/${entry.name}`)));

  const folders = ['packs', 'chunks'].map((name) => [`dist/${name}`, move(join(made, 'dist', name), `dist/${name}`)]);
  move(join(made, 'dist'), 'dist');
  for (const [folder, names] of folders)
    for (const name of readdirSync(folder)) if (!names.includes(name)) rmSync(join(folder, name), { force: true });
} finally {
  rmSync(made, { recursive: true, force: true });
}

/** Moves the files of a folder into another, the command last: what it needs is there by then. Answers with their names. */
function move(from, to) {
  mkdirSync(to, { recursive: true });
  const names = readdirSync(from, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name)
    .sort((a, b) => Number(a === COMMAND) - Number(b === COMMAND));
  for (const name of names) renameSync(join(from, name), join(to, name));
  return names;
}
