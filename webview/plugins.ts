import type { Plugin } from 'esbuild';
import vue from 'unplugin-vue/esbuild';

/** What esbuild needs to build a page. */
export const pagePlugins = (): Plugin[] => [
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
