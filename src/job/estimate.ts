import type { Generator } from '../corpus/generator.ts';
import type { Plan } from './plan.ts';
import { MEASURED } from './prices.ts';
import type { JobSpec } from './spec.ts';

/** What some blocks of a corpus, made on the spot, say of the whole. */
export interface Sample {
  readonly messages: number;
  readonly bytes: number;
  /** Seconds of one processor that they took. */
  readonly seconds: number;
}

export interface Estimate {
  readonly messages: number;
  readonly objects: number;
  readonly bytes: number;
  /** Seconds to make them on this machine, writing included. */
  readonly seconds: number;
}

/** Seconds a new file costs a file system, and a byte: measured, on an ordinary disk. */
const FILE_SECONDS = 60e-6;
const BYTE_SECONDS = 1 / 1e9;

/**
 * Makes at most `most` blocks, spread over the corpus; the first one twice, so that the time is that of warm code. `now`
 * tells milliseconds.
 */
export function sampleOf(generator: Generator, blocks: number, most: number, now: () => number): Sample {
  const chosen = Math.min(most, blocks);
  generator.block(0, () => {});
  let messages = 0;
  let bytes = 0;
  const started = now();
  for (let i = 0; i < chosen; i++)
    generator.block(Math.floor((i * blocks) / chosen), (message) => {
      messages++;
      bytes += message.bytes.length;
    });
  return { messages, bytes, seconds: (now() - started) / 1000 };
}

/** Scales a sample up to a plan. */
export function estimateOf(plan: Plan, sample: Sample, workers: number): Estimate {
  const bytes = Math.round((sample.bytes * plan.messages) / sample.messages);
  const objects = plan.layout === 'eml' ? plan.messages : plan.layout === 'none' ? 0 : plan.shards;
  const work = (sample.seconds * plan.messages) / sample.messages + objects * FILE_SECONDS + (objects > 0 ? bytes * BYTE_SECONDS : 0);
  return { messages: plan.messages, objects, bytes, seconds: work / Math.min(workers, plan.shards) };
}

/** About how many bytes the ground truth will have, in each of its formats: as lines, and at the most as much in every table. */
export function truthBytesOf({ messages, delivery: { layout, truth } }: JobSpec, { positives, nearMisses }: TruthMessages): number {
  if (layout === 'none') return 0;
  const arcs = positives + nearMisses;
  const others = truth.lines === 'all' ? messages - arcs : 0;
  const tables = truth.formats.filter((format) => format !== 'jsonl').length;
  return (arcs * MEASURED.truthLine.arc + others * MEASURED.truthLine.other) * (1 + tables);
}

/** Messages that are labelled so. */
export interface TruthMessages {
  readonly positives: number;
  readonly nearMisses: number;
}
