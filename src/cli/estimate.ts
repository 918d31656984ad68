import { availableParallelism } from 'node:os';
import { Generator } from '../corpus/generator.ts';
import { loadPacks } from '../engine/packs.ts';
import { byService, type Cost, costOf, type Stack, USUAL_STACK } from '../job/cost.ts';
import { estimateOf, sampleOf, truthBytesOf } from '../job/estimate.ts';
import { type Bound, mostBlocks } from '../job/pace.ts';
import { planOf, threadsFor } from '../job/plan.ts';
import { ASSUMED, PRICES } from '../job/prices.ts';
import { TIMES } from '../job/times.ts';
import type { Installation } from './installation.ts';
import { aboutDollars, bytes, count, dollars, duration, table, truthText } from './output.ts';
import { UsageError } from './usage-error.ts';
import { numberOr, readSpec, type SpecOptions } from './spec-file.ts';

/** Blocks that are made to judge the rest by: some 4,000 messages. */
const SAMPLE_BLOCKS = 16;

export interface EstimateOptions extends SpecOptions {
  readonly target?: 'local' | 'aws';
  /** Workers of the stack at once; still text. */
  readonly concurrency?: string;
  readonly json?: boolean;
}

/** `mailwright estimate`: size and time, and in the cloud the cost, by making a sample here. */
export function estimate(file: string | undefined, options: EstimateOptions, installation: Installation): number {
  const { target = 'local' } = options;
  const stack = stackOf(options);
  const { spec, base } = readSpec(file, options);
  const { packs } = loadPacks(spec, installation.packs, base);
  const most = target === 'aws' ? mostBlocks(spec.delivery.layout, stack.concurrency, TIMES) : undefined;
  const plan = planOf(spec, most);
  const workers = threadsFor(spec, availableParallelism());
  const generator = new Generator(spec, packs, spec.delivery.truth.lines);
  const found = estimateOf(
    plan,
    sampleOf(generator, plan.blocks, SAMPLE_BLOCKS, () => performance.now()),
    workers,
  );
  const { placement } = generator;
  const truth = { positives: placement.positives, nearMisses: placement.nearMissMessages, arcs: placement.arcs + placement.nearMisses };
  const print = (value: object): boolean => process.stdout.write(JSON.stringify(value, undefined, 2) + '\n');
  const size = [
    `Messages   ${count(found.messages)}`,
    `${target === 'aws' ? 'Objects' : 'Files  '}    ${count(found.objects)} (${plan.layout})`,
    `Bytes      about ${bytes(found.bytes)} (${count(found.bytes / found.messages)} a message)`,
    `Truth      ${truthText(truth)}`,
  ];
  if (target === 'local') {
    if (options.json) print({ ...found, truth, shards: plan.shards, workers });
    else process.stdout.write([...size, `Time       about ${duration(found.seconds)} here, with ${workers} worker(s)`, ''].join('\n'));
    return 0;
  }
  const cost = costOf({ ...stack, plan, bytes: found.bytes, truthBytes: truthBytesOf(spec, truth) });
  const { messages, objects } = found;
  if (options.json)
    print({ target, messages, objects, bytes: found.bytes, truth, shards: plan.shards, ...stack, prices: pricesSeen, ...cost });
  else process.stdout.write([...size, ...costLines(cost, stack), ''].join('\n'));
  return 0;
}

const pricesSeen = { region: PRICES.region, seen: PRICES.seen };

function stackOf({ target, concurrency }: EstimateOptions): Stack {
  if (concurrency === undefined) return USUAL_STACK;
  if (target !== 'aws') throw new UsageError('--concurrency is of a stack in the cloud: give --target aws with it, or --workers here');
  const workers = numberOr(concurrency);
  if (typeof workers !== 'number' || !Number.isInteger(workers) || workers < 2 || workers > 1000)
    throw new UsageError(`--concurrency: ${concurrency} will not do: a whole number from 2 to 1000`);
  return { ...USUAL_STACK, concurrency: workers };
}

const BOUNDS: Readonly<Record<Bound, string>> = {
  S3: `S3 takes ${count(ASSUMED.partitionWrites)} objects a second until it has split the prefix`,
  processor: 'their processors are busy',
  network: 'their network is busy',
};

function costLines(cost: Cost, { expiryDays }: Stack): string[] {
  const { seconds, stored, workers, enough, bound, shardSeconds, total, ratios, items, pull } = cost;
  const fewer = enough < workers ? `; ${enough} would do` : '';
  const rows = [...byService(items)].map(([service, usd]) => [`  ${service}`, dollars(usd)]);
  const storage = items.find(({ unit }) => unit === PRICES.s3Storage.unit)!.usd;
  return [
    `Time       about ${duration(seconds)} with ${workers} worker(s): ${BOUNDS[bound]}${fewer}`,
    ...(shardSeconds > TIMES.shard
      ? [
          `           each shard takes ${duration(shardSeconds)}, over ${duration(TIMES.shard)}: ask for fewer blocks (execution.shardBlocks) or workers`,
        ]
      : []),
    ...(seconds > TIMES.deadline ? [`           too long: an attempt is closed after ${duration(TIMES.deadline)}`] : []),
    `Cost       ${aboutDollars(total)}, that is ${dollars(ratios.perMillion)} a million messages`,
    ...table(rows)
      .trimEnd()
      .split('\n')
      .map((row) => `         ${row}`),
    `Storage    ${dollars(storage)} of it: ${bytes(stored)} for ${expiryDays} days`,
    `Download   ${dollars(pull.total)} more, for all of it to a place outside AWS`,
    `Prices     list prices of ${PRICES.region}, last compared in ${PRICES.seen}, without free tiers. Other regions' differ.`,
  ];
}
