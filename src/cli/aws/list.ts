import type { JobSummary } from '../../job/calls.ts';
import { bytes, messagesText, table } from '../output.ts';
import { stackText, type StackOptions } from '../places.ts';
import { withEngine } from './connect.ts';

/** Jobs that one call may ask for. */
const PAGE = 100;

/** `mailwright list --target aws`: the newest jobs of a stack. */
export function list(limit: number, options: StackOptions & { readonly json?: boolean }): Promise<number> {
  return withEngine(options, async (engine) => {
    const jobs: JobSummary[] = [];
    let more = true;
    while (more && jobs.length < limit) {
      const before = jobs.at(-1)?.job;
      const page = await engine.list({ limit: Math.min(PAGE, limit - jobs.length), ...(before !== undefined && { before }) });
      jobs.push(...page.jobs);
      more = page.more && page.jobs.length > 0;
    }
    if (options.json) process.stdout.write(JSON.stringify(jobs, undefined, 2) + '\n');
    else if (jobs.length === 0) process.stdout.write(`No jobs in this stack. Make one: mailwright start${stackText(options)}\n`);
    else {
      process.stdout.write(
        table([
          ['JOB', 'STATUS', 'ATTEMPT', 'MESSAGES', 'BYTES', 'CREATED'],
          ...jobs.map((j) => [
            j.job,
            j.status,
            String(j.attempt),
            messagesText(j),
            bytes(j.bytes),
            j.created.slice(0, 16).replace('T', ' '),
          ]),
        ]),
      );
      if (more) process.stderr.write(`There are older ones: --limit shows more than ${limit}.\n`);
    }
    return 0;
  });
}
