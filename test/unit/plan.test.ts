import assert from 'node:assert/strict';
import fc from 'fast-check';
import { statusOf } from '../../src/engine/local/list.ts';
import { estimateOf } from '../../src/job/estimate.ts';
import {
  cancelKey,
  failureKey,
  memberKey,
  messageKey,
  outcomeKey,
  type Plan,
  planOf,
  receiptKey,
  shardArcsKey,
  shardOf,
  truthKey,
  wholeTruthKeys,
} from '../../src/job/plan.ts';
import type { Progress } from '../../src/job/records.ts';
import { type JobSpec, LAYOUTS, parseSpec } from '../../src/job/spec.ts';
import { holds } from './support.ts';

const specOf = (messages: number, shardBlocks?: number, layout = 'eml'): JobSpec =>
  parseSpec({ messages, delivery: { layout }, execution: shardBlocks === undefined ? {} : { shardBlocks } });
const BLOCK = 256;

describe('plan', () => {
  it('covers every block and every message once, in order', () => {
    holds(
      fc.property(
        fc.integer({ min: 1, max: 3_000_000 }),
        fc.option(fc.integer({ min: 1, max: 64 }), { nil: undefined }),
        (messages, shardBlocks) => {
          const plan = planOf(specOf(messages, shardBlocks));
          assert.equal(plan.blocks, Math.ceil(messages / BLOCK));
          if (shardBlocks !== undefined) assert.equal(plan.shardBlocks, shardBlocks);
          assert.ok(plan.shardBlocks >= 1 && plan.shardBlocks <= (shardBlocks ?? 16));
          let [block, message] = [0, 0];
          for (let s = 0; s < plan.shards; s++) {
            const shard = shardOf(plan, s);
            assert.equal(shard.shard, s);
            assert.equal(shard.firstBlock, block);
            assert.equal(shard.firstMessage, message);
            assert.ok(shard.blocks >= 1 && shard.messages >= 1);
            if (s < plan.shards - 1) assert.equal(shard.messages, plan.shardBlocks * BLOCK);
            block += shard.blocks;
            message += shard.messages;
          }
          assert.equal(block, plan.blocks);
          assert.equal(message, messages);
        },
      ),
    );
  });

  it('covers the largest corpus there can be', () => {
    const plan = planOf(specOf(100_000_000));
    const last = shardOf(plan, plan.shards - 1);
    assert.equal(last.firstMessage + last.messages, 100_000_000);
    assert.ok(plan.shards <= 999_999, 'six digits name every shard');
    assert.ok(planOf(specOf(100_000_000, 1)).shards <= 999_999);
  });

  it('gives every worker something to do', () => {
    const cases: readonly (readonly [messages: number, shardBlocks: number, shards: number])[] = [
      [1, 1, 1],
      [10_000, 1, 40],
      [16_384, 1, 64],
      [100_000, 7, 56],
      [1_000_000, 16, 245],
    ];
    for (const [messages, shardBlocks, shards] of cases) {
      const plan = planOf(specOf(messages));
      assert.deepEqual([plan.shardBlocks, plan.shards], [shardBlocks, shards]);
    }
  });

  it('is the same for every number of workers', () => {
    assert.deepEqual(planOf(parseSpec({ execution: { workers: 1 } })), planOf(parseSpec({ execution: { workers: 64 } })));
  });

  it('says where each message is', () => {
    const id = '0a1b2c3d4e5f';
    const key = (layout: string, index: number): string => messageKey(planOf(specOf(100_000, 2, layout)), id, index);
    assert.equal(key('eml', 99_999), 'messages/0a/0a1b2c3d4e5f.eml');
    assert.equal(key('zip', 511), 'messages/000000.zip');
    assert.equal(key('zip', 512), 'messages/000001.zip');
    assert.equal(key('mbox', 99_999), 'messages/000195.mbox');
    assert.equal(key('none', 5), '');
  });

  it('says what truth calls each message', () => {
    const id = '0a1b2c3d4e5f';
    const key = (layout: string, index: number): string => memberKey(planOf(specOf(100_000, 2, layout)), id, index);
    assert.equal(key('eml', 99_999), 'messages/0a/0a1b2c3d4e5f.eml');
    assert.equal(key('zip', 512), 'messages/000001.zip/0a1b2c3d4e5f.eml');
    assert.equal(key('mbox', 99_999), 'messages/000195.mbox/0a1b2c3d4e5f.eml');
    assert.equal(key('none', 5), '0a1b2c3d4e5f.eml');
  });

  it('says where the truth is', () => {
    assert.deepEqual([truthKey(7), shardArcsKey(7)], ['truth/000007.jsonl', 'truth/000007.arcs.jsonl']);
    assert.deepEqual(wholeTruthKeys(['jsonl']), ['truth/arcs.jsonl']);
    assert.deepEqual(wholeTruthKeys(['parquet', 'csv', 'csv']), ['truth/arcs.jsonl', 'truth/truth.csv', 'truth/truth.parquet']);
  });

  it('puts each message in the archive of the shard that makes it', () => {
    holds(
      fc.property(
        fc.integer({ min: 1, max: 500_000 }),
        fc.integer({ min: 1, max: 64 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (messages, shardBlocks, share) => {
          const plan = planOf(specOf(messages, shardBlocks, 'zip'));
          const index = Math.floor(share * messages);
          const shard = Number(/(\d{6})\.zip$/.exec(messageKey(plan, '000000000000', index))![1]);
          const { firstMessage, messages: count } = shardOf(plan, shard);
          assert.ok(index >= firstMessage && index < firstMessage + count);
        },
      ),
    );
  });

  it('names records by attempt and shard', () => {
    assert.equal(receiptKey(7), 'shards/000007.json');
    assert.equal(cancelKey(1), 'attempts/1/cancel');
    assert.equal(outcomeKey(12), 'attempts/12/outcome.json');
    assert.equal(failureKey(2, 345), 'attempts/2/failures/000345.json');
  });
});

describe('estimate', () => {
  const planWith = (layout: (typeof LAYOUTS)[number], messages = 100_000, shardBlocks = 10): Plan =>
    planOf(specOf(messages, shardBlocks, layout));
  const sample = { messages: 1000, bytes: 10_000_000, seconds: 0.5 };

  it('scales a sample up: messages, files and bytes', () => {
    for (const [layout, objects] of [
      ['eml', 100_000],
      ['zip', 40],
      ['mbox', 40],
      ['none', 0],
    ] as const) {
      const estimate = estimateOf(planWith(layout), sample, 1);
      assert.deepEqual([estimate.messages, estimate.objects, estimate.bytes], [100_000, objects, 1_000_000_000], layout);
    }
  });

  it('counts the work of one processor where nothing is kept', () => {
    assert.equal(estimateOf(planWith('none'), sample, 1).seconds, 50);
    assert.equal(estimateOf(planWith('none'), sample, 4).seconds, 12.5);
  });

  it('adds the cost of files and of bytes', () => {
    const [none, zip, eml] = (['none', 'zip', 'eml'] as const).map((layout) => estimateOf(planWith(layout), sample, 2).seconds) as [
      number,
      number,
      number,
    ];
    assert.ok(none < zip && zip < eml);
  });

  it('expects no help from workers without a shard', () => {
    const plan = planWith('none', 1000, 2);
    assert.equal(plan.shards, 2);
    assert.equal(estimateOf(plan, sample, 16).seconds, estimateOf(plan, sample, 2).seconds);
  });

  it('of a sample that is the whole is the sample', () => {
    const estimate = estimateOf(planWith('none', 1000), sample, 1);
    assert.deepEqual([estimate.bytes, estimate.seconds], [sample.bytes, sample.seconds]);
  });
});

describe('status of a job', () => {
  const NOW = new Date('2025-03-14T10:00:00Z');
  const progress = (status: Progress['status'], secondsAgo: number): Progress => ({
    job: 'job',
    status,
    attempt: 1,
    sequence: 3,
    heartbeat: new Date(NOW.getTime() - secondsAgo * 1000).toISOString(),
    started: '2025-03-14T09:00:00.000Z',
    messages: 10,
    bytes: 1000,
    of: 100,
    shards: 0,
    ofShards: 1,
    failed: 0,
  });

  it('is running while there is a heartbeat, interrupted when there is none', () => {
    assert.equal(statusOf(progress('running', 0), NOW), 'running');
    assert.equal(statusOf(progress('running', 10), NOW), 'running');
    assert.equal(statusOf(progress('running', 60), NOW), 'interrupted');
    assert.equal(statusOf(undefined, NOW), 'interrupted');
  });

  it('that is final stays, however long ago', () => {
    for (const status of ['succeeded', 'partial', 'failed', 'cancelled', 'interrupted'] as const)
      assert.equal(statusOf(progress(status, 86_400), NOW), status);
  });
});
