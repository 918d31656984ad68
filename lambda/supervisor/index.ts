import { SFNClient } from '@aws-sdk/client-sfn';
import { SQSClient } from '@aws-sdk/client-sqs';
import { supervisorEnvironment } from '../../src/engine/aws/stack/environment.ts';
import { rescue } from '../../src/engine/aws/stack/executions.ts';
import { log } from '../../src/engine/aws/stack/log.ts';
import { putterOf, rootOf, TRIES } from '../../src/engine/aws/stack/root.ts';
import { Supervisor } from '../../src/engine/aws/stack/supervisor.ts';
import { type Look, supervisionSchema } from '../../src/job/task.ts';

const environment = supervisorEnvironment(process.env);
const root = rootOf(environment);
const queue = { sqs: new SQSClient({ maxAttempts: TRIES }), url: environment.QUEUE };
const machine = { sfn: new SFNClient({ maxAttempts: TRIES }), arn: environment.STATE_MACHINE };
const supervisor = new Supervisor(
  root,
  queue,
  environment.TIMES,
  () => new Date(),
  () => putterOf(root),
);

/** A step of an attempt's execution; or EventBridge's word that an execution came to a bad end. */
export async function handler(input: unknown): Promise<Look | undefined> {
  const name = nameOfEnded(input);
  if (name !== undefined) {
    const next = await rescue(machine, name);
    log(next === undefined ? 'error' : 'warn', 'an execution came to a bad end', { execution: name, rescue: next });
    return undefined;
  }
  const supervision = supervisionSchema.parse(input);
  const look = await supervisor.look(supervision);
  log('info', 'looked', { step: supervision.step, ...look });
  return look;
}

/** The name of the execution in an event "Step Functions Execution Status Change". */
function nameOfEnded(input: unknown): string | undefined {
  const event = input as { source?: unknown; detail?: { name?: unknown } } | null;
  return event?.source === 'aws.states' && typeof event.detail?.name === 'string' ? event.detail.name : undefined;
}
