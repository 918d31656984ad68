import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { CACHE, ROOT } from '../places.ts';
import type { HostPlan } from './results.ts';

/** What an extension host is told to load. */
export interface HostSuite {
  readonly folder: string;
  /** For extensionTestsPath. */
  readonly entry: string;
  /** For extensionDevelopmentPath: VS Code runs tests only of an extension under development. An empty one, so that ours is the installed one. */
  readonly extension: string;
  readonly results: string;
}

const NAME = 'mailwright-tests';

/** Bundles test/host: as CommonJS, for there `vscode` resolves wherever the file is, and under any version of Node. */
export async function bundleSuite(plan: HostPlan): Promise<HostSuite> {
  const folder = join(CACHE, 'host');
  rmSync(folder, { recursive: true, force: true });
  const extension = join(folder, 'extension');
  mkdirSync(extension, { recursive: true });
  writeFileSync(
    join(extension, 'package.json'),
    JSON.stringify({ name: NAME, publisher: NAME, version: '0.0.0', engines: { vscode: '*' } }),
  );
  const tests = readdirSync(join(ROOT, 'test/host'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.test.ts'));
  await build({
    absWorkingDir: ROOT,
    entryPoints: {
      entry: 'test/vscode/in-host/entry.ts',
      ...Object.fromEntries(tests.map((name) => [name.replace(/\.ts$/, '').replaceAll(/[/\\]/g, '-'), join('test/host', name)])),
    },
    outdir: folder,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'cjs',
    sourcemap: 'inline',
    logLevel: 'warning',
    external: ['vscode', 'mocha'],
    banner: { js: "const __moduleUrl = require('node:url').pathToFileURL(__filename).href;" },
    define: { 'import.meta.url': '__moduleUrl', 'import.meta.dirname': '__dirname' },
  });
  writeFileSync(join(folder, 'plan.json'), JSON.stringify(plan));
  return { folder, entry: join(folder, 'entry.cjs'), extension, results: join(folder, 'results.jsonl') };
}
