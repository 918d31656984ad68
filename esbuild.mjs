import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, posix, relative, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { noticesOf, NOTICES } from './scripts/notices.ts';
import { loadedBy } from './scripts/outputs.ts';
import { pageOptions } from './webview/plugins.ts';

/**
 * Builds dist/: the command, the extension, the threads they start, the pages of the extension's webviews, the packs as
 * JSON. Each file is made beside its place and moved there when whole: two builds at once do not disturb each other, nor the
 * command where it is running.
 */

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));

mkdirSync('dist', { recursive: true });
const made = mkdtempSync(join('dist', '.build-'));
const COMMAND = 'mailwright.mjs';
const common = { bundle: true, platform: 'node', target: 'node22', format: 'esm', logLevel: 'warning', external: ['vscode'] };
const shipped = {
  ...common,
  minifySyntax: true,
  minifyWhitespace: true, // names stay: the log has them where something fails
  lineLimit: 160, // Node shows the line of an error that nobody has caught
  legalComments: 'eof',
};

try {
  const { metafile } = await build({
    ...shipped,
    entryPoints: {
      mailwright: 'src/cli/main.ts',
      worker: 'src/engine/local/worker.ts',
      extension: 'src/extension/extension.ts',
      parser: 'src/extension/preview/parser.ts',
      generation: 'src/extension/preview/generation-thread.ts',
      score: 'src/extension/score/score-thread.ts',
    },
    outdir: join(made, 'dist'),
    outExtension: { '.js': '.mjs' },
    splitting: true, // what is of AWS, and other heavy things, are loaded only by what needs them
    chunkNames: 'chunks/[name]-[hash]',
    define: { MAILWRIGHT_VERSION: JSON.stringify(version) },
    metafile: true,
  });
  giveRequire(metafile.outputs);
  await joinEager(slashes(join(made, 'dist')), metafile.outputs);

  const { metafile: ofPages } = await build({
    ...pageOptions(),
    entryPoints: pages(),
    outdir: join(made, 'dist', 'webview'),
    metafile: true,
  });

  await build({
    ...common,
    entryPoints: { packs: 'src/engine/packs.ts', help: 'src/extension/jobfiles/schema.ts' },
    outdir: made,
    outExtension: { '.js': '.mjs' },
    packages: 'external',
  });
  const load = (name) => import(pathToFileURL(join(made, `${name}.mjs`)).href);

  writeFileSync(join(made, 'dist', NOTICES), noticesOf('.', [metafile, ofPages]));

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

/** A path as esbuild has it. */
function slashes(path) {
  return path.replaceAll(sep, '/');
}

/** CommonJS among the bundled has a `require`, where esbuild looks for one. */
function giveRequire(outputs) {
  for (const file of Object.keys(outputs)) {
    const code = readFileSync(file, 'utf8');
    if (code.includes('typeof require'))
      writeFileSync(file, `import{createRequire}from"node:module";const require=createRequire(import.meta.url);\n${code}`);
  }
}

/**
 * Makes one file of the extension and the chunks that it loads as it starts, for each file takes a millisecond of every
 * start. Chunks that are loaded later find what they share with it through the old names.
 */
async function joinEager(folder, outputs) {
  const entry = `${folder}/extension.mjs`;
  const programs = Object.keys(outputs).filter((file) => posix.dirname(file) === folder && file !== entry);
  // Programs that run without VS Code cannot load the extension, now or later.
  const elsewhere = new Set(programs.flatMap((file) => loadedBy(file, outputs, ['import-statement', 'dynamic-import'])));
  const joined = loadedBy(entry, outputs, ['import-statement']).filter(
    (file) => file !== entry && !elsewhere.has(file) && outputs[file].exports.length > 0,
  );

  const nameOf = (file) => basename(file, '.mjs').replaceAll('-', '_');
  await build({
    ...shipped,
    stdin: {
      contents: [
        "export * from './extension.mjs';",
        ...joined.map((file) => `export * as ${nameOf(file)} from './chunks/${basename(file)}';`),
      ].join('\n'),
      resolveDir: folder,
    },
    outfile: entry,
    allowOverwrite: true,
    logOverride: { 'ignored-bare-import': 'silent' }, // chunks that are there for their order only
    plugins: [
      {
        name: 'only-eager',
        setup: ({ onResolve }) =>
          onResolve({ filter: /^\.\// }, ({ path, kind, importer }) => {
            const file = slashes(relative('.', resolve(dirname(importer), path)));
            const name = `./chunks/${basename(path)}`;
            return kind === 'dynamic-import' || elsewhere.has(file) ? { path: name, external: true, sideEffects: false } : undefined;
          }),
      },
    ],
  });
  for (const file of joined)
    writeFileSync(file, `import{${nameOf(file)} as joined}from"../extension.mjs";export const{${outputs[file].exports.join()}}=joined;\n`);
}

/** The pages of the extension's webviews: each folder of webview/ with a main.ts. */
function pages() {
  const names = readdirSync('webview', { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return Object.fromEntries(names.map(({ name }) => [name, `webview/${name}/main.ts`]).filter(([, file]) => existsSync(file)));
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
