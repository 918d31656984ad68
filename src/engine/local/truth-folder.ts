import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TruthFile, TruthStore } from '../truth/whole.ts';
import type { JobFolder } from './job-folder.ts';
import { DigestedFile } from './new-file.ts';

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
