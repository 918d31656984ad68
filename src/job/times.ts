import * as z from 'zod';

/**
 * The clockwork of a job in the cloud, in seconds. Each is right only beside the others: a shard ends well within a
 * worker's time-out; a message of the queue stays hidden for six time-outs; a shard is taken for lost only after a
 * message could have come back and been worked on once more.
 */
export const timesSchema = z.strictObject({
  /** The longest a shard should take. */
  shard: z.number().positive(),
  /** Lambda stops a worker after this. */
  workerTimeout: z.number().positive(),
  /** A message that was received stays hidden for this long. */
  visibility: z.number().positive(),
  /** Receives before a message goes to the dead letters: a number, not seconds. */
  receives: z.number().int().min(2),
  /** Without anything new for this long, shards that have neither receipt nor failure are sent again. */
  lease: z.number().positive(),
  /** A request that a worker sent just before it was stopped has arrived after this. */
  grace: z.number().positive(),
  /** The supervisor looks again after this: the shortest at first, then longer. */
  shortestWait: z.number().positive(),
  longestWait: z.number().positive(),
  /** An attempt that has gone on for this long is closed. */
  deadline: z.number().positive(),
  /** How often a worker looks for the marker that asks it to stop. */
  cancelPoll: z.number().positive(),
});
export type Times = z.output<typeof timesSchema>;

export const TIMES: Times = {
  shard: 60,
  workerTimeout: 180,
  visibility: 1080,
  receives: 5,
  lease: 1320,
  grace: 15,
  shortestWait: 5,
  longestWait: 60,
  deadline: 86_400,
  cancelPoll: 2,
};
