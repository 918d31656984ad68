import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { packSchemas } from '../../scripts/pack-schemas.ts';

describe('the schemas of pack files', () => {
  for (const [path, text] of packSchemas())
    it(`${path} is up to date`, () => {
      const there = readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
      assert.equal(there, text, `${path} is stale: run \`node scripts/pack-schemas.ts\``);
    });
});
