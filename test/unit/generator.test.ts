import assert from 'node:assert/strict';
import { textOf } from '../../src/corpus/mime/bytes.ts';
import { createHash } from 'node:crypto';
import { BLOCK, blockCount } from '../../src/corpus/block.ts';
import type { Generator, Message } from '../../src/corpus/generator.ts';
import { GENERATOR_VERSION } from '../../src/corpus/version.ts';
import { contentDigest } from '../../src/job/records.ts';
import { parseSpec } from '../../src/job/spec.ts';
import { smallGeneratorOf } from './support.ts';

const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** What a test looks at after the generator has gone on. */
interface Seen {
  readonly index: number;
  readonly id: string;
  readonly digest: string;
  readonly text: string;
}

const seen = ({ index, id, bytes }: Message): Seen => ({ index, id, digest: digestOf(bytes), text: Buffer.from(bytes).toString('latin1') });

function blocksOf(generator: Generator, blocks: readonly number[]): Seen[][] {
  return blocks.map((block) => {
    const messages: Seen[] = [];
    generator.block(block, (message) => messages.push(seen(message)));
    return messages;
  });
}

const all = (generator: Generator): Seen[] => blocksOf(generator, [...Array(blockCount(generator.messages)).keys()]).flat();

/** Who writes to whom and when, and what it answers: everything but the words. */
function structureOf(input: object, blocks: number): string[] {
  const structure: string[] = [];
  const generator = smallGeneratorOf(input);
  for (let block = 0; block < blocks; block++)
    generator.block(block, ({ id, index, letter: { turn }, conversation }) => {
      const people = [turn.author, ...turn.to, ...turn.cc, ...turn.bcc].map((p) => p.address);
      structure.push(
        JSON.stringify([
          index,
          id,
          turn.kind,
          turn.parent?.index,
          people,
          turn.to.length,
          turn.cc.length,
          turn.instant,
          turn.offset,
          textOf(turn.prefix),
          textOf(turn.subject.run),
          conversation.topic.id,
          conversation.category,
          turn.author.client,
        ]),
      );
    });
  return structure;
}

/** Specs at the edges of what is allowed, each with something that is shared, empty or single. */
const ONE_OFFICE = [{ city: 'London', zone: 'Europe/London', locale: 'en-GB' }];
const SPECS: Readonly<Record<string, object>> = {
  'the default organisation but for its desks': {},
  'two languages in one office, much private mail': {
    organisation: { offices: ONE_OFFICE, employees: 40 },
    content: { languages: { en: 50, de: 50 } },
    traffic: { overrides: { private: 60 } },
  },
  'one outside firm of each kind, long mail': {
    organisation: { outsiders: { clients: 1, counterparties: 1, vendors: 1, regulators: 1, newsletters: 1 } },
    traffic: { overrides: { external: 80, length: 400, quoting: 100 } },
  },
  'two employees, short mail of the older profile': {
    organisation: { employees: 2 },
    traffic: { profile: 'enron-2001', overrides: { length: 10, quoting: 0 } },
  },
  'one desk, one day, all in threads, with all trimmings': {
    organisation: { desks: [{ id: 'fx' }], employees: 30 },
    traffic: { overrides: { threaded: 100 } },
    period: { start: '2025-03-30', end: '2025-03-30' },
    content: { languages: { de: 1 }, html: 100, signatures: 100, disclaimers: 100, attachments: 100 },
  },
  'nothing but machines, no HTML': {
    traffic: { overrides: { threaded: 0, machine: 100 } },
    content: { languages: { en: 1 }, html: 0, signatures: 0, disclaimers: 0, attachments: 0 },
  },
};

