import { listJobs } from '../engine/local/list.ts';
import { bytes, count, table } from './output.ts';

/** `mailwright list`: the jobs in a folder of jobs. */
export function list(folder: string, options: { readonly json?: boolean }): number {
  const jobs = listJobs(folder, new Date());
  if (options.json) process.stdout.write(JSON.stringify(jobs, undefined, 2) + '\n');
  else if (jobs.length === 0) process.stdout.write(`No jobs in ${folder}. Make one: mailwright generate\n`);
  else
    process.stdout.write(
      table([
        ['JOB', 'STATUS', 'MESSAGES', 'BYTES', 'CREATED', 'FOLDER'],
        ...jobs.map((j) => [
          j.job,
          j.status,
          j.messages === j.of ? count(j.of) : `${count(j.messages)} of ${count(j.of)}`,
          bytes(j.bytes),
          j.created.slice(0, 16).replace('T', ' '),
          j.where,
        ]),
      ]),
    );
  return 0;
}
