import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isReservedDomain } from '../../src/corpus/content.ts';
import { type Run, textOf } from '../../src/corpus/mime/bytes.ts';
import { compilePacks } from '../../src/corpus/pack/compile.ts';
import { checkPack } from '../../src/corpus/pack/source.ts';
import { below, label, root, Stream } from '../../src/corpus/random.ts';
import { Companies } from '../../src/corpus/world/companies.ts';
import { fold } from '../../src/corpus/world/names.ts';
import { apportion, Organisation } from '../../src/corpus/world/organisation.ts';
import type { Person } from '../../src/corpus/world/person.ts';
import { World } from '../../src/corpus/world/world.ts';
import { builtinLanguages, holds, specOf } from './support.ts';
import { tinyPack } from './tiny-pack.ts';

const worldOf = (input: object = {}, seed = '1'): World => new World(specOf(input), builtinLanguages(), root(seed));

/** One desk in one office: everybody is asked for in every language. */
const ONE_OFFICE = { desks: [{ id: 'fx' }], offices: [{ city: 'London', zone: 'Europe/London', locale: 'en-GB' }] };

const OUTSIDE = ['client', 'counterparty', 'vendor', 'regulator'] as const;

describe('apportion', () => {
  it('shares out exactly, within one of the fair share', () => {
    const weights = fc.array(fc.nat(1_000_000), { minLength: 1, maxLength: 80, size: 'max' }).filter((w) => w.some((x) => x > 0));
    holds(
      fc.property(fc.nat(200_000), weights, (total, w) => {
        const shares = apportion(total, w);
        const sum = w.reduce((a, b) => a + b, 0);
        assert.equal(
          shares.reduce((a, b) => a + b, 0),
          total,
        );
        shares.forEach((share, i) => {
          assert.ok(Number.isInteger(share) && share >= 0);
          assert.ok(Math.abs(share - (total * w[i]!) / sum) < 1, `${share} of ${total} for ${w[i]} in ${sum}`);
          if (w[i] === 0) assert.equal(share, 0);
        });
      }),
      500,
    );
  });

  it('gives the remainder to the largest, the first of equals', () => {
    assert.deepEqual(apportion(10, [1, 1, 1]), [4, 3, 3]);
    assert.deepEqual(apportion(3, [80, 20]), [2, 1]);
    assert.deepEqual(apportion(1, [1, 2]), [0, 1]);
    assert.deepEqual(apportion(0, [5, 5]), [0, 0]);
  });
});

describe('organisation', () => {
  const organisations = fc
    .record({
      employees: fc.integer({ min: 2, max: 3000 }),
      desks: fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 15, size: 'max' }),
      offices: fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 6, size: 'max' }),
    })
    .map(({ employees, desks, offices }) =>
      specOf({
        organisation: {
          employees,
          desks: desks.map((weight, i) => ({ id: `desk-${i}`, weight })),
          offices: offices.map((weight, i) => ({ city: `City ${i}`, zone: 'UTC', locale: 'en-GB', weight })),
        },
      }),
    )
    .map((spec) => new Organisation(spec.organisation));

  it('seats everybody once, in one cell', () => {
    holds(
      fc.property(organisations, (organisation) => {
        let next = 0;
        for (const cell of organisation.cells) {
          assert.equal(cell.first, next);
          for (let k = cell.first; k < cell.first + cell.size; k++) assert.equal(organisation.cellOf(k), cell);
          next += cell.size;
        }
        assert.equal(next, organisation.employees);
        const sizes = organisation.cellsOfDesk.map((cells) => cells.map((cell) => cell.size));
        for (const list of sizes)
          assert.deepEqual(
            list,
            [...list].sort((a, b) => b - a),
          );
        assert.equal(
          sizes.flat().reduce((a, b) => a + b, 0),
          organisation.employees,
        );
      }),
    );
  });

  it('has reporting lines without a circle, within a desk, up to its head', () => {
    holds(
      fc.property(organisations, (organisation) => {
        let heads = 0;
        for (let k = 0; k < organisation.employees; k++) {
          const chain = new Set([k]);
          for (let above = organisation.manager(k); above !== undefined; above = organisation.manager(above)) {
            assert.ok(above >= 0 && above < organisation.employees);
            assert.ok(!chain.has(above), `${k} reports to ${[...chain].join()} and ${above} again`);
            chain.add(above);
            assert.equal(organisation.cellOf(above).desk, organisation.cellOf(k).desk);
          }
          if (chain.size === 1) heads++;
          assert.ok(chain.size < 12, 'no line is longer than people can be six to a manager');
          assert.ok([0, 1, 2, 3].includes(organisation.level(k)));
        }
        assert.equal(heads, organisation.cellsOfDesk.filter((cells) => cells.length > 0).length, 'one head a desk');
      }),
      25,
    );
  });
});

