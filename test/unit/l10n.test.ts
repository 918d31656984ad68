import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';

/** What a user reads can be translated: package.json names the texts of package.nls.json, the code gives them to l10n.t as they are. */

const ROOT = new URL('../../', import.meta.url).pathname;
const textOf = (path: string): string => readFileSync(`${ROOT}${path}`, 'utf8');

/** The fields of package.json that VS Code shows. */
const SHOWN = ['title', 'name', 'contents', 'description', 'displayName', 'markdownDescription', 'enumDescriptions'];
/** A name is the same in every language. */
const NAMES = ['Mailwright'];

function shownIn(value: unknown, field = ''): string[] {
  if (typeof value === 'string') return SHOWN.includes(field) && !NAMES.includes(value) ? [value] : [];
  if (Array.isArray(value)) return value.flatMap((one) => shownIn(one, field));
  return typeof value === 'object' && value !== null ? Object.entries(value).flatMap(([name, one]) => shownIn(one, name)) : [];
}

describe('the texts of the extension', () => {
  it('are, of package.json, keys that package.nls.json has, each of them, and no other', () => {
    const { contributes, capabilities } = JSON.parse(textOf('package.json')) as Record<string, unknown>;
    const shown = shownIn([contributes, capabilities]);
    assert.deepEqual(
      shown.filter((text) => !/^%[\w.]+%$/.test(text)),
      [],
    );
    const texts = JSON.parse(textOf('package.nls.json')) as Readonly<Record<string, string>>;
    assert.deepEqual([...new Set(shown.map((key) => key.slice(1, -1)))].sort(), Object.keys(texts).sort());
    for (const [key, text] of Object.entries(texts)) assert.notEqual(text.trim(), '', key);
  });

  it('are, of the code, whole where they are given to t: nothing is put together before', () => {
    for (const path of globSync('{src/extension,webview}/**/*.{ts,vue}', { cwd: ROOT })) {
      const found = [...textOf(path).matchAll(/(?<![\w.])(?:(?:vscode\.)?l10n\.)?t\(\s*(`[^`]*\$\{|(['"])(?:(?!\2).)*\2\s*\+)/g)];
      assert.deepEqual(
        found.map(([call]) => call),
        [],
        path,
      );
    }
  });

  it('are, where VS Code shows them, none that t has not seen', () => {
    const raw = /\.show(?:Information|Warning|Error)Message\(\s*['"]|\b(?:placeHolder|prompt|openLabel|saveLabel|tooltip): ['"]/g;
    for (const path of globSync('src/extension/**/*.ts', { cwd: ROOT })) {
      assert.deepEqual(
        [...textOf(path).matchAll(raw)].map(([call]) => call),
        [],
        path,
      );
    }
  });
});
