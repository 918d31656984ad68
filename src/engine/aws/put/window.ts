/** Requests in flight at first. */
const START = 32;
/** What is left of the window when S3 says that it is too much. */
const SHRINK = 0.7;

/**
 * How many requests may be in flight, as TCP does it (RFC 5681): one more for each success until S3 throttles for the first
 * time; then one more for each window of successes, and fewer whenever it throttles.
 */
export class Window {
  private readonly most: number;
  private room: number;
  private shrinks = 0;

  constructor(most: number) {
    this.most = most;
    this.room = Math.min(START, most);
  }

  get size(): number {
    return Math.floor(this.room);
  }

  /** Stands for now: a request keeps it from when it was sent. */
  get era(): number {
    return this.shrinks;
  }

  /** A request has arrived, one of so many in flight: a window that was not full says nothing of a larger one. */
  succeeded(inFlight: number): void {
    if (inFlight >= this.size) this.room = Math.min(this.most, this.room + (this.shrinks === 0 ? 1 : 1 / this.room));
  }

  /** A request sent in that era was throttled. Those sent before the last shrink say nothing new. */
  throttled(era: number): void {
    if (era !== this.shrinks) return;
    this.shrinks++;
    this.room = Math.max(1, this.room * SHRINK);
  }
}
