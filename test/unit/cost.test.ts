import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { withTables } from '../../scripts/cost-tables.ts';
import { byService, type Cost, type CostInput, costOf, SERVICES, USUAL_STACK } from '../../src/job/cost.ts';
import { truthBytesOf } from '../../src/job/estimate.ts';
import { looksUntil, mostBlocks } from '../../src/job/pace.ts';
import { type Plan, planOf } from '../../src/job/plan.ts';
import { MEASURED, PRICES, type WorkerFigures } from '../../src/job/prices.ts';
import { type DeliveryLayout, LAYOUTS, parseSpec } from '../../src/job/spec.ts';
import { TIMES } from '../../src/job/times.ts';

const planWith = (messages: number, layout: DeliveryLayout, shardBlocks?: number): Plan =>
  planOf(parseSpec({ messages, delivery: { layout }, execution: { shardBlocks } }));

/** Round figures, to work by hand with: 200 µs a message made, or 400 µs with its zip; 100 µs a put. */
const ROUND: WorkerFigures = {
  ...MEASURED,
  make: {
    eml: { piece: 200e-6, byte: 0 },
    zip: { piece: 400e-6, byte: 0 },
    mbox: { piece: 200e-6, byte: 0 },
    none: { piece: 200e-6, byte: 0 },
  },
  put: { piece: 100e-6, byte: 0 },
  kept: { eml: 1, zip: 0.5, mbox: 1, none: 0 },
  begin: 0.5,
};

/** A million messages of 4,096 bytes, on a stack as it comes. They are 245 shards. */
const million = (layout: DeliveryLayout, more: Partial<CostInput> = {}): Cost =>
  costOf({ ...USUAL_STACK, plan: planWith(1_000_000, layout), bytes: 4_096_000_000, figures: ROUND, ...more });

const dollarsOf = (cost: Cost): Record<string, string> => Object.fromEntries(cost.items.map(({ what, usd }) => [what, usd.toFixed(7)]));

