import * as z from 'zod';
import { timesSchema } from '../../../job/times.ts';

/** What the template tells the functions, by environment variables. */

const json = <S extends z.ZodType>(schema: S) =>
  z
    .string()
    .transform((text, ctx): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        ctx.addIssue({ code: 'custom', message: 'not JSON' });
        return z.NEVER;
      }
    })
    .pipe(schema);

const common = z.object({
  AWS_REGION: z.string(),
  BUCKET: z.string().min(3),
  /** Of all jobs, with a slash at its end. */
  PREFIX: z.string().regex(/\/$/),
  TIMES: json(timesSchema),
});

const coordinator = common.extend({
  STATE_MACHINE: z.string(),
  TOPIC: z.string(),
  LIMITS: json(
    z.strictObject({
      messages: z.number().positive(),
      cost: z.number().positive(),
      shards: z.number().positive(),
      packBytes: z.number().positive(),
    }),
  ),
  CONCURRENCY: z.coerce.number().int().positive(),
  WORKER_MEMORY: z.coerce.number().int().positive(),
  EXPIRY_DAYS: z.coerce.number().int().positive(),
});
const queue = common.extend({ QUEUE: z.url() });
const supervisor = queue.extend({ STATE_MACHINE: z.string() });

export type CommonEnvironment = z.output<typeof common>;
export type CoordinatorEnvironment = z.output<typeof coordinator>;
export type QueueEnvironment = z.output<typeof queue>;
export type SupervisorEnvironment = z.output<typeof supervisor>;

type Variables = Readonly<Record<string, string | undefined>>;

export const commonEnvironment = (variables: Variables): CommonEnvironment => common.parse(variables);
export const coordinatorEnvironment = (variables: Variables): CoordinatorEnvironment => coordinator.parse(variables);
export const queueEnvironment = (variables: Variables): QueueEnvironment => queue.parse(variables);
export const supervisorEnvironment = (variables: Variables): SupervisorEnvironment => supervisor.parse(variables);
