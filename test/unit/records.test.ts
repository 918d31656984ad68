import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { blockCount } from '../../src/corpus/block.ts';
import { BlockDigest, BlocksDigest, digestOfBlocks } from '../../src/job/digest.ts';
import { contentDigest, type PackRecord } from '../../src/job/records.ts';
import { parseSpec } from '../../src/job/spec.ts';
import { smallGeneratorOf } from './support.ts';

const sha256 = (...parts: readonly (Uint8Array | string)[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

describe('digest', () => {
  // Worked by hand: SHA-256 over ids as six bytes each, and SHA-256 of messages as thirty-two.
  const messages = [
    { id: '00000000000a', text: 'Subject: one\r\n\r\nOne.\r\n' },
    { id: 'fedcba987654', text: 'Subject: two\r\n\r\nTwo.\r\n' },
    { id: '0123456789ab', text: '' },
  ];

  it('of a block is over its ids and the SHA-256 of its messages, in order', () => {
    const digest = new BlockDigest();
    for (const { id, text } of messages) digest.add(id, Buffer.from(text));
    const entries = messages.flatMap(({ id, text }) => [Buffer.from(id, 'hex'), sha256(text)]);
    assert.equal(Buffer.concat(entries).length, 3 * (6 + 32));
    assert.equal(digest.finish(), sha256(...entries).toString('hex'));
  });

  it('takes a message by its SHA-256 too', () => {
    const [one, other] = [new BlockDigest(), new BlockDigest()];
    for (const { id, text } of messages) {
      one.add(id, Buffer.from(text));
      other.addHash(id, sha256(text).toString('hex'));
    }
    assert.equal(one.finish(), other.finish());
  });

  it('sees a changed byte, a changed id, another order', () => {
    const of = (list: readonly { id: string; text: string }[]): string => {
      const digest = new BlockDigest();
      for (const { id, text } of list) digest.add(id, Buffer.from(text));
      return digest.finish();
    };
    const [first, second, third] = messages as [{ id: string; text: string }, { id: string; text: string }, { id: string; text: string }];
    const all = [
      of(messages),
      of([{ ...first, text: 'Subject: one\r\n\r\nOne!\r\n' }, second, third]),
      of([{ ...first, id: '00000000000b' }, second, third]),
      of([second, first, third]),
      of([first, second]),
    ];
    assert.equal(new Set(all).size, all.length);
  });

  it('starts afresh with the next block', () => {
    const digest = new BlockDigest();
    digest.add(messages[0]!.id, Buffer.from('x'));
    digest.finish();
    digest.add(messages[1]!.id, Buffer.from('y'));
    assert.equal(digest.finish(), sha256(Buffer.from(messages[1]!.id, 'hex'), sha256('y')).toString('hex'));
    assert.equal(digest.finish(), sha256().toString('hex'), 'of nothing');
  });

  it('of a corpus is over the digests of its blocks', () => {
    const blocks = [sha256('a'), sha256('b'), sha256('c')];
    const hex = blocks.map((block) => block.toString('hex'));
    assert.equal(digestOfBlocks(hex), sha256(...blocks).toString('hex'));
    const digest = new BlocksDigest();
    hex.forEach((block) => digest.add(block));
    assert.equal(digest.finish(), digestOfBlocks(hex));
  });

  it('of 300 messages, worked from their bytes', () => {
    const generator = smallGeneratorOf({ messages: 300 });
    const digest = new BlockDigest();
    const blocks: string[] = [];
    const byHand: Buffer[][] = [];
    for (let block = 0; block < blockCount(300); block++) {
      byHand.push([]);
      generator.block(block, ({ id, bytes }) => {
        digest.add(id, bytes);
        byHand[block]!.push(Buffer.from(id, 'hex'), sha256(bytes));
      });
      blocks.push(digest.finish());
    }
    assert.deepEqual(
      byHand.map((entries) => entries.length / 2),
      [256, 44],
    );
    assert.equal(digestOfBlocks(blocks), sha256(...byHand.map((entries) => sha256(...entries))).toString('hex'));
  });
});

describe('content digest', () => {
  const packs: readonly PackRecord[] = [{ pack: 'en', language: 'en', digest: 'aa' }];
  const of = (input: object, records = packs, generator = '1'): string => contentDigest(parseSpec(input), records, generator);
  const base = of({});

  it('does not see delivery, execution, and how a seed or a default is written', () => {
    for (const input of [
      { delivery: { layout: 'zip', truth: { lines: 'all', formats: ['parquet'] } } },
      { execution: { workers: 3, shardBlocks: 2 } },
      { $schema: 'x' },
      { seed: '1' },
      { messages: 10_000 },
      { organisation: { employees: 600 } },
      { content: { packs: ['elsewhere'] } },
    ])
      assert.equal(of(input), base, JSON.stringify(input));
  });

  it('sees everything the messages depend on', () => {
    const digests = [
      base,
      of({ seed: 2 }),
      of({ messages: 9999 }),
      of({ period: { end: '2025-06-26' } }),
      of({ organisation: { name: 'Another Bank' } }),
      of({ organisation: { employees: 601 } }),
      of({ organisation: { outsiders: { clients: 121 } } }),
      of({ traffic: { profile: 'enron-2001' } }),
      of({ traffic: { overrides: { length: 99 } } }),
      of({ content: { languages: { en: 81, de: 20 } } }),
      of({ content: { html: 0 } }),
      of({ content: { attachments: 99 } }),
      of({ scenarios: [] }),
      of({ scenarios: [{ scenario: 'all', rate: 0.05, nearMisses: 2 }] }),
      of({}, [{ pack: 'en', language: 'en', digest: 'ab' }]),
      of({}, [...packs, ...packs]),
      of({}, packs, '2'),
    ];
    assert.equal(new Set(digests).size, digests.length);
  });
});
