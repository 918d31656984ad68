import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { ExecutionAbortedError, ExecutionTimeoutError, StateMachine, type StateMachineDefinition } from 'aws-local-stepfunctions';
import { AwsError } from './aws-error.ts';
import type { Caller } from './callers.ts';
import { functionNamed } from './lambda-api.ts';
import type { LambdaHost } from './lambda-host.ts';
import type { Access } from './access.ts';
import type { Storage } from './storage.ts';

/** State machines run by a real interpreter of their definitions; their tasks really invoke functions and publish. */

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

export interface Execution {
  readonly arn: string;
  readonly machine: string;
  readonly name: string;
  /** JSON. */
  readonly input: string;
  readonly started: Date;
  status: ExecutionStatus;
  stopped?: Date;
  /** JSON. */
  output?: string;
  error?: string;
  cause?: string;
}

interface Machine {
  readonly name: string;
  readonly arn: string;
  definition: StateMachineDefinition;
  role: Caller;
}

interface Running {
  readonly execution: Execution;
  readonly abort: () => void;
}

type Json = Parameters<StateMachine['run']>[0];
type State = StateMachineDefinition['States'][string];
type Handler = (input: Json) => Promise<Json>;

export interface StateMachinesOptions {
  readonly region: string;
  readonly account: string;
  readonly scale: number;
  /** Told of each execution that has begun or ended. */
  readonly onChange: (execution: Execution) => void;
}

export class StateMachines {
  private readonly machines = new Map<string, Machine>();
  private readonly executions = new Map<string, Execution>();
  private readonly running = new Map<string, Running>();
  private readonly options: StateMachinesOptions;
  private readonly lambda: LambdaHost;
  private readonly storage: Storage;
  private readonly access: Access;

  constructor(options: StateMachinesOptions, lambda: LambdaHost, storage: Storage, access: Access) {
    this.options = options;
    this.lambda = lambda;
    this.storage = storage;
    this.access = access;
  }

  arnOf(name: string): string {
    return `arn:aws:states:${this.options.region}:${this.options.account}:stateMachine:${name}`;
  }

  /** Makes a state machine, or gives one another definition: executions that run go on as they began. */
  put(name: string, definition: string, role: Caller): string {
    const parsed = JSON.parse(definition) as StateMachineDefinition;
    new StateMachine(parsed); // throws what is wrong with it
    const arn = this.arnOf(name);
    this.machines.set(arn, { name, arn, definition: inScale(parsed, this.options.scale), role });
    return arn;
  }

  delete(arn: string): void {
    this.machines.delete(arn);
    for (const { execution, abort } of this.running.values()) if (execution.machine === arn) abort();
  }