describe('the cost of a million messages, worked by hand', () => {
  it('as eml', () => {
    const cost = million('eml');
    // A worker alone: 1,000,000 × 300 µs × 1.5 + 245 × 0.5 s = 572.5 s, a sixteenth of which is 35.8 s. S3: 1,000,000 ÷ 3,500
    // a second = 285.714 s, which is more. 572.5 ÷ 285.714 = 2.004: three workers feed it.
    assert.deepEqual([cost.bound, cost.workers, cost.enough], ['S3', 16, 3]);
    // Begins after 10 s + 0.5 s × 1.5, so it ends at 296.464 s. Looks: one at 0, ten up to 50 s, then each 1.1 times as late as
    // the one before: 50 × 1.1^19 = 305.795. That is 30 looks. Finishing: 1 s + 245 × 0.01 s = 3.45 s.
    assert.equal(cost.seconds.toFixed(3), '309.245');
    assert.equal(cost.shardSeconds.toFixed(3), '18.659'); // 285.714 × 16 ÷ 245
    assert.deepEqual(dollarsOf(cost), {
      'messages put': '5.0000000', // 1,000,000 ÷ 1,000 × $0.005
      'records and truth put, keys listed': '0.0041950', // 245 × 3 + 10 + 30 looks + 2 pages × 32 = 839
      'records read, markers looked for': '0.0016483', // 245 × 7 + 30 × 4 + 16 × 285.714 ÷ 2 = 4,120.7, × $0.0004 ÷ 1,000
      'storage for 30 days': '0.0877380', // 4,096,000,000 ÷ 2^30 = 3.8147 GB × $0.023
      workers: '0.1055746', // 16 × 286.464 s × 1,769 ÷ 1,024 GB = 7,918.05 GB s × $0.0000133334
      supervisor: '0.0004460', // 30 × 1 s + 3.45 s, 1 GB
      invocations: '0.0000558', // 245 + 30 + 4 = 279
      'shards sent, received, deleted; empty polls': '0.0002366', // 25 + 490 + 5 × 305.795 ÷ 20 = 591.4
      'fair queue': '0.0000515', // 515
      'an execution': '0.0032000', // 30 × 4 + 8 = 128 × $0.000025
      'the notice': '0.0000005',
      logs: '0.0003062', // 245 × 2,500 + 30 × 1,500 = 657,500 bytes × $0.50
    });
    assert.equal(cost.total.toFixed(4), '5.2035');
    assert.equal(cost.ratios.perMillion.toFixed(4), '5.2035');
    // ($0.105575 + $0.000446 + $0.000056 + $0.000237 + $0.000052 + $0.0032) ÷ $5
    assert.equal(cost.ratios.machinery.toFixed(4), '0.0219');
    // 1,000,000 + 745 records read = $0.400298; 3.8147 GB × $0.09 = $0.343323
    assert.equal(cost.pull.total.toFixed(4), '0.7436');
  });

  it('as zip', () => {
    const cost = million('zip');
    // 1,000,000 × 400 µs × 1.5 + 245 puts × 100 µs × 1.5 + 122.5 s = 722.54 s alone, 45.159 s with 16. An archive of 4,096
    // messages has 4,096 × 4,096 × 0.5 = 8,388,608 bytes, 8 MiB: one put. Sending: 2.048 GB ÷ 50 MB = 40.96 s alone. S3: 245 ÷ 3,500 = 0.07 s.
    assert.deepEqual([cost.bound, cost.workers, cost.enough], ['processor', 16, 245]);
    // Ends at 55.909 s. Looks: 0, ten to 50 s, 55 s, 60.5 s: 13 of them.
    assert.equal(cost.seconds.toFixed(3), '63.950');
    assert.equal(cost.shardSeconds.toFixed(3), '2.949');
    assert.deepEqual(dollarsOf(cost), {
      'archives put': '0.0012250',
      'records and truth put, keys listed': '0.0039400', // 735 + 10 + 13 + 2 × 15 = 788
      'records read, markers looked for': '0.0008513', // 1,715 + 52 + 16 × 45.159 ÷ 2 = 2,128.3
      'storage for 30 days': '0.0438690',
      workers: '0.0169193', // 16 × 45.909 × 1.72754 = 1,268.94 GB s
      supervisor: '0.0002193',
      invocations: '0.0000524',
      'shards sent, received, deleted; empty polls': '0.0002121',
      'fair queue': '0.0000515',
      'an execution': '0.0015000',
      'the notice': '0.0000005',
      logs: '0.0002943',
    });
    assert.equal(cost.total.toFixed(4), '0.0691');
    assert.equal(cost.pull.total.toFixed(4), '0.1721'); // 990 reads; 1.90735 GB
  });

  it('as mbox', () => {
    const cost = million('mbox');
    // An archive has 16 MiB, two parts: four requests. 1,000,000 × 200 µs × 1.5 + 980 × 150 µs + 122.5 s = 422.647 s alone.
    assert.deepEqual([cost.bound, cost.workers], ['processor', 16]);
    const found = dollarsOf(cost);
    assert.equal(found['archives put'], '0.0049000'); // 980
    assert.equal(found['storage for 30 days'], '0.0877380');
    assert.equal(found['workers'], '0.0100116'); // 16 × (0.75 + 26.415) × 1.72754 = 750.87 GB s
    assert.equal(cost.total.toFixed(4), '0.1092');
  });

  it('as none', () => {
    const cost = million('none', { truthBytes: 0 });
    const found = dollarsOf(cost);
    assert.equal(found['archives put'], '0.0000000');
    assert.equal(found['storage for 30 days'], '0.0000000');
    assert.equal(found['records and truth put, keys listed'], '0.0014300'); // 245 + 10 + 9 looks + 2 × 11 = 286
    assert.equal(cost.stored, 0);
  });

  it('where the network is what is slow', () => {
    // Messages of 100,000 bytes: 100 GB ÷ 50 MB a second = 2,000 s alone, 125 s with 16.
    const cost = million('mbox', { bytes: 100_000_000_000 });
    assert.equal(cost.bound, 'network');
    assert.equal(cost.shardSeconds.toFixed(2), '8.16');
  });

  it('with a prefix that S3 has split in four', () => {
    const cost = million('eml', { partitions: 4 });
    assert.deepEqual([cost.bound, cost.enough], ['S3', 9]); // 1,000,000 ÷ 14,000 = 71.43 s; 572.5 ÷ 71.43 = 8.02
  });

  it('with half a processor a worker', () => {
    const [whole, half] = [million('zip'), million('zip', { workerMemory: 1769 / 2 })];
    // What is computed takes twice as long, and a second of it costs half; what is only waited for costs half.
    assert.equal(((half.shardSeconds - 0.5) / (whole.shardSeconds - 0.5)).toFixed(6), '2.000000');
    assert.ok(half.total < whole.total);
    // More memory than that is only dearer.
    const large = million('zip', { workerMemory: 2 * 1769 });
    assert.equal(large.seconds, whole.seconds);
    assert.ok(large.total > whole.total);
  });
});

