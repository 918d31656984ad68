import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { JobRecord, Progress, Status } from '../../job/records.ts';
import { JobFolder } from './job-folder.ts';

/** A job as a list shows it. */
export interface JobLine {
  readonly job: string;
  readonly where: string;
  readonly status: Status;
  readonly messages: number;
  readonly of: number;
  readonly bytes: number;
  readonly created: string;
}

/** No heartbeat for this long: whoever wrote it is gone. */
const SILENT_MS = 15_000;

/** The jobs in a folder of jobs, newest first (their ids sort by time). */
export function listJobs(root: string, now: Date): JobLine[] {
  if (!existsSync(root)) return [];
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(root, entry.name, 'job.json')))
    .map((entry) => lineOf(join(root, entry.name), now))
    .filter((line) => line !== undefined)
    .sort((a, b) => (a.job < b.job ? 1 : -1));
}

function lineOf(path: string, now: Date): JobLine | undefined {
  const folder = new JobFolder(path);
  const record: JobRecord | undefined = folder.job();
  if (!record) return undefined;
  const progress = folder.progress();
  return {
    job: record.job,
    where: path,
    status: statusOf(progress, now),
    messages: progress?.messages ?? 0,
    of: record.plan.messages,
    bytes: progress?.bytes ?? 0,
    created: record.created,
  };
}

/** What a job's progress says, seen now: a running one without a heartbeat was interrupted. */
export function statusOf(progress: Progress | undefined, now: Date): Status {
  if (!progress) return 'interrupted';
  const silent = now.getTime() - Date.parse(progress.heartbeat) > SILENT_MS;
  return progress.status === 'running' && silent ? 'interrupted' : progress.status;
}