/** Somebody or something with its runs of bytes as text: where they lie in memory is not part of them. */
const plain = (value: object): object =>
  Object.fromEntries(
    Object.entries(value).map(([key, entry]: [string, unknown]) => [
      key,
      Array.isArray(entry) ? entry.map(textOf) : typeof entry === 'object' ? textOf(entry as Run) : entry,
    ]),
  );

describe('people', () => {
  it('are the same alone as in sequence', () => {
    const spec = { organisation: { employees: 2000 } };
    const world = worldOf(spec);
    const all = Array.from({ length: 2000 }, (_, k) => world.employee(k));
    const alone = worldOf(spec);
    for (const k of [1999, 0, 1234, 17, 1321, 500]) assert.deepEqual(plain(alone.employee(k)), plain(all[k]!));
    for (let k = 1999; k >= 0; k -= 61) assert.deepEqual(plain(alone.employee(k)), plain(all[k]!));
  });

  it('are the same when more have been seen than are kept at hand', () => {
    const world = worldOf({ organisation: { employees: 40_000 } });
    const first = plain(world.employee(3));
    const friend = plain(world.friend(3, 1, 'en'));
    // Whoever takes the place of number 3 has a number that differs by a power of two, at least this one.
    for (let k = 3 + 64; k < 40_000; k += 64) world.employee(k);
    for (let k = 0; k < 8_000; k++) world.friend(k, 1, 'en');
    assert.deepEqual(plain(world.employee(3)), first);
    assert.deepEqual(plain(world.friend(3, 1, 'en')), friend);
  });

  it('from outside are the same whoever asked for them before, in whichever language', () => {
    const one = worldOf({ organisation: ONE_OFFICE });
    const other = worldOf({ organisation: ONE_OFFICE });
    const friends = (world: World, languages: readonly string[]): string =>
      languages
        .map((l) => world.friend(5, 2, l).address)
        .sort()
        .join();
    assert.equal(friends(one, ['en', 'de']), friends(other, ['de', 'en']));
    const outsiders = (world: World, languages: readonly string[]): string =>
      OUTSIDE.flatMap((kind) => languages.map((l) => world.outsider(kind, 0, 3, l).address))
        .sort()
        .join();
    assert.equal(outsiders(one, ['en', 'de']), outsiders(other, ['de', 'en']));
  });

  it('have an address each: 8,000 employees', () => {
    const world = worldOf({ organisation: { employees: 8_000 } });
    const addresses = new Set<string>();
    for (let k = 0; k < 8_000; k++) {
      const { address } = world.employee(k);
      assert.match(address, /^[a-z0-9]+\.[a-z0-9]+@aldermoor\.example$/);
      addresses.add(address);
    }
    assert.equal(addresses.size, 8_000);
  });

  it('have an address each: every fiftieth of 200,000', () => {
    const world = worldOf({ organisation: { employees: 200_000 } });
    const addresses = new Set<string>();
    for (let k = 0; k < 200_000; k += 50) addresses.add(world.employee(k).address);
    assert.equal(addresses.size, 4_000);
  });

  it('have an address each where a pack brings a language without names of its own', () => {
    const languages = compilePacks(
      ['en', 'nl'].map((tag) => checkPack(tinyPack(undefined, tag), tag)),
      new Set(),
    );
    const spec = specOf({
      organisation: {
        employees: 8_000,
        desks: [{ id: 'fx' }],
        offices: [
          { city: 'London', zone: 'Europe/London', locale: 'en-GB' },
          { city: 'Amsterdam', zone: 'Europe/Amsterdam', locale: 'nl-NL' },
        ],
      },
      content: { languages: { en: 1, nl: 1 } },
    });
    const world = new World(spec, languages, root('1'));
    const seen = new Map<string, number>();
    const twice: string[] = [];
    for (let k = 0; k < 8_000; k++) {
      const { address } = world.employee(k);
      if (seen.has(address)) twice.push(`${address}: ${seen.get(address)!} and ${k}`);
      seen.set(address, k);
    }
    assert.deepEqual(twice.slice(0, 3), [], `${twice.length} addresses are given twice`);
  });

  it('at one outside firm have an address each', () => {
    const world = worldOf();
    const addresses: string[] = [];
    for (const kind of OUTSIDE)
      for (let firm = 0; firm < 30; firm++)
        for (let j = 0; j < 9; j++) for (const language of ['en', 'de']) addresses.push(world.outsider(kind, firm, j, language).address);
    assert.equal(new Set(addresses).size, addresses.length);
  });

  it('write from domains that belong to nobody', () => {
    const world = worldOf({ organisation: { employees: 1000 } });
    const people: Person[] = Array.from({ length: 1000 }, (_, k) => world.employee(k));
    for (const kind of OUTSIDE)
      for (let firm = 0; firm < 300; firm++) people.push(world.outsider(kind, firm, firm % 9, firm % 2 === 0 ? 'en' : 'de'));
    for (let k = 0; k < 300; k++) for (const language of ['en', 'de']) people.push(world.friend(k, k % 8, language));
    for (let firm = 0; firm < 100; firm++)
      people.push(world.machine('newsletter', 'Morning Note', firm), world.machine('robot', 'Ticket System', firm));
    for (const { address, domain } of people) {
      assert.match(address, /^[a-z0-9.-]+@[a-z0-9.-]+$/);
      assert.equal(address.slice(address.indexOf('@') + 1), domain);
      assert.ok(isReservedDomain(domain), domain);
    }
  });

  it('have telephone numbers set aside for fiction', () => {
    const world = worldOf();
    for (let k = 0; k < 600; k++) {
      const { phone, mobile } = world.employee(k);
      for (const number of [phone, mobile])
        assert.match(
          number,
          /^(\+44 20 7946 0\d{3}|\+44 7700 900\d{3}|\+44 1632 960\d{3}|\+1 \d{3} 555 01\d\d|\+49 69 90009 \d{3}|\+49 171 39200\d\d)$/,
        );
    }
  });

  it('have a title that fits their level', () => {
    const world = worldOf();
    for (let k = 0; k < 600; k++) {
      const person = world.employee(k);
      const desk = world.languages.get(person.language)!.desks.get(specOf().organisation.desks[person.desk]!.id)!;
      assert.ok(desk.titles[world.organisation.level(k)]!.includes(person.title));
    }
  });

  it('are others under another seed', () => {
    const [one, other] = [worldOf({}, '1'), worldOf({}, '2')];
    const same = Array.from({ length: 600 }, (_, k) => one.employee(k).name === other.employee(k).name).filter(Boolean).length;
    assert.ok(same < 5, `${same} of 600 have the same name`);
  });

  it('keep to a few contacts, near ones first, and never write to themselves', () => {
    const world = worldOf();
    const stream = new Stream(root('contacts'));
    for (const k of [0, 17, 300, 599]) {
      const me = world.employee(k);
      const counts = new Map<string, number>();
      for (let i = 0; i < 400; i++) {
        const { address } = world.contact(me, stream, me.desk);
        assert.notEqual(address, me.address);
        counts.set(address, (counts.get(address) ?? 0) + 1);
      }
      assert.ok(counts.size <= 14, `${counts.size} contacts`);
      assert.ok(Math.max(...counts.values()) > 60, 'one of them again and again');
    }
  });
});

