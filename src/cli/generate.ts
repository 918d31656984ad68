import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { ulid } from 'ulid';
import { Ids } from '../corpus/id.ts';
import { root } from '../corpus/random.ts';
import type { Ending, StartRequest } from '../engine/engine.ts';
import { startDetached } from '../engine/local/detach.ts';
import { LocalEngine } from '../engine/local/engine.ts';
import { JobFolder } from '../engine/local/job-folder.ts';
import { loadPacks, reloadPacks } from '../engine/packs.ts';
import { messageKey, TRUTH } from '../job/plan.ts';
import type { JobRecord, Manifest } from '../job/records.ts';
import type { Installation } from './installation.ts';
import { bytes, count, duration, truthText } from './output.ts';
import { meter } from './progress-bar.ts';
import { readSpec, type SpecOptions } from './spec-file.ts';

export interface GenerateOptions extends SpecOptions {
  readonly out?: string;
  readonly json?: boolean;
  readonly detach?: boolean;
}

/** Where corpora go unless --out says otherwise: a folder a job. */
export const CORPORA = 'corpora';

/** `mailwright generate`: makes a corpus, or goes on with one. Answers with the exit code. */
export async function generate(file: string | undefined, options: GenerateOptions, installation: Installation): Promise<number> {
  const request = requestOf(file, options, installation);
  const say = (event: object): boolean => process.stdout.write(JSON.stringify(event) + '\n');

  if (options.detach) {
    const started = await startDetached(request, installation.command);
    if (options.json) say({ event: 'detached', ...started });
    else
      process.stdout.write(
        `Job ${started.job} goes on by itself as process ${started.pid}.\nFolder   ${shown(request.where)}\nFollow   mailwright list ${quoted(dirname(request.where))}\nStop     kill -INT ${started.pid}   (it can be taken up again: ${goOn(request.where)})\n`,
      );
    return 0;
  }

  const begun = performance.now();
  const job = await new LocalEngine(installation.worker).start(request);
  if (options.json) say({ event: 'started', job: job.job, where: job.where, resumed: job.resumed });
  else
    process.stderr.write(
      `Job ${job.job}: ${count(request.spec.messages)} messages into ${shown(job.where)}${job.resumed > 0 ? `, ${count(job.resumed)} of them there already` : ''}\n`,
    );
  const bar = options.json ? undefined : meter(job.resumed);
  job.onProgress((progress) => (bar ? bar.show(progress) : say({ event: 'progress', ...progress })));
  const interrupt = (): void => job.interrupt();
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  process.stdout.once('error', interrupt); // whoever followed the events is gone
  let ending: Ending;
  try {
    ending = await job.ended;
  } finally {
    bar?.stop();
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
  const seconds = (performance.now() - begun) / 1000;
  // maxRSS is in KiB, and counts the worker threads too.
  if (options.json) say({ event: 'ended', seconds, peakRss: process.resourceUsage().maxRSS * 1024, ...ending });
  else process.stdout.write(summary(ending, job.where, seconds, job.resumed));
  return ending.status === 'succeeded' ? 0 : ending.status === 'interrupted' ? 130 : 1;
}

/** A new job of a spec; or the one in --out, where no spec and no option speaks of another. */
function requestOf(file: string | undefined, options: GenerateOptions, installation: Installation): StartRequest {
  const { messages, seed, layout, truth, truthFormat } = options;
  const plain = [file, messages, seed, layout, truth, truthFormat].every((given) => given === undefined);
  const there =
    options.out !== undefined && plain && existsSync(join(options.out, 'job.json')) ? new JobFolder(resolve(options.out)).job() : undefined;
  if (there) {
    const execution = {
      ...there.spec.execution,
      ...(options.workers !== undefined && { workers: readSpec(undefined, options).spec.execution.workers }),
    };
    return {
      spec: { ...there.spec, execution },
      packs: reloadPacks(there.packs, installation.packs),
      packRecords: there.packs,
      job: there.job,
      where: resolve(options.out!),
    };
  }
  const { spec, base } = readSpec(file, options);
  const { packs, records } = loadPacks(spec, installation.packs, base);
  const job = ulid();
  return { spec, packs, packRecords: records, job, where: resolve(options.out ?? join(CORPORA, job)) };
}

function summary(ending: Ending, where: string, seconds: number, resumed: number): string {
  switch (ending.status) {
    case 'succeeded':
      return succeeded(ending.manifest, where, ending.already ? undefined : seconds, resumed);
    case 'interrupted':
      return `\nInterrupted after ${count(ending.progress.messages)} of ${count(ending.progress.of)} messages. Go on with:\n  ${goOn(where)}\n`;
    case 'cancelled':
      return `\nCancelled. What was finished is in ${shown(where)}; the same command begins another attempt at the rest.\n`;
    default:
      return `\n${ending.status === 'failed' ? 'Failed' : 'Incomplete'}: ${ending.missing.length} shard(s) could not be made. The last error of each is in ${shown(where)}/attempts; the same command tries them again.\n${ending.error ?? ''}\n`;
  }
}

function succeeded(manifest: Manifest, where: string, seconds: number | undefined, resumed: number): string {
  const made = manifest.messages - resumed;
  const lines = [
    '',
    seconds === undefined ? 'This corpus was complete already.' : 'Done.',
    `Messages   ${count(manifest.messages)}`,
    `Bytes      ${bytes(manifest.bytes)} (${count(manifest.bytes / manifest.messages)} a message)`,
    ...(seconds === undefined ? [] : [`Rate       ${count(made / Math.max(0.001, seconds))} messages/s, ${duration(seconds)} in all`]),
    `Truth      ${truthText(manifest.truth)}${manifest.layout === 'none' || manifest.truth.lines === 0 ? '' : `, ${TRUTH}/`}`,
    `Digest     ${manifest.digest}`,
    `Folder     ${shown(where)}`,
    ...(manifest.layout === 'none' ? [] : ['For example', ...samples(where, manifest).map((path) => `  ${path}`)]),
    '',
  ];
  return lines.join('\n');
}

/** Three messages from the beginning, the middle and the end. */
function samples(where: string, manifest: Manifest): string[] {
  const record: JobRecord = new JobFolder(where).job()!;
  const ids = new Ids(root(String(record.spec.seed)), 'object');
  const indices = [0, Math.floor(manifest.messages / 2), manifest.messages - 1];
  return [...new Set(indices.map((index) => shown(join(where, messageKey(record.plan, ids.id(index), index)))))];
}

/** A path as a user would type it: relative where that is shorter. */
function shown(path: string): string {
  const from = relative(process.cwd(), path);
  return from === '' ? '.' : from.length < path.length && !from.startsWith('..') ? from : path;
}

/** The command that goes on with a job. */
const goOn = (where: string): string => `mailwright generate --out ${quoted(where)}`;

/** A path as a shell takes it. */
function quoted(where: string): string {
  const path = shown(where);
  return /^[\w@%+=:,./\\-]+$/.test(path) ? path : `"${path}"`;
}
