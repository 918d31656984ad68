import type { Ending, RunningJob } from '../../engine/engine.ts';
import { EngineError } from '../../engine/error.ts';
import type { JobFolder } from '../../engine/local/job-folder.ts';
import { statusOf } from '../../engine/local/list.ts';
import type { Progress } from '../../job/records.ts';
import { summary } from '../generate.ts';
import { count } from '../output.ts';
import { asPath, shown } from '../paths.ts';
import { exitCodeOf, say, watch } from '../watch.ts';
import { jobIn } from './job.ts';

/** `mailwright status <folder> --follow`: shows a job that another process works on, until it has ended. */
export async function follow(path: string, options: { readonly json?: boolean }): Promise<number> {
  const { folder, record } = jobIn(path);
  const begun = folder.progress();
  if (!begun)
    throw new EngineError('REFUSED', `${shown(path)}: nobody has begun to work on this job. \`mailwright retry ${asPath(path)}\` does.`);
  const job = new FollowedJob(folder, begun);
  if (options.json) say({ event: 'started', job: job.job, where: path, resumed: job.resumed });
  else process.stderr.write(`Job ${job.job}: ${count(record.plan.messages)} messages into ${shown(path)}\n`);
  const ending = await watch(job, options.json);
  if (options.json) say({ event: 'ended', ...ending });
  else if (job.left)
    process.stdout.write(
      `\nNo longer following: the job goes on.\nFollow   mailwright status ${asPath(path)} --follow\nCancel   mailwright cancel ${asPath(path)}\n`,
    );
  else process.stdout.write(summary(ending, path, undefined, job.resumed));
  return exitCodeOf(ending);
}

/** Progress is written twice a second. */
const POLL_MS = 250;

/** A job of another process, seen through the records that it writes. */
class FollowedJob implements RunningJob {
  readonly job: string;
  readonly where: string;
  readonly resumed: number;
  readonly ended: Promise<Ending>;
  /** We stopped looking while it went on. */
  left = false;
  private readonly folder: JobFolder;
  private readonly listeners: ((progress: Progress) => void)[] = [];
  private progress: Progress;

  constructor(folder: JobFolder, progress: Progress) {
    this.job = progress.job;
    this.where = folder.path;
    this.resumed = progress.messages;
    this.folder = folder;
    this.progress = progress;
    this.ended = this.look();
  }

  onProgress(listener: (progress: Progress) => void): void {
    this.listeners.push(listener);
    listener(this.progress);
  }

  interrupt(): void {
    this.left = true;
  }

  private async look(): Promise<Ending> {
    for (;;) {
      const ending = this.ending();
      if (ending) return ending;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      const latest = this.folder.progress() ?? this.progress;
      const news = latest.sequence > this.progress.sequence;
      this.progress = latest;
      if (news) this.listeners.forEach((listener) => listener(latest));
    }
  }

  private ending(): Ending | undefined {
    const { progress } = this;
    switch (statusOf(progress, new Date())) {
      case 'succeeded':
        return { status: 'succeeded', manifest: this.folder.manifest()!, already: false };
      case 'partial':
      case 'failed':
      case 'cancelled': {
        const { outcome, missing, reason } = this.folder.outcome(progress.attempt)!;
        return { status: outcome as 'partial' | 'failed' | 'cancelled', missing, error: reason };
      }
      case 'interrupted':
        return { status: 'interrupted', progress };
      default:
        return this.left ? { status: 'interrupted', progress } : undefined;
    }
  }
}
