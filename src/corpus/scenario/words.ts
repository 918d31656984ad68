import type { Plant } from '../conversation/conversation.ts';
import { Bytes, type Run } from '../mime/bytes.ts';
import { Lines } from '../mime/lines.ts';
import { type Facts, say } from '../pack/compile.ts';
import type { Stream } from '../random.ts';

/** The words of a scenario, as a message is to say them: found first, since how long they are decides how long it is. */

const WORDS = new Bytes(1024);
const LINES = new Lines();

/** Draws words for a message, and spells them as the arc's level has it; good until the next are drawn. */
export function wordsOf(plant: Plant, { me, you }: Pick<Facts, 'me' | 'you'>, conversation: number, stream: Stream): Bytes {
  const { pool, book, facts, spelling } = plant;
  facts.me = me;
  facts.you = you;
  WORDS.length = 0;
  LINES.clear();
  const drawn = book.draw(pool, conversation, stream);
  // They are for one person, whoever else gets them.
  say(WORDS, LINES, book, drawn < 0 ? book.pick(pool, stream) : drawn, stream, facts, false);
  if (spelling === 'wrong') misspell(WORDS, stream);
  else if (spelling === 'plain') {
    const text = WORDS.text().replace(/[^\0-\x7f]/gu, (c) => LETTERS[c] ?? c);
    WORDS.length = 0;
    WORDS.utf8(text);
  }
  return WORDS;
}

/** Bytes from which words make two paragraphs, and bytes of the shorter one at the least. */
const LONG = 150;
const SHORT = 40;

/** Words as notes: a paragraph a sentence. */
export function notesOf({ array, view, length }: Bytes): Pick<Run, 'view' | 'from' | 'to'>[] {
  const notes: Pick<Run, 'view' | 'from' | 'to'>[] = [];
  let from = 0;
  for (let i = SHORT; i < length; i++)
    if (isGap(array, i)) {
      notes.push({ view, from, to: i });
      from = i + 1;
    }
  return [...notes, { view, from, to: length }];
}

/** Words as paragraphs: as two, where they are longer than paragraphs of ordinary mail are. */
export function paragraphsOf({ array, view, length }: Bytes): Pick<Run, 'view' | 'from' | 'to'>[] {
  let middle = -1;
  for (let i = SHORT; length >= LONG && i < length - SHORT; i++)
    if (isGap(array, i) && (middle < 0 || Math.abs(2 * i - length) < Math.abs(2 * middle - length))) middle = i;
  if (middle < 0) return [{ view, from: 0, to: length }];
  return [
    { view, from: 0, to: middle },
    { view, from: middle + 1, to: length },
  ];
}

const SPACE = 32;
const EXCLAMATION = 33;
const STOP = 46;
const QUESTION = 63;
const CAPITAL_A = 65;
const SMALL_A = 97;

/** Whether a place is a space between two sentences. No sentence ends with "14.", "Dr." or "z. B.". */
function isGap(array: Uint8Array, i: number): boolean {
  if (array[i] !== SPACE) return false;
  const [end, next] = [array[i - 1]!, array[i + 1]!];
  if (end === EXCLAMATION || end === QUESTION) return true;
  return end === STOP && array[i - 2]! >= SMALL_A && array[i - 3]! >= SMALL_A && next >= CAPITAL_A && next < SMALL_A;
}

/**
 * Misspells some words in place: letters change places, or look like digits. Only ASCII letters inside a word, so that no
 * place in the text moves.
 */
function misspell({ array, length }: Bytes, stream: Stream): void {
  const letter = (i: number): boolean => i >= 0 && i < length && (array[i]! | 32) >= 97 && (array[i]! | 32) <= 122;
  for (let i = 0; i < length; i++) {
    if (!letter(i) || letter(i - 1)) continue;
    let end = i;
    while (letter(end)) end++;
    if (end - i < 5 || !stream.percent(45)) continue;
    const at = i + 1 + stream.under(end - i - 3);
    const digit = stream.percent(35) ? LOOKALIKES.get(array[at]! | 32) : undefined;
    if (digit !== undefined) array[at] = digit;
    else [array[at], array[at + 1]] = [array[at + 1]!, array[at]!];
  }
}

/** a 4, e 3, i 1, o 0 */
const LOOKALIKES = new Map([
  [97, 52],
  [101, 51],
  [105, 49],
  [111, 48],
]);

/** What is typed where a keyboard has not the letters of a language. */
// prettier-ignore
const LETTERS: Readonly<Record<string, string>> = {
  ä: 'ae', ö: 'oe', ü: 'ue', Ä: 'Ae', Ö: 'Oe', Ü: 'Ue', ß: 'ss', é: 'e', è: 'e', ê: 'e', ë: 'e', É: 'E', á: 'a', à: 'a', â: 'a', å: 'a', ã: 'a',
  ç: 'c', Ç: 'C', č: 'c', ć: 'c', í: 'i', ì: 'i', î: 'i', ï: 'i', ñ: 'n', ó: 'o', ò: 'o', ô: 'o', õ: 'o', ø: 'o', Ø: 'O', š: 's', Š: 'S',
  ú: 'u', ù: 'u', û: 'u', ý: 'y', ž: 'z', Ž: 'Z', ł: 'l', Ł: 'L', æ: 'ae', œ: 'oe', '€': 'EUR', '„': '"', '“': '"', '”': '"', '’': "'", '–': '-',
};
