import type { Ending, RunningJob } from '../engine/engine.ts';
import { meter } from './progress-bar.ts';
import { onInterrupt } from './signals.ts';

/** Reports an event as a line of JSON, for programs. */
export const say = (event: object): boolean => process.stdout.write(JSON.stringify(event) + '\n');

/** Shows a job going on until it has ended. A signal interrupts it, and so does a reader of the events that is gone. */
export async function watch(job: RunningJob, json: boolean | undefined): Promise<Ending> {
  const bar = json ? undefined : meter();
  const interrupt = (): void => job.interrupt();
  const goOn = onInterrupt(interrupt);
  process.stdout.once('error', interrupt);
  job.onProgress((progress) => (bar ? bar.show(progress) : say({ event: 'progress', ...progress })));
  try {
    return await job.ended;
  } finally {
    bar?.stop();
    goOn();
    process.stdout.off('error', interrupt);
  }
}

export const exitCodeOf = ({ status }: Ending): number => (status === 'succeeded' ? 0 : status === 'interrupted' ? 130 : 1);
