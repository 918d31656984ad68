import { ChangeMessageVisibilityCommand } from '@aws-sdk/client-sqs';
import { type Task, taskOf } from '../../../job/task.ts';
import type { Times } from '../../../job/times.ts';
import type { Queue } from './dispatcher.ts';
import { JobStore, type Root } from './job-store.ts';
import { log, metrics, wordsOf } from './log.ts';
import type { ShardWorker } from './worker.ts';

/** What is used of a message of the queue. */
export interface Received {
  readonly body: string;
  readonly receiptHandle: string;
  /** How often it was received, this time counted. */
  readonly receives: number;
}

/**
 * Takes a message from the queue and does its task; false where it has to come again. It then comes soon, instead of after
 * the whole time that it would stay hidden; where it will not come again, the error is left in the bucket.
 */
export async function receive(
  worker: ShardWorker,
  root: Root,
  queue: Queue,
  times: Times,
  message: Received,
  deadline: Date,
  random: () => number,
): Promise<boolean> {
  let task: Task | undefined;
  try {
    task = taskOf(message.body);
    const done = await worker.work(task, deadline);
    log('info', `shard ${done.done}`, { ...task, ...done, receives: message.receives });
    if (done.done === 'made')
      metrics(
        {
          Messages: [done.messages, 'Count'],
          Bytes: [done.bytes, 'Bytes'],
          ShardSeconds: [done.seconds, 'Seconds'],
          Puts: [done.puts, 'Count'],
          Throttles: [done.throttles, 'Count'],
          Errors: [0, 'Count'],
        },
        new Date(),
        { job: task.job },
      );
    return true;
  } catch (error) {
    const words = wordsOf(error);
    log('error', 'shard failed', {
      ...task,
      error: words,
      receives: message.receives,
      stack: error instanceof Error ? error.stack : undefined,
    });
    metrics({ Errors: [1, 'Count'] }, new Date());
    if (task && message.receives >= times.receives)
      await new JobStore(root, task.job).giveUp({ shard: task.shard, attempt: task.attempt, error: words, at: new Date().toISOString() });
    // Full jitter: a twelfth of a shard's time at first, twice as much each time.
    const seconds = Math.ceil(random() * (times.shard / 12) * 2 ** message.receives);
    await queue.sqs.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl: queue.url,
        ReceiptHandle: message.receiptHandle,
        VisibilityTimeout: Math.min(seconds, Math.floor(times.visibility)),
      }),
    );
    return false;
  }
}
