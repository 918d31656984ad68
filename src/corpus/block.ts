import type { ContentSpec } from './content.ts';
import { PROFILES } from './profiles/index.ts';
import { below, label, type Path, Stream, Weights } from './random.ts';

/** Messages in a block: the smallest unit that can be generated alone. */
export const BLOCK = 256;

const BLOCKS = label('blocks');

/** One conversation of a block, before anything is known of it but its length and its time. */
export interface Slot {
  readonly path: Path;
  /** Index within the block of its first message. */
  readonly first: number;
  readonly size: number;
  /** When it starts, as a share of the period, in [0, 1). */
  readonly when: number;
}

export const blockCount = (messages: number): number => Math.ceil(messages / BLOCK);

/** Messages in a block; the last one may be short. */
export const blockSize = (messages: number, block: number): number => Math.min(BLOCK, messages - block * BLOCK);

/** Fills blocks with conversations. */
export class BlockPlan {
  private readonly spec: ContentSpec;
  private readonly seed: Path;
  private readonly sizes: readonly number[];
  private readonly weights: Weights;
  private readonly stream = new Stream();

  constructor(spec: ContentSpec, seed: Path) {
    this.spec = spec;
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
    const sizes: number[] = [];
    for (let left = capacity; left > 0;) {
      // A size that no longer fits is drawn again; where only large ones are on offer, the rest makes the last one.
      let size = left + 1;
      for (let tries = 0; size > left && tries < 20; tries++) size = this.sizes[this.weights.draw(stream)]!;
      if (size > left) size = left;
      sizes.push(size);
      left -= size;
    }
    // Each conversation starts in a stratum of its own; which one says nothing about its place in the block.
    const strata = sizes.map((_, i) => i);
    for (let i = strata.length - 1; i > 0; i--) {
      const j = stream.under(i + 1);
      const other = strata[j]!;
      strata[j] = strata[i]!;
      strata[i] = other;
    }
    let first = 0;
    return sizes.map((size, i) => {
      const slot = { path: below(path, i + 1), first, size, when: (strata[i]! + stream.next() / 4294967296) / sizes.length };
      first += size;
      return slot;
    });
  }
}
