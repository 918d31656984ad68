import { ExecutionAlreadyExists, type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { type Execution, executionName, executionOf } from '../../../job/task.ts';

/** The state machine of a stack, which carries attempts out: one execution each. */
export interface Machine {
  readonly sfn: SFNClient;
  readonly arn: string;
}

/** Starts the execution of an attempt; once, however often it is asked to. */
export async function startExecution({ sfn, arn }: Machine, execution: Execution): Promise<void> {
  try {
    await sfn.send(new StartExecutionCommand({ stateMachineArn: arn, name: executionName(execution), input: JSON.stringify(execution) }));
  } catch (error) {
    if (!(error instanceof ExecutionAlreadyExists)) throw error;
  }
}

/** Rescues of one attempt: where so many failed, the stack is broken, and an alarm has said so. */
const RESCUES = 20;

/**
 * An execution failed, ran out of time or was aborted from outside: another one ends the attempt, so that no job hangs.
 * `name` is that of the execution; answers with the rescue's, or undefined where there is none to be.
 */
export async function rescue(machine: Machine, name: string): Promise<string | undefined> {
  const failed = executionOf(name);
  if (!failed || (failed.rescue ?? 0) >= RESCUES) return undefined;
  const next: Execution = { ...failed, rescue: (failed.rescue ?? 0) + 1 };
  await startExecution(machine, next);
  return executionName(next);
}
