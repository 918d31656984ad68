import { SQSClient } from '@aws-sdk/client-sqs';
import { dispatch } from '../../src/engine/aws/stack/dispatcher.ts';
import { queueEnvironment } from '../../src/engine/aws/stack/environment.ts';
import { JobStore } from '../../src/engine/aws/stack/job-store.ts';
import { log } from '../../src/engine/aws/stack/log.ts';
import { rootOf, TRIES } from '../../src/engine/aws/stack/root.ts';
import { executionSchema } from '../../src/job/task.ts';

const environment = queueEnvironment(process.env);
const root = rootOf(environment);
const queue = { sqs: new SQSClient({ maxAttempts: TRIES }), url: environment.QUEUE };

/** Puts the shards of an attempt on the queue: the first step of its execution. */
export async function handler(input: unknown): Promise<{ readonly shards: number }> {
  const { job, attempt } = executionSchema.parse(input);
  const shards = await dispatch(new JobStore(root, job), queue, attempt);
  log('info', 'dispatched', { job, attempt, shards });
  return { shards };
}
