import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startCloud } from '../test/cloud/emulator/cloud.ts';
import { desktopVSCode } from '../test/vscode/in-host/on-desktop.ts';
import { installCodeServer } from '../test/vscode/install.ts';
import { CACHE, ROOT, VSIX } from '../test/vscode/places.ts';
import { find } from '../test/vscode/programs.ts';
import { CodeServer } from '../test/vscode/server.ts';
import { makeWorkspace } from '../test/vscode/workspace.ts';

/**
 * Shows the extension: installs dist/mailwright.vsix into VS Code, and opens a folder with job files in it. The VS Code is
 * the desktop one that VSCODE_PATH names or `code` starts, else one for the browser, on loopback. With --cloud the embedded
 * cloud runs as well, with the stack deployed and a profile to use it.
 *
 *   npm run vscode [-- --cloud] [--browser] [--port 0]
 */

const PROFILE = 'mailwright-user';
const ADMIN = 'mailwright-admin';
const FOLDER = join(CACHE, 'try'); // kept: what is tried today is there tomorrow

const { values } = parseArgs({
  options: {
    cloud: { type: 'boolean', default: false },
    browser: { type: 'boolean', default: false },
    port: { type: 'string', default: '0' },
  },
});

const say = (text: string): void => console.error(`mailwright: ${text}`);

interface Shown {
  /** What to open, where there is something to open. */
  readonly where: string;
  stop(): Promise<void>;
}

/** In a desktop VS Code: the user's own, with their settings and their other extensions. */
function onDesktop(code: string, workspace: string, env: NodeJS.ProcessEnv): Shown {
  const options = { env: { ...process.env, ...env }, encoding: 'utf8', shell: process.platform === 'win32' } as const;
  const install = spawnSync(code, ['--install-extension', VSIX, '--force'], options);
  if (install.status !== 0) throw new Error(`${code} did not install ${VSIX}:\n${install.stdout}${install.stderr}`);
  spawn(code, ['--new-window', workspace], { ...options, detached: true, stdio: 'ignore' }).unref();
  return { where: 'In the window of VS Code that opens now:', stop: () => Promise.resolve() };
}

async function inBrowser(
  workspace: string,
  env: Readonly<Record<string, string>>,
  settings: Readonly<Record<string, unknown>>,
): Promise<Shown> {
  const server = new CodeServer(await installCodeServer(say), { folder: join(FOLDER, 'vscode'), env, settings, port: Number(values.port) });
  await server.install(VSIX);
  await server.start();
  return { where: `Open ${server.url(workspace)}`, stop: () => server.stop() };
}

/** Runs a command of Mailwright to its end. */
async function mailwright(args: readonly string[], env: Readonly<Record<string, string>>): Promise<void> {
  const child = spawn(process.execPath, [join(ROOT, 'dist/mailwright.mjs'), ...args], {
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (code !== 0) throw new Error(`mailwright ${args.join(' ')} failed (exit code ${String(code)})`);
}

async function main(): Promise<void> {
  // Heard from the start on: whatever has begun is ended.
  const ended = new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, resolve);
  });
  mkdirSync(FOLDER, { recursive: true });
  const workspace = makeWorkspace(join(FOLDER, 'workspace'));
  const cloud = values.cloud ? await startCloud() : undefined;
  const profiles = mkdtempSync(join(tmpdir(), 'mailwright-profiles-'));
  let shown: Shown | undefined;
  try {
    const env = cloud?.writeProfiles(profiles) ?? {};
    if (cloud) await mailwright(['deploy', '--yes', '--profile', ADMIN], env);
    const code = values.browser ? undefined : (desktopVSCode() ?? find(...(process.platform === 'win32' ? ['code.cmd'] : ['code'])));
    shown =
      code === undefined
        ? await inBrowser(workspace, env, cloud ? { 'mailwright.aws.profile': PROFILE } : {})
        : onDesktop(code, workspace, env);
    console.log(`
${shown.where}

  1. Click Mailwright, the envelopes in the bar at the side.
  2. In New Corpus choose Smoke test, then Run.${cloud ? `\n     For the cloud choose AWS as its target first, with the profile ${PROFILE}.` : ''}
  3. When the notification comes: Open a Message. At its top right: the mail preview.
  4. Open smoke.mailwright.json: Preview, Estimate and Run are above its first line.
`);
    if (code !== undefined && !cloud) return; // nothing of ours has to stay
    console.log('Ctrl-C ends it.');
    await ended;
  } finally {
    await shown?.stop();
    await cloud?.stop();
    rmSync(profiles, { recursive: true, force: true });
  }
}

try {
  if (!existsSync(VSIX)) throw new Error(`${VSIX} is not there: npm run package makes it`);
  await main();
} catch (error) {
  say((error as Error).message);
  process.exitCode = 1;
}
