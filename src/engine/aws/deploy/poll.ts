import { setTimeout as pause } from 'node:timers/promises';

const SHORTEST_MS = 100;
const LONGEST_MS = 3_000;

/** Looks until there is something, after longer and longer pauses. The signal ends it with its reason. */
export async function poll<T>(signal: AbortSignal | undefined, look: () => Promise<T | undefined>): Promise<T> {
  for (let ms = SHORTEST_MS; ; ms = Math.min(LONGEST_MS, ms * 1.5)) {
    const found = await look();
    if (found !== undefined) return found;
    await pause(ms, undefined, signal && { signal });
  }
}
