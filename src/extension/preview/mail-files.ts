/** The files around a message, by their paths in whatever file system it comes from. */
export interface MailFiles {
  /** The first `most` bytes of a file, and its size. Rejects where there is none. */
  start(path: string, most: number): Promise<{ readonly bytes: Uint8Array; readonly size: number }>;
  /** Names in a folder; undefined where there are more than `most`. */
  names(folder: string, most: number): Promise<readonly string[] | undefined>;
}

/** "/a/b/c.eml" → "/a/b" */
export const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));

/** "/a/b/c.eml" → "c.eml" */
export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
