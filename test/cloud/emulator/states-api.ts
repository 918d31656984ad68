import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Access } from './access.ts';
import { AwsError } from './aws-error.ts';
import type { Caller } from './callers.ts';
import { bodyOf, sendJson } from './protocols.ts';
import type { Execution, StateMachines } from './state-machines.ts';

/** Executions in a page of a list. */
const PAGE = 100;

interface StatesInput {
  readonly stateMachineArn: string;
  readonly executionArn: string;
  readonly name?: string;
  readonly input?: string;
  readonly error?: string;
  readonly cause?: string;
  readonly statusFilter?: string;
  readonly maxResults?: number;
  readonly nextToken?: string;
}

const seconds = (date: Date): number => date.getTime() / 1000;

const summary = ({ arn, machine, name, status, started, stopped }: Execution): object => ({
  executionArn: arn,
  stateMachineArn: machine,
  name,
  status,
  startDate: seconds(started),
  ...(stopped && { stopDate: seconds(stopped) }),
});

/** Step Functions' API, as far as executions go. */
export class StatesApi {
  private readonly machines: StateMachines;
  private readonly access: Access;

  constructor(machines: StateMachines, access: Access) {
    this.machines = machines;
    this.access = access;
  }

  async handle(request: IncomingMessage, response: ServerResponse, caller: Caller): Promise<void> {
    const action = String(request.headers['x-amz-target']).replace('AWSStepFunctions.', '');
    const input = JSON.parse((await bodyOf(request)).toString('utf8')) as StatesInput;
    this.access.check(caller, `states:${action}`, input.executionArn ?? input.stateMachineArn);
    sendJson(response, this.answer(action, input));
  }

  private answer(action: string, input: StatesInput): object {
    switch (action) {
      case 'StartExecution': {
        const { arn, started } = this.machines.start(input.stateMachineArn, input.name, input.input);
        return { executionArn: arn, startDate: seconds(started) };
      }
      case 'DescribeExecution': {
        const execution = this.machines.describe(input.executionArn);
        const { output, error, cause } = execution;
        return { ...summary(execution), input: execution.input, output, error, cause };
      }
      case 'StopExecution':
        return { stopDate: seconds(this.machines.stop(input.executionArn, input.error, input.cause).stopped!) };
      case 'ListExecutions': {
        const all = this.machines
          .list(input.stateMachineArn)
          .filter(({ status }) => input.statusFilter === undefined || status === input.statusFilter);
        const from = Number(input.nextToken ?? 0);
        const to = from + Math.min(input.maxResults || PAGE, PAGE);
        return { executions: all.slice(from, to).map(summary), ...(to < all.length && { nextToken: String(to) }) };
      }
      default:
        throw new AwsError(400, 'UnknownOperationException', `${action}: not part of the emulator`);
    }
  }
}
