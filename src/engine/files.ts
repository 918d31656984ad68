import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { EngineError } from './error.ts';

/** Makes a folder and those above it. Node's own `recursive` hides why it cannot: ENOENT on a read-only file system, and under /proc it never returns. */
export function makeFolder(path: string): void {
  if (!existsSync(dirname(path))) makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !statSync(path).isDirectory()) throw error;
  }
}

/** Writes a JSON file so that a reader sees the old one or the new one, never a part. */
export function writeJson(path: string, value: unknown): void {
  writeWhole(path, JSON.stringify(value, undefined, 2) + '\n');
}

/** Writes a JSON file unless it is there already; false where it is. */
export function createJson(path: string, value: unknown): boolean {
  if (existsSync(path)) return false;
  writeJson(path, value);
  return true;
}

/** Writes a text file in the same way; `sync` forces it to the disk before it takes its place. */
export function writeWhole(path: string, text: string, sync = true): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.tmp`;
  const file = openSync(temporary, 'w');
  try {
    writeFileSync(file, text); // all of it, where writeSync may take a part on a disk that is nearly full
    if (sync) fsyncSync(file);
  } catch (error) {
    closeSync(file);
    unlinkSync(temporary);
    throw error;
  }
  closeSync(file);
  renameSync(temporary, path);
}

/** Reads a JSON file; undefined where there is none. A file that cannot be read as JSON is an error that names it and says `wayOut`. */
export function readJson<T>(path: string, wayOut = 'A whole job leaves no such file.'): T | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw storageError(error, path);
  }
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new EngineError('CORRUPT', `${path}: not JSON. It may have been edited or cut short. ${wayOut}`);
  }
}

const STORAGE: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full: make room',
  EDQUOT: 'your disk quota is used up: make room',
  EACCES: 'no permission to write there: choose another folder with --out, or change its permissions',
  EPERM: 'no permission to write there: choose another folder with --out, or change its permissions',
  EROFS: 'that file system is read-only: choose another folder with --out',
  EMFILE: 'too many open files: raise the limit (ulimit -n)',
  ENOTDIR: 'a part of that path is a file: name another folder',
  EEXIST: 'a file is in the way: name another folder',
  ENOENT: 'that folder is gone or cannot be made: name another one',
  EIO: 'the disk reports an error',
};

/** Whether an error says something of the storage, not of us. */
export const isStorageError = (error: unknown): boolean =>
  (error as NodeJS.ErrnoException).code !== undefined && (error as NodeJS.ErrnoException).code! in STORAGE;

/** An error of the file system in words, with the way out. */
export function storageError(error: unknown, path: string): Error {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const words = STORAGE[code];
  return words ? new EngineError('STORAGE', `${path}: ${words} (${code})`, { cause: error }) : (error as Error);
}
