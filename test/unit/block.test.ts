import assert from 'node:assert/strict';
import fc from 'fast-check';
import { BLOCK, blockCount, BlockPlan, blockSize, type Slot } from '../../src/corpus/block.ts';
import { PROFILE_NAMES } from '../../src/corpus/profiles/index.ts';
import { root } from '../../src/corpus/random.ts';
import { holds, specOf } from './support.ts';

const planOf = (messages: number, seed = 'blocks', traffic: object = {}): BlockPlan =>
  new BlockPlan(specOf({ messages, traffic }), root(seed), () => []);

/** Slots follow each other without a gap and fill the block to the last message. */
function checkFilled(slots: readonly Slot[], size: number): void {
  let next = 0;
  for (const slot of slots) {
    assert.equal(slot.first, next);
    assert.ok(slot.size >= 1);
    next += slot.size;
  }
  assert.equal(next, size);
}

/** Of n conversations each starts in another n-th of the period. */
function checkStratified(slots: readonly Slot[]): void {
  const strata = slots.map(({ when }) => {
    assert.ok(when >= 0 && when < 1);
    return Math.floor(when * slots.length);
  });
  assert.deepEqual(
    strata.sort((a, b) => a - b),
    [...slots.keys()],
  );
}

describe('blocks', () => {
  it('cut a corpus of any size', () => {
    const cases: readonly (readonly [messages: number, blocks: number, last: number])[] = [
      [1, 1, 1],
      [255, 1, 255],
      [256, 1, 256],
      [257, 2, 1],
      [512, 2, 256],
      [10_000, 40, 16],
    ];
    for (const [messages, blocks, last] of cases) {
      assert.equal(blockCount(messages), blocks);
      assert.equal(blockSize(messages, blocks - 1), last);
      if (blocks > 1) assert.equal(blockSize(messages, 0), BLOCK);
    }
  });

  it('of every size from 1 to 256 are filled exactly', () => {
    for (let size = 1; size <= BLOCK; size++) {
      const slots = planOf(size).slots(0);
      checkFilled(slots, size);
      checkStratified(slots);
    }
  });

  for (const messages of [1, 255, 256, 257, 1000])
    it(`of ${messages} messages hold each of them once`, () => {
      const plan = planOf(messages);
      for (let block = 0; block < blockCount(messages); block++) checkFilled(plan.slots(block), blockSize(messages, block));
    });

  it('are filled and stratified whatever the seed, the profile and the share of threads', () => {
    holds(
      fc.property(
        fc.integer({ min: 1, max: 100_000_000 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.string(),
        fc.constantFrom(...PROFILE_NAMES),
        fc.option(fc.oneof(fc.constantFrom(0, 100), fc.integer({ min: 1, max: 99 })), { nil: undefined }),
        (messages, share, seed, profile, threaded) => {
          const plan = planOf(messages, seed, { profile, ...(threaded !== undefined && { overrides: { threaded } }) });
          const last = blockCount(messages) - 1;
          for (const block of [Math.floor(share * last), last]) {
            const slots = plan.slots(block);
            checkFilled(slots, blockSize(messages, block));
            checkStratified(slots);
            if (threaded === 0) assert.ok(slots.every(({ size }) => size === 1));
            // Only what is left over at the end may be single.
            if (threaded === 100) assert.ok(slots.slice(0, -1).every(({ size }) => size > 1));
          }
        },
      ),
    );
  });

  it('that are full do not depend on how many messages follow', () => {
    const [small, large] = [planOf(256 * 3 + 17), planOf(1_000_000)];
    for (let block = 0; block < 3; block++) assert.deepEqual(small.slots(block), large.slots(block));
  });

  it('are the same whichever was asked for before', () => {
    const [forth, back] = [planOf(2560), planOf(2560)];
    const slots = Array.from({ length: 10 }, (_, block) => forth.slots(block));
    for (let block = 9; block >= 0; block--) assert.deepEqual(back.slots(block), slots[block]);
  });

  it('differ from each other, and by seed', () => {
    const shape = (slots: readonly Slot[]): string => JSON.stringify(slots.map(({ size, when, path }) => [size, when, path]));
    const shapes = ['a', 'b', '1'].flatMap((seed) => Array.from({ length: 20 }, (_, block) => shape(planOf(10_000, seed).slots(block))));
    assert.equal(new Set(shapes).size, 60);
  });

  it('do not tell by its place in a block when a conversation starts', () => {
    const plan = planOf(256 * 200);
    let firstHalf = 0;
    let count = 0;
    for (let block = 0; block < 200; block++) {
      const slots = plan.slots(block);
      for (const { when } of slots.slice(0, slots.length >> 1)) {
        count++;
        if (when < 0.5) firstHalf++;
      }
    }
    assert.ok(Math.abs(firstHalf / count - 0.5) < 0.03, `${firstHalf} of ${count}`);
  });
});
