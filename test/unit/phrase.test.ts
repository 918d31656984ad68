import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parsePhrase, PhraseError, slotsOf } from '../../src/corpus/pack/phrase.ts';
import { holds } from './support.ts';
import { subjectsOf } from './tiny-pack.ts';

/** All that a phrase is ever said as: as a subject, where {a} is "Anna" and {b} is "Bär". */
const wordings = (source: string): string[] =>
  [
    ...new Set(subjectsOf({ facts: { a: ['Anna'], b: ['Bär'], size: 'int 5..5', due: 'day' }, subject: [source] }).map(({ text }) => text)),
  ].sort();

describe('phrases', () => {
  it('are read as text, slots, choices and numbers', () => {
    assert.deepEqual(parsePhrase('Hi {you.first}, [can|could] <you|you all> call?'), [
      { kind: 'text', text: 'Hi ' },
      { kind: 'slot', name: 'you.first' },
      { kind: 'text', text: ', ' },
      { kind: 'choice', options: [[{ kind: 'text', text: 'can' }], [{ kind: 'text', text: 'could' }]] },
      { kind: 'text', text: ' ' },
      { kind: 'number', one: [{ kind: 'text', text: 'you' }], many: [{ kind: 'text', text: 'you all' }] },
      { kind: 'text', text: ' call?' },
    ]);
    assert.deepEqual(parsePhrase(''), []);
    assert.deepEqual(parsePhrase('[|a]'), [{ kind: 'choice', options: [[], [{ kind: 'text', text: 'a' }]] }]);
  });

  it('name their slots in order, those inside choices too', () => {
    assert.deepEqual(slotsOf(parsePhrase('{a} [{b}|<{c}|{d}>] {a} {e.f}')), ['a', 'b', 'c', 'd', 'a', 'e.f']);
  });

  const wrong: readonly (readonly [source: string, message: RegExp, at: number])[] = [
    ['Hi {', /a slot is written/, 3],
    ['Hi {you first}', /a slot is written/, 3],
    ['Hi {}', /a slot is written/, 3],
    ['Hi {You}', /a slot is written/, 3],
    ['Hi {a.b.c}', /a slot is written/, 3],
    ['ab } c', /'\}' closes nothing/, 3],
    ['ab ] c', /'\]' closes nothing/, 3],
    ['ab > c', /'>' closes nothing/, 3],
    ['a|b', /'\|' closes nothing/, 1],
    ['ab [c|d', /'\[' is never closed/, 3],
    ['ab <c|d', /'<' is never closed/, 3],
    ['ab [c|d>', /'>' closes nothing/, 7],
    ['[a|<b|c]>', /'\]' closes nothing/, 7],
    ['ab [c]', /at least two wordings/, 3],
    ['ab []', /at least two wordings/, 3],
    ['ab <c>', /exactly two wordings/, 3],
    ['ab <c|d|e>', /exactly two wordings/, 3],
    ['[a|[b|[c|[d|[e|f]]]]]', /nest deeper/, 12],
    ['ok [a|b] then [c|{D}]', /a slot is written/, 17],
  ];
  for (const [source, message, at] of wrong)
    it(`name the character where ${JSON.stringify(source)} goes wrong`, () => {
      assert.throws(
        () => parsePhrase(source),
        (error) => error instanceof PhraseError && message.test(error.message) && (assert.equal(error.at, at), true),
      );
    });

  it('may nest four deep', () => {
    assert.deepEqual(wordings('[a|[b|[c|[d|e]]]]'), ['a', 'b', 'c', 'd', 'e']);
  });

  it('without marks are text', () => {
    holds(
      fc.property(
        fc.string({ unit: 'grapheme', minLength: 1 }).filter((s) => !/[{}[\]<>|]/.test(s)),
        (text) => assert.deepEqual(parsePhrase(text), [{ kind: 'text', text }]),
      ),
    );
  });

  it('never fail in another way than by a PhraseError inside the phrase', () => {
    const pieces = fc
      .array(fc.constantFrom('{', '}', '[', ']', '<', '>', '|', '{a}', '{b.c}', 'x', ' ', '[a|b]', '<a|b>'), { maxLength: 14, size: 'max' })
      .map((p) => p.join(''));
    holds(
      fc.property(pieces, (source) => {
        try {
          parsePhrase(source);
        } catch (error) {
          assert.ok(error instanceof PhraseError, String(error));
          assert.ok(error.at >= 0 && error.at < source.length);
        }
      }),
      2000,
    );
  });

  it('say facts, whatever their script', () => {
    assert.deepEqual(wordings('{a} und {b}, {a} – „schön“'), ['Anna und Bär, Anna – „schön“']);
  });

  it('say one of their wordings, each now and then', () => {
    assert.deepEqual(wordings('[x|y|z]-[{a}|]'), ['x-', 'x-Anna', 'y-', 'y-Anna', 'z-', 'z-Anna']);
  });

  it('say the first of a number to one, the second to several', () => {
    const subjects = subjectsOf({ subject: ['<Kannst|Könnt> <[du|du selbst]|ihr>'] });
    for (const { text, turn } of subjects)
      assert.ok((turn.to.length > 1 ? ['Könnt ihr'] : ['Kannst du', 'Kannst du selbst']).includes(text), text);
    assert.equal(new Set(subjects.map(({ text }) => text)).size, 3);
  });

  it('name who writes, who is written to, and the firm', () => {
    for (const { text, turn } of subjectsOf({
      subject: [
        '{me.first} {me.last} / {me.name} / {me.title} / {me.desk} / {me.phone} / {me.city} / {you.first} {you.last} / {you.name} / {firm.name} / {firm.short}',
      ],
    })) {
      const { author: me, to } = turn;
      assert.equal(
        text,
        [me.name, me.name, me.title, 'FX', me.phone, me.city, to[0]!.name, to[0]!.name, 'Aldermoor Bank', 'Aldermoor'].join(' / '),
      );
    }
  });
});
