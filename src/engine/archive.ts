import { rfc5322Date } from '../corpus/calendar.ts';
import { crc32, deflate, directoryHeader, endRecord, localHeader, type ZipEntry } from '../corpus/zip.ts';
import { EngineError } from './error.ts';

/** What zip can say without zip64, which not every reader knows: all numbers but the highest, which means "see zip64". */
const MOST_MEMBERS = 0xffff - 1;
const MOST_BYTES = 0xffff_ffff - 1;

/** Whether a zip of so many members and bytes, its directory among them, can be written. */
export const fitsZip = (members: number, bytes: number): boolean => members <= MOST_MEMBERS && bytes <= MOST_BYTES;

/** Writes the messages of a shard as one zip or one mbox. */
export class Archive {
  private readonly layout: 'zip' | 'mbox';
  private readonly write: (bytes: Uint8Array) => void;
  private readonly directory: Buffer[] = [];
  /** Of the directory with its end; and of what has been written. */
  private directoryBytes = endRecord(0, 0, 0).length;
  private written = 0;
  private members = 0;

  /** `write` gets the archive piece by piece; the bytes are good only until it returns. */
  constructor(layout: 'zip' | 'mbox', write: (bytes: Uint8Array) => void) {
    this.layout = layout;
    this.write = write;
  }

  /** Takes a message; `bytes` is good only until it returns. `instant` is its date, `from` its sender's address. */
  put(id: string, bytes: Uint8Array, instant: number, from: string): void {
    if (this.layout === 'zip') this.putZip(id, bytes);
    else this.append(mboxEntry(bytes, instant, from));
    this.members++;
  }

  /** The archive is whole; answers with the number of its members. */
  end(): number {
    if (this.layout === 'mbox') return this.members;
    const start = this.written;
    for (const header of this.directory) this.append(header);
    this.append(endRecord(this.members, this.written - start, start));
    return this.members;
  }

  private putZip(id: string, bytes: Uint8Array): void {
    const data = deflate(bytes);
    const entry: ZipEntry = { name: `${id}.eml`, crc: crc32(bytes), length: bytes.length, packed: data.length, deflated: true };
    const local = localHeader(entry);
    const later = directoryHeader(entry, this.written);
    this.directoryBytes += later.length;
    if (!fitsZip(this.members + 1, this.written + local.length + data.length + this.directoryBytes))
      throw new EngineError(
        'STORAGE',
        `${this.members} messages fill a zip file: it takes up to 4 GiB and ${MOST_MEMBERS} members. Begin the job anew with fewer blocks a shard: execution.shardBlocks in the job spec.`,
      );
    this.directory.push(later);
    this.append(local);
    this.append(data);
  }

  private append(bytes: Uint8Array): void {
    this.write(bytes);
    this.written += bytes.length;
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
