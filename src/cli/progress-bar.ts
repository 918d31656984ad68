import { SingleBar } from 'cli-progress';
import type { Progress } from '../job/records.ts';
import { bytes, count, duration } from './output.ts';

/** What a meter needs to know: all of a job's progress, or only how much is there. */
export type Shown = Pick<Progress, 'messages' | 'bytes' | 'of'> & Partial<Progress>;

/** Shows a job going on: a bar on a terminal, a line each ten percent elsewhere. Writes to standard error. */
export interface Meter {
  show(progress: Shown): void;
  stop(): void;
}

export function meter(): Meter {
  // What is there at the first look was made before.
  let first: { readonly messages: number; readonly at: number } | undefined;
  const rate = ({ messages }: Shown): number => {
    first ??= { messages, at: performance.now() };
    return (messages - first.messages) / Math.max(0.001, (performance.now() - first.at) / 1000);
  };
  return process.stderr.isTTY ? terminalMeter(rate) : plainMeter(rate);
}

/** What there is to say of a job that does not simply go on. */
export function remarks({ status, shards, ofShards, failed = 0, reason }: Shown): string {
  const words: string[] = [];
  if (status === 'queued') words.push('queued');
  if (status === 'stalled') words.push('stalled: nothing has been heard of it for minutes');
  if (status === 'running' && reason !== undefined) words.push(`closing: ${reason}`);
  else if (status === 'running' && shards !== undefined && shards === ofShards) words.push('closing');
  if (failed > 0 && reason === undefined) words.push(`${count(failed)} shard(s) failed`);
  return words.join(', ');
}

function terminalMeter(rate: (progress: Shown) => number): Meter {
  const bar = new SingleBar({
    format: '{bar} {percentage}%  {done} of {all} messages  {size}  {rate}/s  {left}',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 30,
    hideCursor: true,
    stream: process.stderr,
    clearOnComplete: false,
    stopOnComplete: false,
  });
  let begun = false;
  return {
    show(progress) {
      const perSecond = rate(progress);
      const left =
        perSecond > 0 && progress.messages < progress.of ? `${duration((progress.of - progress.messages) / perSecond)} left` : '';
      const payload = {
        done: count(progress.messages),
        all: count(progress.of),
        size: bytes(progress.bytes),
        rate: count(perSecond),
        left: remarks(progress) || left,
      };
      if (begun) bar.update(progress.messages, payload);
      else bar.start(progress.of, progress.messages, payload);
      begun = true;
    },
    stop: () => bar.stop(),
  };
}

function plainMeter(rate: (progress: Shown) => number): Meter {
  let told = '';
  return {
    show(progress) {
      const tenth = Math.floor((progress.messages * 10) / progress.of);
      const remark = remarks(progress);
      const news = `${tenth} ${remark.replace(/\d+/g, '')}`; // one more of the same is none
      if (news === told) return;
      told = news;
      process.stderr.write(
        `${String(tenth * 10).padStart(3)} %  ${count(progress.messages)} of ${count(progress.of)} messages, ${count(rate(progress))}/s${remark && `, ${remark}`}\n`,
      );
    },
    stop: () => {},
  };
}
