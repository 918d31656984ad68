import * as z from 'zod';
import type { Plan } from './plan.ts';
import type { Manifest, OutcomeRecord, Progress, Status } from './records.ts';
import type { SpecProblem } from './spec.ts';
import { attemptNumber, jobId } from './task.ts';

/** The calls of the coordinator: what a client may ask, and the answers. Both sides read this file. */

export const callSchema = z.discriminatedUnion('call', [
  z.strictObject({ call: z.literal('describe') }),
  z.strictObject({
    call: z.literal('start'),
    /** The client's; another one's messages would not be the same. */
    generator: z.string(),
    job: jobId,
    /** As the user wrote it, or with its defaults: checked by the same schema. */
    spec: z.unknown(),
    /** The user's own packs, as reading their folders gives them. */
    packs: z.array(z.unknown()).max(20).default([]),
    /** The client's digest of what the messages depend on: the stack makes them only where it comes to the same. */
    content: z.string().optional(),
  }),
  z.strictObject({ call: z.literal('status'), job: jobId }),
  /** Asks the attempt to stop; the one that is running where none is named. */
  z.strictObject({ call: z.literal('cancel'), job: jobId }),
  /** `attempt` is the one to begin: asked for twice, it begins once. */
  z.strictObject({ call: z.literal('retry'), generator: z.string(), job: jobId, attempt: attemptNumber }),
  /** The newest jobs; `before` goes on where the last answer ended. */
  z.strictObject({ call: z.literal('list'), limit: z.number().int().min(1).max(100).default(20), before: jobId.optional() }),
  /** Deletes for up to a minute and says whether it is done: to be called again until it is. */
  z.strictObject({ call: z.literal('delete'), job: jobId }),
]);
export type Call = z.output<typeof callSchema>;

/** What a stack allows. */
export interface Limits {
  /** Messages of a job. */
  readonly messages: number;
  /** Estimated cost of a job in US dollars. */
  readonly cost: number;
  /** Shards of a job: all of them are in flight at once, queued or being made. */
  readonly shards: number;
  /** Bytes of a user's own packs together, as JSON. */
  readonly packBytes: number;
}

export interface Description {
  readonly service: 'mailwright';
  readonly version: string;
  readonly generator: string;
  readonly region: string;
  readonly bucket: string;
  /** Of all jobs: "corpora/". A job's keys begin with this, its id and "/". */
  readonly prefix: string;
  readonly topic: string;
  readonly limits: Limits;
  /** Workers at once. */
  readonly concurrency: number;
  /** MB of memory of a worker. */
  readonly workerMemory: number;
  /** Days after which a corpus is deleted. */
  readonly expiryDays: number;
}

/** Where a job's objects are. */
export interface Place {
  readonly bucket: string;
  /** "corpora/<job id>/" */
  readonly prefix: string;
  readonly region: string;
}

export interface Started {
  readonly job: string;
  readonly attempt: number;
  readonly place: Place;
  readonly plan: Plan;
  /** Estimated, US dollars. */
  readonly cost: number;
  /** RFC 3339: when the corpus will be deleted. */
  readonly expires: string;
  /** It had been started before: nothing new was begun. */
  readonly already: boolean;
}

export interface JobState {
  readonly job: string;
  readonly place: Place;
  readonly created: string;
  readonly plan: Plan;
  readonly progress: Progress;
  /** Of the latest attempt, once it has ended. */
  readonly outcome: OutcomeRecord | null;
  readonly manifest: Manifest | null;
}

/** A job as a list shows it. */
export interface JobSummary {
  readonly job: string;
  readonly status: Status;
  readonly attempt: number;
  readonly messages: number;
  readonly of: number;
  readonly bytes: number;
  readonly created: string;
}

export interface JobList {
  readonly jobs: readonly JobSummary[];
  /** There are older ones. */
  readonly more: boolean;
}

export interface Cancelled {
  readonly job: string;
  readonly attempt: number;
}

export interface Deleted {
  /** Objects deleted by this call. */
  readonly deleted: number;
  readonly done: boolean;
}

/** What each call is answered with. */
export interface Results {
  readonly describe: Description;
  readonly start: Started;
  readonly status: JobState;
  readonly cancel: Cancelled;
  readonly retry: Started;
  readonly list: JobList;
  readonly delete: Deleted;
}

export const CALL_ERRORS = [
  /** Not a call of this version. */
  'BAD_CALL',
  /** `problems` says what. */
  'SPEC_INVALID',
  'PACK_INVALID',
  /** Client and stack, or job and stack, are of different generator versions. */
  'VERSION',
  /** The id is that of another job. */
  'OTHER_JOB',
  'NO_SUCH_JOB',
  /** Over a limit of the stack; `problems` says which. */
  'LIMIT',
  /** It has to have ended first. */
  'NOT_ENDED',
  /** It has ended: nothing to cancel. */
  'ENDED',
  /** The corpus is complete: nothing to retry. */
  'COMPLETE',
  /** Another attempt than the one asked for comes next. */
  'ATTEMPT',
  /** Ours: the log of the function says more. */
  'INTERNAL',
] as const;
export type CallErrorCode = (typeof CALL_ERRORS)[number];

export interface CallError {
  readonly code: CallErrorCode;
  readonly message: string;
  readonly problems?: readonly SpecProblem[];
}

export type Answer<R> = { readonly ok: true; readonly result: R } | { readonly ok: false; readonly error: CallError };
