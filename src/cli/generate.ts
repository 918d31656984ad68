import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ulid } from 'ulid';
import { objectIdsOf } from '../corpus/id.ts';
import type { Ending, StartRequest } from '../engine/engine.ts';
import { startDetached } from '../engine/local/detach.ts';
import { LocalEngine } from '../engine/local/engine.ts';
import { JobFolder } from '../engine/local/job-folder.ts';
import { loadPacks, reloadPacks } from '../engine/packs.ts';
import { messageKey } from '../job/plan.ts';
import type { JobRecord, Manifest } from '../job/records.ts';
import type { Installation } from './installation.ts';
import { count } from './output.ts';
import { asPath, shown } from './paths.ts';
import { CORPORA } from './places.ts';
import { readSpec, type SpecOptions } from './spec-file.ts';
import { corpusText } from './summary.ts';
import { exitCodeOf, say, watch } from './watch.ts';

export interface GenerateOptions extends SpecOptions {
  readonly out?: string;
  readonly json?: boolean;
  readonly detach?: boolean;
  /** The id of a new job. */
  readonly id?: string;
}

/** `mailwright generate`: makes a corpus, or goes on with one. Answers with the exit code. */
export async function generate(file: string | undefined, options: GenerateOptions, installation: Installation): Promise<number> {
  const request = requestOf(file, options, installation);

  // Of a complete job there is nothing to leave running: it is told as without --detach.
  if (options.detach && new JobFolder(request.where).manifest() === undefined) {
    const started = await startDetached(request, installation.command);
    if (options.json) say({ event: 'detached', ...started });
    else
      process.stdout.write(
        `Job ${started.job} goes on by itself as process ${started.pid}.\nFolder   ${shown(request.where)}\nFollow   mailwright status ${asPath(request.where)} --follow\nStop     kill -INT ${started.pid}   (it can be taken up again: ${goOn(request.where)})\n`,
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
  const ending = await watch(job, options.json);
  const seconds = (performance.now() - begun) / 1000;
  // maxRSS is in KiB, and counts the worker threads too.
  if (options.json) say({ event: 'ended', seconds, peakRss: process.resourceUsage().maxRSS * 1024, ...ending });
  else process.stdout.write(summary(ending, job.where, seconds, job.resumed));
  return exitCodeOf(ending);
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
  const job = options.id ?? ulid();
  return { spec, packs, packRecords: records, job, where: resolve(options.out ?? join(CORPORA, job)) };
}

/** What to say of a job that has ended. `seconds` is how long it took, where that is known. */
export function summary(ending: Ending, where: string, seconds: number | undefined, resumed: number): string {
  switch (ending.status) {
    case 'succeeded':
      return corpusText({
        manifest: ending.manifest,
        already: ending.already,
        ...(seconds !== undefined && !ending.already && { made: { messages: ending.manifest.messages - resumed, seconds } }),
        place: ['Folder', shown(where)],
        samples: ending.manifest.layout === 'none' ? [] : samples(where, ending.manifest),
      });
    case 'interrupted':
      return `\nInterrupted after ${count(ending.progress.messages)} of ${count(ending.progress.of)} messages. Go on with:\n  ${goOn(where)}\n`;
    case 'cancelled':
      return `\nCancelled. What was finished is in ${shown(where)}; the same command begins another attempt at the rest.\n`;
    default:
      return `\n${ending.status === 'failed' ? 'Failed' : 'Incomplete'}: ${ending.missing.length} shard(s) could not be made. The last error of each is in ${shown(where)}/attempts; the same command tries them again.\n${ending.error ?? ''}\n`;
  }
}

/** Three messages from the beginning, the middle and the end. */
function samples(where: string, manifest: Manifest): string[] {
  const record: JobRecord = new JobFolder(where).job()!;
  const ids = objectIdsOf(record.spec);
  const indices = [0, Math.floor(manifest.messages / 2), manifest.messages - 1];
  return [...new Set(indices.map((index) => shown(join(where, messageKey(record.plan, ids.id(index), index)))))];
}

/** The command that goes on with a job. */
const goOn = (where: string): string => `mailwright generate --out ${asPath(where)}`;
