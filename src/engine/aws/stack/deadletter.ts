import type { Task } from '../../../job/task.ts';
import { receiptKey } from '../../../job/plan.ts';
import type { JobStore } from './job-store.ts';

/**
 * A shard's message came to the dead letters: says that the shard was given up. The last worker that could still say why has
 * said so before. Not where the shard was made after all, nor in an attempt that has ended.
 */
export async function giveUp(store: JobStore, task: Task, receives: number, now: Date): Promise<boolean> {
  if ((await store.exists(receiptKey(task.shard))) || (await store.outcome(task.attempt)) || !(await store.exists('job.json')))
    return false;
  const error = `given up after ${receives} tries; the last worker was stopped before it could say why: by its time-out, or by its limit of memory`;
  return store.giveUp({ shard: task.shard, attempt: task.attempt, error, at: now.toISOString() });
}
