import { DescribeStackEventsCommand, type StackEvent } from '@aws-sdk/client-cloudformation';
import type { Account } from './account.ts';
import { poll } from './poll.ts';

/** What happened to a resource of a stack, or to the stack itself. */
export interface ResourceEvent {
  /** RFC 3339. */
  readonly time: string;
  /** The resource's name in the template; for the stack itself, the stack's. */
  readonly resource: string;
  readonly type: string;
  /** CloudFormation's own word, such as CREATE_FAILED. */
  readonly status: string;
  readonly reason?: string;
  readonly isStack: boolean;
}

/** Follows what happens to a stack from now on. */
export class Follower {
  /** All of it, oldest first. */
  readonly events: ResourceEvent[] = [];
  private readonly stackId: string;
  private readonly told: (event: ResourceEvent) => void;
  private last: string | undefined;

  private constructor(stackId: string, told: (event: ResourceEvent) => void, last: string | undefined) {
    this.stackId = stackId;
    this.told = told;
    this.last = last;
  }

  static async of(account: Account, stackId: string, told: (event: ResourceEvent) => void): Promise<Follower> {
    const { value } = await eventsOf(account, stackId).next();
    return new Follower(stackId, told, value?.EventId);
  }

  /** Waits until the stack has ended what it does; answers with its status then. After the account's signal it can be called again. */
  end(account: Account): Promise<string> {
    return poll(account.signal, async () => {
      for (const event of await this.news(account)) {
        this.events.push(event);
        this.told(event);
        // DescribeStacks would, for a moment, still tell how the operation before this one ended.
        if (event.isStack && !event.status.endsWith('_IN_PROGRESS')) return event.status;
      }
      return undefined;
    });
  }

  private async news(account: Account): Promise<ResourceEvent[]> {
    const news: StackEvent[] = [];
    for await (const event of eventsOf(account, this.stackId)) {
      if (event.EventId === this.last) break;
      news.push(event);
    }
    this.last = news[0]?.EventId ?? this.last;
    return news.reverse().map((event) => eventOf(event, this.stackId));
  }
}

/** A stack's events, newest first. */
async function* eventsOf(account: Account, stackId: string): AsyncGenerator<StackEvent> {
  let token: string | undefined;
  do {
    const NextToken = token;
    const page = await account.ask('cloudformation:DescribeStackEvents', stackId, ({ cloudFormation }) =>
      cloudFormation.send(new DescribeStackEventsCommand({ StackName: stackId, NextToken })),
    );
    yield* page.StackEvents ?? [];
    token = page.NextToken;
  } while (token !== undefined);
}

const eventOf = (event: StackEvent, stackId: string): ResourceEvent => ({
  time: event.Timestamp!.toISOString(),
  resource: event.LogicalResourceId!,
  type: event.ResourceType!,
  status: event.ResourceStatus!,
  ...(event.ResourceStatusReason !== undefined && { reason: event.ResourceStatusReason }),
  isStack: event.PhysicalResourceId === stackId,
});

/** The resource that failed first; those that were only called off because of it do not count. */
export const firstFailure = (events: readonly ResourceEvent[]): ResourceEvent | undefined =>
  events.find(
    ({ status, reason, isStack }) =>
      !isStack && status.endsWith('_FAILED') && !/^Resource (creation|update|deletion) cancelled/i.test(reason ?? ''),
  );

/** What went wrong, in words: "Worker (AWS::Lambda::Function): CREATE_FAILED, because …" */
export function failureText(events: readonly ResourceEvent[]): string {
  const failure = firstFailure(events) ?? events.findLast(({ isStack, reason }) => isStack && reason !== undefined);
  return failure
    ? `${failure.resource} (${failure.type}): ${failure.status}: ${failure.reason ?? 'without a reason given'}`
    : 'CloudFormation gives no reason';
}