describe('names as they stand in addresses', () => {
  it('are spelt out in a to z', () => {
    assert.equal(fold('Jörg'), 'joerg');
    assert.equal(fold('Groß-Ümüt'), 'grossuemuet');
    assert.equal(fold("O'Neill"), 'oneill');
    assert.equal(fold('Zoë Ångström'), 'zoeangstroem');
    holds(fc.property(fc.string({ unit: 'grapheme' }), (text) => assert.match(fold(text), /^[a-z0-9]*$/)));
  });
});

describe('firms', () => {
  it('have a domain each, over all kinds and as many as a spec may ask for', () => {
    const companies = new Companies(below(root('1'), label('test')));
    const domains = new Map<string, string>();
    const counts = { client: 20_000, counterparty: 5000, vendor: 5000, regulator: 20, newsletter: 500 } as const;
    for (const kind of ['client', 'counterparty', 'vendor', 'regulator', 'newsletter'] as const)
      for (let n = 0; n < counts[kind]; n++) {
        const { domain, name } = companies.firm(kind, n);
        assert.ok(!domains.has(domain), `${kind} ${n}, ${name}, and ${domains.get(domain)} are both at ${domain}`);
        domains.set(domain, `${kind} ${n}`);
        assert.match(domain, /^[a-z0-9-]+\.example$/);
      }
  });

  it('are the same alone as in sequence', () => {
    const [one, other] = [new Companies(root('1')), new Companies(root('1'))];
    for (let n = 0; n < 5000; n++) one.firm('client', n);
    for (const n of [4999, 3, 1000]) assert.deepEqual(plain(other.firm('client', n)), plain(one.firm('client', n)));
  });
});

describe('reserved domains', () => {
  it('are told from others', () => {
    for (const domain of ['a.example', 'a.b.test', 'example', 'example.com', 'mail.example.org', 'x.invalid', 'localhost'])
      assert.ok(isReservedDomain(domain), domain);
    for (const domain of ['example.de', 'aldermoor.com', 'notexample', 'myexample.com', 'example.com.au', 'test.io', 'a.example.evil'])
      assert.ok(!isReservedDomain(domain), domain);
  });
});
