import type { Status } from '../../job/records.ts';
import type { Figures } from './figures.ts';
import type { Ended, TrackedJob } from './job.ts';
import type { PlantedMessage } from './jobs.ts';
import { isActive, statusOf } from './reducer.ts';
import type { Pace } from './times.ts';

/** What is said of a job, wherever it is shown. */

/** vscode.l10n.t */
export type Translate = (message: string, ...args: (string | number | boolean)[]) => string;

/** What only the window knows of a job. */
export interface Sight {
  readonly pace?: Pace | undefined;
  readonly trouble?: Error | undefined;
  readonly cancelling?: boolean;
}

export class Texts {
  private readonly t: Translate;
  private readonly figures: Figures;

  constructor(t: Translate, figures: Figures) {
    this.t = t;
    this.figures = figures;
  }

  count(n: number): string {
    return this.figures.count(n);
  }

  dollars(n: number): string {
    return this.figures.dollars(n);
  }

  status(status: Status): string {
    const { t } = this;
    switch (status) {
      case 'queued':
        return t('queued');
      case 'running':
        return t('running');
      case 'stalled':
        return t('stalled');
      case 'succeeded':
        return t('ready');
      case 'partial':
        return t('incomplete');
      case 'failed':
        return t('failed');
      case 'cancelled':
        return t('cancelled');
      case 'interrupted':
        return t('interrupted');
    }
  }

  /** "50,000 messages" */
  title({ summary }: TrackedJob): string {
    return this.t('{0} messages', this.figures.count(summary.messages));
  }

  /** Behind the title: "42 % · 6,100/s · 5 s left", "ready · 212 MB · $0.31" */
  line(job: TrackedJob, { pace, trouble, cancelling = false }: Sight): string {
    const { t, figures } = this;
    const { progress, ended, cost } = job;
    const status = statusOf(job);
    const parts: string[] = [];
    if (ended) parts.push(this.status(status), ...(ended.bytes > 0 ? [figures.bytes(ended.bytes)] : []));
    else if (status === 'running' && progress) {
      parts.push(figures.percent(progress.messages, progress.of));
      const left = pace?.left(progress);
      if (pace?.rate !== undefined && pace.rate > 0) parts.push(t('{0}/s', figures.count(pace.rate)));
      if (left !== undefined) parts.push(t('{0} left', figures.duration(left)));
    } else parts.push(this.status(status), ...(progress && progress.messages > 0 ? [figures.percent(progress.messages, progress.of)] : []));
    if (cancelling && !ended) parts.splice(0, 1, t('cancelling'));
    if (cost !== undefined) parts.push(t('about {0}', figures.dollars(cost)));
    if (trouble && !ended) parts.push(t('cannot be read now'));
    return parts.join(' · ');
  }

  /** Read aloud in place of the row. */
  aloud(job: TrackedJob, sight: Sight): string {
    return `${this.title(job)}, ${job.where.target === 'local' ? this.t('on this machine') : this.t('on AWS')}, ${this.line(job, sight).replaceAll(' · ', ', ')}`;
  }

  /** Of a planted message: "positive · off-channel · slang" */
  planted({ label, scenario, evasion }: PlantedMessage): string {
    return [label === 'positive' ? this.t('positive') : this.t('near miss'), scenario, evasion].join(' · ');
  }

  /** A native notification's, when an attempt has ended. */
  ended({ summary }: TrackedJob, ended: Ended): string {
    const { t, figures } = this;
    const made = figures.count(ended.messages);
    const of = figures.count(summary.messages);
    const why = ended.reason === undefined ? '' : ` ${firstLine(ended.reason)}`;
    switch (ended.outcome) {
      case 'succeeded':
        return ended.seconds === undefined
          ? t('Corpus ready: {0} messages, {1}', made, figures.bytes(ended.bytes))
          : t('Corpus ready: {0} messages, {1} in {2}', made, figures.bytes(ended.bytes), figures.duration(ended.seconds));
      case 'partial':
        return t('Corpus incomplete: {0} of {1} messages; shards not made: {2}.', made, of, figures.count(ended.missing)) + why;
      case 'failed':
        return t('Corpus failed: none of its {0} messages could be made.', of) + why;
      case 'cancelled':
        return t('Corpus cancelled: {0} of {1} messages are there.', made, of);
    }
  }

  interrupted({ progress, summary }: TrackedJob): string {
    const { t, figures } = this;
    const why = progress?.reason === undefined ? '' : ` ${firstLine(progress.reason)}`;
    return (
      t(
        'Corpus interrupted after {0} of {1} messages. Nothing that is finished is lost.',
        figures.count(progress?.messages ?? 0),
        figures.count(summary.messages),
      ) + why
    );
  }

  /** Of the item in the status bar, for the jobs that are active; undefined where none is. */
  bar(jobs: readonly TrackedJob[]): string | undefined {
    const { t, figures } = this;
    const active = jobs.filter(isActive);
    if (active.length === 0) return undefined;
    const messages = sum(active, (job) => job.progress?.messages ?? 0);
    const part = figures.percent(
      messages,
      sum(active, (job) => job.summary.messages),
    );
    return active.length === 1 ? t('Corpus {0}', part) : t('{0} corpora {1}', active.length, part);
  }
}

const sum = (jobs: readonly TrackedJob[], of: (job: TrackedJob) => number): number => jobs.reduce((total, job) => total + of(job), 0);

/** A notification has one paragraph; the log has the rest. */
const firstLine = (text: string): string => {
  const [line = ''] = text.trim().split('\n');
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
};
