import { statSync } from 'node:fs';

/** What is at a path; undefined where there is nothing, or nothing that can be seen. */
export function kindOf(path: string): 'file' | 'folder' | undefined {
  try {
    const stats = statSync(path);
    return stats.isDirectory() ? 'folder' : stats.isFile() ? 'file' : undefined;
  } catch {
    return undefined;
  }
}
