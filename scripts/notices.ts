import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { sourcesOf } from './outputs.ts';

/** The licences of the packages whose code is in a bundle, as they ask: their names, their notices, their full texts. */

export const NOTICES = 'THIRD-PARTY-NOTICES.txt';

interface Package {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly author?: string | { readonly name: string };
  readonly homepage?: string;
}

/** `root` holds node_modules; the metafiles' paths are relative to it. */
export function noticesOf(root: string, metafiles: readonly Metafile[]): string {
  /** The packages that share a text. */
  const byText = new Map<string, string[]>();
  for (const folder of packagesIn(metafiles)) {
    const { name, version, license, author, homepage } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Package;
    const by = typeof author === 'object' ? author.name : author;
    const text = textsIn(join(root, folder)).join('\n\n') || `Licence: ${license}. Copyright (c) ${by ?? name}. ${homepage ?? ''}`.trim();
    byText.set(text, [...(byText.get(text) ?? []), `${name} ${version} (${license})`]);
  }
  const parts = [...byText].map(([text, names]) => `${names.sort().join('\n')}\n\n${text}\n`).sort();
  return ['Mailwright contains code of these packages, under the licences that follow them.\n', ...parts].join(`\n${'-'.repeat(80)}\n\n`);
}

/** node_modules/<name> of everything that came into an output. */
function packagesIn(metafiles: readonly Metafile[]): Set<string> {
  const sources = metafiles.flatMap(({ outputs }) => sourcesOf(Object.keys(outputs), outputs));
  return new Set(sources.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path) ?? []));
}

/** Licences and notices, without differences in their white space. */
function textsIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => /^(licen[cs]e|notice|copying)(\W.*)?$/i.test(name) && existsSync(join(folder, name)))
    .sort()
    .map((name) =>
      readFileSync(join(folder, name), 'utf8')
        .replaceAll(/[ \t]*\r?\n/g, '\n')
        .trim(),
    );
}
