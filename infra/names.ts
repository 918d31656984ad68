import { Aws } from 'aws-cdk-lib';

/** The functions of a stack: each is an entry point, made from `lambda/<name>/index.ts`. */
export const FUNCTIONS = ['coordinator', 'dispatcher', 'worker', 'supervisor', 'deadletter'] as const;
export type FunctionName = (typeof FUNCTIONS)[number];

/** Where all jobs are in the bucket. */
export const PREFIX = 'corpora/';

/** The alias of the coordinator that users may invoke. */
export const ALIAS = 'live';

/** A construct's path without the stack, and without the names that CDK gives of itself. */
export const partsOf = (path: string): string[] =>
  path
    .split('/')
    .slice(1)
    .filter((part) => part !== 'Default' && part !== 'Resource');

export const functionName = (name: FunctionName): string => `${Aws.STACK_NAME}-${name}`;

/** The state machine and the supervisor know each other: one of them has to know the other by its name. */
export const STATE_MACHINE = `${Aws.STACK_NAME}-attempts`;
export const stateMachineArn = `arn:${Aws.PARTITION}:states:${Aws.REGION}:${Aws.ACCOUNT_ID}:stateMachine:${STATE_MACHINE}`;

/** Where the metrics are that the worker counts itself. */
export const METRICS = { namespace: 'Mailwright', dimensions: { Function: functionName('worker') } } as const;
