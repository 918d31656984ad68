import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TrackedJob } from './job.ts';
import { parseRecord, recordText } from './record.ts';

/** The jobs that are tracked: a file each in a folder of their own, which every window of this user reads and writes. */
export class JobStore {
  private readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** All of them, newest first. A file that cannot be read is named by `unreadable`, and left alone. */
  all(unreadable: (path: string) => void): TrackedJob[] {
    return this.ids()
      .map((id) => this.read(id, unreadable))
      .filter((job) => job !== undefined)
      .sort((a, b) => (a.job < b.job ? 1 : -1));
  }

  ids(): string[] {
    if (!existsSync(this.folder)) return [];
    return readdirSync(this.folder).flatMap((name) => jobIn(name) ?? []);
  }

  /** Undefined where it is not there, or cannot be read. */
  read(job: string, unreadable: (path: string) => void = () => {}): TrackedJob | undefined {
    const path = this.path(job);
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') unreadable(path);
      return undefined;
    }
    const found = parseRecord(text);
    if (found?.job === job) return found;
    unreadable(path);
    return undefined;
  }

  has(job: string): boolean {
    return existsSync(this.path(job));
  }

  add(job: TrackedJob): void {
    mkdirSync(this.folder, { recursive: true });
    this.write(job);
  }

  /** Writes the latest of a job, unless it was removed meanwhile; false where it was. */
  update(job: TrackedJob): boolean {
    if (!this.has(job.job)) return false;
    this.write(job);
    return true;
  }

  /** Takes a job off the list. What it made is not touched. */
  remove(job: string): void {
    rmSync(this.path(job), { force: true });
    if (!existsSync(this.folder)) return;
    for (const name of readdirSync(this.folder)) if (name.startsWith(`${job}.notified-`)) rmSync(join(this.folder, name), { force: true });
  }

  /** Whether this window is the one to tell of something: true once, in one window. */
  claim(job: string, what: string): boolean {
    mkdirSync(this.folder, { recursive: true });
    try {
      closeSync(openSync(join(this.folder, `${job}.notified-${what}`), 'wx'));
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    }
  }

  /** Calls `changed` with the id of a job whose file was written or removed, by whatever window. */
  watch(changed: (job: string) => void): { dispose(): void } {
    mkdirSync(this.folder, { recursive: true });
    const watcher = watch(this.folder, (_event, name) => {
      const job = jobIn(name ?? '');
      if (job !== undefined) changed(job);
    });
    watcher.on('error', () => watcher.close()); // windows read the folder again when they get the focus
    return { dispose: () => watcher.close() };
  }

  private write(job: TrackedJob): void {
    const path = this.path(job.job);
    const own = `${path}.${process.pid}.tmp`; // another window may be writing, too
    writeFileSync(own, recordText(job));
    renameSync(own, path);
  }

  private path(job: string): string {
    return join(this.folder, `${job}.json`);
  }
}

/** The job that a file is of, by its name. */
const jobIn = (name: string): string | undefined => /^([0-9A-Z]{26})\.json$/.exec(name)?.[1];
