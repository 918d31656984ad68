import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { Generator } from '../../src/corpus/generator.ts';
import { GENERATOR_VERSION } from '../../src/corpus/version.ts';
import { loadPacks } from '../../src/engine/packs.ts';
import { BlockDigest, digestOfBlocks } from '../../src/job/digest.ts';
import { parseSpec } from '../../src/job/spec.ts';

/**
 * The bytes of whole corpora, pinned. Within a version of the generator these never change, on any machine. Where a change
 * is meant, it raises GENERATOR_VERSION, and CHANGELOG.md says so.
 */
const PINNED: readonly (readonly [what: string, spec: object, digest: string])[] = [
  ['one message', { messages: 1 }, '052fe146253a28962031359b7668b98750066196d85ba5cf865f188b5014c49b'],
  ['a block and one message', { messages: 257 }, 'b071d97938f87abef93cfb8add80463575c6c24970d94da976381bee49c7d2cf'],
  ['another seed', { messages: 600, seed: 'pinned' }, '736ace9a74929023d3ff36232c427e0b19c43ed5a271f6625356ae97f4f650ff'],
  [
    'the enron-2001 profile, in its year',
    { messages: 600, traffic: { profile: 'enron-2001' }, period: { start: '2001-02-01', end: '2001-08-31' } },
    '7e2a9712f545095ef96cf5f6b2e54dbc96051e4fb566f34af18a2603ebafeb14',
  ],
  [
    'German only, two employees',
    { messages: 300, content: { languages: { de: 1 } }, organisation: { employees: 2 } },
    'd4e4e9a312686865858f72f0a95d786dcb7b136b184997d100e658ce4dd36334',
  ],
  [
    'two hundred thousand employees',
    { messages: 300, organisation: { employees: 200_000 } },
    '2e1152e9010c9e14719720ded1f444bfd3d24f76dbc8855c2f040638169a2df9',
  ],
];

const PACKS = fileURLToPath(new URL('../../dist/packs', import.meta.url));

function digestOf(input: object): string {
  const spec = parseSpec(input);
  const generator = new Generator(spec, loadPacks(spec, PACKS, '.').packs);
  const digest = new BlockDigest();
  const blocks: string[] = [];
  for (let b = 0; b < Math.ceil(spec.messages / 256); b++) {
    generator.block(b, ({ id, bytes }) => digest.add(id, bytes));
    blocks.push(digest.finish());
  }
  return digestOfBlocks(blocks);
}

describe(`corpora of generator version ${GENERATOR_VERSION}`, () => {
  for (const [what, spec, digest] of PINNED)
    it(what, () => {
      assert.equal(digestOf(spec), digest);
    });
});
