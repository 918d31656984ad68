import type { Outcome, Progress, Status } from '../../job/records.ts';
import type { CloudWhere, Ended, TrackedJob, Where } from './job.ts';

/**
 * What is known of a job, and how news change it. News come late, twice and out of order: from records that are read
 * again and again, and from other windows. An attempt and a sequence only grow; an attempt that has ended stays so.
 */
export type News =
  | { readonly about: 'progress'; readonly progress: Progress }
  /** An outcome was read. */
  | { readonly about: 'ended'; readonly ended: Ended }
  /** What the coordinator said when it was asked. */
  | { readonly about: 'place'; readonly place: NonNullable<CloudWhere['place']>; readonly cost?: number; readonly expires?: string };

/** What an attempt ends as. */
const END = 4;

/** The same sequence seen in two ways: by its heartbeat somebody may have found out that nobody is at work any more. */
const RANKS: Readonly<Record<Status, number>> = {
  queued: 0,
  running: 1,
  stalled: 2,
  interrupted: 3,
  cancelled: END,
  failed: END,
  partial: END,
  succeeded: END,
};

const isOutcome = (status: Status): status is Outcome => RANKS[status] === END;

/** The job after some news; the very same where they say nothing new. */
export function reduce(job: TrackedJob, news: News): TrackedJob {
  switch (news.about) {
    case 'progress':
      return isLater(news.progress, job) ? withProgress(job, news.progress) : job;
    case 'ended':
      return isNewEnd(news.ended, job) ? { ...job, ended: news.ended } : job;
    case 'place':
      return withPlace(job, news);
  }
}

/** Two readings of one job as one, in whichever order. */
export function merge(job: TrackedJob, other: TrackedJob): TrackedJob {
  let merged = job;
  const { where, cost, expires, progress, ended } = other;
  if (where.target === 'aws' && where.place)
    merged = reduce(merged, {
      about: 'place',
      place: where.place,
      ...(cost !== undefined && { cost }),
      ...(expires !== undefined && { expires }),
    });
  if (progress) merged = reduce(merged, { about: 'progress', progress });
  if (ended) merged = reduce(merged, { about: 'ended', ended });
  return merged;
}

export const attemptOf = ({ progress, ended }: TrackedJob): number => Math.max(progress?.attempt ?? 1, ended?.attempt ?? 0);

/** The status as it is to be shown. A job of which nothing was read yet is on its way. */
export const statusOf = ({ progress, ended }: TrackedJob): Status => (ended ? ended.outcome : (progress?.status ?? 'queued'));

/** Whether there may be more to learn: its attempt has not ended, or not yet told how. */
export const isOpen = ({ ended }: TrackedJob): boolean => ended === undefined;

/** Whether somebody is, as far as is known, at work on it. */
export const isActive = (job: TrackedJob): boolean => ['queued', 'running', 'stalled'].includes(statusOf(job));

function isLater(progress: Progress, { progress: seen }: TrackedJob): boolean {
  if (!seen || progress.attempt > seen.attempt) return true;
  if (progress.attempt < seen.attempt || isOutcome(seen.status)) return false;
  if (progress.sequence !== seen.sequence) return progress.sequence > seen.sequence;
  return RANKS[progress.status] > RANKS[seen.status];
}

function withProgress(job: TrackedJob, progress: Progress): TrackedJob {
  const { ended, ...rest } = job;
  return ended && progress.attempt <= ended.attempt ? { ...job, progress } : { ...rest, progress }; // or another attempt has begun
}

const isNewEnd = (ended: Ended, job: TrackedJob): boolean =>
  ended.attempt >= (job.progress?.attempt ?? 1) && (job.ended === undefined || ended.attempt > job.ended.attempt);

function withPlace(job: TrackedJob, { place, cost, expires }: Extract<News, { about: 'place' }>): TrackedJob {
  const { where } = job;
  if (where.target !== 'aws') return job;
  const isKnown =
    where.place !== undefined && (cost === undefined || job.cost !== undefined) && (expires === undefined || job.expires !== undefined);
  if (isKnown) return job;
  return {
    ...job,
    where: { ...where, place: where.place ?? place } satisfies Where,
    ...(cost !== undefined && { cost: job.cost ?? cost }),
    ...(expires !== undefined && { expires: job.expires ?? expires }),
  };
}
