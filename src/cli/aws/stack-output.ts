import type { Identity } from '../../engine/aws/deploy/account.ts';
import type { ResourceEvent } from '../../engine/aws/deploy/events.ts';

/** What deploy and destroy print alike. What goes on goes to standard error; standard output is left to results. */

export const tell = (text: string): boolean => process.stderr.write(`${text}\n`);

/** "the stack mailwright in account 123456789012, eu-west-1" */
export const stackIn = (stack: string, { account, region }: Identity): string => `the stack ${stack} in account ${account}, ${region}`;

/** "12:30:05  CREATE_COMPLETE  Worker  AWS::Lambda::Function", the time in UTC. */
export const eventLine = ({ time, status, resource, type, reason }: ResourceEvent): string =>
  [time.slice(11, 19), status.padEnd(18), resource, type, ...(reason === undefined ? [] : [reason])].join('  ');

/** CloudFormation tells twice that it begins to make a resource. */
export const isRepeated = ({ reason }: ResourceEvent): boolean => reason === 'Resource creation Initiated';
