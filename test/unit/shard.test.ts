import assert from 'node:assert/strict';
import { GENERATOR_VERSION } from '../../src/corpus/version.ts';
import { type MadeShard, receiptFor, ShardMaker } from '../../src/engine/shard.ts';
import { BlockDigest, digestOfBlocks, sha256Of } from '../../src/job/digest.ts';
import { isReceiptOf } from '../../src/job/manifest.ts';
import { planOf } from '../../src/job/plan.ts';
import type { JobRecord } from '../../src/job/records.ts';
import { parseSpec } from '../../src/job/spec.ts';
import { builtinPacks, generatorOf } from './support.ts';

/** Two shards: of two blocks, and of 44 messages. */
const SPEC = {
  messages: 556,
  content: { languages: { en: 1 } },
  scenarios: [{ scenario: 'all', rate: 3 }],
  execution: { shardBlocks: 2 },
};
const PACKS = (): ReturnType<typeof builtinPacks> => builtinPacks().filter(({ language }) => language === 'en');

const recordOf = (delivery: object = {}): JobRecord => {
  const spec = parseSpec({ ...SPEC, delivery });
  return { job: '01ARZ3NDEKTSV4RRFFQ69G5FAV', created: '', generator: GENERATOR_VERSION, content: '', spec, packs: [], plan: planOf(spec) };
};

interface Taken {
  readonly made: MadeShard;
  /** Id and SHA-256 of each message, in the order in which they came. */
  readonly messages: (readonly [string, string])[];
  readonly blocks: { readonly messages: number; readonly bytes: number }[];
}

/** Makes a shard to its end. */
function take(maker: ShardMaker, shard: number): Taken {
  const messages: (readonly [string, string])[] = [];
  const blocks: { readonly messages: number; readonly bytes: number }[] = [];
  const making = maker.make(shard, ({ id, bytes }, sha256) => {
    assert.equal(sha256, sha256Of(bytes));
    messages.push([id, sha256]);
  });
  for (;;) {
    const next = making.next();
    if (next.done) return { made: next.value, messages, blocks };
    blocks.push(next.value);
    assert.equal(
      messages.length,
      blocks.reduce((sum, block) => sum + block.messages, 0),
      'a block is told of when it is there',
    );
  }
}

describe('making a shard', () => {
  const maker = new ShardMaker(recordOf(), PACKS());
  const shards = [take(maker, 0), take(maker, 1)] as const;

  it('gives the messages of the corpus, in their order', () => {
    const expected: (readonly [string, string])[] = [];
    const generator = generatorOf(SPEC);
    for (let block = 0; block < 3; block++) generator.block(block, ({ id, bytes }) => expected.push([id, sha256Of(bytes)]));
    assert.deepEqual([...shards[0].messages, ...shards[1].messages], expected);
  });

  it('tells of each block, and sums them up', () => {
    assert.deepEqual(
      shards.map(({ blocks }) => blocks.map(({ messages }) => messages)),
      [[256, 256], [44]],
    );
    for (const { made, blocks, messages } of shards) {
      assert.equal(
        made.bytes,
        blocks.reduce((sum, { bytes }) => sum + bytes, 0),
      );
      assert.equal(made.messages, messages.length);
      assert.equal(made.digest, digestOfBlocks(made.blocks));
    }
    const digest = new BlockDigest();
    for (const [id, sha256] of shards[1].messages) digest.addHash(id, sha256);
    assert.deepEqual(shards[1].made.blocks, [digest.finish()]);
  });

  it('leaves the text of its truth: a line a message of an arc, a line an arc', () => {
    const [{ made }] = shards;
    assert.deepEqual(Object.keys(made.files), ['truth/000000.jsonl', 'truth/000000.arcs.jsonl']);
    const lines = Object.values(made.files).map((text) => text.split('\n').length - 1);
    assert.deepEqual(lines, [made.truth.lines, made.truth.arcs]);
    assert.ok(made.truth.positives > 0 && made.truth.arcs > 0);
  });

  it('leaves no truth files where nothing is kept, and the same digests', () => {
    const { made } = take(new ShardMaker(recordOf({ layout: 'none' }), PACKS()), 0);
    assert.deepEqual(made, { ...shards[0].made, files: {} });
  });

  it('that is not made to its end leaves the next one as it would be', () => {
    const making = maker.make(0, () => {});
    making.next();
    assert.deepEqual(take(maker, 0), shards[0]);
  });

  it('comes to a receipt', () => {
    const record = recordOf();
    const [{ made }] = shards;
    const receipt = receiptFor(record, 0, 3, made, 512, '2025-03-14T10:00:00.000Z', '2025-03-14T10:00:01.000Z');
    const { files: texts, truth, ...rest } = made;
    const files = Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, sha256Of(Buffer.from(text))]));
    assert.deepEqual(receipt, {
      job: record.job,
      shard: 0,
      attempt: 3,
      generator: GENERATOR_VERSION,
      objects: 512,
      ...rest,
      truth: { ...truth, files },
      started: '2025-03-14T10:00:00.000Z',
      finished: '2025-03-14T10:00:01.000Z',
    });
    assert.ok(isReceiptOf(record, 0, receipt));
  });
});
