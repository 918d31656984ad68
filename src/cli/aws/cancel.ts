import type { StackOptions } from '../places.ts';
import { withEngine } from './connect.ts';
import { commandFor } from './follow.ts';

/** `mailwright cancel <job>`: asks all workers of a job in the cloud to stop. */
export function cancel(job: string, options: StackOptions): Promise<number> {
  return withEngine(options, async (engine) => {
    const { attempt } = await engine.cancel(job);
    process.stdout.write(
      `Attempt ${attempt} of job ${job} is asked to stop: workers do within seconds, and within minutes it has ended.\nWhat is finished stays. Then this makes the rest:\n  ${commandFor('retry', job, options)}\n`,
    );
    return 0;
  });
}
