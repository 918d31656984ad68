import { createHash, type Hash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { TruthFile } from '../truth/whole.ts';

/** Gathered before they are written: fewer, larger writes. */
const BUFFER = 1 << 20;

/** A write may take a part only, on a full disk before it says so. */
export function writeFully(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
}

/** A file that is written beside its place and moved there when whole: nobody sees a part of it. */
export class NewFile {
  private readonly path: string;
  private readonly file: number;
  private open = true;
  private readonly buffer = Buffer.allocUnsafe(BUFFER);
  private filled = 0;

  constructor(path: string) {
    this.path = path;
    mkdirSync(dirname(path), { recursive: true });
    rmSync(`${path}.tmp`, { force: true }); // what a crash left; whoever may still hold it open writes into nothing
    this.file = openSync(`${path}.tmp`, 'w');
  }

  write(bytes: Uint8Array): void {
    if (this.filled + bytes.length > BUFFER) this.flush();
    if (bytes.length > BUFFER) return writeFully(this.file, bytes);
    this.buffer.set(bytes, this.filled);
    this.filled += bytes.length;
  }

  /** The file is whole. */
  end(): void {
    this.flush();
    this.close();
    renameSync(`${this.path}.tmp`, this.path);
  }

  /** The file is not to be. */
  abandon(): void {
    this.close();
    rmSync(`${this.path}.tmp`, { force: true });
  }

  private close(): void {
    if (this.open) closeSync(this.file);
    this.open = false;
  }

  private flush(): void {
    writeFully(this.file, this.buffer.subarray(0, this.filled));
    this.filled = 0;
  }
}

/** A new file, with the SHA-256 of what is written. */
export class DigestedFile implements TruthFile {
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