  start(arn: string, name: string = randomUUID(), input = '{}'): Execution {
    const machine = this.machines.get(arn);
    if (!machine) throw new AwsError(400, 'StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
    if (!/^[\w-]{1,80}$/.test(name))
      // Step Functions takes a few more letters
      throw new AwsError(400, 'InvalidName', `Invalid Name: '${name}'`);
    const executionArn = this.executionArn(machine.name, name);
    const before = this.executions.get(executionArn);
    if (before?.status === 'RUNNING' && before.input === input) return before;
    if (before) throw new AwsError(400, 'ExecutionAlreadyExists', `Execution Already Exists: '${executionArn}'`);
    const parsed = inputOf(input);
    const execution: Execution = { arn: executionArn, machine: arn, name, input, started: new Date(), status: 'RUNNING' };
    this.executions.set(executionArn, execution);
    this.options.onChange(execution);
    void this.run(machine, execution, parsed);
    return execution;
  }

  describe(executionArn: string): Execution {
    const execution = this.executions.get(executionArn);
    if (!execution) throw new AwsError(400, 'ExecutionDoesNotExist', `Execution Does Not Exist: '${executionArn}'`);
    return execution;
  }

  /** Aborts an execution: what it has begun ends by itself, and nothing follows it. */
  stop(executionArn: string, error?: string, cause?: string): Execution {
    const execution = this.describe(executionArn);
    if (execution.status !== 'RUNNING') return execution;
    const { abort } = this.running.get(executionArn)!;
    this.close(execution, 'ABORTED', { ...(error !== undefined && { error }), ...(cause !== undefined && { cause }) });
    abort();
    return execution;
  }

  list(arn: string): Execution[] {
    if (!this.machines.has(arn)) throw new AwsError(400, 'StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
    return [...this.executions.values()].filter(({ machine }) => machine === arn).reverse();
  }

  /** All executions, oldest first. */
  all(): Execution[] {
    return [...this.executions.values()];
  }

  stopAll(): void {
    for (const { execution, abort } of this.running.values()) {
      execution.status = 'ABORTED';
      abort();
    }
    this.running.clear();
  }

  private executionArn(machine: string, name: string): string {
    return `arn:aws:states:${this.options.region}:${this.options.account}:execution:${machine}:${name}`;
  }

  private async run({ name, arn, definition, role }: Machine, execution: Execution, input: Json): Promise<void> {
    const aborted = new AbortController();
    const caller: Caller = { ...role, arn: `${role.arn}/${execution.name}` };
    const handlers = Object.fromEntries(
      Object.entries(definition.States)
        .filter(([, state]) => state.Type === 'Task')
        .map(([stateName, state]) => [
          stateName,
          // The interpreter would try again after an abort: nothing may follow it.
          (taskInput: Json) => {
            if (aborted.signal.aborted) throw Object.assign(new Error('aborted'), { isRetryable: false, isCatchable: false });
            return this.task(state, caller, aborted.signal)(taskInput);
          },
        ]),
    );
    const run = new StateMachine(definition, { validationOptions: { noValidate: true } }).run(input, {
      overrides: { taskResourceLocalHandlers: handlers },
      context: {
        Execution: { Id: execution.arn, Name: execution.name },
        StateMachine: { Id: arn, Name: name },
      },
    });
    this.running.set(execution.arn, {
      execution,
      abort: () => {
        aborted.abort();
        run.abort();
      },
    });
    try {
      const output = await run.result;
      this.close(execution, 'SUCCEEDED', { output: JSON.stringify(output) });
    } catch (error) {
      aborted.abort();
      if (error instanceof ExecutionTimeoutError) this.close(execution, 'TIMED_OUT', { error: 'States.Timeout' });
      else if (!(error instanceof ExecutionAbortedError)) {
        const cause = (error as Error).cause as Error | undefined;
        this.close(execution, 'FAILED', { error: cause?.name ?? 'States.Runtime', cause: cause?.message ?? (error as Error).message });
      }
    }
  }

  private close(execution: Execution, status: ExecutionStatus, how: Partial<Pick<Execution, 'output' | 'error' | 'cause'>>): void {
    this.running.delete(execution.arn);
    if (execution.status !== 'RUNNING') return;
    Object.assign(execution, how, { status, stopped: new Date() });
    this.options.onChange(execution);
  }

  private task(state: State, caller: Caller, signal: AbortSignal): Handler {
    const { Resource } = state as { Resource: string };
    if (isWait(state)) return (input) => wait(state, input, signal);
    if (Resource.startsWith('arn:aws:lambda:')) return (input) => this.invoke(caller, Resource, input).then(({ result }) => result);
    switch (Resource) {
      case 'arn:aws:states:::lambda:invoke':
        return async (input) => {
          const { FunctionName, Payload = {} } = input as { FunctionName: string; Payload?: Json };
          const { result, version } = await this.invoke(caller, FunctionName, Payload);
          return { ExecutedVersion: version, Payload: result, StatusCode: 200 };
        };
      case 'arn:aws:states:::sns:publish':
        return async (input) => {
          const { TopicArn, Subject, Message, MessageAttributes = {} } = input as unknown as PublishInput;
          const message = typeof Message === 'string' ? Message : JSON.stringify(Message);
          const attributes = Object.entries(MessageAttributes).map(([name, { StringValue = '' }]) => [name, StringValue] as const);
          try {
            return { MessageId: this.storage.publish(caller, TopicArn, Subject, message, Object.fromEntries(attributes)) };
          } catch (error) {
            throw error instanceof AwsError ? new AwsError(error.status, `SNS.${error.code}Exception`, error.message) : error;
          }
        };
      default:
        throw new Error(`${Resource}: the emulator has no such task`);
    }
  }

  /** Names errors as Step Functions does: Lambda's own with its name in front, the function's by their type, with the whole answer as cause. */
  private async invoke(caller: Caller, target: string, input: Json): Promise<{ result: Json; version: string }> {
    const { name, qualifier } = functionNamed(target);
    let answer;
    try {
      this.access.check(caller, 'lambda:InvokeFunction', this.lambda.arnOf(qualifier === undefined ? name : `${name}:${qualifier}`));
      answer = await this.lambda.invoke(name, qualifier, JSON.stringify(input));
    } catch (error) {
      throw error instanceof AwsError
        ? new AwsError(error.status, error.status === 403 ? 'Lambda.AWSLambdaException' : `Lambda.${error.code}`, error.message)
        : error;
    }
    if (answer.error === undefined) return { result: JSON.parse(answer.payload) as Json, version: answer.version };
    const { errorType } = JSON.parse(answer.payload) as { errorType: string };
    throw new AwsError(200, errorType, answer.payload);
  }
}

interface PublishInput {
  readonly TopicArn: string;
  readonly Subject?: string;
  readonly Message: unknown;
  readonly MessageAttributes?: Readonly<Record<string, { readonly StringValue?: string }>>;
}

function inputOf(input: string): Json {
  try {
    return JSON.parse(input) as Json;
  } catch (error) {
    throw new AwsError(400, 'InvalidExecutionInput', `Invalid execution input: ${(error as Error).message}`);
  }
}

/** A task that is not to be stopped has this: setTimeout takes no more than 24 days. */
const FOR_EVER = 2_000_000;

/** Seconds under which no time-out is scaled: processors are not. */
const SHORTEST_TIMEOUT = 10;

/**
 * A definition with its times divided. Waits become tasks of ours, for the interpreter knows only whole seconds. Those
 * that a path gives are not divided: what computes them has been given times that were.
 */
function inScale(definition: StateMachineDefinition, scale: number): StateMachineDefinition {
  const divided = (seconds: number | undefined): number | undefined => (seconds === undefined ? undefined : seconds / scale);
  const timeout = (seconds: number): number => Math.min(FOR_EVER, Math.max(seconds / scale, Math.min(seconds, SHORTEST_TIMEOUT)));
  const states = Object.entries(definition.States).map(([name, state]) => {
    if (state.Type === 'Map' || state.Type === 'Parallel')
      throw new Error(`${name}: the emulator does not scale the times of ${state.Type}`);
    if (state.Type === 'Wait')
      return [
        name,
        { ...state, Type: 'Task', Resource: WAIT, TimeoutSeconds: FOR_EVER, Seconds: divided(state.Seconds), Whole: scale === 1 },
      ];
    if (state.Type !== 'Task') return [name, state];
    const Retry = state.Retry?.map((retrier) => ({
      ...retrier,
      IntervalSeconds: divided(retrier.IntervalSeconds ?? 1),
      ...(retrier.MaxDelaySeconds !== undefined && { MaxDelaySeconds: divided(retrier.MaxDelaySeconds) }),
    }));
    return [
      name,
      { ...state, TimeoutSeconds: state.TimeoutSeconds === undefined ? FOR_EVER : timeout(state.TimeoutSeconds), ...(Retry && { Retry }) },
    ];
  });
  return {
    ...definition,
    ...(definition.TimeoutSeconds !== undefined && { TimeoutSeconds: timeout(definition.TimeoutSeconds) }),
    States: Object.fromEntries(states) as StateMachineDefinition['States'],
  };
}

const WAIT = 'emulator:wait';

interface WaitTask {
  readonly Resource: typeof WAIT;
  readonly Seconds?: number;
  readonly SecondsPath?: string;
  /** Step Functions takes whole seconds only: where time is not scaled, so do we. */
  readonly Whole: boolean;
}

const isWait = (state: unknown): state is WaitTask => (state as { Resource?: string }).Resource === WAIT;

async function wait({ Seconds, SecondsPath, Whole }: WaitTask, input: Json, signal: AbortSignal): Promise<Json> {
  const seconds = SecondsPath === undefined ? Seconds : at(input, SecondsPath);
  if (typeof seconds !== 'number' || seconds < 0 || (SecondsPath !== undefined && Whole && !Number.isInteger(seconds)))
    throw Object.assign(new Error(`The value of ${SecondsPath} is not a whole number of seconds: ${JSON.stringify(seconds)}`), {
      name: 'States.Runtime',
      isRetryable: false,
      isCatchable: false,
    });
  await setTimeout(seconds * 1000, undefined, { signal }).catch(() => undefined);
  return input;
}

/** The value at a path such as $.look.wait. */
const at = (value: unknown, path: string): unknown =>
  path
    .split('.')
    .slice(1)
    .reduce<unknown>((within, name) => (within as Record<string, unknown> | undefined)?.[name], value);
