import type { Progress } from '../../job/records.ts';

export const secondsBetween = (started: string, finished: string): number =>
  Math.max(0, (Date.parse(finished) - Date.parse(started)) / 1000);

/** How fast a job goes, by what it reported itself lately: no clock of ours comes in. */
export class Pace {
  private readonly marks: { readonly at: number; readonly messages: number; readonly attempt: number }[] = [];

  see({ heartbeat, messages, attempt }: Progress): void {
    const at = Date.parse(heartbeat);
    const last = this.marks.at(-1);
    if (last && (attempt !== last.attempt || messages < last.messages)) this.marks.length = 0;
    else if (last && at <= last.at) return;
    this.marks.push({ at, messages, attempt });
    while (this.marks.length > 2 && at - this.marks[1]!.at >= WINDOW_MS) this.marks.shift();
  }

  /** Messages a second; undefined before that can be told. */
  get rate(): number | undefined {
    const [first, last] = [this.marks[0], this.marks.at(-1)];
    if (!first || !last || last.at - first.at < ENOUGH_MS) return undefined;
    return ((last.messages - first.messages) * 1000) / (last.at - first.at);
  }

  /** Seconds until all are made, at this pace; undefined where that cannot be told, or nothing moves. */
  left({ messages, of }: Progress): number | undefined {
    const { rate } = this;
    return rate === undefined || rate <= 0 ? undefined : (of - messages) / rate;
  }
}

const WINDOW_MS = 20_000;
const ENOUGH_MS = 1_000;
