import { randomUUID } from 'node:crypto';
import {
  type Change as CloudFormationChange,
  CreateChangeSetCommand,
  DeleteChangeSetCommand,
  DeleteStackCommand,
  DescribeChangeSetCommand,
  type DescribeChangeSetCommandOutput,
  ExecuteChangeSetCommand,
  type Parameter,
} from '@aws-sdk/client-cloudformation';
import { EngineError } from '../../error.ts';
import type { Account } from './account.ts';
import { poll } from './poll.ts';
import { isUnderReview, type StackState } from './stack.ts';

/** What will happen to a resource. */
export interface Change {
  /** CloudFormation's own word: Add, Modify, Remove, … */
  readonly action: string;
  readonly resource: string;
  readonly type: string;
  /** Whether another one takes its place: True, False, Conditional; of a Modify. */
  readonly replacement?: string;
  /** What would be lost by it. */
  readonly danger?: string;
}

/** A change set of a stack: what would be done, and then doing it. */
export class ChangeSet {
  readonly stackId: string;
  /** The stack is made by it. */
  readonly isNew: boolean;
  private readonly id: string;
  private readonly stack: string;

  private constructor(id: string, stackId: string, stack: string, isNew: boolean) {
    this.id = id;
    this.stackId = stackId;
    this.stack = stack;
    this.isNew = isNew;
  }

  /** `stack` is the one that is there; undefined where it will be made. */
  static async create(
    account: Account,
    name: string,
    stack: StackState | undefined,
    templateUrl: string,
    parameters: Parameter[],
  ): Promise<ChangeSet> {
    const isNew = !stack || isUnderReview(stack);
    const { Id, StackId } = await account.ask('cloudformation:CreateChangeSet', name, ({ cloudFormation }) =>
      cloudFormation
        .send(
          new CreateChangeSetCommand({
            StackName: name,
            ChangeSetName: `mailwright-${randomUUID()}`,
            ChangeSetType: isNew ? 'CREATE' : 'UPDATE',
            TemplateURL: templateUrl,
            Parameters: parameters,
            Capabilities: ['CAPABILITY_NAMED_IAM'],
          }),
        )
        .catch((error: unknown) => {
          throw error instanceof Error && error.name === 'ValidationError'
            ? new EngineError('REFUSED', `CloudFormation refuses to deploy ${name}: ${error.message}`, { cause: error })
            : error;
        }),
    );
    return new ChangeSet(Id!, StackId!, name, isNew);
  }

  /** Waits until it is known what would change: undefined where nothing would; none where only settings and outputs would. */
  async changes(account: Account): Promise<Change[] | undefined> {
    const first = await poll(account.signal, async () => {
      const page = await this.describe(account);
      return page.Status === 'CREATE_COMPLETE' || page.Status === 'FAILED' ? page : undefined;
    });
    if (first.Status === 'FAILED') {
      if (/didn't contain changes|No updates are to be performed/i.test(first.StatusReason ?? '')) return undefined;
      throw new EngineError(
        'STACK',
        `CloudFormation cannot work out what to change in the stack ${this.stack}: ${first.StatusReason ?? 'it gives no reason'}. Nothing was changed.`,
      );
    }
    const changes = (first.Changes ?? []).flatMap(changeOf);
    for (let token = first.NextToken; token !== undefined;) {
      const page = await this.describe(account, token);
      changes.push(...(page.Changes ?? []).flatMap(changeOf));
      token = page.NextToken;
    }
    return changes;
  }

  async execute(account: Account): Promise<void> {
    await account.ask('cloudformation:ExecuteChangeSet', this.stack, ({ cloudFormation }) =>
      cloudFormation.send(new ExecuteChangeSetCommand({ ChangeSetName: this.id, StackName: this.stackId })),
    );
  }

  /** Takes it back, and with it a stack that is only announced. */
  async discard(account: Account): Promise<void> {
    await account.ask('cloudformation:DeleteChangeSet', this.stack, ({ cloudFormation }) =>
      cloudFormation.send(new DeleteChangeSetCommand({ ChangeSetName: this.id, StackName: this.stackId })),
    );
    if (this.isNew)
      await account.ask('cloudformation:DeleteStack', this.stack, ({ cloudFormation }) =>
        cloudFormation.send(new DeleteStackCommand({ StackName: this.stackId })),
      );
  }

  private describe(account: Account, NextToken?: string): Promise<DescribeChangeSetCommandOutput> {
    return account.ask('cloudformation:DescribeChangeSet', this.stack, ({ cloudFormation }) =>
      cloudFormation.send(new DescribeChangeSetCommand({ ChangeSetName: this.id, StackName: this.stackId, NextToken })),
    );
  }
}

function changeOf({ ResourceChange: change }: CloudFormationChange): Change[] {
  if (!change) return []; // a hook's
  const { Action, LogicalResourceId, ResourceType, Replacement } = change;
  const danger = ResourceType === 'AWS::S3::Bucket' ? dangerOf(Action!, Replacement) : undefined;
  return [
    {
      action: Action!,
      resource: LogicalResourceId!,
      type: ResourceType!,
      ...(Action === 'Modify' && Replacement !== undefined && { replacement: Replacement }),
      ...(danger !== undefined && { danger }),
    },
  ];
}

function dangerOf(action: string, replacement: string | undefined): string | undefined {
  if (action === 'Remove') return 'the bucket goes: no corpus in it can be used any more';
  if (action !== 'Modify' || replacement === undefined || replacement === 'False') return undefined;
  return `another, empty bucket ${replacement === 'True' ? 'takes' : 'may take'} its place: no corpus in the old one can be used any more`;
}
