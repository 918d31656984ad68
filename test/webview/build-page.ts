import { resolve } from 'node:path';
import { build } from 'esbuild';
import { pagePlugins } from '../../webview/plugins.ts';

/** Builds a page of webview/ as it ships, into a folder; answers with the bytes of its script. */
export async function buildPage(name: string, outdir: string): Promise<number> {
  const { metafile } = await build({
    absWorkingDir: resolve(import.meta.dirname, '../..'),
    entryPoints: { [name]: `webview/${name}/main.ts` },
    outdir,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'chrome134',
    metafile: true,
    logLevel: 'warning',
    define: {
      'process.env.NODE_ENV': '"production"',
      __VUE_OPTIONS_API__: 'false',
      __VUE_PROD_DEVTOOLS__: 'false',
      __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
    },
    plugins: pagePlugins(),
  });
  return Object.entries(metafile.outputs).find(([file]) => file.endsWith('.js'))![1].bytes;
}
