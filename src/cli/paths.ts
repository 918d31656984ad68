import { relative } from 'node:path';

/** A path as a user would type it: relative where that is shorter. */
export function shown(path: string): string {
  const from = relative(process.cwd(), path);
  return from === '' ? '.' : from.length < path.length && !from.startsWith('..') ? from : path;
}

/** A word as a shell takes it. */
export const quoted = (word: string): string => (/^[\w@%+=:,./\\-]+$/.test(word) ? word : `"${word}"`);

/** A path as a user would type it into a shell. */
export const asPath = (path: string): string => quoted(shown(path));
