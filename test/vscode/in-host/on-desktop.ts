import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveCliArgsFromVSCodeExecutablePath, runTests } from '@vscode/test-electron';
import type { HostSuite } from './bundle.ts';

/** The desktop VS Code that VSCODE_PATH names. */
export function desktopVSCode(): string | undefined {
  const path = process.env.VSCODE_PATH;
  if (path === undefined || path === '') return undefined;
  if (!existsSync(path)) throw new Error(`VSCODE_PATH names ${path}, which is not there`);
  return path;
}

/** Runs a suite inside the extension host of a desktop VS Code, with the .vsix installed; answers with the exit code. */
export async function runOnDesktop(executable: string, suite: HostSuite, vsix: string, workspace: string): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'mailwright-desktop-'));
  const places = ['--user-data-dir', join(folder, 'data'), '--extensions-dir', join(folder, 'extensions')];
  try {
    const [cli, ...args] = resolveCliArgsFromVSCodeExecutablePath(executable, { reuseMachineInstall: true });
    const install = spawnSync(cli!, [...args, ...places, '--install-extension', vsix, '--force'], {
      encoding: 'utf8',
      shell: process.platform === 'win32',
    });
    if (install.status !== 0) throw new Error(`${executable} did not install ${vsix}:\n${install.stdout}${install.stderr}`);
    return await runTests({
      vscodeExecutablePath: executable,
      reuseMachineInstall: true,
      extensionDevelopmentPath: suite.extension,
      extensionTestsPath: suite.entry,
      launchArgs: [workspace, ...places, '--disable-workspace-trust', '--skip-welcome', '--skip-release-notes', '--disable-updates'],
    });
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}
