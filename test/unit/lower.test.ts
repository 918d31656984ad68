import assert from 'node:assert/strict';
import { LowerWords } from '../../src/corpus/pack/lower.ts';

const words = new LowerWords(['Ich', 'Über', 'Für', 'ẞo', 'a b']);

/** What becomes of a text whose word is at `from`. */
function changed(text: string, from = 0): string {
  const bytes = new Uint8Array(Buffer.from(text));
  words.change(bytes, from, bytes.length);
  return Buffer.from(bytes).toString();
}

describe('words in lower case', () => {
  it('changes the first letter of a word in the list, whatever stands behind it', () => {
    assert.equal(changed('Ich bin da.'), 'ich bin da.');
    assert.equal(changed('Ich'), 'ich');
    assert.equal(changed('Ich… nun ja'), 'ich… nun ja');
    assert.equal(changed('Ich× zwei'), 'ich× zwei');
    assert.equal(changed('Für dich'), 'für dich');
    assert.equal(changed('Hallo Laura,\nFür dich', 13), 'Hallo Laura,\nfür dich');
  });

  it('finds words that begin outside ASCII', () => {
    assert.equal(changed('Über uns'), 'über uns');
  });

  it('leaves words alone that only begin like one', () => {
    for (const text of ['Ichs', 'Iché', 'Ichж', 'Fürs Erste', 'Übermorgen', 'Laura', '', '12']) assert.equal(changed(text), text);
  });

  it('has none where the list has none that it could change', () => {
    assert.equal(new LowerWords([]).none, true);
    assert.equal(words.none, false);
    // Its small letter is shorter, and a word is one word.
    assert.equal(changed('ẞo'), 'ẞo');
    assert.equal(changed('a b'), 'a b');
  });
});
