import { SingleBar } from 'cli-progress';
import type { Progress } from '../job/records.ts';
import { bytes, count, duration } from './output.ts';

/** Shows a job going on: a bar on a terminal, a line each ten percent elsewhere. Writes to standard error. */
export interface Meter {
  show(progress: Progress): void;
  stop(): void;
}

export function meter(resumed: number): Meter {
  const started = performance.now();
  const rate = (progress: Progress): number => (progress.messages - resumed) / Math.max(0.001, (performance.now() - started) / 1000);
  return process.stderr.isTTY ? terminalMeter(rate) : plainMeter(rate);
}

function terminalMeter(rate: (progress: Progress) => number): Meter {
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
      const payload = {
        done: count(progress.messages),
        all: count(progress.of),
        size: bytes(progress.bytes),
        rate: count(perSecond),
        left: perSecond > 0 && progress.messages < progress.of ? `${duration((progress.of - progress.messages) / perSecond)} left` : '',
      };
      if (begun) bar.update(progress.messages, payload);
      else bar.start(progress.of, progress.messages, payload);
      begun = true;
    },
    stop: () => bar.stop(),
  };
}

function plainMeter(rate: (progress: Progress) => number): Meter {
  let told = -1;
  return {
    show(progress) {
      const tenth = Math.floor((progress.messages * 10) / progress.of);
      if (tenth === told) return;
      told = tenth;
      process.stderr.write(
        `${String(tenth * 10).padStart(3)} %  ${count(progress.messages)} of ${count(progress.of)} messages, ${count(rate(progress))}/s\n`,
      );
    },
    stop: () => {},
  };
}
