import { type JobLine, listJobs, type UnreadableJob } from '../engine/local/list.ts';
import { bytes, messagesText, table } from './output.ts';

/** `mailwright list`: the jobs in a folder of jobs. */
export function list(folder: string, limit: number | undefined, options: { readonly json?: boolean }): number {
  const jobs = listJobs(folder, new Date()).slice(0, limit);
  if (options.json) process.stdout.write(JSON.stringify(jobs, undefined, 2) + '\n');
  else if (jobs.length === 0) process.stdout.write(`No jobs in ${folder}. Make one: mailwright generate\n`);
  else process.stdout.write(table([['JOB', 'STATUS', 'MESSAGES', 'BYTES', 'CREATED', 'FOLDER'], ...jobs.map(cellsOf)]));
  return 0;
}

function cellsOf(line: JobLine | UnreadableJob): string[] {
  if (line.status === 'unreadable') return ['', line.status, '', '', '', line.error];
  return [line.job, line.status, messagesText(line), bytes(line.bytes), line.created.slice(0, 16).replace('T', ' '), line.where];
}
