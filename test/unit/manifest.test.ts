import assert from 'node:assert/strict';
import { digestOfBlocks } from '../../src/job/digest.ts';
import { isReceiptOf, ManifestError, ManifestMaker } from '../../src/job/manifest.ts';
import { planOf } from '../../src/job/plan.ts';
import type { JobRecord, Receipt } from '../../src/job/records.ts';
import { parseSpec } from '../../src/job/spec.ts';

const JOB = '01ARZ3NDEKTSV4RRFFQ69G5FAV';
const digestOf = (n: number): string => String(n).padStart(64, '0');

function recordOf(layout = 'zip'): JobRecord {
  const spec = parseSpec({ messages: 600, delivery: { layout }, execution: { shardBlocks: 2 } });
  return { job: JOB, created: '2025-03-14T10:00:00.000Z', generator: '7', content: 'c0ffee', spec, packs: [], plan: planOf(spec) };
}

function receiptOf(shard: number, changes: object = {}): Receipt {
  const blocks = shard === 0 ? [digestOf(1), digestOf(2)] : [digestOf(3)];
  const told = blocks.map((block) => `f${block.slice(1)}`);
  return {
    job: JOB,
    shard,
    attempt: 1,
    generator: '7',
    messages: [512, 88][shard]!,
    objects: [512, 88][shard]!,
    bytes: [2000, 300][shard]!,
    digest: digestOfBlocks(blocks),
    blocks,
    truth: { lines: 9 - shard, positives: 4, nearMisses: 3, arcs: 2, digest: digestOfBlocks(told), blocks: told, files: {} },
    started: '',
    finished: '',
    ...changes,
  };
}

const MADE = {
  attempt: 2,
  truthFiles: { 'truth/arcs.jsonl': digestOf(9) },
  started: '2025-03-14T10:00:00.000Z',
  finished: '2025-03-14T10:05:00.000Z',
};

describe('a manifest', () => {
  it('sums up the receipts; its digests are over the blocks of all shards', () => {
    const maker = new ManifestMaker(recordOf());
    [0, 1].forEach((shard) => maker.add(receiptOf(shard)));
    assert.deepEqual(maker.finish(MADE), {
      job: JOB,
      attempt: 2,
      generator: '7',
      content: 'c0ffee',
      messages: 600,
      objects: 600,
      bytes: 2300,
      digest: digestOfBlocks([1, 2, 3].map(digestOf)),
      truthDigest: digestOfBlocks([1, 2, 3].map((n) => `f${digestOf(n).slice(1)}`)),
      truth: { lines: 17, positives: 8, nearMisses: 6, arcs: 4, files: MADE.truthFiles },
      shards: 2,
      layout: 'zip',
      keys: { messages: 'messages/<shard>.zip', truth: 'truth/<shard>.jsonl', receipts: 'shards/<shard>.json', job: 'job.json' },
      started: MADE.started,
      finished: MADE.finished,
    });
  });

  it('names no truth where nothing is kept', () => {
    const maker = new ManifestMaker(recordOf('none'));
    [0, 1].forEach((shard) => maker.add(receiptOf(shard)));
    const { keys } = maker.finish({ ...MADE, truthFiles: {} });
    assert.deepEqual([keys.messages, keys.truth], ['', '']);
  });

  it('is not made of receipts that count other messages', () => {
    for (const [receipts, counted] of [
      [[receiptOf(0)], 512],
      [[receiptOf(0), receiptOf(1, { messages: 89 })], 601],
    ] as const) {
      const maker = new ManifestMaker(recordOf());
      receipts.forEach((receipt) => maker.add(receipt));
      assert.throws(
        () => maker.finish(MADE),
        (error) =>
          error instanceof ManifestError &&
          error.code === 'CORRUPT' &&
          error.message === `the receipts count ${counted} messages, the job has 600`,
      );
    }
  });
});

describe('a receipt', () => {
  it('is that of a shard where job, shard and generator say so', () => {
    assert.ok(isReceiptOf(recordOf(), 1, receiptOf(1)));
    for (const changes of [{ job: `${JOB.slice(0, -1)}W` }, { shard: 0 }, { generator: '6' }])
      assert.ok(!isReceiptOf(recordOf(), 1, receiptOf(1, changes)), JSON.stringify(changes));
  });

  it('is none where it lacks what is read of it, or is something else', () => {
    const { truth } = receiptOf(1);
    for (const changes of [
      { blocks: undefined },
      { blocks: [1] },
      { truth: undefined },
      { truth: { ...truth, blocks: 'x' } },
      { truth: { ...truth, files: null } },
    ])
      assert.ok(!isReceiptOf(recordOf(), 1, receiptOf(1, changes)), JSON.stringify(changes));
    for (const other of [undefined, null, 'text', []]) assert.ok(!isReceiptOf(recordOf(), 1, other as unknown as Receipt));
  });
});
