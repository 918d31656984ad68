import { type Bound, looksUntil, paceOf } from './pace.ts';
import type { Plan } from './plan.ts';
import { ASSUMED, GB, MEASURED, type Price, PRICES, type Prices, type WorkerFigures } from './prices.ts';
import { TIMES, type Times } from './times.ts';

/** What a job costs in the cloud: from its plan, the settings of the stack, and the figures of prices.ts. Retries are not counted. */

/** What matters of a stack. */
export interface Stack {
  /** Workers at once. */
  readonly concurrency: number;
  /** MB of memory of a worker. */
  readonly workerMemory: number;
  /** Days after which a corpus is deleted. */
  readonly expiryDays: number;
}

/** A stack with which nobody chose otherwise. */
export const USUAL_STACK: Stack = { concurrency: 16, workerMemory: ASSUMED.processorMemory, expiryDays: 30 };

export interface CostInput extends Stack {
  readonly plan: Plan;
  /** Of all messages. */
  readonly bytes: number;
  /** Of the ground truth. */
  readonly truthBytes?: number;
  /** Parts that S3 has split the prefix of the messages into: 1 unless it has been busy for long. */
  readonly partitions?: number;
  readonly prices?: Prices;
  readonly figures?: WorkerFigures;
  readonly times?: Times;
}

export const SERVICES = ['S3', 'Lambda', 'SQS', 'Step Functions', 'SNS', 'CloudWatch'] as const;
export type Service = (typeof SERVICES)[number];

export interface CostItem {
  readonly service: Service;
  readonly what: string;
  readonly quantity: number;
  readonly unit: string;
  readonly usd: number;
}

export interface Cost {
  readonly items: readonly CostItem[];
  /** US dollars: the job, and the storage of its corpus until that expires. */
  readonly total: number;
  /** Bytes that the messages and the ground truth have in the bucket. */
  readonly stored: number;
  /** From the start of the job until its outcome. */
  readonly seconds: number;
  /** What it cannot be faster than. */
  readonly bound: Bound;
  /** At once. */
  readonly workers: number;
  /** Workers beyond which the job gets no faster. */
  readonly enough: number;
  /** Seconds that a shard takes, on average. */
  readonly shardSeconds: number;
  readonly ratios: {
    /** Lambda, SQS and Step Functions, as a share of what S3 asks for putting every message by itself. */
    readonly machinery: number;
    /** US dollars a million messages. */
    readonly perMillion: number;
  };
  /** US dollars on top for downloading all of it to a place outside AWS. */
  readonly pull: { readonly items: readonly CostItem[]; readonly total: number };
}

/** Messages of a batch to the queue; keys on a page of a listing. */
const BATCH = 10;
const PAGE = 1000;
const DAYS_A_MONTH = 30;
const MACHINERY: readonly Service[] = ['Lambda', 'SQS', 'Step Functions'];

export function costOf(input: CostInput): Cost {
  const { plan, bytes, truthBytes = 0, workerMemory, expiryDays } = input;
  const { partitions = 1, prices = PRICES, figures = MEASURED, times = TIMES } = input;
  const { messages, shards, layout } = plan;
  const { supervisor, transitions, polls, log } = ASSUMED;
  const kept = bytes * figures.kept[layout];
  const pace = paceOf({ ...input, kept, partitions, figures });
  const { looks, last } = looksUntil(ASSUMED.start + pace.begin + pace.making, times);
  const finishing = supervisor.look + shards * supervisor.receipt;

  // Of a shard its receipt and two files of truth; job.json, the outcome, the manifest, the truth of the whole.
  const left = shards * (layout === 'none' ? 1 : 3) + 10;
  const listed = (Math.ceil(shards / PAGE) + 1) * (looks + 2);
  // A worker looks whether its shard is to be made, and again and again whether it is to stop; the supervisor reads a receipt
  // three times and its truth once, and four records at each look.
  const read = shards * 7 + looks * 4 + (pace.workers * pace.making) / times.cancelPoll;
  const sent = Math.ceil(shards / BATCH) + 2 * shards; // to receive one and to delete it are a request each
  const stored = kept + truthBytes;

  const items = [
    item('S3', layout === 'eml' ? 'messages put' : 'archives put', pace.puts, prices.s3Write),
    item('S3', 'records and truth put, keys listed', left + looks + listed, prices.s3Write),
    item('S3', 'records read, markers looked for', read, prices.s3Read),
    item('S3', `storage for ${expiryDays} days`, (stored / GB) * (expiryDays / DAYS_A_MONTH), prices.s3Storage),
    item('Lambda', 'workers', (pace.workers * (pace.begin + pace.making) * workerMemory) / 1024, prices.lambdaCompute),
    item('Lambda', 'supervisor', (looks * supervisor.look + finishing) * supervisor.memory, prices.lambdaCompute),
    item('Lambda', 'invocations', shards + looks + 4, prices.lambdaRequest),
    item('SQS', 'shards sent, received, deleted; empty polls', sent + (polls.atOnce * last) / polls.seconds, prices.sqsRequest),
    item('SQS', 'fair queue', sent, prices.sqsFair),
    item('Step Functions', 'an execution', looks * transitions.look + transitions.others, prices.transition),
    item('SNS', 'the notice', 1, prices.snsPublish),
    item('CloudWatch', 'logs', (shards * log.shard + looks * log.look) / GB, prices.logs),
  ];
  const pull = [
    item('S3', 'objects read', left + (layout === 'eml' ? messages : layout === 'none' ? 0 : shards), prices.s3Read),
    item('S3', 'transfer out', stored / GB, prices.transferOut),
  ];
  const machinery = sum(items.filter(({ service }) => MACHINERY.includes(service)));
  const total = sum(items);
  return {
    items,
    total,
    stored,
    seconds: last + finishing,
    bound: pace.bound,
    workers: pace.workers,
    enough: pace.enough,
    shardSeconds: pace.shard,
    ratios: { machinery: machinery / usdOf(messages, prices.s3Write), perMillion: (total / messages) * 1e6 },
    pull: { items: pull, total: sum(pull) },
  };
}

/** US dollars by service, in the order of SERVICES. */
export const byService = (items: readonly CostItem[]): ReadonlyMap<Service, number> =>
  new Map(SERVICES.map((service) => [service, sum(items.filter((one) => one.service === service))]));

const usdOf = (quantity: number, { usd, per }: Price): number => (quantity / per) * usd;

const item = (service: Service, what: string, quantity: number, price: Price): CostItem => ({
  service,
  what,
  quantity,
  unit: price.unit,
  usd: usdOf(quantity, price),
});

const sum = (items: readonly CostItem[]): number => items.reduce((total, { usd }) => total + usd, 0);
