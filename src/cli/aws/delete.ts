import { consents } from '../ask.ts';
import { count } from '../output.ts';
import type { StackOptions } from '../places.ts';
import { withEngine } from './connect.ts';
import { addressOf } from './follow.ts';

/** `mailwright delete <job>`: deletes all that a job in the cloud has left. */
export function remove(job: string, options: StackOptions & { readonly yes?: boolean }): Promise<number> {
  return withEngine(options, async (engine) => {
    if (!options.yes) {
      const { place, progress } = await engine.status(job);
      if (!(await consents(`Delete job ${job}, with the ${count(progress.messages)} messages in ${addressOf(place)}?`, false))) {
        process.stdout.write('Nothing was deleted.\n');
        return 1;
      }
    }
    let told = 0;
    const deleted = await engine.delete(job, (soFar) => {
      if (soFar - told < 10_000) return;
      told = soFar;
      process.stderr.write(`${count(soFar)} objects deleted\n`);
    });
    process.stdout.write(`Deleted job ${job}: ${count(deleted)} objects.\n`);
    return 0;
  });
}
