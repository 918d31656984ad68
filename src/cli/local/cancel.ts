import { join } from 'node:path';
import { EngineError } from '../../engine/error.ts';
import { createJson } from '../../engine/files.ts';
import { statusOf } from '../../engine/local/list.ts';
import { Lock } from '../../engine/local/lock.ts';
import { cancelKey } from '../../job/plan.ts';
import type { StopMarker } from '../../job/records.ts';
import { asPath, shown } from '../paths.ts';
import { jobIn } from './job.ts';

/** `mailwright cancel <folder>`: asks whoever works on a job on this machine to stop. */
export function cancel(path: string): number {
  const { folder, record } = jobIn(path);
  const now = new Date();
  const progress = folder.progress();
  const status = statusOf(progress, now);
  if (!progress || status !== 'running' || !isHeld(path, now))
    throw new EngineError(
      'REFUSED',
      `${shown(path)}: nobody works on this job, it is ${status === 'running' ? 'interrupted' : status}: there is nothing to cancel.`,
    );
  const marker: StopMarker = { by: 'user', at: now.toISOString() };
  createJson(join(path, cancelKey(progress.attempt)), marker);
  process.stdout.write(
    `Attempt ${progress.attempt} of job ${record.job} is asked to stop. What is finished stays; this makes the rest:\n  mailwright retry ${asPath(path)}\n`,
  );
  return 0;
}

/** Whether somebody holds the lock of a job's folder. */
function isHeld(path: string, now: Date): boolean {
  try {
    Lock.take(path, now).release();
    return false;
  } catch (error) {
    if (error instanceof EngineError && error.code === 'LOCKED') return true;
    throw error;
  }
}
