import * as z from 'zod';
import type { Outcome } from './records.ts';

/** What travels between the functions of the cloud: the message of a shard, and the input of an attempt's execution. */

const ULID = '[0-7][0-9A-HJKMNP-TV-Z]{25}';

/** The id of a job: a ULID in Crockford's base 32. */
export const jobId = z.string().regex(new RegExp(`^${ULID}$`), 'it has to be a ULID, 26 letters and digits');

export const attemptNumber = z.number().int().min(1).max(9_999);

/** A message of the queue: one shard to make. */
const taskSchema = z.strictObject({
  generator: z.string(),
  job: jobId,
  attempt: attemptNumber,
  shard: z.number().int().min(0),
});
export type Task = z.output<typeof taskSchema>;

/** The task in the body of a message; throws where it is none. */
export const taskOf = (body: string): Task => taskSchema.parse(JSON.parse(body));

/** The input of an execution. `rescue` counts the executions that had to end what another one left. */
export const executionSchema = z.strictObject({
  job: jobId,
  attempt: attemptNumber,
  rescue: z.number().int().min(1).optional(),
});
export type Execution = z.output<typeof executionSchema>;

/** The names of executions: `<job id>-<attempt>`, and of the rescues of one `<job id>-<attempt>-r<count>`. */
export const executionName = ({ job, attempt, rescue }: Execution): string =>
  `${job}-${attempt}${rescue === undefined ? '' : `-r${rescue}`}`;

const NAME = new RegExp(`^(${ULID})-(\\d{1,4})(?:-r(\\d{1,4}))?$`);

export function executionOf(name: string): Execution | undefined {
  const match = NAME.exec(name);
  if (!match) return undefined;
  const [, job, attempt, rescue] = match;
  return { job: job!, attempt: Number(attempt), ...(rescue !== undefined && { rescue: Number(rescue) }) };
}

/** What the supervisor remembers from one look to the next: the state machine carries it. */
export const watchSchema = z.strictObject({
  /** When the attempt began, and when something new was last seen; RFC 3339. */
  started: z.string(),
  news: z.string(),
  /** Receipts and failures seen. */
  seen: z.number().int(),
});
export type Watch = z.output<typeof watchSchema>;

/** The supervisor is called with this, and answers with a Look. */
export const supervisionSchema = z.strictObject({
  step: z.enum(['supervise', 'finish']),
  job: jobId,
  attempt: attemptNumber,
  watch: watchSchema.optional(),
  /** What went wrong before, where a state of the execution failed: the state machine's own words. */
  failure: z.unknown().optional(),
});
export type Supervision = z.output<typeof supervisionSchema>;

/** `next`: look again after `wait` seconds; finish; or, once finished, tell. */
export interface Look {
  readonly next: 'wait' | 'finish' | 'notify';
  readonly job: string;
  readonly attempt: number;
  readonly wait: number;
  readonly watch: Watch;
  /** With `notify`. */
  readonly notice?: Notice;
}

/** What SNS tells when an attempt has ended. */
export interface Notice {
  readonly job: string;
  readonly attempt: number;
  readonly outcome: Outcome;
  readonly messages: number;
  readonly of: number;
  readonly bytes: number;
  /** s3://bucket/prefix/<job>/ */
  readonly where: string;
  readonly digest?: string;
  readonly reason?: string;
}
