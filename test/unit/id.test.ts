import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Ids, indexOfMessageId, writeMessageId } from '../../src/corpus/id.ts';
import { Bytes, runOf } from '../../src/corpus/mime/bytes.ts';
import { CLIENTS } from '../../src/corpus/profiles/profile.ts';
import { root } from '../../src/corpus/random.ts';
import { holds } from './support.ts';

const SEED = root('ids');
const MESSAGES = 100_000;

describe('ids', () => {
  for (const purpose of ['object', 'message-id'] as const)
    it(`for ${purpose} are twelve digits, unique and invertible over ${MESSAGES} messages`, () => {
      const ids = new Ids(SEED, purpose);
      const seen = new Set<string>();
      for (let i = 0; i < MESSAGES; i++) {
        const id = ids.id(i);
        assert.match(id, /^[0-9a-f]{12}$/);
        seen.add(id);
        if (i % 7 === 0) assert.equal(ids.index(id, MESSAGES), i);
      }
      assert.equal(seen.size, MESSAGES);
    });

  it('invert up to the largest corpus there can be', () => {
    const ids = new Ids(SEED, 'object');
    holds(
      fc.property(fc.nat(99_999_999), (index) => assert.equal(ids.index(ids.id(index), 100_000_000), index)),
      500,
    );
  });

  it('of messages the corpus does not have are refused, and so is what is no id', () => {
    const ids = new Ids(SEED, 'object');
    assert.equal(ids.index(ids.id(999), 1000), 999);
    assert.equal(ids.index(ids.id(1000), 1000), undefined);
    assert.equal(ids.index(ids.id(5_000_000), 1000), undefined);
    // Of 2⁴⁸ ids a thousand are in use: one made up is none of them.
    for (const made of ['000000000000', 'ffffffffffff', '0123456789ab']) assert.equal(ids.index(made, 1000), undefined);
    const good = ids.id(1);
    for (const wrong of [
      '',
      good.slice(1),
      `${good}0`,
      good.replace(/.$/, 'g'),
      good.toUpperCase().replace(/^.*$/, 'ABCDEF012345'),
      ` ${good}`,
      `${good}\n`,
      '-00000000001',
      '0x0000000001',
    ])
      assert.equal(ids.index(wrong, 1000), undefined, JSON.stringify(wrong));
  });

  it('carry no order: neighbours are apart, and all leading digits come equally often', () => {
    const ids = new Ids(SEED, 'object');
    const all = Array.from({ length: 16_000 }, (_, i) => ids.id(i));
    const rising = all.filter((id, i) => i > 0 && id > all[i - 1]!).length;
    assert.ok(Math.abs(rising - 8000) < 320, `${rising} of 16,000 above the one before`);
    for (const digit of '0123456789abcdef') {
      const count = all.filter((id) => id.startsWith(digit)).length;
      assert.ok(Math.abs(count - 1000) < 155, `${digit}: ${count}`);
    }
  });

  it('differ by purpose and by seed', () => {
    const lists = [new Ids(SEED, 'object'), new Ids(SEED, 'message-id'), new Ids(root('other'), 'object')].map((ids) =>
      Array.from({ length: 1000 }, (_, i) => ids.id(i)),
    );
    assert.equal(new Set(lists.flat()).size, 3000);
  });
});

describe('Message-IDs', () => {
  const ids = new Ids(SEED, 'message-id');
  const atext = "[A-Za-z0-9!#$%&'*+\\-/=?^_`{|}~]+";
  /** RFC 5322 §3.6.4: msg-id = "<" id-left "@" id-right ">", with a dot-atom on both sides. */
  const msgId = new RegExp(`^<${atext}(\\.${atext})*@${atext}(\\.${atext})*>$`);
  const written = (client: (typeof CLIENTS)[number], index: number, hi: number, lo: number): string => {
    const out = new Bytes(4);
    writeMessageId(out, ids, index, { hi, lo }, client, runOf('aldermoor.example'));
    return out.text();
  };

  for (const client of CLIENTS)
    it(`of ${client} are valid and lead back to the message`, () => {
      const messages = 100_000_000;
      holds(
        fc.property(fc.nat(messages - 1), fc.integer(), fc.integer(), (index, hi, lo) => {
          const id = written(client, index, hi, lo);
          assert.match(id, msgId);
          assert.ok(id.length <= 76, 'In-Reply-To: and a line of References stay under 78 and 998');
          assert.ok(id.endsWith(client === 'webmail' ? '@mail.aldermoor.example>' : '@aldermoor.example>'));
          assert.equal(indexOfMessageId(ids, id, messages), index);
          assert.equal(indexOfMessageId(ids, id.slice(1, -1), messages), index, 'without the angle brackets');
          assert.equal(indexOfMessageId(ids, id, index), undefined, 'in a corpus that ends before it');
        }),
        200,
      );
    });

  it('are unique over all clients', () => {
    const seen = new Set<string>();
    for (let i = 0; i < 20_000; i++)
      seen.add(
        written(CLIENTS[i % CLIENTS.length]!, i, 1, 1)
          .replace(/[^0-9a-f]/gi, '')
          .toLowerCase()
          .slice(0, 12),
      );
    assert.equal(seen.size, 20_000);
  });

  it('of others are known as such', () => {
    for (const id of ['', '<>', '<hello@world.example>', '<CA+xyz@mail.example>', '<0123456789ABCDEF@other.example>', '<OF12@x.example>'])
      assert.equal(indexOfMessageId(ids, id, 1000), undefined, id);
  });
});
