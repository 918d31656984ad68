/** What the scorer keeps of a million alerts: numbers and bytes in a few large arrays, not a million objects. */

/** A list of whole numbers from 0 to 2³² − 1. */
export class Numbers {
  length = 0;
  private values = new Uint32Array(256);

  push(value: number): number {
    if (this.length === this.values.length) {
      const larger = new Uint32Array(this.length * 2);
      larger.set(this.values);
      this.values = larger;
    }
    this.values[this.length] = value;
    return this.length++;
  }

  get(index: number): number {
    return this.values[index]!;
  }

  set(index: number, value: number): void {
    this.values[index] = value;
  }

  sort(compare: (a: number, b: number) => number): void {
    this.values.subarray(0, this.length).sort(compare);
  }

  slice(from: number, to: number): number[] {
    return Array.from(this.values.subarray(from, to));
  }

  /** Sets bits of a number. */
  mark(index: number, bits: number): void {
    this.values[index]! |= bits;
  }
}

/** A key of 64 bits, as two halves; each may be signed or not. */
export interface Id {
  readonly hi: number;
  readonly lo: number;
}

/**
 * 64 bits of a text. Every step is a bijection of the whole state for a given character. Among ten million texts the odds
 * of any two alike are one in 370,000.
 */
export function hashOf(text: string): Id {
  let hi = text.length;
  let lo = 0x9e3779b9;
  for (let i = 0; i < text.length; i++) {
    hi = Math.imul(hi ^ text.charCodeAt(i), 0x85ebca6b);
    hi ^= hi >>> 15;
    lo = Math.imul(lo ^ hi, 0xc2b2ae35);
    lo ^= lo >>> 13;
  }
  return { hi, lo };
}

/** A map from keys of 64 bits to whole numbers from 0 to 2³¹ − 2: open addressing, linear probing. */
export class IdTable {
  size = 0;
  private highs = new Int32Array(256);
  private lows = new Int32Array(256);
  /** One more than the value; 0 is a free place. */
  private values = new Int32Array(256);

  /** The value of a key, or undefined. */
  get({ hi, lo }: Id): number | undefined {
    const value = this.values[this.place(hi | 0, lo | 0)]!;
    return value === 0 ? undefined : value - 1;
  }

  set({ hi, lo }: Id, value: number): void {
    if (this.size * 2 >= this.values.length) this.grow();
    this.put(hi | 0, lo | 0, value + 1);
  }

  private put(hi: number, lo: number, stored: number): void {
    const at = this.place(hi, lo);
    if (this.values[at] === 0) this.size++;
    this.highs[at] = hi;
    this.lows[at] = lo;
    this.values[at] = stored;
  }

  /** Where a key is, or would be. */
  private place(hi: number, lo: number): number {
    const mask = this.values.length - 1;
    let at = Math.imul(hi ^ Math.imul(lo, 0x9e3779b1), 0x85ebca6b);
    at = (at ^ (at >>> 15)) & mask;
    while (this.values[at] !== 0 && (this.highs[at] !== hi || this.lows[at] !== lo)) at = (at + 1) & mask;
    return at;
  }

  private grow(): void {
    const { highs, lows, values } = this;
    this.highs = new Int32Array(highs.length * 2);
    this.lows = new Int32Array(lows.length * 2);
    this.values = new Int32Array(values.length * 2);
    this.size = 0;
    for (let i = 0; i < values.length; i++) if (values[i] !== 0) this.put(highs[i]!, lows[i]!, values[i]!);
  }
}

const PAGE = 1 << 20;
/** Longer texts are cut: they are there to be shown. In UTF-16 units. */
const LONGEST = 2000;

/** Texts, one behind the other, in pages of bytes. A text is named by where it begins. */
export class Texts {
  private readonly pages: Buffer[] = [];
  private at = PAGE;

  add(text: string): number {
    const bytes = Buffer.from(text.slice(0, LONGEST));
    if (this.at + 2 + bytes.length > PAGE) {
      this.pages.push(Buffer.alloc(PAGE));
      this.at = 0;
    }
    const page = this.pages.at(-1)!;
    const place = (this.pages.length - 1) * PAGE + this.at;
    page.writeUInt16LE(bytes.length, this.at);
    page.set(bytes, this.at + 2);
    this.at += 2 + bytes.length;
    return place;
  }

  get(place: number): string {
    const page = this.pages[Math.floor(place / PAGE)]!;
    const at = place % PAGE;
    return page.toString('utf8', at + 2, at + 2 + page.readUInt16LE(at));
  }
}
