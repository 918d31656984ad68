import type { ArcLine } from '../corpus/truth/line.ts';
import type { Truth } from '../corpus/truth/record.ts';
import { truthText } from '../corpus/truth/text.ts';
import { digestOfBlocks, TextDigest } from './digest.ts';
import { memberKey, type Plan } from './plan.ts';
import type { TruthCounts } from './records.ts';

/** What a block says of the truth: whole lines, the last one ended too. */
export interface BlockTruth {
  readonly lines: string;
  readonly arcs: string;
}

/** What the truth of a shard comes to. */
export interface TruthSummary extends TruthCounts {
  readonly digest: string;
  readonly blocks: readonly string[];
}

/**
 * Writes down the truth of a shard, a block at a time. The digest is over the messages of arcs and over the arcs, without
 * keys: the same for every layout, and whether ordinary messages are told of or not.
 */
export class TruthWriter {
  private readonly plan: Plan;
  private readonly counts = { ...NO_TRUTH };
  private readonly blocks: string[] = [];
  private readonly digest = new TextDigest();
  private lines = '';
  private arcs = '';

  constructor(plan: Plan) {
    this.plan = plan;
  }

  /** Adds a message, in index order. */
  message(id: string, index: number, sha256: string, truth: Truth): void {
    const { written, digested } = truthText(id, memberKey(this.plan, id, index), sha256, truth);
    this.lines += `${written}\n`;
    this.counts.lines++;
    if (truth.arc_id === null) return;
    this.digest.add(`${digested}\n`);
    if (truth.label === 'positive') this.counts.positives++;
    if (truth.label === 'near_miss') this.counts.nearMisses++;
  }

  /** Adds an arc, behind the messages of its block. */
  arc(line: ArcLine): void {
    const text = `${JSON.stringify(line)}\n`;
    this.arcs += text;
    this.digest.add(text);
    this.counts.arcs++;
  }

  endBlock(): BlockTruth {
    const { lines, arcs } = this;
    this.blocks.push(this.digest.finish());
    this.lines = '';
    this.arcs = '';
    return { lines, arcs };
  }

  /** Of the blocks so far. */
  summary(): TruthSummary {
    return { ...this.counts, digest: digestOfBlocks(this.blocks), blocks: this.blocks };
  }
}

export const NO_TRUTH: TruthCounts = { lines: 0, positives: 0, nearMisses: 0, arcs: 0 };

/** Of two parts of a corpus together. */
export const sumOf = (a: TruthCounts, b: TruthCounts): TruthCounts => ({
  lines: a.lines + b.lines,
  positives: a.positives + b.positives,
  nearMisses: a.nearMisses + b.nearMisses,
  arcs: a.arcs + b.arcs,
});
