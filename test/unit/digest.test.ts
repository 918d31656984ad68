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
  ['a block and one message', { messages: 257 }, 'a3cef2185bff0cdaec2eec5cb7c7815faa17a26296f24c95d7e619d7711a94e8'],
  ['another seed', { messages: 600, seed: 'pinned' }, 'ee3a994ad997377ba992531b9ce80272f65d48c3871a9d866d88fd06cfb97cfe'],
  [
    'the enron-2001 profile, in its year',
    { messages: 600, traffic: { profile: 'enron-2001' }, period: { start: '2001-02-01', end: '2001-08-31' } },
    '3b3064aec94e112a48e492b61bed4d667d80016191af9e4fd7f6cf1a59b4753f',
  ],
  [
    'German only, two employees',
    { messages: 300, content: { languages: { de: 1 } }, organisation: { employees: 2 } },
    '5e039f5b0efd0d682070e6c25938400f31481841cef266694ab7a1b6a8306b81',
  ],
  [
    'two hundred thousand employees',
    { messages: 300, organisation: { employees: 200_000 } },
    '1afa5722137999babbfef8a60d477948180c006925148b731687ed2cb61176ab',
  ],
  [
    'arcs of every scenario',
    { messages: 3000, scenarios: [{ scenario: 'all', rate: 4 }] },
    'aef8488da2def756a17cf228b80db365333274663588edd4283a2c9885dafd13',
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
