import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { isAbsolute, join, relative } from 'node:path';
import type { StartRequest } from '../../engine/engine.ts';
import { EngineError } from '../../engine/error.ts';
import { readJson, storageError } from '../../engine/files.ts';
import { JobFolder } from '../../engine/local/job-folder.ts';
import { statusOf } from '../../engine/local/list.ts';
import { Lock } from '../../engine/local/lock.ts';
import { failureKey } from '../../job/plan.ts';
import { type Failure, hasEnded, type Progress } from '../../job/records.ts';
import type { Follows } from './follows.ts';
import { type Ended, endedOf } from './job.ts';

/** Jobs on this machine: a process of their own works on them, which outlives this window; what it writes says how they go. */

/** The command line program, as a file that Node runs. */
export type Command = string;

/** Makes the record of a job in its folder, and has it carried out. Answers once there is progress to read. */
export async function startLocal(request: StartRequest, command: Command): Promise<void> {
  const folder = new JobFolder(request.where);
  folder.open();
  const lock = Lock.take(request.where, new Date());
  try {
    folder.adopt(request, new Date());
  } finally {
    lock.release();
  }
  await resumeLocal(request.where, command);
}

/** Has a job carried out that has its record in its folder: what is missing of it. */
export async function resumeLocal(where: string, command: Command): Promise<void> {
  const isJob = existsSync(where) && new JobFolder(where).job() !== undefined;
  if (!isJob) throw new EngineError('NOT_A_JOB', `${where} holds no job any more: there is no job.json.`); // the command would begin one
  await run(command, ['generate', '--out', where, '--detach', '--json']);
}

/** Asks whoever works on a job to stop; what is finished stays. */
export const cancelLocal = (where: string, command: Command): Promise<void> => run(command, ['cancel', where, '--target', 'local']);

/** Deletes a job and what it made, and nothing else that is in its folder. */
export const deleteLocal = (where: string, command: Command): Promise<void> =>
  run(command, ['delete', where, '--target', 'local', '--yes']);

/** An object of a job; `key` is one that the job's records or its plan have. */
export async function readLocal(where: string, key: string): Promise<Uint8Array> {
  const path = join(where, key);
  if (relative(where, path).startsWith('..') || isAbsolute(relative(where, path)))
    throw new EngineError('NOT_FOUND', `${key} is not in ${where}.`);
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new EngineError('NOT_FOUND', `${path} is not there.`, { cause: error });
    throw storageError(error, path);
  }
}

/** Runs the command to its end. It knows nothing of the host it comes from, but where VS Code's own program is to be Node. */
function run(command: Command, args: readonly string[]): Promise<void> {
  const { NODE_OPTIONS: _hostsOwn, ...env } = process.env;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [command, ...args], {
      env: { ...env, ELECTRON_RUN_AS_NODE: '1' },
      stdio: ['ignore', 'ignore', 'pipe'],
      windowsHide: true,
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    child.once('error', (error) =>
      reject(new EngineError('WORKER', `${process.execPath} could not be run: ${error.message}`, { cause: error })),
    );
    child.once('exit', (code, signal) => {
      if (code === 0) return resolve();
      const words = said.replaceAll(/^mailwright: /gm, '').trim();
      reject(new EngineError('WORKER', words === '' ? `mailwright ${args[0]} ended with ${signal ?? `code ${code}`}` : words));
    });
  });
}

/** Milliseconds between two looks: soon while there are news, and less and less often where there are none. */
const SHORTEST = 250;
const LONGEST = 5_000;

/** Without a heartbeat a job may have been stopped, or this machine been asleep: it has to stay so while we watch. */
const CONFIRM_MS = 4_000;

/** Tells of a job in a folder until its attempt has ended, and how. Rejects only when `pause` does. */
export async function followLocal(where: string, follows: Follows): Promise<void> {
  const folder = new JobFolder(where);
  let wait = SHORTEST;
  let sequence = -1;
  let silentSince: number | undefined;
  for (;;) {
    try {
      const progress = folder.progress();
      if (!progress && !existsSync(join(where, 'job.json')))
        throw new EngineError('NOT_FOUND', `${where} is gone, and the corpus with it.`);
      if (progress) {
        const abandoned = progress.status === 'running' && Lock.isAbandoned(where);
        const status = abandoned ? 'interrupted' : statusOf(progress, new Date());
        const silent = status === 'interrupted' && progress.status === 'running';
        silentSince = silent && progress.sequence === sequence ? (silentSince ?? follows.now()) : undefined;
        const sure = !silent || abandoned || (silentSince !== undefined && follows.now() - silentSince >= CONFIRM_MS);
        if (sure) follows.tell({ about: 'progress', progress: { ...progress, status } });
        const ended = endedIn(folder, progress);
        if (ended) {
          follows.trouble(undefined);
          return follows.tell({ about: 'ended', ended });
        }
        wait = progress.sequence > sequence ? SHORTEST : Math.min(LONGEST, wait * 1.5);
        sequence = progress.sequence;
      } else wait = Math.min(LONGEST, wait * 1.5);
      follows.trouble(undefined);
    } catch (error) {
      follows.trouble(error as Error);
      wait = LONGEST;
    }
    await follows.pause(wait);
  }
}

/** How the attempt of a progress ended; undefined where it goes on. */
function endedIn(folder: JobFolder, progress: Progress): Ended | undefined {
  const { attempt } = progress;
  const record = hasEnded(progress) ? folder.outcome(attempt) : undefined;
  if (!record) return undefined;
  const { outcome, failed, reason } = record;
  const manifest = outcome === 'succeeded' ? folder.manifest() : undefined;
  const failure = failed[0] === undefined ? undefined : readJson<Failure>(join(folder.path, failureKey(attempt, failed[0])));
  const why = [reason ?? progress.reason, failure?.error].filter((text) => text !== undefined).join('\n');
  return endedOf(record, progress, manifest, why === '' ? undefined : why);
}
