import { createHash, type Hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TruthFile, TruthStore } from '../truth/whole.ts';
import type { JobFolder } from './job-folder.ts';
import { NewFile } from './new-file.ts';

/** The truth in a job's folder. */
export class TruthFolder implements TruthStore {
  readonly ahead = 1;
  private readonly folder: JobFolder;

  constructor(folder: JobFolder) {
    this.folder = folder;
  }

  async read(key: string): Promise<Uint8Array | undefined> {
    try {
      return readFileSync(this.name(key));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      return undefined;
    }
  }

  create(key: string): TruthFile {
    return new DigestedFile(this.name(key));
  }

  name(key: string): string {
    return join(this.folder.path, key);
  }

  mend(shard: number): string {
    return this.folder.mend(shard);
  }
}

/** A new file, with the SHA-256 of what is written. */
class DigestedFile implements TruthFile {
  private readonly file: NewFile;
  private readonly hash: Hash = createHash('sha256');

  constructor(path: string) {
    this.file = new NewFile(path);
  }

  write(bytes: Uint8Array): void {
    this.hash.update(bytes);
    this.file.write(bytes);
  }

  async drain(): Promise<void> {} // it keeps no more than its buffer

  async end(): Promise<string> {
    this.file.end();
    return this.hash.digest('hex');
  }

  async abandon(): Promise<void> {
    this.file.abandon();
  }
}
