import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { JobRecord, Progress, Status } from '../../job/records.ts';
import { EngineError } from '../error.ts';
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

/** A folder with a job of which the records cannot be read. */
export interface UnreadableJob {
  readonly where: string;
  readonly status: 'unreadable';
  readonly error: string;
}

/** The jobs in a folder of jobs, newest first (their ids sort by time); behind them those that cannot be read, by name. */
export function listJobs(root: string, now: Date): (JobLine | UnreadableJob)[] {
  if (!existsSync(root)) return [];
  const lines = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(root, entry.name, 'job.json')))
    .map((entry) => lineOf(join(root, entry.name), now))
    .filter((line) => line !== undefined);
  const isReadable = (line: JobLine | UnreadableJob): line is JobLine => line.status !== 'unreadable';
  return [
    ...lines.filter(isReadable).sort((a, b) => (a.job < b.job ? 1 : -1)),
    ...lines.filter((line) => !isReadable(line)).sort((a, b) => (a.where < b.where ? -1 : 1)),
  ];
}

function lineOf(path: string, now: Date): JobLine | UnreadableJob | undefined {
  const folder = new JobFolder(path);
  let record: JobRecord | undefined;
  let progress: Progress | undefined;
  try {
    record = folder.job();
    progress = folder.progress();
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return { where: path, status: 'unreadable', error: error.message };
  }
  if (record === undefined) return undefined; // deleted in this very moment
  if (typeof record?.job !== 'string' || typeof record.plan?.messages !== 'number')
    return { where: path, status: 'unreadable', error: `${join(path, 'job.json')}: not the record of a job. It may have been edited.` };
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