describe('the cost model', () => {
  const measured = (messages: number, concurrency: number): Cost =>
    costOf({ ...USUAL_STACK, concurrency, plan: planWith(messages, 'eml'), bytes: messages * MEASURED.message, truthBytes: messages });

  it('has Lambda, queue and workflow under 5 % of the puts, with the workers that feed S3 and with those of the stack as it comes', () => {
    for (const messages of [1_000_000, 10_000_000, 100_000_000]) {
      const { enough } = measured(messages, USUAL_STACK.concurrency);
      assert.ok(enough < USUAL_STACK.concurrency);
      for (const concurrency of [enough, USUAL_STACK.concurrency]) {
        const { bound, ratios } = measured(messages, concurrency);
        assert.equal(bound, 'S3', `${concurrency} workers feed it`);
        assert.ok(ratios.machinery < 0.05, `${messages} messages, ${concurrency} workers: ${ratios.machinery}`);
      }
      assert.notEqual(measured(messages, enough - 1).bound, 'S3', 'one worker fewer does not feed it');
    }
  });

  it('makes a shard in the time it should take, on a stack as it comes', () => {
    for (const layout of LAYOUTS) assert.ok(million(layout, { figures: MEASURED }).shardSeconds < TIMES.shard / 2);
  });

  it('has shards of eml that are made in their time, however many workers share what S3 takes', () => {
    assert.equal(mostBlocks('eml', 16, TIMES), 51); // 60 s × 3,500 ÷ 16 ÷ 256
    assert.equal(mostBlocks('eml', 1000, TIMES), 1);
    for (const layout of ['zip', 'mbox', 'none'] as const) assert.equal(mostBlocks(layout, 1000, TIMES), undefined);
    for (const concurrency of [2, 52, 100, 400, 800]) {
      const plan = planOf(parseSpec({ messages: 100_000_000 }), mostBlocks('eml', concurrency, TIMES));
      const { shardSeconds } = costOf({ ...USUAL_STACK, concurrency, plan, bytes: plan.messages * MEASURED.message });
      assert.ok(shardSeconds <= TIMES.shard, `${concurrency} workers: ${shardSeconds} s`);
    }
  });

  const cases = fc.record({
    blocks: fc.integer({ min: 1, max: 300_000 }),
    mean: fc.integer({ min: 500, max: 200_000 }),
    layout: fc.constantFrom(...LAYOUTS),
    shardBlocks: fc.integer({ min: 1, max: 64 }),
    concurrency: fc.integer({ min: 2, max: 1000 }),
    workerMemory: fc.integer({ min: 128, max: 10_240 }),
    expiryDays: fc.integer({ min: 1, max: 3650 }),
  });
  type Case = typeof cases extends fc.Arbitrary<infer T> ? T : never;
  const of = ({ blocks, mean, layout, shardBlocks, ...stack }: Case): Cost =>
    costOf({ ...stack, plan: planWith(blocks * 256, layout, shardBlocks), bytes: blocks * 256 * mean, truthBytes: blocks * 256 });
  /** Sums of many parts, added in another order. */
  const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));

  it('has parts that add up, none of them negative', () => {
    fc.assert(
      fc.property(cases, (one) => {
        const cost = of(one);
        const { items, total, pull } = cost;
        assert.ok(items.every(({ usd, quantity }) => usd >= 0 && quantity >= 0 && Number.isFinite(usd)));
        assert.ok(
          near(
            items.reduce((all, { usd }) => all + usd, 0),
            total,
          ),
        );
        assert.ok(
          near(
            [...byService(items).values()].reduce((all, usd) => all + usd, 0),
            total,
          ),
        );
        assert.deepEqual([...byService(items).keys()], SERVICES);
        assert.ok(
          near(
            pull.items.reduce((all, { usd }) => all + usd, 0),
            pull.total,
          ),
        );
        assert.ok(near((cost.ratios.perMillion / 1e6) * one.blocks * 256, total));
        assert.ok(cost.seconds > 0 && cost.enough >= 1 && cost.workers <= one.concurrency);
      }),
    );
  });

  it('asks more, and takes longer, for more messages of a size', () => {
    fc.assert(
      fc.property(cases, fc.integer({ min: 1, max: 1000 }), (one, more) => {
        const [less, larger] = [of(one), of({ ...one, blocks: one.blocks + more })];
        assert.ok(less.total < larger.total && less.pull.total <= larger.pull.total);
        // Few shards have few workers: one more shard may bring one more worker.
        if (less.workers === one.concurrency) assert.ok(less.seconds <= larger.seconds);
      }),
    );
  });

  it('asks no less, and takes no less time, for larger messages', () => {
    fc.assert(
      fc.property(cases, fc.integer({ min: 1, max: 100_000 }), (one, more) => {
        const [less, larger] = [of(one), of({ ...one, mean: one.mean + more })];
        assert.ok(less.total <= larger.total && less.seconds <= larger.seconds && less.pull.total <= larger.pull.total);
        if (one.layout !== 'none') assert.ok(less.total < larger.total && less.stored < larger.stored);
      }),
    );
  });

  it('is not faster with more workers than are enough, and slower with fewer', () => {
    fc.assert(
      fc.property(cases, (one) => {
        const { enough } = of(one);
        const shards = planWith(one.blocks * 256, one.layout, one.shardBlocks).shards;
        const making = (concurrency: number): number => {
          const cost = of({ ...one, concurrency });
          return (cost.shardSeconds * shards) / cost.workers;
        };
        assert.ok(near(making(enough), making(enough + 10)));
        if (enough > 1) assert.ok(making(enough - 1) > making(enough));
      }),
    );
  });

  it('goes by the prices and the times it is given', () => {
    const dear = million('eml', { prices: { ...PRICES, s3Write: { ...PRICES.s3Write, usd: 0.01 } } });
    assert.equal(dear.items[0]!.usd, 10);
    assert.equal(million('eml', { expiryDays: 60 }).items[3]!.usd, 2 * million('eml').items[3]!.usd);
    assert.ok(million('eml', { times: { ...TIMES, cancelPoll: 1 } }).items[2]!.quantity > million('eml').items[2]!.quantity);
  });

  it('counts looks that come slower, from the shortest wait to the longest', () => {
    assert.deepEqual(looksUntil(0, TIMES), { looks: 1, last: 0 });
    assert.deepEqual(looksUntil(5, TIMES), { looks: 2, last: 5 });
    assert.deepEqual(looksUntil(50, TIMES), { looks: 11, last: 50 });
    const [day, late] = [looksUntil(86_400, TIMES), looksUntil(86_340, TIMES)];
    assert.equal(day.looks - late.looks, 1, 'a minute apart in the end');
    // Ten events of the execution a look, and it may have 25,000.
    assert.ok(day.looks < 2_000);
  });
});

