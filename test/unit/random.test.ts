import assert from 'node:assert/strict';
import fc from 'fast-check';
import { below, label, type Path, Permutation, Quantiles, root, Stream, Weights } from '../../src/corpus/random.ts';
import { holds } from './support.ts';

const paths = fc.record({ hi: fc.integer(), lo: fc.integer() });
const nameOf = ({ hi, lo }: Path): string => `${hi >>> 0},${lo >>> 0}`;

describe('paths', () => {
  it('differ for every step below one parent', () => {
    for (const parent of [root('1'), below(root('1'), 7), { hi: 0, lo: 0 }]) {
      const seen = new Set<string>();
      for (let step = 0; step < 50_000; step++) seen.add(nameOf(below(parent, step)));
      assert.equal(seen.size, 50_000);
    }
  });

  it('differ across seeds and depths', () => {
    const seen = new Set<string>();
    for (let seed = 0; seed < 50; seed++) {
      const top = root(String(seed));
      seen.add(nameOf(top));
      for (let i = 0; i < 20; i++) {
        const middle = below(top, i);
        seen.add(nameOf(middle));
        for (let j = 0; j < 50; j++) seen.add(nameOf(below(middle, j)));
      }
    }
    assert.equal(seen.size, 50 * (1 + 20 * 51));
  });

  it('tell seeds apart by every character, and by their length', () => {
    const seeds = ['1', '11', '12', '21', '1 ', ' 1', 'a', 'A', 'ä', '', '\u0000', 'mailwright', 'mailwrighu'];
    assert.equal(new Set(seeds.map((seed) => nameOf(root(seed)))).size, seeds.length);
  });

  it('tell apart the labels a generator uses', () => {
    const names =
      'ids object message-id blocks structure facts text mime document person contacts outsider friend companies names world'.split(' ');
    assert.equal(new Set(names.map(label)).size, names.length);
  });
});

describe('Stream', () => {
  const draws = (path: Path, count: number): number[] => {
    const stream = new Stream(path);
    return Array.from({ length: count }, () => stream.next());
  };

  it('starts with the numbers it always started with', () => {
    // Worked out with another implementation, in Python: they hold until the generator's version changes.
    assert.deepEqual(draws(below(root('1'), 42), 5), [0x9a780627, 0x8cbb38e9, 0x3c40425e, 0xfb8d02df, 0x74da2daa]);
    assert.deepEqual(
      draws(below(below(root('a longer seed'), label('world')), 17), 5),
      [0x9b60e57, 0x17ec59b9, 0xc1340ca, 0x6d259f83, 0xae344ce7],
    );
  });

  it('is the same from the same path, whatever was drawn before', () => {
    holds(
      fc.property(paths, paths, fc.nat(50), (path, other, drawn) => {
        const used = new Stream(other);
        for (let i = 0; i < drawn; i++) used.next();
        used.seek(path);
        assert.deepEqual(
          Array.from({ length: 8 }, () => used.next()),
          draws(path, 8),
        );
      }),
    );
  });

  it('gives whole numbers in the bounds asked for', () => {
    holds(
      fc.property(
        paths,
        fc.integer({ min: 1, max: 2 ** 32 }),
        fc.integer({ min: -1000, max: 1000 }),
        fc.nat(1000),
        (path, n, min, span) => {
          const stream = new Stream(path);
          for (let i = 0; i < 20; i++) {
            const next = stream.next();
            assert.ok(Number.isInteger(next) && next >= 0 && next < 2 ** 32);
            const under = stream.under(n);
            assert.ok(Number.isInteger(under) && under >= 0 && under < n);
            const between = stream.between(min, min + span);
            assert.ok(Number.isInteger(between) && between >= min && between <= min + span);
          }
        },
      ),
    );
  });

  it('reaches both ends of its bounds', () => {
    const stream = new Stream(root('ends'));
    assert.deepEqual([...new Set(Array.from({ length: 200 }, () => stream.between(-2, 2)))].sort(), [-1, -2, 0, 1, 2]);
    assert.deepEqual([...new Set(Array.from({ length: 200 }, () => stream.under(3)))].sort(), [0, 1, 2]);
    assert.equal(stream.under(1), 0);
  });

  it('spreads its draws evenly, bit by bit, also over the first draws of neighbouring paths', () => {
    const runs = {
      along: draws(root('even'), 20_000),
      across: Array.from({ length: 20_000 }, (_, i) => draws(below(root('even'), i), 1)[0]!),
    };
    for (const [name, run] of Object.entries(runs))
      for (let bit = 0; bit < 32; bit++) {
        const ones = run.filter((x) => (x >>> bit) & 1).length;
        // Five standard deviations of a fair coin.
        assert.ok(Math.abs(ones - 10_000) < 354, `${name}: bit ${bit} is set ${ones} times of 20,000`);
      }
  });

  it('is true in the percentage of cases asked for', () => {
    const stream = new Stream(root('percent'));
    const share = (percent: number): number => Array.from({ length: 20_000 }, () => stream.percent(percent)).filter(Boolean).length / 200;
    assert.equal(share(0), 0);
    assert.equal(share(100), 100);
    for (const percent of [2, 25, 61.6, 98]) assert.ok(Math.abs(share(percent) - percent) < 2, `${percent} %`);
  });

  it('picks every member of a list', () => {
    const stream = new Stream(root('pick'));
    const counts = new Map<string, number>();
    for (let i = 0; i < 3000; i++) {
      const picked = stream.pick(['a', 'b', 'c']);
      counts.set(picked, (counts.get(picked) ?? 0) + 1);
    }
    for (const letter of ['a', 'b', 'c']) assert.ok(Math.abs(counts.get(letter)! - 1000) < 150, letter);
  });
});

