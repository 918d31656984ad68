import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { rfc5322Date } from '../../corpus/calendar.ts';
import { crc32, deflate, directoryHeader, endRecord, localHeader, type ZipEntry } from '../../corpus/zip.ts';
import { shardName } from '../../job/plan.ts';
import type { DeliveryLayout } from '../../job/spec.ts';
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
  private directory: Buffer[] = [];
  private objects = 0;

  constructor(folder: string, layout: 'zip' | 'mbox') {
    this.folder = join(folder, 'messages');
    this.layout = layout;
  }

  begin(shard: number): void {
    this.file?.abandon(); // of a shard that was stopped or failed
    this.file = new NewFile(join(this.folder, `${shardName(shard)}.${this.layout}`));
    this.directory = [];
    this.objects = 0;
  }

  put(id: string, bytes: Uint8Array, instant: number, from: string): void {
    if (this.layout === 'zip') this.putZip(id, bytes);
    else this.file!.write(mboxEntry(bytes, instant, from));
    this.objects++;
  }

  end(): number {
    const file = this.file!;
    if (this.layout === 'zip') {
      const start = file.length;
      for (const header of this.directory) file.write(header);
      file.write(endRecord(this.objects, file.length - start, start));
    }
    file.end();
    this.file = undefined;
    return this.objects;
  }

  private putZip(id: string, bytes: Uint8Array): void {
    const data = deflate(bytes);
    const entry: ZipEntry = { name: `${id}.eml`, crc: crc32(bytes), length: bytes.length, packed: data.length, deflated: true };
    this.directory.push(directoryHeader(entry, this.file!.length));
    this.file!.write(localHeader(entry));
    this.file!.write(data);
  }
}

/**
 * A message in an mbox file of the mboxrd kind: a From_ line, the message with LF for CRLF (RFC 4155), lines that begin
 * with "From " behind any number of ">" marked by one more, an empty line.
 */
export function mboxEntry(bytes: Uint8Array, instant: number, from: string): Buffer {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  const [weekday, day, month, year, clock] = rfc5322Date(instant, 0).replace(',', '').split(' ');
  const line = `From ${from} ${weekday} ${month} ${day!.replace(/^0/, ' ')} ${clock} ${year}\n`;
  return Buffer.from(line + text.replaceAll('\r\n', '\n').replace(/^(>*From )/gm, '>$1') + '\n', 'latin1');
}
