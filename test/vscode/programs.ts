import { spawn, type SpawnOptions, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Programs of the machine: found, installed where that can be done, run. */

const isFile = (path: string): boolean => existsSync(path);

/** The path of the first of these that is on the PATH, or there as written. */
export function find(...names: readonly string[]): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const paths = names.flatMap((name) => (/[/\\]/.test(name) ? name : folders.map((folder) => join(folder, name))));
  return paths.find(isFile);
}

/** Debian packages that are missing are installed by root; anyone else is told what to install. */
export async function installDebian(packages: readonly string[], what: string, say: (text: string) => void): Promise<void> {
  const command = `apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  if (process.getuid?.() !== 0 || !find('apt-get')) throw new Error(`${what} is missing: install it (Debian, Ubuntu: sudo ${command})`);
  say(`${what} is missing: installing ${packages.join(', ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['update', '-qq'], { env });
  await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], { env });
}

/** Runs a program to its end, quietly; throws with what it said where it fails. */
export async function run(program: string, args: readonly string[], options: SpawnOptions = {}): Promise<string> {
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stdout?.on('data', (text) => (said += text));
  child.stderr?.on('data', (text) => (said += text));
  const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (code !== 0) throw new Error(`${[program, ...args].join(' ')} failed (exit code ${code}):\n${said.slice(-4000)}`);
  return said;
}

/** A program that answers `--version`. */
export const works = (program: string): boolean => spawnSync(program, ['--version']).status === 0;