describe('Weights', () => {
  const frequencies = (weights: readonly number[], count: number): number[] => {
    const table = new Weights(weights);
    const stream = new Stream(root('weights'));
    const counts = weights.map(() => 0);
    for (let i = 0; i < count; i++) counts[table.draw(stream)]!++;
    return counts;
  };

  for (const weights of [
    [1],
    [3, 1],
    [0, 5, 0, 5, 0],
    [1, 2, 3, 4, 5, 6, 7, 8],
    [0, 1, 2, 3, 4, 5, 6, 7, 0, 9, 10, 11, 0],
    Array.from({ length: 100 }, (_, i) => i),
  ])
    it(`draws each index as often as it weighs: ${weights.length} of them`, () => {
      const total = weights.reduce((a, b) => a + b, 0);
      assert.equal(new Weights(weights).total, total);
      frequencies(weights, 50_000).forEach((count, i) => {
        const expected = (50_000 * weights[i]!) / total;
        if (weights[i] === 0) assert.equal(count, 0, `index ${i} weighs nothing`);
        else assert.ok(Math.abs(count - expected) < 5 * Math.sqrt(expected) + 1, `index ${i}: ${count}, expected ${expected}`);
      });
    });
});

describe('Quantiles', () => {
  const table = new Quantiles([
    [0, 10],
    [500, 20],
    [900, 100],
    [1000, 1000],
  ]);

  /** What is drawn at a quantile: a stream that always says so. */
  const at = (share: number): number => {
    class Still extends Stream {
      override next(): number {
        return Math.floor(share * 2 ** 32);
      }
    }
    return table.draw(new Still());
  };

  it('gives the value of each quantile, and what lies between', () => {
    // Share, value, and how far off a table of steps may be.
    const cases: readonly (readonly [number, number, number])[] = [
      [0, 10, 0],
      [0.25, 15, 1],
      [0.4999, 19, 1],
      [0.5001, 20, 1],
      [0.7, 60, 2],
      [0.8999, 99, 2],
      [0.95, 550, 10],
      [0.9999, 999, 10],
    ];
    for (const [share, value, off] of cases) assert.ok(Math.abs(at(share) - value) <= off, `at ${share}: ${at(share)}`);
  });

  it('never falls, and gives whole numbers', () => {
    let before = 0;
    for (let share = 0; share < 1; share += 0.0007) {
      const value = at(share);
      assert.ok(Number.isInteger(value) && value >= before);
      before = value;
    }
  });

  it('draws as it is written', () => {
    const stream = new Stream(root('quantiles'));
    const drawn = Array.from({ length: 40_000 }, () => table.draw(stream));
    const share = (limit: number): number => drawn.filter((value) => value < limit).length / 40_000;
    assert.ok(Math.abs(share(15) - 0.25) < 0.02);
    assert.ok(Math.abs(share(20) - 0.5) < 0.02);
    assert.ok(Math.abs(share(100) - 0.9) < 0.02);
    assert.equal(share(10), 0);
    assert.equal(share(1000), 1);
  });
});

describe('Permutation', () => {
  for (const size of [1, 2, 3, 4, 5, 16, 17, 255, 1000, 4097])
    it(`of ${size} is one-to-one and has an inverse`, () => {
      for (const key of [root('key'), root('another'), { hi: 0, lo: 0 }]) {
        const permutation = new Permutation(size, key);
        const values = Array.from({ length: size }, (_, i) => permutation.at(i));
        assert.deepEqual(
          [...values].sort((a, b) => a - b),
          [...values.keys()],
        );
        values.forEach((value, i) => assert.equal(permutation.inverse(value), i));
      }
    });

  it('holds for any size and key', () => {
    holds(
      fc.property(
        fc.integer({ min: 1, max: 2 ** 48 }),
        paths,
        fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { minLength: 20, maxLength: 20 }),
        (size, key, shares) => {
          const permutation = new Permutation(size, key);
          for (const share of shares) {
            const index = Math.floor(share * size);
            const value = permutation.at(index);
            assert.ok(Number.isInteger(value) && value >= 0 && value < size);
            assert.equal(permutation.inverse(value), index);
          }
        },
      ),
    );
  });

  it('of 2⁴⁸ is one-to-one where it is used most: from 0 on', () => {
    const permutation = new Permutation(2 ** 48, root('large'));
    const values = Array.from({ length: 100_000 }, (_, i) => permutation.at(i));
    assert.equal(new Set(values).size, values.length);
    for (let i = 0; i < values.length; i += 97) assert.equal(permutation.inverse(values[i]!), i);
    assert.ok(values.some((value) => value > 0.99 * 2 ** 48) && values.some((value) => value < 0.01 * 2 ** 48));
  });

  it('is another one under another key', () => {
    const [a, b] = [new Permutation(1000, root('a')), new Permutation(1000, root('b'))];
    const same = Array.from({ length: 1000 }, (_, i) => a.at(i) === b.at(i)).filter(Boolean).length;
    assert.ok(same < 15, `${same} of 1,000 in the same place`);
  });
});
