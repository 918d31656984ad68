import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { file, output, PROJECT, scratch } from './support.ts';

describe('the build', () => {
  const path = scratch();

  it('may run twice at once, and takes away nothing but packs that are gone', async () => {
    for (const name of ['src', 'packs', 'webview', 'package.json', 'tsconfig.json', 'node_modules'])
      symlinkSync(join(PROJECT, name), path(name));
    mkdirSync(path('dist', 'infra'), { recursive: true });
    mkdirSync(path('dist', 'packs'));
    file(path('dist', 'infra', 'template.json'), '{}');
    file(path('dist', 'packs', 'xx.json'), '{}');
    const build = (): Promise<string> => output(process.execPath, [join(PROJECT, 'esbuild.mjs')], { cwd: path() });
    await Promise.all([build(), build()]);
    assert.deepEqual(
      readdirSync(path('dist')).filter((name) => name.startsWith('.')),
      [],
    );
    assert.deepEqual(readdirSync(path('dist', 'packs')), ['de.json', 'en.json']);
    assert.equal(readFileSync(path('dist', 'infra', 'template.json'), 'utf8'), '{}');
    assert.ok(existsSync(path('dist', 'worker.mjs')));
    assert.match(await output(process.execPath, [path('dist', 'mailwright.mjs'), '--version']), /^\d+\.\d+\.\d+ \(generator /);
  });
});
