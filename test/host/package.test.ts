import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';

/** What the .vsix has put on the user's machine: this list, and nothing else. */
describe('the package', () => {
  const folder = vscode.extensions.getExtension('mailwright.mailwright')!.extensionPath;
  const namesIn = (...path: string[]): string[] =>
    readdirSync(join(folder, ...path))
      .filter((name) => name !== '.vsixmanifest')
      .sort();

  it('holds the extension, what the market place shows, and licences', () => {
    assert.deepEqual(namesIn(), ['LICENSE.txt', 'changelog.md', 'dist', 'media', 'package.json', 'package.nls.json', 'readme.md']);
    assert.deepEqual(namesIn('media'), ['icon.png', 'mailwright.svg', 'walkthrough']);
    assert.deepEqual(namesIn('media', 'walkthrough'), ['ask.md', 'cloud.md', 'open.md', 'watch.md']);
  });

  it('holds programs, pages, packs, the stack', () => {
    assert.deepEqual(namesIn('dist'), [
      'THIRD-PARTY-NOTICES.txt',
      'chunks',
      'extension.mjs',
      'generation.mjs',
      'infra',
      'job-spec.schema.json',
      'mailwright.mjs',
      'packs',
      'parser.mjs',
      'score.mjs',
      'webview',
      'worker.mjs',
    ]);
    assert.deepEqual(namesIn('dist', 'infra'), ['functions.zip', 'infra.json', 'template.json']);
    assert.deepEqual(
      namesIn('dist', 'chunks').filter((name) => !name.endsWith('.mjs')),
      [],
    );
    assert.deepEqual(
      namesIn('dist', 'webview').filter((name) => !/\.(js|css)$/.test(name)),
      [],
    );
    assert.deepEqual(
      namesIn('dist', 'packs').filter((name) => !name.endsWith('.json')),
      [],
    );
  });

  it('has no telemetry, no lifecycle script, no dependency to install', () => {
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, Record<string, string> | undefined>;
    const hooks = Object.keys(manifest['scripts'] ?? {}).filter((name) => /^(pre|post)|install|prepare|uninstall/.test(name));
    assert.deepEqual(hooks, []);
    assert.doesNotMatch(readFileSync(join(folder, 'dist', 'extension.mjs'), 'utf8'), /createTelemetryLogger/);
  });
});
