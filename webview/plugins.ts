import type { BuildOptions, Plugin } from 'esbuild';
import vue from 'unplugin-vue/esbuild';

const plugins = (): Plugin[] => [
  {
    // zod's messages in 40 languages would be two thirds of a page that shows none of them.
    name: 'no-locales',
    setup: ({ onLoad }) =>
      onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
        contents: "export { default as en } from './en.js';",
        loader: 'js',
      })),
  },
  vue({
    isProduction: true,
    sourceMap: false, // or esbuild is handed a style with the map of another
    template: { compilerOptions: { isCustomElement: (tag) => tag.startsWith('vscode-') } },
  }),
];

/** How esbuild builds a page. */
export const pageOptions = () =>
  ({
    bundle: true,
    platform: 'browser',
    target: 'es2024',
    format: 'esm',
    logLevel: 'warning',
    minify: true,
    legalComments: 'eof',
    plugins: plugins(), // templates become code here: the pages' policy forbids making code at run time
    define: {
      'process.env.NODE_ENV': '"production"',
      __VUE_OPTIONS_API__: 'false',
      __VUE_PROD_DEVTOOLS__: 'false',
      __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
    },
  }) satisfies BuildOptions;
