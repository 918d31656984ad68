/**
 * Randomness by address. A Path names a place in the corpus (seed → block 42 → conversation 3 → message 1); a Stream is
 * the run of numbers found there. Nothing else is random, so that any message can be made alone and a draw added in one
 * place moves nothing in another. 32-bit integer arithmetic only: the same on every processor and every Node.
 */

/** A 64-bit address, as two 32-bit halves. */
export interface Path {
  readonly hi: number;
  readonly lo: number;
}

/** MurmurHash3's 32-bit finalizer: a bijection in which every input bit reaches every output bit. */
function mix(x: number): number {
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return x ^ (x >>> 16);
}

/** A number for a name (FNV-1a), to be computed once, when a module loads. */
export function label(name: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) h = Math.imul(h ^ name.charCodeAt(i), 0x01000193);
  return h | 0;
}

/** The path one step below: for one label a bijection of the parent, for one parent distinct for every label. */
export function below(path: Path, step: number): Path {
  const l = mix(path.lo ^ Math.imul(step | 0, 0x9e3779b1));
  const hi = mix((path.hi + l) ^ ((step << 16) | (step >>> 16)));
  return { hi, lo: mix(l + Math.imul(hi, 0x27d4eb2f)) };
}

/** The root path of a seed. */
export function root(seed: string): Path {
  let path: Path = { hi: label('mailwright'), lo: seed.length };
  for (let i = 0; i < seed.length; i++) path = below(path, seed.charCodeAt(i));
  return path;
}

/** sfc32 (Chris Doty-Humphrey's small fast counter generator): 128 bits of state, passes PractRand. */
export class Stream {
  private a = 0;
  private b = 0;
  private c = 0;
  private d = 0;

  constructor(path?: Path) {
    if (path) this.seek(path);
  }

  /** Goes to the start of the stream at a path. */
  seek(path: Path): this {
    this.a = path.hi;
    this.b = path.lo;
    this.c = mix(path.hi ^ path.lo);
    this.d = 1;
    for (let i = 0; i < 8; i++) this.next();
    return this;
  }

  /** A whole number from 0 to 2³² − 1. */
  next(): number {
    const t = (((this.a + this.b) | 0) + this.d) | 0;
    this.d = (this.d + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + t) | 0;
    return t >>> 0;
  }

  /** A whole number from 0 to n − 1. */
  under(n: number): number {
    return Math.floor((this.next() * n) / 4294967296);
  }

  /** A whole number from min to max. */
  between(min: number, max: number): number {
    return min + this.under(max - min + 1);
  }

  /** True in `percent` of a hundred cases. */
  percent(percent: number): boolean {
    return this.next() < percent * 42949672.96;
  }

  /** One of a list. */
  pick<T>(list: readonly T[]): T {
    return list[this.under(list.length)]!;
  }
}

/** Integer weights over 0 … n − 1. */
export class Weights {
  private readonly sums: Float64Array;
  readonly total: number;

  constructor(weights: readonly number[]) {
    this.sums = new Float64Array(weights.length);
    let sum = 0;
    weights.forEach((w, i) => (this.sums[i] = sum += w));
    this.total = sum;
  }

  /** An index, each as often as its weight says; the total must be over 0. */
  draw(stream: Stream): number {
    const sums = this.sums;
    const at = stream.under(this.total);
    if (sums.length <= 8) {
      let i = 0;
      while (sums[i]! <= at) i++;
      return i;
    }
    let low = 0;
    let high = sums.length - 1;
    while (low < high) {
      const mid = (low + high) >>> 1;
      if (sums[mid]! <= at) low = mid + 1;
      else high = mid;
    }
    return low;
  }
}

/**
 * A distribution of whole numbers given by its quantiles: [percent × 10, value], rising; values in between are interpolated.
 * It is drawn from a table of so many steps.
 */
export class Quantiles {
  private readonly table: Int32Array;

  constructor(points: readonly (readonly [number, number])[]) {
    this.table = Int32Array.from({ length: STEPS }, (_, step) => {
      const at = ((step + 0.5) * 1000) / STEPS;
      let i = 1;
      while (i < points.length - 1 && points[i]![0] <= at) i++;
      const [p0, v0] = points[i - 1]!;
      const [p1, v1] = points[i]!;
      return Math.floor(v0 + ((v1 - v0) * (at - p0)) / (p1 - p0));
    });
  }

  draw(stream: Stream): number {
    return this.table[stream.next() >>> 20]!;
  }
}

const STEPS = 4096;

/**
 * A keyed permutation of 0 … size − 1: a Feistel network over the next even power of two, walked until the value falls
 * inside (at most four steps on average).
 */
export class Permutation {
  private readonly size: number;
  private readonly half: number;
  private readonly mask: number;
  private readonly keys: Int32Array;

  constructor(size: number, key: Path) {
    this.size = size;
    let half = 1;
    while (half < 26 && (1 << half) * (1 << half) < size) half++;
    this.half = 1 << half;
    this.mask = this.half - 1;
    const stream = new Stream(key);
    this.keys = Int32Array.from({ length: 6 }, () => stream.next() | 0);
  }

  at(index: number): number {
    let x = index;
    do x = this.forward(x);
    while (x >= this.size);
    return x;
  }

  inverse(value: number): number {
    let x = value;
    do x = this.backward(x);
    while (x >= this.size);
    return x;
  }

  private forward(x: number): number {
    let left = Math.floor(x / this.half);
    let right = x - left * this.half;
    for (let r = 0; r < 6; r++) {
      const next = left ^ (mix(right ^ this.keys[r]!) & this.mask);
      left = right;
      right = next;
    }
    return left * this.half + right;
  }

  private backward(x: number): number {
    let left = Math.floor(x / this.half);
    let right = x - left * this.half;
    for (let r = 5; r >= 0; r--) {
      const previous = right ^ (mix(left ^ this.keys[r]!) & this.mask);
      right = left;
      left = previous;
    }
    return left * this.half + right;
  }
}
