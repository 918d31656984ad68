import { resolve } from 'node:path';
import { build } from 'esbuild';
import { pageOptions } from '../../webview/plugins.ts';

/** Builds a page of webview/ as it ships, into a folder. */
export async function buildPage(name: string, outdir: string): Promise<void> {
  await build({
    ...pageOptions(),
    absWorkingDir: resolve(import.meta.dirname, '../..'),
    entryPoints: { [name]: `webview/${name}/main.ts` },
    outdir,
  });
}
