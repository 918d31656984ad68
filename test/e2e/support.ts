import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { objectIdsOf } from '../../src/corpus/id.ts';
import { messageKey, receiptKey } from '../../src/job/plan.ts';
import type { JobRecord, Manifest, OutcomeRecord, Progress, Receipt } from '../../src/job/records.ts';

/** Runs the built command as a user does: a process of its own, real folders, what it prints and its exit code. */

export const COMMAND = fileURLToPath(new URL('../../dist/mailwright.mjs', import.meta.url));
export const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

export interface Result {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  /** On top of the environment of the tests; undefined takes a variable out of it. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What runs the command: a Node, maybe under an emulator. */
  readonly node?: readonly [program: string, ...args: string[]];
  readonly input?: string;
}

/** Processes that a failing test may leave behind. */
const running = new Set<ChildProcess>();

/** A process under way. */
export class Running {
  readonly pid: number;
  readonly ended: Promise<Result>;
  private readonly child: ChildProcess;
  private stdout = '';
  private stderr = '';

  constructor(program: string, args: readonly string[], options: RunOptions) {
    const child = spawn(program, args, { cwd: options.cwd, env: { ...process.env, ...options.env }, stdio: ['pipe', 'pipe', 'pipe'] });
    this.child = child;
    running.add(child);
    child.stdout.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    child.stdin.on('error', () => {}); // it may end before it has read everything
    child.stdin.end(options.input ?? '');
    this.ended = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => {
        running.delete(child);
        resolve({ code, signal, stdout: this.stdout, stderr: this.stderr });
      });
    });
    this.pid = child.pid!;
  }

  kill(signal: NodeJS.Signals): void {
    assert.ok(this.child.kill(signal), `process ${this.pid} has ended already:\n${this.stdout}${this.stderr}`);
  }

  /** Waits until something holds; fails where the process ends before. */
  async until(what: string, holds: () => boolean): Promise<void> {
    await until(what, () => {
      const seen = holds();
      assert.ok(seen || running.has(this.child), `the process ended before ${what}:\n${this.stdout}${this.stderr}`);
      return seen;
    });
  }

  /** Waits until it has said something, on either stream. */
  said(text: string): Promise<void> {
    return this.until(`it says ${JSON.stringify(text)}`, () => this.stdout.includes(text) || this.stderr.includes(text));
  }
}

export function start(args: readonly string[], options: RunOptions = {}): Running {
  const [program, ...before] = options.node ?? [process.execPath];
  return new Running(program, [...before, COMMAND, ...args], options);
}

/** Runs the command to its end. */
export const run = (args: readonly string[], options?: RunOptions): Promise<Result> => start(args, options).ended;

/** Runs the command, which has to end well. */
export async function done(args: readonly string[], options?: RunOptions): Promise<Result> {
  const result = await run(args, options);
  assert.equal(result.code, 0, `mailwright ${args.join(' ')} ended with ${result.code ?? result.signal}:\n${result.stderr}`);
  return result;
}

/** Runs another program, which has to end well; answers with its standard output. */
export async function output(program: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const result = await new Running(program, args, options).ended;
  assert.equal(result.code, 0, `${program} ${args.join(' ')}:\n${result.stderr}`);
  return result.stdout;
}

/** Far longer than anything here takes on a slow machine, and shorter than mocha's patience, which could not say for what. */
const PATIENCE_MS = 50_000;

/** Waits until something holds, or is there; answers with it. */
export async function until<T>(what: string, holds: () => T | Promise<T>): Promise<NonNullable<Awaited<T>>> {
  const begun = performance.now();
  for (;;) {
    const held = await holds();
    if (held) return held as NonNullable<Awaited<T>>;
    assert.ok(performance.now() - begun < PATIENCE_MS, `waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
}

/** A temporary folder for the suite that calls this, gone after it; answers with paths in it. */
export function scratch(): (...names: string[]) => string {
  let folder = '';
  before(() => {
    assert.ok(existsSync(COMMAND), `${COMMAND} is not there: build it first (npm run build)`);
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'mailwright-')));
  });
  afterEach(() => running.forEach((child) => child.kill('SIGKILL')));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return (...names) => join(folder, ...names);
}

/** Writes a file and answers with its path. */
export function file(path: string, content: unknown): string {
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

export const json = <T>(path: string): T => JSON.parse(readFileSync(path, 'utf8')) as T;

/** The records of a job, as they are on disk. */
export const record = (job: string): JobRecord => json(join(job, 'job.json'));
export const manifest = (job: string): Manifest => json(join(job, 'manifest.json'));
export const progress = (job: string): Progress => json(join(job, 'progress.json'));
export const outcome = (job: string, attempt: number): OutcomeRecord => json(join(job, 'attempts', String(attempt), 'outcome.json'));
export const receiptPath = (job: string, shard: number): string => join(job, receiptKey(shard));
export const receipt = (job: string, shard: number): Receipt => json(receiptPath(job, shard));

export const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

/** All files below a folder, by relative path, in order. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

/** One hash over the names and the bytes of all files below a folder. */
export function treeHash(folder: string): string {
  const hash = createHash('sha256');
  for (const name of filesBelow(folder)) hash.update(`${name}\0${sha256(readFileSync(join(folder, name)))}\n`);
  return hash.digest('hex');
}

/** The relative path of message `index` of a job: of its file, or of the archive it is in. */
export function keyOf(job: string, index: number): string {
  const { plan } = record(job);
  return messageKey(plan, idOf(job, index), index);
}

export function idOf(job: string, index: number): string {
  return objectIdsOf(record(job).spec).id(index);
}

/** The digest that the summary of `generate` names. */
export function digestIn(stdout: string): string {
  const digest = /^Digest +([0-9a-f]{64})$/m.exec(stdout)?.[1];
  assert.ok(digest, `no digest in:\n${stdout}`);
  return digest;
}

/** Checks that `verify` finds a job whole, with this digest. */
export async function assertWhole(job: string, digest: string): Promise<void> {
  const verified = await done(['verify', job]);
  assert.match(verified.stdout, new RegExp(`^Whole: .* digest ${digest}$`, 'm'));
}

/** No part of a file, no lock, nothing else that only a run in progress needs. */
export function assertNoRemains(job: string): void {
  assert.deepEqual(
    filesBelow(job).filter((name) => /\.tmp$|\.takeover|(^|\/)lock/.test(name)),
    [],
  );
}
