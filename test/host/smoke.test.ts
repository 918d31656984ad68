import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';

interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string; readonly category: string }[];
    readonly views: Readonly<Record<string, readonly { readonly id: string }[]>>;
  };
}

describe('the installed extension', () => {
  const extension = vscode.extensions.getExtension('mailwright.mailwright');

  it('is there, and activates', async () => {
    assert(extension, 'not installed');
    await extension.activate();
    assert(extension.isActive);
  });

  it('registers every command that it names', async () => {
    assert(extension);
    await extension.activate();
    const { commands } = (extension.packageJSON as Manifest).contributes;
    const there = new Set(await vscode.commands.getCommands(true));
    assert.deepEqual(
      commands.map(({ command }) => command).filter((command) => !there.has(command)),
      [],
    );
  });

  it('puts all its commands under one category', () => {
    const { commands } = (extension!.packageJSON as Manifest).contributes;
    assert.deepEqual([...new Set(commands.map(({ category }) => category))], ['Mailwright']);
  });

  it('ships what it needs, and no source', () => {
    const at = (file: string): string => join(extension!.extensionPath, file);
    for (const file of [
      'dist/mailwright.mjs',
      'dist/worker.mjs',
      'dist/infra/infra.json',
      'dist/packs/en.json',
      'dist/job-spec.schema.json',
    ])
      assert(readFileSync(at(file)).length > 0, file);
    for (const file of ['src', 'node_modules', 'test', 'dist/mailwright.vsix'])
      assert.throws(() => readFileSync(at(file)), { code: 'ENOENT' }, file);
  });
});
