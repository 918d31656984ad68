import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CACHE } from './places.ts';
import { find, installDebian, run, works } from './programs.ts';

/** Fetches VS Code as it runs in a browser: the npm package code-server, compiling only what it cannot do without. */

const VERSION = '4.139.1';
/** code-server runs on this Node alone, and what is compiled needs its headers; this npm package has both. */
const NODE = { major: 24, name: `node-${process.platform}-${process.arch}`, version: '24.21.0' };
/** Changes with what is done below: what an older recipe left is made anew. */
const RECIPE = `${VERSION} 2`;
/** Extensions that VS Code brings along and nothing here uses: without them a window opens in half the time. */
const EXTENSIONS_APART = [
  ...['copilot', 'git', 'git-base', 'github', 'github-authentication', 'microsoft-authentication', 'tunnel-forwarding', 'merge-conflict'],
  ...['typescript-language-features', 'css-language-features', 'html-language-features', 'php-language-features', 'emmet'],
  ...['npm', 'grunt', 'gulp', 'jake', 'debug-auto-launch', 'debug-server-ready', 'terminal-suggest', 'extension-editing'],
  ...['ms-vscode.js-debug', 'ms-vscode.js-debug-companion', 'ms-vscode.vscode-js-profile-table', 'references-view', 'simple-browser'],
  ...['ipynb', 'notebook-renderers', 'markdown-math', 'mermaid-markdown-features', 'media-preview'],
];
const FOLDER = join(CACHE, 'code-server');
const STAMP = join(FOLDER, 'stamp');
const QUIET = ['--no-audit', '--no-fund', '--loglevel=error'];

/** A VS Code that can be started. */
export interface Installation {
  readonly node: string;
  /** The script that node runs. */
  readonly entry: string;
}

/** Installs where that has not been done; quick when it has. */
export async function installCodeServer(say: (text: string) => void): Promise<Installation> {
  if (process.platform === 'win32') throw new Error('VS Code for the browser does not run on Windows: name a desktop one in VSCODE_PATH');
  const prefix = await nodePrefix(say);
  const node = join(prefix, 'bin/node');
  const done: Installation = { node, entry: join(FOLDER, 'node_modules/code-server/out/node/entry.js') };
  const stamp = `${RECIPE} ${prefix}`;
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === stamp) return done;

  await compiler(say);
  say(`fetching VS Code for the browser (npm package code-server ${VERSION}) into ${CACHE}: a minute or two, once`);
  rmSync(FOLDER, { recursive: true, force: true }); // what an interrupted fetch left
  const install = async (folder: string, ...args: string[]): Promise<void> => {
    await npm(prefix, ['install', ...QUIET, '--ignore-scripts', ...args], folder);
  };
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, 'package.json'), '{"private":true}');
  await install(FOLDER, '--no-save', `code-server@${VERSION}`);
  const vscode = join(FOLDER, 'node_modules/code-server/lib/vscode'); // has lock files of its own
  await install(vscode, '--omit=dev');
  for (const name of EXTENSIONS_APART) rmSync(join(vscode, 'extensions', name), { recursive: true, force: true });
  await npm(prefix, ['rebuild', ...QUIET, '@vscode/spdlog', '@vscode/native-watchdog'], vscode);
  const system = process.platform === 'darwin' ? 'darwin' : 'linux';
  for (const [link, target] of [
    ['bin/remote-cli/code-server', `code-${system}.sh`],
    ['bin/helpers/browser.sh', `browser-${system}.sh`],
  ] as const) {
    rmSync(join(vscode, link), { force: true });
    symlinkSync(target, join(vscode, link));
  }
  writeFileSync(STAMP, stamp);
  return done;
}

/** The folder of a Node of the right version with its headers: the running one's, or one from npm. */
async function nodePrefix(say: (text: string) => void): Promise<string> {
  const running = dirname(dirname(process.execPath));
  if (Number(process.versions.node.split('.')[0]) === NODE.major && existsSync(join(running, 'include/node/node.h'))) return running;
  const folder = join(CACHE, 'node');
  const prefix = join(folder, 'node_modules', NODE.name);
  if (works(join(prefix, 'bin/node'))) return prefix;
  say(`fetching Node ${NODE.version} for it (npm package ${NODE.name})`);
  mkdirSync(folder, { recursive: true });
  await npm(running, ['install', '--prefix', folder, '--no-save', '--ignore-scripts', ...QUIET, `${NODE.name}@${NODE.version}`], folder);
  return prefix;
}

async function compiler(say: (text: string) => void): Promise<void> {
  const missing = [...(find('g++', 'clang++') ? [] : ['g++']), ...(find('make') ? [] : ['make']), ...(find('python3') ? [] : ['python3'])];
  if (missing.length > 0) await installDebian(missing, 'a C++ compiler for VS Code', say);
}

/** Runs npm on a Node, and has it compile against that Node's headers. */
async function npm(prefix: string, args: readonly string[], folder: string): Promise<void> {
  const env: NodeJS.ProcessEnv = { ...process.env, PATH: `${join(prefix, 'bin')}:${process.env.PATH}`, npm_config_nodedir: prefix };
  const cli = process.env.npm_execpath;
  if (cli?.endsWith('npm-cli.js')) await run(join(prefix, 'bin/node'), [cli, ...args], { cwd: folder, env });
  else await run('npm', args, { cwd: folder, env });
}
