import type { News } from './reducer.ts';

/** What following a job takes from outside. */
export interface Follows {
  tell(news: News): void;
  /** What stands in the way of knowing more; undefined once nothing does. */
  trouble(error: Error | undefined): void;
  /** Waits so many milliseconds, or less where there is reason to look at once; rejects when following is to end. */
  pause(milliseconds: number): Promise<void>;
  readonly signal: AbortSignal;
  /** Milliseconds of a clock that nobody sets. */
  now(): number;
}

/** Waits that end early when they are woken. */
export class Pauses {
  private readonly waiting = new Set<() => void>();

  wake(): void {
    for (const go of [...this.waiting]) go();
  }

  for(milliseconds: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer);
        this.waiting.delete(go);
        signal.removeEventListener('abort', stop);
      };
      const go = (): void => {
        end();
        resolve();
      };
      const stop = (): void => {
        end();
        reject(signal.reason as Error);
      };
      const timer = setTimeout(go, milliseconds);
      if (signal.aborted) return stop();
      this.waiting.add(go);
      signal.addEventListener('abort', stop, { once: true });
    });
  }
}
