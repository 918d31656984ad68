import { parseDay } from './calendar.ts';
import type { ContentSpec } from './content.ts';
import { PROFILES } from './profiles/index.ts';
import { below, label, type Path, Stream, Weights } from './random.ts';
import type { Unit } from './scenario/placement.ts';

/** Messages in a block: the smallest unit that can be generated alone. */
export const BLOCK = 256;

const BLOCKS = label('blocks');

/** Days between the beginnings of two threads of an arc, at the most. */
const MOST_DAYS = 12;

/** The last beginning there is, as a share of the period. */
const ALMOST = 1 - 1 / 4294967296;

/** One conversation of a block, before anything is known of it but its length and its time. */
export interface Slot {
  readonly path: Path;
  /** Index within the block of its first message. */
  readonly first: number;
  readonly size: number;
  /** When it starts, as a share of the period, in [0, 1). */
  readonly when: number;
  /** The thread of an arc that it is. */
  readonly arc: ArcSlot | undefined;
}

/** One thread of an arc or a near miss. */
export interface ArcSlot {
  readonly unit: Unit;
  readonly thread: number;
}

export const blockCount = (messages: number): number => Math.ceil(messages / BLOCK);

/** Messages in a block; the last one may be short. */
export const blockSize = (messages: number, block: number): number => Math.min(BLOCK, messages - block * BLOCK);

/** The threads of the arcs in a block, those of one arc behind each other, and the messages of each. */
export type ArcSizes = (block: number) => readonly { readonly path: Path; readonly size: number; readonly arc: ArcSlot }[];

/** 0 … n − 1 in random order. */
function shuffled(n: number, stream: Stream): number[] {
  const list = Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = stream.under(i + 1);
    const other = list[j]!;
    list[j] = list[i]!;
    list[i] = other;
  }
  return list;
}

/** Fills blocks with conversations. */
export class BlockPlan {
  private readonly spec: ContentSpec;
  private readonly seed: Path;
  private readonly sizes: readonly number[];
  private readonly weights: Weights;
  private readonly stream = new Stream();
  private readonly arcs: ArcSizes;
  /** Between the beginnings of two threads of an arc, at the most: a share of the period. */
  private readonly pause: number;

  constructor(spec: ContentSpec, seed: Path, arcs: ArcSizes) {
    this.spec = spec;
    this.arcs = arcs;
    this.pause = Math.min(0.25, MOST_DAYS / (parseDay(spec.period.end)! + 1 - parseDay(spec.period.start)!));
    this.seed = below(seed, BLOCKS);
    const profile = PROFILES[spec.traffic.profile];
    const threaded = spec.traffic.overrides.threaded ?? profile.threaded;
    const total = profile.threadSizes.reduce((sum, [, w]) => sum + w, 0);
    const messages = profile.threadSizes.reduce((sum, [size, w]) => sum + size * w, 0);
    this.sizes = [1, ...profile.threadSizes.map(([size]) => size)];
    // Of so many messages in threads, the percentage left is single messages: one conversation each.
    const singles = threaded >= 100 ? 0 : threaded <= 0 ? 1 : Math.round((messages * (100 - threaded)) / threaded);
    // A size that no longer fits is drawn again, so that of n comes up short by about (n − 1) / 256: it is drawn more often.
    const drawn = profile.threadSizes.map(([size, w]) => (threaded <= 0 ? 0 : Math.round((w * BLOCK) / (BLOCK + 1 - size))));
    this.weights = new Weights([singles, ...drawn]);
    if (this.weights.total <= 0 || total <= 0) throw new RangeError('a traffic profile needs thread sizes');
  }

  /** The conversations of a block: they fill it exactly, and their starts are spread over the whole period. */
  slots(block: number): Slot[] {
    const capacity = blockSize(this.spec.messages, block);
    const path = below(this.seed, block);
    const stream = this.stream.seek(path);
    const arcs = this.arcs(block);
    const sizes: number[] = [];
    for (let left = arcs.reduce((rest, { size }) => rest - size, capacity); left > 0;) {
      // A size that no longer fits is drawn again; where only large ones are on offer, the rest makes the last one.
      let size = left + 1;
      for (let tries = 0; size > left && tries < 20; tries++) size = this.sizes[this.weights.draw(stream)]!;
      if (size > left) size = left;
      sizes.push(size);
      left -= size;
    }
    // Each conversation starts in a stratum of its own; which one says nothing about its place in the block.
    const strata = shuffled(sizes.length + arcs.length, stream);
    if (arcs.length === 0) {
      let first = 0;
      return sizes.map((size, i) => {
        const slot = {
          path: below(path, i + 1),
          first,
          size,
          when: (strata[i]! + stream.next() / 4294967296) / sizes.length,
          arc: undefined,
        };
        first += size;
        return slot;
      });
    }
    // Arcs stand anywhere among the others. One begins as these do, and its threads follow each other within days.
    const all = [...sizes.map((size, i) => ({ path: below(path, i + 1), size, arc: undefined })), ...arcs];
    const whens = strata.map((stratum) => (stratum + stream.next() / 4294967296) / all.length);
    for (let i = sizes.length; i < all.length;) {
      let last = i + 1;
      for (; last < all.length && all[last]!.arc!.unit === all[i]!.arc!.unit; last++)
        whens[last] = whens[last - 1]! + (this.pause * stream.next()) / 4294967296;
      // The middle of it is where the first would have been, as far as the period goes.
      const early = Math.min(whens[i]!, Math.max((whens[last - 1]! - whens[i]!) / 2, whens[last - 1]! - ALMOST));
      for (; i < last; i++) whens[i]! -= early;
    }
    let first = 0;
    return shuffled(all.length, stream).map((i) => {
      const { path, size, arc } = all[i]!;
      const slot = { path, first, size, when: whens[i]!, arc };
      first += size;
      return slot;
    });
  }
}
