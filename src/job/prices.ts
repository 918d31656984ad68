/**
 * What AWS asks for what a job uses, and what a job takes of it: all figures that the cost model rests on, each with its
 * source. Prices are list prices in US dollars of one region, without free tiers and without the discounts of large
 * amounts. Another region's differ.
 */

export interface Price {
  readonly usd: number;
  /** For so many of these. */
  readonly per: number;
  readonly unit: string;
  /** AWS's public page that states it. */
  readonly page: string;
  /** Year and month of the newest copy of it, or report on it, that this was compared with. */
  readonly seen: string;
}

export interface Prices {
  readonly region: string;
  /** Year and month of the least recent comparison. */
  readonly seen: string;
  /** PUT, COPY, POST and LIST, the requests of a multipart upload among them. */
  readonly s3Write: Price;
  /** GET and HEAD. */
  readonly s3Read: Price;
  readonly s3Storage: Price;
  readonly transferOut: Price;
  readonly lambdaCompute: Price;
  readonly lambdaRequest: Price;
  readonly sqsRequest: Price;
  /** On top, where messages have a group: fair queues. */
  readonly sqsFair: Price;
  readonly transition: Price;
  readonly snsPublish: Price;
  readonly logs: Price;
}

/** A GB is 2^30 bytes in all of them. */
export const GB = 2 ** 30;

export const PRICES: Prices = {
  region: 'us-east-1',
  seen: '2026-03',
  s3Write: { usd: 0.005, per: 1000, unit: 'requests', page: 'Amazon S3 pricing', seen: '2026-06' },
  s3Read: { usd: 0.0004, per: 1000, unit: 'requests', page: 'Amazon S3 pricing', seen: '2026-06' },
  s3Storage: { usd: 0.023, per: 1, unit: 'GB-months', page: 'Amazon S3 pricing', seen: '2026-06' },
  transferOut: { usd: 0.09, per: 1, unit: 'GB', page: 'Amazon S3 pricing, data transfer', seen: '2026-06' },
  lambdaCompute: { usd: 0.0000133334, per: 1, unit: 'GB-seconds', page: 'AWS Lambda pricing, Arm', seen: '2026-09' },
  lambdaRequest: { usd: 0.2, per: 1_000_000, unit: 'requests', page: 'AWS Lambda pricing', seen: '2026-09' },
  // A request holds up to 64 KB: ours hold far less.
  sqsRequest: { usd: 0.4, per: 1_000_000, unit: 'requests', page: 'Amazon SQS pricing, standard queues', seen: '2026-09' },
  sqsFair: { usd: 0.1, per: 1_000_000, unit: 'requests', page: 'Amazon SQS pricing, fair queues', seen: '2026-03' },
  transition: { usd: 0.025, per: 1000, unit: 'transitions', page: 'AWS Step Functions pricing, Standard Workflows', seen: '2026-03' },
  snsPublish: { usd: 0.5, per: 1_000_000, unit: 'requests', page: 'Amazon SNS pricing, standard topics', seen: '2026-09' },
  logs: { usd: 0.5, per: 1, unit: 'GB', page: 'Amazon CloudWatch pricing, logs', seen: '2026-06' },
};

/** Seconds of one processor: for each piece, and for each byte of it. */
export interface Work {
  readonly piece: number;
  readonly byte: number;
}

export interface WorkerFigures {
  /** When, and on what, the seconds below were measured. */
  readonly date: string;
  readonly machine: string;
  /** To make a message, hash it, tell its truth, and copy it or put it into its archive; by the bytes of the message. */
  readonly make: { readonly eml: Work; readonly zip: Work; readonly mbox: Work; readonly none: Work };
  /** To sign a put and send it over TLS; by the bytes sent. */
  readonly put: Work;
  /** Bytes that are left for each byte of messages. */
  readonly kept: { readonly eml: number; readonly zip: number; readonly mbox: number; readonly none: number };
  /** To load the code and make the world of a job, once a worker. */
  readonly begin: number;
  /** Bytes of a line of truth: of a message in an arc with the arc's own line, and of any other message. */
  readonly truthLine: { readonly arc: number; readonly other: number };
  /** Bytes of a message of the default spec. */
  readonly message: number;
}

/** By test/bench/worker-cost.ts: the best of nine rounds, rounded up. The machine had other work to do at the same time. */
export const MEASURED: WorkerFigures = {
  date: '2026-11-26',
  machine: 'Node 24.21 on one of two shared processors, AMD EPYC (x86-64) at 2.4 GHz',
  make: {
    eml: { piece: 5e-6, byte: 26e-9 },
    zip: { piece: 265e-6, byte: 83e-9 },
    mbox: { piece: 10e-6, byte: 26e-9 },
    none: { piece: 5e-6, byte: 26e-9 },
  },
  put: { piece: 130e-6, byte: 0.6e-9 },
  kept: { eml: 1, zip: 0.41, mbox: 0.99, none: 0 },
  begin: 0.6,
  truthLine: { arc: 1400, other: 640 },
  message: 4066,
};

/** What AWS states, and what could not be measured without an account and is taken to be so. */
export const ASSUMED = {
  /** S3: writes a second that a prefix takes before it has been split (AWS: at least 3,500 a partitioned prefix). */
  partitionWrites: 3500,
  /** Lambda: MB of memory that come with one processor (AWS). More of them do not make one thread faster. */
  processorMemory: 1769,
  /** How much longer Lambda's Arm processor takes than the one that was measured. */
  slower: 1.5,
  /** Bytes a second that a worker sends at the most: 400 Mbit/s. */
  network: 50e6,
  /** Seconds from the start of a job until its workers are at work: the execution, the queue, new sandboxes. */
  start: 10,
  /** Seconds of a shard in which its worker only waits: job.json, the last puts, the truth, the receipt. */
  shardWait: 0.5,
  /** Memory in GB of the supervisor; seconds of a look, and of reading a receipt and its truth at the end. */
  supervisor: { memory: 1, look: 1, receipt: 0.01 },
  /** States that an execution goes through for each look, and besides. */
  transitions: { look: 4, others: 8 },
  /** Bytes of log for each shard (what the worker says, its metrics, what Lambda adds) and for each look. */
  log: { shard: 2500, look: 1500 },
  /** An event source polls an empty queue so many times at once, each for so many seconds. */
  polls: { atOnce: 5, seconds: 20 },
} as const;
