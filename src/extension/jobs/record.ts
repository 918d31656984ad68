import type { Place } from '../../job/calls.ts';
import type { Outcome, Progress, Status } from '../../job/records.ts';
import type { CloudWhere, Ended, LocalWhere, TrackedJob, Where } from './job.ts';

/**
 * The file of a job in global storage. A later version of the extension may find files of this one, and the other way round.
 * Every window reads them as it starts, so they are checked by hand: zod and the schemas of src/job take 40 ms to load.
 */

export const SCHEMA = 1;

/** Takes a value for what it has to be, or throws. */
type Read<T> = (value: unknown) => T;
interface Optional<T> {
  readonly optional: Read<T>;
}
/** How each property of an object is read. */
type Reads<T> = { readonly [K in keyof T]-?: object extends Pick<T, K> ? Optional<Exclude<T[K], undefined>> : Read<T[K]> };

const only =
  <T>(suits: (value: unknown) => boolean): Read<T> =>
  (value) => {
    if (suits(value)) return value as T;
    throw new Error('this is not the record of a job');
  };
const optional = <T>(read: Read<T>): Optional<T> => ({ optional: read });
const matching = (pattern: RegExp): Read<string> => only((value) => typeof value === 'string' && pattern.test(value));
const oneOf = <T extends string>(values: Readonly<Record<T, true>>): Read<T> =>
  only((value) => typeof value === 'string' && Object.hasOwn(values, value));
const wholeFrom = (least: number): Read<number> => only((value) => Number.isSafeInteger(value) && (value as number) >= least);

/** Reads an object: the properties that are named, and no other. */
function object<T>(reads: Reads<T>): Read<T> {
  const all = Object.entries<Read<unknown> | Optional<unknown>>(reads);
  const isObject = only<Readonly<Record<string, unknown>>>((value) => typeof value === 'object' && value !== null);
  return (value) => {
    const given = isObject(value);
    const found: Record<string, unknown> = {};
    for (const [name, read] of all)
      if (typeof read === 'function') found[name] = read(given[name]);
      else if (given[name] !== undefined) found[name] = read.optional(given[name]);
    return found as T;
  };
}

const text = only<string>((value) => typeof value === 'string');
const amount = only<number>((value) => Number.isFinite(value) && (value as number) >= 0);
const whole = wholeFrom(0);
const jobId = matching(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
const time = matching(/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?Z$/);

const local = object<LocalWhere>({ target: oneOf({ local: true }), folder: matching(/./s) });
const cloud = object<CloudWhere>({
  target: oneOf({ aws: true }),
  profile: optional(text),
  region: optional(text),
  endpoint: optional(text),
  stack: optional(text),
  function: optional(text),
  place: optional(object<Place>({ bucket: text, prefix: text, region: text })),
});
const where: Read<Where> = (value) => ((value as Partial<Where> | undefined)?.target === 'local' ? local(value) : cloud(value));

const outcomes: Readonly<Record<Outcome, true>> = { succeeded: true, partial: true, failed: true, cancelled: true };
const statuses: Readonly<Record<Status, true>> = { ...outcomes, queued: true, running: true, stalled: true, interrupted: true };

const progress = object<Progress>({
  job: jobId,
  status: oneOf(statuses),
  attempt: wholeFrom(1),
  sequence: whole,
  heartbeat: time,
  started: time,
  messages: whole,
  bytes: whole,
  of: whole,
  shards: whole,
  ofShards: whole,
  failed: whole,
  reason: optional(text),
});

const ended = object<Ended>({
  attempt: wholeFrom(1),
  outcome: oneOf(outcomes),
  finished: time,
  messages: whole,
  bytes: whole,
  missing: whole,
  seconds: optional(amount),
  reason: optional(text),
});

const record = object<TrackedJob & { readonly schema: typeof SCHEMA }>({
  schema: only((value) => value === SCHEMA),
  job: jobId,
  created: time,
  where,
  summary: object<TrackedJob['summary']>({
    messages: whole,
    layout: optional(text),
  }),
  cost: optional(amount),
  expires: optional(time),
  progress: optional(progress),
  ended: optional(ended),
});

/** Reads the text of a job's file; undefined where it is none of this version. */
export function parseRecord(content: string): TrackedJob | undefined {
  try {
    const { schema: _schema, ...job } = record(JSON.parse(content));
    return job;
  } catch {
    return undefined;
  }
}

/** Only what a record has: nothing else gets into a file. */
export const recordText = (job: TrackedJob): string => JSON.stringify(record({ schema: SCHEMA, ...job }), undefined, 2) + '\n';
