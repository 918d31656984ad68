import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { pagePlugins } from './webview/plugins.ts';

/**
 * Builds dist/: the command, the extension, the threads they start, the pages of the extension's webviews, the packs as
 * JSON. Each file is made beside its place and moved there when whole: two builds at once do not disturb each other, nor the
 * command where it is running.
 */

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));

mkdirSync('dist', { recursive: true });
const made = mkdtempSync(join('dist', '.build-'));
const COMMAND = 'mailwright.mjs';
const common = { bundle: true, platform: 'node', target: 'node22', format: 'esm', logLevel: 'warning' };

try {
  await build({
    ...common,
    entryPoints: present({
      mailwright: 'src/cli/main.ts',
      worker: 'src/engine/local/worker.ts',
      extension: 'src/extension/extension.ts',
      parser: 'src/extension/preview/parser.ts',
      generation: 'src/extension/preview/generation-thread.ts',
      score: 'src/extension/score/score-thread.ts',
    }),
    outdir: join(made, 'dist'),
    outExtension: { '.js': '.mjs' },
    external: ['vscode'],
    splitting: true, // what is of AWS, and other heavy things, are loaded only by what needs them
    chunkNames: 'chunks/[name]-[hash]',
    define: { MAILWRIGHT_VERSION: JSON.stringify(version) },
    minifySyntax: true,
    legalComments: 'eof',
    banner: { js: "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);" },
  });

  await build({
    bundle: true,
    platform: 'browser',
    target: 'es2024',
    format: 'esm',
    logLevel: 'warning',
    minify: true,
    legalComments: 'eof',
    entryPoints: pages(),
    outdir: join(made, 'dist', 'webview'),
    plugins: pagePlugins(), // templates become code here: the pages' policy forbids making code at run time
    define: {
      'process.env.NODE_ENV': '"production"',
      __VUE_OPTIONS_API__: 'false',
      __VUE_PROD_DEVTOOLS__: 'false',
      __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
    },
  });

  await build({
    ...common,
    entryPoints: { packs: 'src/engine/packs.ts', help: 'src/extension/jobfiles/schema.ts' },
    outdir: made,
    outExtension: { '.js': '.mjs' },
    packages: 'external',
  });
  const load = (name) => import(pathToFileURL(join(made, `${name}.mjs`)).href);

  // What VS Code's own JSON support is to know of job files.
  const { helpSchema } = await load('help');
  writeFileSync(join(made, 'dist', 'job-spec.schema.json'), JSON.stringify(helpSchema()));

  // The packs are checked as a user's would be, and shipped as what reading them gives.
  const { buildPack } = await load('packs');
  for (const folder of ['packs', 'webview']) mkdirSync(join(made, 'dist', folder), { recursive: true });
  for (const entry of readdirSync('packs', { withFileTypes: true }))
    if (entry.isDirectory())
      writeFileSync(join(made, 'dist', 'packs', `${entry.name}.json`), JSON.stringify(buildPack(`packs/${entry.name}`)));

  const folders = ['packs', 'chunks', 'webview'].map((name) => [`dist/${name}`, move(join(made, 'dist', name), `dist/${name}`)]);
  move(join(made, 'dist'), 'dist');
  for (const [folder, names] of folders)
    for (const name of readdirSync(folder)) if (!names.includes(name)) rmSync(join(folder, name), { force: true });
} finally {
  rmSync(made, { recursive: true, force: true });
}

/** The pages of the extension's webviews: each folder of webview/ with a main.ts. */
function pages() {
  const names = readdirSync('webview', { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return present(Object.fromEntries(names.map(({ name }) => [name, `webview/${name}/main.ts`])));
}

/** Those entry points whose file is there. */
function present(entryPoints) {
  return Object.fromEntries(Object.entries(entryPoints).filter(([, file]) => existsSync(file)));
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
