import { randomUUID } from 'node:crypto';
import { AwsError } from './aws-error.ts';
import { functionNamed } from './lambda-api.ts';
import type { LambdaHost } from './lambda-host.ts';
import type { Execution } from './state-machines.ts';

/** EventBridge's rules: of the events, only changes of executions happen here. */

export interface Rule {
  readonly arn: string;
  readonly pattern: Pattern;
  /** ARNs of functions. */
  readonly targets: readonly string[];
}

type Pattern = { readonly [field: string]: Pattern | readonly unknown[] };

export interface RulesOptions {
  readonly region: string;
  readonly account: string;
}

export class Rules {
  /** Events that a target could not be given, and why. */
  readonly undelivered: { readonly rule: string; readonly target: string; readonly reason: string }[] = [];
  private readonly rules = new Map<string, Rule>();
  private readonly options: RulesOptions;
  private readonly lambda: LambdaHost;

  constructor(options: RulesOptions, lambda: LambdaHost) {
    this.options = options;
    this.lambda = lambda;
  }

  put(name: string, rule: Rule): void {
    this.rules.set(name, rule);
  }

  delete(name: string): void {
    this.rules.delete(name);
  }

  tell(execution: Execution): void {
    const { arn, machine, name, status, input, output, error, cause, started, stopped } = execution;
    const event = {
      version: '0',
      id: randomUUID(),
      'detail-type': 'Step Functions Execution Status Change',
      source: 'aws.states',
      account: this.options.account,
      time: new Date().toISOString().replace(/\.\d+Z/, 'Z'),
      region: this.options.region,
      resources: [arn],
      detail: {
        executionArn: arn,
        stateMachineArn: machine,
        name,
        status,
        startDate: started.getTime(),
        stopDate: stopped?.getTime() ?? null,
        input,
        inputDetails: { included: true },
        output: output ?? null,
        outputDetails: output === undefined ? null : { included: true },
        error: error ?? null,
        cause: cause ?? null,
      },
    };
    for (const { arn: ruleArn, pattern, targets } of this.rules.values())
      if (matches(pattern, event)) for (const target of targets) this.deliver(ruleArn, target, event);
  }

  private deliver(rule: string, target: string, event: object): void {
    const { name, qualifier } = functionNamed(target);
    try {
      if (!this.lambda.isPermitted(target, 'events.amazonaws.com', rule))
        throw new AwsError(403, 'AccessDeniedException', 'no AWS::Lambda::Permission lets events.amazonaws.com invoke it');
      this.lambda.invokeAsync(name, qualifier, JSON.stringify(event));
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      this.undelivered.push({ rule, target, reason: error.message });
    }
  }
}

/** Checks that a pattern is one that `matches` understands. */
export function checkPattern(pattern: Pattern): void {
  for (const [field, wanted] of Object.entries(pattern)) {
    if (!Array.isArray(wanted)) checkPattern(wanted as Pattern);
    else if (wanted.some((value) => typeof value === 'object' && value !== null && !('prefix' in value)))
      throw new Error(`event pattern of ${field}: the emulator knows values and prefixes`);
  }
}

function matches(pattern: Pattern, event: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(pattern).every(([field, wanted]) => {
    const value = event[field];
    if (!Array.isArray(wanted))
      return typeof value === 'object' && value !== null && matches(wanted as Pattern, value as Record<string, unknown>);
    return wanted.some((each: unknown) =>
      typeof each === 'object' && each !== null ? String(value).startsWith((each as { prefix: string }).prefix) : each === value,
    );
  });
}
