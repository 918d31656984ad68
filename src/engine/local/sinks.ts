import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { shardName } from '../../job/plan.ts';
import type { DeliveryLayout } from '../../job/spec.ts';
import { Archive } from '../archive.ts';
import { NewFile, writeFully } from './new-file.ts';

/** Where the messages of a shard go. A shard that is not finished leaves nothing that a finished one would not overwrite. */
export interface Sink {
  begin(shard: number): void;
  /** Takes a message; `bytes` is good only until it returns. `instant` is its date, `from` its sender's address. */
  put(id: string, bytes: Uint8Array, instant: number, from: string): void;
  /** Ends the shard; the number of files, or of archive members. */
  end(): number;
}

export function sinkOf(layout: DeliveryLayout, folder: string): Sink {
  switch (layout) {
    case 'eml':
      return new FolderSink(folder);
    case 'zip':
      return new ArchiveSink(folder, 'zip');
    case 'mbox':
      return new ArchiveSink(folder, 'mbox');
    case 'none':
      return new NoSink();
  }
}

class NoSink implements Sink {
  begin(): void {}
  put(): void {}
  end(): number {
    return 0;
  }
}

/** One file a message, in 256 folders by the first two digits of its id. */
class FolderSink implements Sink {
  private readonly folder: string;
  private readonly made = new Set<string>();
  private objects = 0;

  constructor(folder: string) {
    this.folder = join(folder, 'messages');
  }

  begin(): void {
    this.objects = 0;
  }

  put(id: string, bytes: Uint8Array): void {
    const hh = id.slice(0, 2);
    const folder = `${this.folder}/${hh}`;
    if (!this.made.has(hh)) {
      mkdirSync(folder, { recursive: true });
      this.made.add(hh);
    }
    const file = openSync(`${folder}/${id}.eml`, 'w');
    try {
      writeFully(file, bytes);
    } finally {
      closeSync(file);
    }
    this.objects++;
  }

  end(): number {
    return this.objects;
  }
}

/** One zip or mbox a shard. */
class ArchiveSink implements Sink {
  private readonly folder: string;
  private readonly layout: 'zip' | 'mbox';
  private file: NewFile | undefined;
  private archive: Archive | undefined;

  constructor(folder: string, layout: 'zip' | 'mbox') {
    this.folder = join(folder, 'messages');
    this.layout = layout;
  }

  begin(shard: number): void {
    this.file?.abandon(); // of a shard that was stopped or failed
    const file = new NewFile(join(this.folder, `${shardName(shard)}.${this.layout}`));
    this.file = file;
    this.archive = new Archive(this.layout, (bytes) => file.write(bytes));
  }

  put(id: string, bytes: Uint8Array, instant: number, from: string): void {
    this.archive!.put(id, bytes, instant, from);
  }

  end(): number {
    const members = this.archive!.end();
    this.file!.end();
    this.file = undefined;
    return members;
  }
}
