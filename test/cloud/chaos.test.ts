import assert from 'node:assert/strict';
import { inParallel } from '../../src/engine/parallel.ts';
import { done, file, manifest, scratch } from '../e2e/support.ts';
import { chaosSpec, survive, type Survived } from './chaos.ts';

/** Seeds that bring each kind of weather: abortion in one, killing and poison in the other, all faults of S3 and SQS in both. `node test/cloud/chaos-seeds.ts` goes through many. */
const SEEDS = [1, 6];

describe('jobs while everything goes wrong', function () {
  this.timeout(600_000);
  const path = scratch();
  let digest: string;
  let survivors: Survived[];

  before(async () => {
    const spec = file(path('spec.json'), chaosSpec);
    await done(['generate', spec, '--layout', 'none', '--out', path('local')]);
    digest = manifest(path('local')).digest;
    survivors = [];
    await inParallel(SEEDS, 2, async (seed) => void survivors.push(await survive(seed, spec)));
  });

  it('end in one exact outcome each, and retried become the corpus that the local engine makes', () => {
    for (const { digest: found, seed } of survivors) assert.equal(found, digest, `seed ${seed}`);
  });

  it('saw what they were to see', () => {
    for (const { weather, outcomes, killed, aborted, throttled, seed } of survivors) {
      assert.ok(throttled > 50, `seed ${seed}: ${throttled} throttled`);
      assert.equal(killed > 0, weather.kills, `seed ${seed}: ${killed} killed`);
      assert.equal(aborted > 0, weather.abort, `seed ${seed}: ${aborted} aborted`);
      if (weather.poison) assert.equal(outcomes[0], 'partial', `seed ${seed}`);
    }
  });
});
