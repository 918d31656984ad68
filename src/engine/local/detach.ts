import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { logKey } from '../../job/plan.ts';
import type { StartRequest } from '../engine.ts';
import { EngineError } from '../error.ts';
import { JobFolder } from './job-folder.ts';
import { Lock } from './lock.ts';

/**
 * Starts a job in a process of its own, which outlives this one; answers once it reports progress. `command` is the
 * command line program. What it prints goes to attempts/<n>/engine.log.
 */
export async function startDetached(request: StartRequest, command: string): Promise<{ job: string; where: string; pid: number }> {
  const folder = new JobFolder(request.where);
  folder.open();
  const lock = Lock.take(request.where, new Date());
  let job: string;
  try {
    job = folder.adopt(request, new Date()).job;
  } finally {
    lock.release();
  }
  const before = folder.progress()?.sequence ?? 0;
  const logFile = join(request.where, logKey(folder.attempt()));
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, 'a');
  const workers = request.spec.execution.workers;
  const child = spawn(
    process.execPath,
    [command, 'generate', '--json', '--out', request.where, ...(workers === undefined ? [] : ['--workers', String(workers)])],
    { detached: true, stdio: ['ignore', log, log] },
  );
  closeSync(log);
  let ended = false;
  child.once('exit', () => (ended = true));
  while ((folder.progress()?.sequence ?? 0) <= before && folder.manifest() === undefined) {
    if (ended) throw new EngineError('WORKER', `The detached process ended at once:\n${readFileSync(logFile, 'utf8').slice(-2000)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  child.unref();
  return { job, where: request.where, pid: child.pid! };
}
