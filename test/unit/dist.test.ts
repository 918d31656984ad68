import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the build has made: what is to be held of it before anything runs. */

const textOf = (file: string): string => readFileSync(join('dist', file), 'utf8');
const code = (): string[] =>
  ['', 'chunks', 'webview'].flatMap((folder) =>
    readdirSync(join('dist', folder))
      .filter((name) => /\.(mjs|js|css)$/.test(name))
      .map((name) => join(folder, name)),
  );

describe('dist', () => {
  it('has all that the extension starts with in one small file', () => {
    const start = textOf('extension.mjs');
    const loaded = [...start.matchAll(/\b(?:from|import) ?"(\.[^"]+)"/g)].map(([, path]) => path!);
    const size = [start, ...loaded.map(textOf)].reduce((bytes, text) => bytes + text.length, 0);
    assert(loaded.length <= 1, `it loads ${loaded.join(', ')} too: each file takes a millisecond of the start`);
    assert(size < 120_000, `${size} bytes: what a command does is loaded when it is called, by import()`);
  });

  it('names nothing of the machine it was made on, and has no source maps', () => {
    for (const file of code()) {
      assert(!textOf(file).includes(`${process.cwd()}/`), file);
      assert.doesNotMatch(textOf(file), /^\/[/*]# sourceMappingURL/m, file);
    }
  });

  it('has the licences of the packages that are in it', () => {
    const notices = textOf('THIRD-PARTY-NOTICES.txt');
    for (const name of [
      '@aws-sdk/client-s3',
      '@faker-js/faker',
      '@vscode/webview-ui-toolkit',
      'dompurify',
      'fflate',
      'postal-mime',
      '@vue/runtime-dom',
      'yaml',
      'zod',
    ]) {
      const found = new RegExp(`^${name} \\S+ \\(.+\\)$`, 'm');
      assert.match(notices, found);
    }
    for (const name of ['mocha', 'typescript', 'aws-cdk-lib']) assert(!notices.includes(`\n${name} `), `${name} is not in it`);
  });
});
