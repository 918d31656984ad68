import type { Plan } from './plan.ts';

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

/** Scales a sample up to a plan. */
export function estimateOf(plan: Plan, sample: Sample, workers: number): Estimate {
  const bytes = Math.round((sample.bytes * plan.messages) / sample.messages);
  const objects = plan.layout === 'eml' ? plan.messages : plan.layout === 'none' ? 0 : plan.shards;
  const work = (sample.seconds * plan.messages) / sample.messages + objects * FILE_SECONDS + (objects > 0 ? bytes * BYTE_SECONDS : 0);
  return { messages: plan.messages, objects, bytes, seconds: work / Math.min(workers, plan.shards) };
}
