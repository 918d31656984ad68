import { existsSync } from 'node:fs';
import { JobFolder } from '../../engine/local/job-folder.ts';
import { EngineError } from '../../engine/error.ts';
import type { JobRecord } from '../../job/records.ts';
import { shown } from '../paths.ts';

/** The job in a folder; throws where it holds none. */
export function jobIn(path: string): { readonly folder: JobFolder; readonly record: JobRecord } {
  const folder = new JobFolder(path);
  const record = existsSync(path) ? folder.job() : undefined;
  if (record) return { folder, record };
  throw new EngineError(
    'NOT_A_JOB',
    `${shown(path)} holds no job: there is no job.json. \`mailwright list\` shows the jobs on this machine.`,
  );
}