describe('generator', () => {
  for (const [name, input] of Object.entries(SPECS))
    it(`makes each message alone as it does in its block: ${name}`, () => {
      // A whole block and a short one; alone every fifth, from the last to the first, by a generator that has made nothing before.
      const spec = { messages: BLOCK + 40, ...input };
      const messages = all(smallGeneratorOf(spec));
      assert.deepEqual(
        messages.map(({ index }) => index),
        [...messages.keys()],
      );
      assert.equal(messages.length, BLOCK + 40);
      assert.equal(new Set(messages.map(({ id }) => id)).size, messages.length);
      const alone = smallGeneratorOf(spec);
      const some = messages.filter(({ index }) => index % 5 === 0 || index >= BLOCK + 30).toReversed();
      const different = some.filter(({ index, digest, id }) => {
        const message = alone.message(index);
        assert.equal(message.id, id);
        assert.equal(message.index, index);
        return digestOf(message.bytes) !== digest;
      });
      assert.deepEqual(
        different.map(({ index }) => index),
        [],
      );
    });

  it('refuses a message that is not there', () => {
    const generator = smallGeneratorOf({ messages: 300 });
    for (const index of [-1, 300, 1e9, 1.5, NaN]) assert.throws(() => generator.message(index), /this corpus has messages 0 to 299/);
    assert.equal(generator.message(299).index, 299);
  });

  it('makes one message, and each of the sizes around a block', () => {
    for (const messages of [1, 255, 257]) {
      const made = all(smallGeneratorOf({ messages }));
      assert.deepEqual(
        made.map(({ index }) => index),
        [...Array(messages).keys()],
      );
    }
  });

  it('makes blocks in any order, and again', () => {
    const [a, b, again] = blocksOf(smallGeneratorOf({ messages: 3 * BLOCK }), [0, 2, 0]);
    const [b2, a2] = blocksOf(smallGeneratorOf({ messages: 3 * BLOCK }), [2, 0]);
    assert.deepEqual(again, a);
    assert.deepEqual([a2, b2], [a, b]);
  });

  it('makes the same blocks in a longer corpus', () => {
    const [short, whole, long] = [BLOCK + 44, 2 * BLOCK, 30 * BLOCK].map((messages) => blocksOf(smallGeneratorOf({ messages }), [0]));
    assert.deepEqual(short, long);
    assert.deepEqual(whole, long);
  });

  it('changes everything with the seed', () => {
    const [one, other] = [all(smallGeneratorOf({ messages: BLOCK, seed: 1 })), all(smallGeneratorOf({ messages: BLOCK, seed: 2 }))];
    assert.equal(new Set([...one, ...other].map(({ id }) => id)).size, 2 * BLOCK);
    assert.equal(new Set([...one, ...other].map(({ digest }) => digest)).size, 2 * BLOCK);
    const people = (messages: readonly Seen[]): Set<string> =>
      new Set(messages.flatMap(({ text }) => [...text.matchAll(/[\w.]+@aldermoor\.example/g)].map(([address]) => address)));
    const names = people(one);
    assert.ok([...people(other)].filter((address) => names.has(address)).length < 10, 'other people');
    const replies = (messages: readonly Seen[]): string =>
      messages
        .filter(({ text }) => /^In-Reply-To:/m.test(text))
        .map(({ index }) => index)
        .join();
    assert.notEqual(replies(one), replies(other), 'other conversations');
  });

  it('takes a seed as a number or as its digits', () => {
    assert.deepEqual(all(smallGeneratorOf({ messages: 20, seed: '42' })), all(smallGeneratorOf({ messages: 20, seed: 42 })));
  });

  describe('keeps who writes to whom and when, whatever else is changed:', () => {
    let base: string[];
    before(() => (base = structureOf({ messages: BLOCK }, 1)));
    const changes: Readonly<Record<string, object>> = {
      'no HTML and no signatures': { content: { html: 0, signatures: 0 } },
      'all HTML, all signatures, no disclaimers': { content: { html: 100, signatures: 100, disclaimers: 0 } },
      'no attachments': { content: { attachments: 0 } },
      'short mail that quotes nothing': { traffic: { overrides: { length: 20, quoting: 0 } } },
      'zip archives in small shards': { delivery: { layout: 'zip' }, execution: { shardBlocks: 1, workers: 7 } },
    };
    for (const [what, change] of Object.entries(changes))
      it(what, () => assert.deepEqual(structureOf({ messages: BLOCK, ...change }, 1), base));
  });

  it('changes bytes with what is asked of the content', () => {
    const base = all(smallGeneratorOf({ messages: BLOCK }));
    const bare = all(smallGeneratorOf({ messages: BLOCK, content: { html: 0, attachments: 0 } }));
    const has = (messages: readonly Seen[], header: RegExp): number =>
      messages.filter(({ text }) => header.test(text) && !/^(Auto-Submitted|List-Id):/m.test(text)).length;
    assert.ok(has(base, /^Content-Type: text\/html/m) > 50 && has(base, /^Content-Disposition: attachment/m) > 5);
    assert.equal(has(bare, /^Content-Type: text\/html/m) + has(bare, /^Content-Disposition: attachment/m), 0);
  });

  it('is the same for specs that say the same in another order', () => {
    const inputs = [
      { messages: 50, content: { languages: { en: 80, de: 20 } } },
      { content: { languages: { de: 20, en: 80 } }, messages: 50 },
    ];
    const [one, other] = inputs.map((input) => contentDigest(parseSpec(input), [], GENERATOR_VERSION));
    const [a, b] = inputs.map((input) => all(smallGeneratorOf(input)).map(({ digest }) => digest));
    if (one === other) assert.ok(a!.join() === b!.join(), 'the content digests are equal, the messages are not');
  });

  it('hands out bytes that stay, where a message is asked for alone', () => {
    const generator = smallGeneratorOf({ messages: 100 });
    const { bytes } = generator.message(5);
    const before = digestOf(bytes);
    generator.message(6);
    assert.equal(digestOf(bytes), before);
  });
});
