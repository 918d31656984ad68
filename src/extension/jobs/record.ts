import { z } from 'zod';
import { OUTCOMES, STATUSES } from '../../job/records.ts';
import { jobId } from '../../job/task.ts';
import type { TrackedJob } from './job.ts';

/** The file of a job in global storage. A later version of the extension may find files of this one, and the other way round. */

export const SCHEMA = 1;

const time = z.iso.datetime();
const amount = z.number().nonnegative();
const whole = z.number().int().nonnegative();

const where = z.discriminatedUnion('target', [
  z.object({ target: z.literal('local'), folder: z.string().min(1) }),
  z.object({
    target: z.literal('aws'),
    profile: z.string().exactOptional(),
    region: z.string().exactOptional(),
    endpoint: z.string().exactOptional(),
    stack: z.string().exactOptional(),
    function: z.string().exactOptional(),
    place: z.object({ bucket: z.string(), prefix: z.string(), region: z.string() }).exactOptional(),
  }),
]);

const progress = z.object({
  job: jobId,
  status: z.enum(STATUSES),
  attempt: z.number().int().positive(),
  sequence: whole,
  heartbeat: time,
  started: time,
  messages: whole,
  bytes: whole,
  of: whole,
  shards: whole,
  ofShards: whole,
  failed: whole,
  reason: z.string().exactOptional(),
});

const ended = z.object({
  attempt: z.number().int().positive(),
  outcome: z.enum(OUTCOMES),
  finished: time,
  messages: whole,
  bytes: whole,
  missing: whole,
  seconds: amount.exactOptional(),
  reason: z.string().exactOptional(),
});

const recordSchema = z.object({
  schema: z.literal(SCHEMA),
  job: jobId,
  created: time,
  where,
  summary: z.object({ messages: whole, seed: z.union([z.string(), z.number()]).exactOptional(), layout: z.string().exactOptional() }),
  cost: amount.exactOptional(),
  expires: time.exactOptional(),
  progress: progress.exactOptional(),
  ended: ended.exactOptional(),
});

/** Reads the text of a job's file; undefined where it is none of this version. */
export function parseRecord(text: string): TrackedJob | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const parsed = recordSchema.safeParse(value);
  if (!parsed.success) return undefined;
  const { schema: _schema, ...job } = parsed.data;
  return job;
}

/** Only what the schema has: nothing else gets into a file. */
export const recordText = (job: TrackedJob): string => JSON.stringify(recordSchema.parse({ schema: SCHEMA, ...job }), undefined, 2) + '\n';
