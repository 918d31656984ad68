import { closeSync, openSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { EngineError } from '../error.ts';

/** Who works on a job's folder. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly since: string;
  readonly token: string;
}

/** A holder on another machine, or one whose pid lives on, counts as gone after this long without a heartbeat. */
const STALE_MS = 60_000;

/** A takeover is a matter of milliseconds; a guard older than this was left by a crash. */
const GUARD_MS = 10_000;

/** Keeps a job's folder to one process. The lock's modification time is the heartbeat. */
export class Lock {
  private readonly path: string;
  private readonly token: string;

  private constructor(path: string, token: string) {
    this.path = path;
    this.token = token;
  }

  /** Takes the lock; a dead holder's is taken over. Throws an EngineError that says who holds it. */
  static take(folder: string, now: Date): Lock {
    const path = join(folder, 'lock');
    const holder: Holder = {
      pid: process.pid,
      host: hostname(),
      since: now.toISOString(),
      token: `${process.pid}-${now.getTime()}-${Math.random()}`,
    };
    const text = JSON.stringify(holder) + '\n';
    for (let tries = 0; tries < 50; tries++) {
      if (create(path, text)) return new Lock(path, holder.token);
      const other = read(path);
      if (other === undefined) continue; // released, or being written, in this very moment
      if (isAlive(other, path))
        throw new EngineError(
          'LOCKED',
          `${folder} is being worked on by process ${other.pid} on ${other.host}, since ${other.since}. Wait for it, or stop it, or choose another --out.`,
        );
      takeOver(path, other, text);
      if (read(path)?.token === holder.token) return new Lock(path, holder.token);
    }
    throw new EngineError('LOCKED', `${path}: could not be taken; others keep taking it.`);
  }

  /** Whether a process of this machine has ended, and not let go of a folder. */
  static isAbandoned(folder: string): boolean {
    const holder = read(join(folder, 'lock'));
    return holder !== undefined && holder.host === hostname() && !isProcess(holder.pid);
  }

  /** Says that the holder lives; false where the lock has been lost to somebody else. */
  beat(now: Date): boolean {
    if (read(this.path)?.token !== this.token) return false;
    utimesSync(this.path, now, now);
    return true;
  }

  release(): void {
    if (read(this.path)?.token === this.token) rmSync(this.path, { force: true });
  }
}

function create(path: string, text: string): boolean {
  let file: number;
  try {
    file = openSync(path, 'wx');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  try {
    writeFileSync(file, text);
    return true;
  } catch (error) {
    rmSync(path, { force: true }); // an empty one would look like somebody else's
    throw error;
  } finally {
    closeSync(file);
  }
}

function read(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Holder;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    // Cut short by a crash between creating and writing: nobody's, once it is old.
    if (error instanceof SyntaxError && age(path) > GUARD_MS) return { pid: 0, host: hostname(), since: 'unknown', token: '' };
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isAlive(holder: Holder, path: string): boolean {
  if (age(path) > STALE_MS) return false;
  return holder.host !== hostname() || isProcess(holder.pid);
}

function isProcess(pid: number): boolean {
  if (pid === 0) return false;
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Killed, but not yet waited for by its parent: Linux counts it as a process still. */
function isZombie(pid: number): boolean {
  try {
    // The state is the first field behind the name, which stands in parentheses and may hold anything.
    return /^\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*(?=\) )/s, ''));
  } catch {
    return false;
  }
}

/** Replaces a dead holder's lock, unless somebody else is about to: a guard file lets one do so at a time. */
function takeOver(path: string, dead: Holder, text: string): void {
  const guard = `${path}.takeover`;
  if (!create(guard, text)) {
    if (age(guard) > GUARD_MS) rmSync(guard, { force: true });
    return;
  }
  try {
    if (read(path)?.token !== dead.token) return;
    writeFileSync(`${guard}.new`, text);
    renameSync(`${guard}.new`, path);
  } finally {
    rmSync(guard, { force: true });
  }
}

function age(path: string): number {
  try {
    return Date.now() - statSync(path).mtimeMs;
  } catch {
    return 0;
  }
}
