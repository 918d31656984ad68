import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { GENERATOR_VERSION } from '../../../corpus/version.ts';
import { shardsMissing } from '../../../job/plan.ts';
import type { Task } from '../../../job/task.ts';
import { EngineError } from '../../error.ts';
import { inParallel } from '../../parallel.ts';
import type { JobStore } from './job-store.ts';

/** Of SendMessageBatch: entries of a batch; and how many batches are under way at once. */
const BATCH = 10;
const BATCHES = 16;

export interface Queue {
  readonly sqs: SQSClient;
  readonly url: string;
}

/** Puts every shard of an attempt on the queue that has no receipt; how many. Twice is no harm: the same keys, the same bytes. */
export async function dispatch(store: JobStore, queue: Queue, attempt: number): Promise<number> {
  const record = (await store.record())?.value;
  if (!record) throw new EngineError('NOT_FOUND', `${store.where}job.json is not there: the job was deleted`);
  const missing = shardsMissing(record.plan, await store.receipts());
  await send(queue, store.job, attempt, missing);
  return missing.length;
}

/** Sends shards to the workers. All messages of a job are one group: SQS serves the groups in turn, so a small job need not wait for a large one. */
export async function send(queue: Queue, job: string, attempt: number, shards: readonly number[]): Promise<void> {
  const batches: (readonly number[])[] = [];
  for (let at = 0; at < shards.length; at += BATCH) batches.push(shards.slice(at, at + BATCH));
  await inParallel(batches, BATCHES, async (batch) => {
    let left = batch;
    for (let tries = 0; left.length > 0; tries++) {
      if (tries === 10) throw new EngineError('THROTTLED', `the queue refused shard ${left[0]} ten times`);
      const Entries = left.map((shard) => ({
        Id: String(shard),
        MessageBody: JSON.stringify({ generator: GENERATOR_VERSION, job, attempt, shard } satisfies Task),
        MessageGroupId: job,
      }));
      const { Failed = [] } = await queue.sqs.send(new SendMessageBatchCommand({ QueueUrl: queue.url, Entries }));
      const broken = Failed.find(({ SenderFault }) => SenderFault);
      if (broken) throw new EngineError('STORAGE', `the queue does not take shard ${broken.Id}: ${broken.Message ?? broken.Code}`);
      left = Failed.map(({ Id }) => Number(Id));
    }
  });
}
