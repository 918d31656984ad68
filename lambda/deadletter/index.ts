import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { giveUp } from '../../src/engine/aws/stack/deadletter.ts';
import { commonEnvironment } from '../../src/engine/aws/stack/environment.ts';
import { JobStore } from '../../src/engine/aws/stack/job-store.ts';
import { log, wordsOf } from '../../src/engine/aws/stack/log.ts';
import { rootOf } from '../../src/engine/aws/stack/root.ts';
import { type Task, taskOf } from '../../src/job/task.ts';

const environment = commonEnvironment(process.env);
const root = rootOf(environment);

/** Says of each message among the dead letters that its shard was given up. */
export async function handler(event: SQSEvent): Promise<SQSBatchResponse> {
  const batchItemFailures: SQSBatchResponse['batchItemFailures'] = [];
  for (const { messageId, body } of event.Records)
    try {
      const task = taskIn(body);
      const said = task && (await giveUp(new JobStore(root, task.job), task, environment.TIMES.receives, new Date()));
      log('warn', task ? 'shard given up' : 'not a task: dropped', { ...task, said, ...(!task && { body: body.slice(0, 500) }) });
    } catch (error) {
      log('error', 'a dead letter could not be dealt with', { error: wordsOf(error) });
      batchItemFailures.push({ itemIdentifier: messageId });
    }
  return { batchItemFailures };
}

function taskIn(body: string): Task | undefined {
  try {
    return taskOf(body);
  } catch {
    return undefined;
  }
}
