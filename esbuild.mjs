import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

/** Builds dist/: the command, its worker thread, the packs as JSON. */

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));

rmSync('dist', { recursive: true, force: true });
const common = { bundle: true, platform: 'node', target: 'node22', format: 'esm', logLevel: 'warning' };

await build({
  ...common,
  entryPoints: { mailwright: 'src/cli/main.ts', worker: 'src/engine/local/worker.ts' },
  outdir: 'dist',
  outExtension: { '.js': '.mjs' },
  define: { MAILWRIGHT_VERSION: JSON.stringify(version) },
  minifySyntax: true,
  legalComments: 'eof',
  banner: { js: "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);" },
});

// The packs are checked as a user's would be, and shipped as what reading them gives.
await build({
  ...common,
  entryPoints: { packs: 'src/engine/packs.ts' },
  outdir: '.cache/build',
  outExtension: { '.js': '.mjs' },
  packages: 'external',
});
const { buildPack } = await import('./.cache/build/packs.mjs');
mkdirSync('dist/packs', { recursive: true });
for (const entry of readdirSync('packs', { withFileTypes: true }))
  if (entry.isDirectory()) writeFileSync(`dist/packs/${entry.name}.json`, JSON.stringify(buildPack(`packs/${entry.name}`)));
