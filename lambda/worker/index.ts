import { fileURLToPath } from 'node:url';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { queueEnvironment } from '../../src/engine/aws/stack/environment.ts';
import { receive } from '../../src/engine/aws/stack/receive.ts';
import { putterOf, rootOf, TRIES } from '../../src/engine/aws/stack/root.ts';
import { ShardWorker } from '../../src/engine/aws/stack/worker.ts';

const environment = queueEnvironment(process.env);
const root = rootOf(environment);
const queue = { sqs: new SQSClient({ maxAttempts: TRIES }), url: environment.QUEUE };
const packs = fileURLToPath(new URL('./packs', import.meta.url));
const worker = new ShardWorker(
  root,
  environment.TIMES,
  packs,
  () => new Date(),
  () => putterOf(root),
);

/** Makes the shards that the queue hands out. */
export async function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  const deadline = new Date(Date.now() + context.getRemainingTimeInMillis());
  const batchItemFailures: SQSBatchResponse['batchItemFailures'] = [];
  for (const { messageId, body, receiptHandle, attributes } of event.Records) {
    const receives = Number(attributes.ApproximateReceiveCount);
    const done = await receive(worker, root, queue, environment.TIMES, { body, receiptHandle, receives }, deadline, Math.random);
    if (!done) batchItemFailures.push({ itemIdentifier: messageId });
  }
  return { batchItemFailures };
}
