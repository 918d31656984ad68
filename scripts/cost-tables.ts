import { readFileSync, writeFileSync } from 'node:fs';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { count, dollars, duration } from '../src/cli/output.ts';
import { type Cost, costOf, USUAL_STACK } from '../src/job/cost.ts';
import { truthBytesOf } from '../src/job/estimate.ts';
import { mostBlocks } from '../src/job/pace.ts';
import { type Plan, planOf } from '../src/job/plan.ts';
import { ASSUMED, MEASURED, type Price, PRICES, type Work } from '../src/job/prices.ts';
import { type DeliveryLayout, parseSpec } from '../src/job/spec.ts';
import { TIMES } from '../src/job/times.ts';

/** Writes the tables of docs/cost.md from the cost model: `node scripts/cost-tables.ts`. Each stands between two comments with its name. */

const PAGE = fileURLToPath(new URL('../docs/cost.md', import.meta.url));

/** Positive and near-miss messages of the default spec, each a share of all. */
const PLANTED = 0.0005;
/** What Lambda, the queue and the workflow may cost, as a share of the puts. */
const BAR = 0.05;

function cost(
  messages: number,
  layout: DeliveryLayout,
  concurrency = USUAL_STACK.concurrency,
  partitions = 1,
): Cost & { readonly plan: Plan } {
  const spec = parseSpec({ messages, delivery: { layout } });
  const plan = planOf(spec, mostBlocks(layout, concurrency, TIMES));
  const planted = Math.round(messages * PLANTED);
  const truthBytes = truthBytesOf(spec, { positives: planted, nearMisses: planted });
  return {
    plan,
    ...costOf({ ...USUAL_STACK, concurrency, plan, bytes: messages * MEASURED.message, truthBytes, partitions }),
  };
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

const SIZES = [1e6, 1e7, 1e8];
const BOUNDS = { S3: 'S3', processor: 'processors', network: 'network' } as const;

const TABLES: Readonly<Record<string, () => string>> = {
  jobs: () =>
    tableOf(
      [
        'messages',
        'layout',
        'shards',
        'workers',
        'bound by',
        'time',
        'S3 requests',
        'Lambda, SQS, Step Functions',
        'storage',
        'all',
        'a million',
        'download',
      ],
      SIZES.flatMap((messages) =>
        (['eml', 'zip', 'mbox'] as const).map((layout) => {
          const { plan, workers, bound, seconds, items, total, ratios, pull } = cost(messages, layout);
          const sum = (wanted: (item: Cost['items'][number]) => boolean): string =>
            dollars(items.filter(wanted).reduce((all, { usd }) => all + usd, 0));
          return [
            count(messages),
            layout,
            count(plan.shards),
            String(workers),
            BOUNDS[bound],
            duration(seconds),
            sum(({ service, unit }) => service === 'S3' && unit === PRICES.s3Write.unit),
            sum(({ service }) => ['Lambda', 'SQS', 'Step Functions'].includes(service)),
            sum(({ unit }) => unit === PRICES.s3Storage.unit),
            dollars(total),
            dollars(ratios.perMillion),
            dollars(pull.total),
          ];
        }),
      ),
    ),

  partitions: () =>
    tableOf(
      ['partitions', 'objects a second', 'workers that feed them', ...SIZES.map((messages) => `${count(messages)} messages`)],
      [1, 2, 4, 8, 16].map((partitions) => {
        const { enough } = cost(1e8, 'eml', 1000, partitions);
        return [
          String(partitions),
          count(partitions * ASSUMED.partitionWrites),
          String(enough),
          ...SIZES.map((messages) => duration(cost(messages, 'eml', enough, partitions).seconds)),
        ];
      }),
    ),

  workers: () => {
    let most = USUAL_STACK.concurrency;
    while (cost(1e6, 'eml', most + 1).ratios.machinery < BAR) most++;
    const special = [
      [cost(1e6, 'eml').enough, 'they feed one partition: more make nothing faster'],
      [USUAL_STACK.concurrency, 'the default of the stack'],
      [most, `the most with a share under ${BAR * 100} %`],
      [100, ''],
      [400, ''],
    ] as const;
    return tableOf(
      ['workers', '', 'Lambda, SQS, Step Functions', 'shards', 'time of a shard'],
      special.map(([workers, words]) => {
        const { ratios, plan, shardSeconds } = cost(1e6, 'eml', workers);
        return [String(workers), words, `${(ratios.machinery * 100).toFixed(1)} %`, count(plan.shards), `${Math.round(shardSeconds)} s`];
      }),
    );
  },

  archives: () =>
    tableOf(
      ['workers', ...(['zip', 'mbox'] as const).flatMap((layout) => [`${layout}: time`, `${layout}: bound by`, `${layout}: all`])],
      [16, 64, 256, 1000].map((workers) => [
        count(workers),
        ...(['zip', 'mbox'] as const).flatMap((layout) => {
          const { seconds, bound, total } = cost(1e8, layout, workers);
          return [duration(seconds), BOUNDS[bound], dollars(total)];
        }),
      ]),
    ),

  prices: () => {
    const text: Readonly<Record<string, string>> = {
      s3Write: 'S3: PUT, POST, LIST',
      s3Read: 'S3: GET, HEAD',
      s3Storage: 'S3 Standard: storage',
      transferOut: 'S3: transfer out of AWS',
      lambdaCompute: 'Lambda on Arm: compute',
      lambdaRequest: 'Lambda: invocations',
      sqsRequest: 'SQS: requests',
      sqsFair: 'SQS: fair queues, on top',
      transition: 'Step Functions: state transitions',
      snsPublish: 'SNS: publishing',
      logs: 'CloudWatch: logs taken in',
    };
    return tableOf(
      ['what', 'US dollars', 'for', "AWS's page", 'compared with a copy of'],
      Object.entries(text).map(([key, what]) => {
        const { usd, per, unit, page, seen } = PRICES[key as keyof typeof PRICES] as Price;
        return [what, usd.toFixed(10).replace(/0+$/, ''), per === 1 ? unit.replace(/s$/, '') : `${count(per)} ${unit}`, page, seen];
      }),
    );
  },

  measured: () => {
    const { make, put, kept, begin } = MEASURED;
    const row = (what: string, { piece, byte }: Work, bytes: number, size: number): string[] => [
      what,
      `${(piece * 1e6).toFixed(0)} µs`,
      `${(byte * 1e9).toFixed(1)} ns`,
      `${((piece + byte * size) * 1e6).toFixed(0)} µs`,
      bytes.toFixed(2),
    ];
    return [
      tableOf(
        ['work', 'each', 'a byte', `at ${count(MEASURED.message)} bytes`, 'bytes left of a byte'],
        [
          ...(['eml', 'zip', 'mbox'] as const).map((layout) =>
            row(`make a message, ${layout}`, make[layout], kept[layout], MEASURED.message),
          ),
          row('put an object over TLS', put, 1, MEASURED.message),
        ],
      ),
      `To load the code and make the world of a job takes ${begin} s, once a worker. Measured on ${MEASURED.date}: ${MEASURED.machine}.`,
    ].join('\n\n');
  },
};

/** A page with every table as it should be; throws where the page lacks one. */
export function withTables(page: string): string {
  return Object.entries(TABLES).reduce((text, [name, make]) => {
    const [begin, end] = [`<!-- ${name} -->\n`, `<!-- end of ${name} -->`];
    const [from, to] = [text.indexOf(begin), text.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`docs/cost.md: no room for the table ${name}: ${begin}${end}`);
    return `${text.slice(0, from)}${begin}\n${make()}\n\n${text.slice(to)}`;
  }, page);
}

if (argv[1] === fileURLToPath(import.meta.url)) writeFileSync(PAGE, withTables(readFileSync(PAGE, 'utf8')));
