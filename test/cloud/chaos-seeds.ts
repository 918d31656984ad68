import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inParallel } from '../../src/engine/parallel.ts';
import { file, manifest, run } from '../e2e/support.ts';
import { chaosSpec, survive } from './chaos.ts';

/**
 * Jobs in bad weather, by many seeds; a line each. Ends with 1 where one of them is not as it has to be.
 *
 *   node test/cloud/chaos-seeds.ts [first seed] [how many] [at once]
 */

const [first = 1, many = 20, atOnce = 3] = process.argv.slice(2).map(Number);
const folder = mkdtempSync(join(tmpdir(), 'mailwright-chaos-'));
try {
  const spec = file(join(folder, 'spec.json'), chaosSpec);
  const { code, stderr } = await run(['generate', spec, '--layout', 'none', '--out', join(folder, 'local')]);
  assert.equal(code, 0, stderr);
  const { digest } = manifest(join(folder, 'local'));
  const seeds = Array.from({ length: many }, (_, i) => first + i);
  await inParallel(seeds, atOnce, async (seed) => {
    try {
      const survived = await survive(seed, spec);
      assert.equal(survived.digest, digest);
      console.log(JSON.stringify(survived));
    } catch (error) {
      process.exitCode = 1;
      console.log(`seed ${seed}: ${error instanceof Error ? error.stack : String(error)}`);
    }
  });
} finally {
  rmSync(folder, { recursive: true });
}