describe('the bytes of the truth', () => {
  const truth = (lines: 'arcs' | 'all', formats: readonly string[], layout: DeliveryLayout = 'eml'): number =>
    truthBytesOf(parseSpec({ messages: 1000, delivery: { layout, truth: { lines, formats } } }), { positives: 10, nearMisses: 20 });
  const { arc, other } = MEASURED.truthLine;

  it('are those of arcs, or of every message, once a format', () => {
    assert.equal(truth('arcs', ['jsonl']), 30 * arc);
    assert.equal(truth('all', ['jsonl']), 30 * arc + 970 * other);
    assert.equal(truth('arcs', ['csv', 'parquet']), 3 * 30 * arc);
    assert.equal(truth('all', ['jsonl'], 'none'), 0);
  });
});

describe('docs/cost.md', () => {
  const page = readFileSync(new URL('../../docs/cost.md', import.meta.url), 'utf8');

  it('has the tables that the model makes', () => {
    assert.equal(withTables(page), page, 'docs/cost.md is stale: run `node scripts/cost-tables.ts`');
  });

  it('would not pass with another price in it', () => {
    const other = page.replace('0.0000133334', '0.0000133335');
    assert.notEqual(other, page);
    assert.equal(withTables(other), page);
    assert.throws(() => withTables(page.replace('<!-- end of jobs -->', '')), /no room for the table jobs/);
  });
});
