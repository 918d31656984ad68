import { AwsError } from './aws-error.ts';
import type { Faults } from './faults.ts';
import type { Queue } from './fauxqs.ts';
import type { LambdaHost } from './lambda-host.ts';
import type { Random } from './random.ts';
import type { Storage } from './storage.ts';

export interface EventSourceOptions {
  readonly functionName: string;
  readonly qualifier: string | undefined;
  readonly queue: Queue;
  /** Seconds for which a message that was taken stays hidden: with its fraction, which the queue itself cannot have. */
  readonly visibility: number;
  readonly batchSize: number;
  readonly maximumConcurrency: number | undefined;
  readonly reportsFailures: boolean;
  readonly region: string;
}

/** A queue polled for a function. Lambda's own pollers are not throttled by S3 or SQS as callers are: no fault reaches them but that a message comes twice. */
export class EventSource {
  private readonly options: EventSourceOptions;
  private readonly storage: Storage;
  private readonly host: LambdaHost;
  private readonly faults: () => Faults;
  private readonly random: Random;
  private stopped = false;
  /** Messages that are still delivered before the others are held back; and what ends that. */
  private letThrough = Infinity;
  private released: { readonly promise: Promise<void>; readonly resolve: () => void } = Promise.withResolvers();
  private readonly loops: Promise<void>[];

  constructor(options: EventSourceOptions, storage: Storage, host: LambdaHost, faults: () => Faults, random: Random) {
    this.options = options;
    this.storage = storage;
    this.host = host;
    this.faults = faults;
    this.random = random;
    const pollers = Math.min(options.maximumConcurrency ?? Infinity, host.limitOf(options.functionName));
    this.loops = Array.from({ length: pollers }, () => this.poll());
  }

  /** Takes no more messages; what runs goes on by itself. */
  stop(): void {
    this.stopped = true;
    this.release();
    this.options.queue.cancelWaiters();
  }

  get queue(): Queue {
    return this.options.queue;
  }

  /** Delivers so many messages more; the others stay in the queue until `release`. */
  hold(letThrough: number): void {
    this.letThrough = letThrough;
  }

  release(): void {
    this.letThrough = Infinity;
    this.released.resolve();
    this.released = Promise.withResolvers();
  }

  async ended(): Promise<void> {
    await Promise.all(this.loops);
  }

  private async poll(): Promise<void> {
    const { queue, batchSize, visibility } = this.options;
    while (!this.stopped) {
      if (this.letThrough <= 0) {
        await this.released.promise;
        continue;
      }
      const messages = queue.dequeue(Math.min(batchSize, 10, this.letThrough), visibility, (arn) => this.storage.queues.getQueueByArn(arn));
      if (messages.length === 0) {
        await queue.waitForMessages(20);
        continue;
      }
      this.letThrough -= messages.length;
      const failed = await this.deliver(messages);
      for (const { MessageId, ReceiptHandle } of messages) if (!failed.has(MessageId)) queue.deleteMessage(ReceiptHandle);
    }
  }

  /** Answers with the ids of the messages that are to come again. */
  private async deliver(messages: ReturnType<Queue['dequeue']>): Promise<Set<string>> {
    const { queue, functionName, qualifier, region, reportsFailures } = this.options;
    const all = new Set(messages.map(({ MessageId }) => MessageId));
    const Records = messages.map((message) => {
      const { message: stored } = queue.inflightMessages.get(message.ReceiptHandle)!;
      if (this.random() < (this.faults().duplicates ?? 0)) queue.enqueue({ ...stored });
      return {
        messageId: message.MessageId,
        receiptHandle: message.ReceiptHandle,
        body: message.Body,
        attributes: {
          ApproximateReceiveCount: String(stored.approximateReceiveCount),
          SentTimestamp: String(stored.sentTimestamp),
          SenderId: 'emulator',
          ApproximateFirstReceiveTimestamp: String(stored.approximateFirstReceiveTimestamp),
          ...(stored.messageGroupId !== undefined && { MessageGroupId: stored.messageGroupId }),
        },
        messageAttributes: Object.fromEntries(
          Object.entries(message.MessageAttributes ?? {}).map(([name, { DataType, StringValue }]) => [
            name,
            { dataType: DataType, stringValue: StringValue, stringListValues: [], binaryListValues: [] },
          ]),
        ),
        md5OfBody: message.MD5OfBody,
        eventSource: 'aws:sqs',
        eventSourceARN: queue.arn,
        awsRegion: region,
      };
    });
    try {
      const { error, payload } = await this.host.invoke(functionName, qualifier, JSON.stringify({ Records }));
      if (error !== undefined) return all;
      if (!reportsFailures) return new Set();
      const { batchItemFailures = [] } = (JSON.parse(payload) ?? {}) as { batchItemFailures?: { itemIdentifier: string }[] };
      const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
      // One that is not of the batch: Lambda takes the whole batch for failed.
      return [...failed].every((id) => all.has(id)) ? failed : all;
    } catch (error) {
      if (error instanceof AwsError) return all; // throttled, or the function is gone
      throw error;
    }
  }
}
