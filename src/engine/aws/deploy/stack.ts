import {
  DeleteStackCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  paginateDescribeStacks,
  type Stack,
} from '@aws-sdk/client-cloudformation';
import { EngineError } from '../../error.ts';
import type { Account } from './account.ts';
import { ARTIFACTS } from './artifacts.ts';
import { Follower, type ResourceEvent } from './events.ts';

/** The parameter that names the artifacts bucket: every stack of Mailwright has it. */
export const CODE_BUCKET = 'CodeBucket';

/** A stack as it is. */
export interface StackState {
  readonly id: string;
  readonly name: string;
  /** CloudFormation's own word, such as UPDATE_COMPLETE. */
  readonly status: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
  /** Against being deleted. */
  readonly isProtected: boolean;
}

/** A stack by its name; undefined where there is none. Refuses one that is not Mailwright's: deploying would replace all that is in it. */
export async function findStack(account: Account, name: string): Promise<StackState | undefined> {
  const found = await account.find(
    'cloudformation:DescribeStacks',
    name,
    ({ cloudFormation }) => cloudFormation.send(new DescribeStacksCommand({ StackName: name })),
    isNoStack,
  );
  const [description] = found?.Stacks ?? [];
  if (description === undefined) return undefined;
  const stack = stateOf(description);
  if (!holdsNothing(stack) && !stack.parameters[CODE_BUCKET]?.startsWith(ARTIFACTS))
    throw new EngineError('REFUSED', `The stack ${name} is not one of Mailwright's: it was left as it is. Name another one with --stack.`);
  return stack;
}

/** The names of the stacks that are deployed from a bucket. */
export function stacksFrom(account: Account, bucket: string): Promise<string[]> {
  return account.ask('cloudformation:DescribeStacks', '*', async ({ cloudFormation }) => {
    const names: string[] = [];
    for await (const { Stacks = [] } of paginateDescribeStacks({ client: cloudFormation }, {}))
      for (const { name, parameters } of Stacks.map(stateOf)) if (parameters[CODE_BUCKET] === bucket) names.push(name);
    return names;
  });
}

/** The buckets among a stack's resources. */
export async function bucketsOf(account: Account, stack: StackState): Promise<string[]> {
  const { StackResources = [] } = await account.ask('cloudformation:DescribeStackResources', stack.name, ({ cloudFormation }) =>
    cloudFormation.send(new DescribeStackResourcesCommand({ StackName: stack.id })),
  );
  return StackResources.filter(
    ({ ResourceType, ResourceStatus }) => ResourceType === 'AWS::S3::Bucket' && ResourceStatus !== 'DELETE_COMPLETE',
  )
    .map(({ PhysicalResourceId }) => PhysicalResourceId ?? '')
    .filter((bucket) => bucket !== '');
}

/** Deletes a stack and follows that to its end; answers with the status then, and what happened. */
export async function deleteStack(
  account: Account,
  stack: StackState,
  told: (event: ResourceEvent) => void,
): Promise<{ readonly status: string; readonly events: readonly ResourceEvent[] }> {
  const follower = await Follower.of(account, stack.id, told);
  await account.ask('cloudformation:DeleteStack', stack.name, ({ cloudFormation }) =>
    cloudFormation.send(new DeleteStackCommand({ StackName: stack.id })),
  );
  return { status: await follower.end(account), events: follower.events };
}

/** It was only announced, by a change set that has not been carried out. */
export const isUnderReview = ({ status }: StackState): boolean => status === 'REVIEW_IN_PROGRESS';

/** It has no resources, and perhaps no parameters to know it by. */
const holdsNothing = (stack: StackState): boolean => isUnderReview(stack) || stack.status === 'ROLLBACK_COMPLETE';

/** Refuses a stack that something is going on with. */
export function refuseBusy(stack: StackState): void {
  if (stack.status.endsWith('_IN_PROGRESS') && !isUnderReview(stack))
    throw new EngineError(
      'STACK',
      `CloudFormation is at work on the stack ${stack.name} (${stack.status}). Wait until it has ended, then try again.`,
    );
}

/** CloudFormation says ValidationError of much; the words tell. */
const isNoStack = (error: Error): boolean => error.name === 'ValidationError' && /does not exist/.test(error.message);

const stateOf = ({ StackId, StackName, StackStatus, Parameters = [], Outputs = [], EnableTerminationProtection }: Stack): StackState => ({
  id: StackId!,
  name: StackName!,
  status: StackStatus!,
  parameters: Object.fromEntries(Parameters.map(({ ParameterKey, ParameterValue }) => [ParameterKey!, ParameterValue ?? ''])),
  outputs: Object.fromEntries(Outputs.map(({ OutputKey, OutputValue }) => [OutputKey!, OutputValue ?? ''])),
  isProtected: EnableTerminationProtection ?? false,
});
