import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

/** docs/vscode.md, held to what package.json contributes. */

const textOf = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string; readonly title: string }[];
    readonly configuration: { readonly properties: Readonly<Record<string, { readonly default: unknown }>> };
  };
}

/** The rows of the first table below a heading, cell by cell. */
const rowsBelow = (heading: string): string[][] =>
  textOf('docs/vscode.md')
    .split(`\n## ${heading}\n`)[1]!
    .split(/^## /m)[0]!
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );

describe('docs/vscode.md', () => {
  const { commands, configuration } = (JSON.parse(textOf('package.json')) as Manifest).contributes;

  const texts = JSON.parse(textOf('package.nls.json')) as Readonly<Record<string, string>>;

  it('names every command, by its title in the palette', () => {
    const named = rowsBelow('All commands').flatMap(([names]) => names!.split(', '));
    assert.deepEqual(named.sort(), commands.map(({ title }) => texts[title.replaceAll('%', '')]!).sort());
  });

  it('names every setting, with its default', () => {
    const named = rowsBelow('Settings').map(([name, value]) => [name!.replaceAll('`', ''), value!.replaceAll('`', '')]);
    assert.deepEqual(
      Object.fromEntries(named),
      Object.fromEntries(Object.entries(configuration.properties).map(([name, { default: usual }]) => [name, usual])),
    );
  });
});
