import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { estimate, type EstimateOptions } from '../../src/cli/estimate.ts';
import { costOf, USUAL_STACK } from '../../src/job/cost.ts';
import { truthBytesOf } from '../../src/job/estimate.ts';
import { planOf } from '../../src/job/plan.ts';
import { parseSpec } from '../../src/job/spec.ts';
import { TIMES } from '../../src/job/times.ts';

const PACKS = fileURLToPath(new URL('../../dist/packs', import.meta.url));

/** What `mailwright estimate` writes. It does so at once, so nothing else writes meanwhile. */
function estimated(options: EstimateOptions): string {
  const { write } = process.stdout;
  let text = '';
  process.stdout.write = (chunk: string | Uint8Array): boolean => {
    text += String(chunk);
    return true;
  };
  try {
    assert.equal(estimate(undefined, options, { packs: PACKS, worker: new URL(import.meta.url), command: '' }), 0);
  } finally {
    process.stdout.write = write;
  }
  return text;
}

interface Found {
  readonly target: string;
  readonly messages: number;
  readonly objects: number;
  readonly bytes: number;
  readonly truth: { readonly positives: number; readonly nearMisses: number };
  readonly concurrency: number;
  readonly shards: number;
  readonly shardSeconds: number;
}

describe('estimate for the cloud', () => {
  it('is, as JSON, what the model says of the sampled bytes', () => {
    const text = estimated({ target: 'aws', messages: '2000000', layout: 'zip', concurrency: '64', json: true });
    const found = JSON.parse(text) as Found;
    const spec = parseSpec({ messages: 2_000_000, delivery: { layout: 'zip' } });
    const stack = { ...USUAL_STACK, concurrency: 64 };
    const cost = costOf({ ...stack, plan: planOf(spec), bytes: found.bytes, truthBytes: truthBytesOf(spec, found.truth) });
    assert.deepEqual([found.target, found.messages, found.objects, found.concurrency], ['aws', 2_000_000, 489, 64]);
    assert.ok(found.bytes > 2_000_000 * 2000 && found.bytes < 2_000_000 * 8000);
    assert.deepEqual(
      JSON.parse(JSON.stringify(cost)),
      Object.fromEntries(Object.keys(cost).map((key) => [key, found[key as keyof Found]])),
    );
  });

  it('says, in words, what S3 takes and what it costs, when and where the prices hold', () => {
    const text = estimated({ target: 'aws', messages: '1000000' });
    assert.match(text, /^Objects +1,000,000 \(eml\)$/m);
    assert.match(text, /^Time .* with 16 worker\(s\): S3 takes 3,500 objects a second .*; \d would do$/m);
    assert.match(text, /^Cost +about \$5\.\d\d, that is \$5\.\d\d a million messages$/m);
    assert.match(text, /^ +S3 +\$5\.\d\d$/m);
    assert.match(text, /^Storage +\$0\.\d\d of it: 4\.\d GB for 30 days$/m);
    assert.match(text, /^Download +\$0\.\d\d more/m);
    assert.match(text, /^Prices .* us-east-1, .* 20\d\d-\d\d,/m);
    assert.doesNotMatch(text, /each shard takes/);
  });

  it('has smaller shards where many workers share what S3 takes', () => {
    const found = JSON.parse(estimated({ target: 'aws', messages: '1000000', concurrency: '400', json: true })) as Found;
    assert.ok(found.shards > 245 && found.shardSeconds <= TIMES.shard);
  });

  it('refuses a number of workers that no stack has, or where there is no stack', () => {
    for (const [options, words] of [
      [{ target: 'aws', concurrency: '1' }, /--concurrency: 1 will not do: a whole number from 2 to 1000/],
      [{ target: 'aws', concurrency: 'many' }, /--concurrency: many will not do/],
      [{ concurrency: '16' }, /--target aws/],
    ] as const)
      assert.throws(() => estimated(options), words);
  });

  it('is of this machine where no target is given', () => {
    const text = estimated({ messages: '1000' });
    assert.match(text, /^Files +1,000 \(eml\)$/m);
    assert.match(text, /^Time .* here, with \d+ worker\(s\)$/m);
    assert.doesNotMatch(text, /\$/);
  });
});
