/**
 * Words that are written in lower case where they do not begin a sentence after all, found and changed in UTF-8 without
 * making a string of them: the check is due in every message of a language that has such words.
 */
export class LowerWords {
  /** By a hash of their bytes. */
  private readonly words = new Map<number, { readonly bytes: Uint8Array; readonly lower: Uint8Array }[]>();

  constructor(words: readonly string[]) {
    for (const word of words) {
      const bytes = Buffer.from(word);
      const lower = Buffer.from(word[0]!.toLowerCase());
      // Letters that take as many bytes in either case, as all do that German begins a word with.
      if (lower.length !== Buffer.byteLength(word[0]!) || !/^\p{L}+$/u.test(word)) continue;
      const hash = bytes.reduce(mixed, 0);
      this.words.set(hash, [...(this.words.get(hash) ?? []), { bytes, lower }]);
    }
  }

  get none(): boolean {
    return this.words.size === 0;
  }

  /** Changes the word that begins at `from`, if it is one of these. */
  change(text: Uint8Array, from: number, to: number): void {
    let hash = 0;
    let end = from;
    for (let length; end < to && (length = letterAt(text, end)) > 0; end += length)
      for (let i = 0; i < length; i++) hash = mixed(hash, text[end + i]!);
    for (const { bytes, lower } of this.words.get(hash) ?? NONE) {
      if (bytes.length !== end - from) continue;
      let i = 0;
      while (i < bytes.length && bytes[i] === text[from + i]) i++;
      if (i === bytes.length) text.set(lower, from);
    }
  }
}

const NONE: readonly never[] = [];

const mixed = (hash: number, byte: number): number => (Math.imul(hash, 31) + byte) | 0;

/** Bytes of the letter at a place; 0 where there is none. */
function letterAt(text: Uint8Array, at: number): number {
  const c = text[at]!;
  if (c < 0x80) return (c | 32) >= 97 && (c | 32) <= 122 ? 1 : 0;
  const length = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
  // Latin-1 has two signs among its letters.
  if (c === 0xc3) return text[at + 1] === 0x97 || text[at + 1] === 0xb7 ? 0 : 2;
  return LETTER.test(Buffer.from(text.subarray(at, at + length)).toString()) ? length : 0;
}

const LETTER = /^\p{L}$/u;
