import type { Place } from '../../job/calls.ts';
import type { Manifest, Outcome, OutcomeRecord, Progress } from '../../job/records.ts';
import { secondsBetween } from './times.ts';

/** Where a job is carried out, without anything that has to be kept secret. */
export type Where = LocalWhere | CloudWhere;

export interface LocalWhere {
  readonly target: 'local';
  readonly folder: string;
}

export interface CloudWhere {
  readonly target: 'aws';
  readonly profile?: string;
  readonly region?: string;
  readonly endpoint?: string;
  readonly stack?: string;
  readonly function?: string;
  /** Known once the coordinator has answered. */
  readonly place?: Place;
}

/** Where a corpus lies: its folder, or its S3 URI, once that is known. */
export const addressOf = (where: Where): string | undefined =>
  where.target === 'local' ? where.folder : where.place && `s3://${where.place.bucket}/${where.place.prefix}`;

/** How an attempt ended. */
export interface Ended {
  readonly attempt: number;
  readonly outcome: Outcome;
  /** RFC 3339. */
  readonly finished: string;
  /** Of the corpus as it is now. */
  readonly messages: number;
  readonly bytes: number;
  /** Shards that are not there. */
  readonly missing: number;
  /** How long a corpus took that was made in one attempt. */
  readonly seconds?: number;
  readonly reason?: string;
}

/** The same, by what the attempt left; the manifest is there where the corpus is complete. */
export function endedOf(
  { attempt, outcome, finished, missing }: Pick<OutcomeRecord, 'attempt' | 'outcome' | 'finished' | 'missing'>,
  progress: Progress,
  manifest: Manifest | null | undefined,
  reason: string | undefined,
): Ended {
  const { messages, bytes } = manifest ?? progress;
  return {
    attempt,
    outcome,
    finished,
    messages,
    bytes,
    missing: missing.length,
    ...(manifest && attempt === 1 && { seconds: secondsBetween(manifest.started, manifest.finished) }),
    ...(reason !== undefined && { reason }),
  };
}

/** A job as the extension keeps it: what it is, and the latest that is known of it. */
export interface TrackedJob {
  readonly job: string;
  /** RFC 3339. */
  readonly created: string;
  readonly where: Where;
  readonly summary: { readonly messages: number; readonly layout?: string };
  /** Estimated by the stack, in US dollars. */
  readonly cost?: number;
  /** RFC 3339: when the corpus will be deleted. */
  readonly expires?: string;
  readonly progress?: Progress;
  /** Of the latest attempt, once that has ended. */
  readonly ended?: Ended;
}
