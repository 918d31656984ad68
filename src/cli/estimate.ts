import { availableParallelism } from 'node:os';
import { Generator } from '../corpus/generator.ts';
import { loadPacks } from '../engine/packs.ts';
import { estimateOf, type Sample } from '../job/estimate.ts';
import { planOf } from '../job/plan.ts';
import type { JobSpec } from '../job/spec.ts';
import type { Installation } from './installation.ts';
import { bytes, count, duration, truthText } from './output.ts';
import { readSpec, type SpecOptions } from './spec-file.ts';

/** Blocks that are made to judge the rest by: some 4,000 messages. */
const SAMPLE_BLOCKS = 16;

/** `mailwright estimate`: size and time, by making a sample. */
export function estimate(file: string | undefined, options: SpecOptions & { readonly json?: boolean }, installation: Installation): number {
  const { spec, base } = readSpec(file, options);
  const { packs } = loadPacks(spec, installation.packs, base);
  const plan = planOf(spec);
  const workers = spec.execution.workers ?? availableParallelism();
  const generator = new Generator(spec, packs, spec.delivery.truth.lines);
  const found = estimateOf(plan, sample(spec, generator, plan.blocks), workers);
  const { placement } = generator;
  const truth = { positives: placement.positives, nearMisses: placement.nearMissMessages, arcs: placement.arcs + placement.nearMisses };
  if (options.json) process.stdout.write(JSON.stringify({ ...found, truth, shards: plan.shards, workers }, undefined, 2) + '\n');
  else
    process.stdout.write(
      [
        `Messages   ${count(found.messages)}`,
        `Files      ${count(found.objects)} (${plan.layout})`,
        `Bytes      about ${bytes(found.bytes)} (${count(found.bytes / found.messages)} a message)`,
        `Truth      ${truthText(truth)}`,
        `Time       about ${duration(found.seconds)} here, with ${workers} worker(s)`,
        '',
      ].join('\n'),
    );
  return 0;
}

/** Makes blocks spread over the corpus; the first one twice, so that the time is that of warm code. */
function sample(spec: JobSpec, generator: Generator, blocks: number): Sample {
  const chosen = Math.min(SAMPLE_BLOCKS, blocks);
  generator.block(0, () => {});
  let messages = 0;
  let size = 0;
  const started = performance.now();
  for (let i = 0; i < chosen; i++)
    generator.block(Math.floor((i * blocks) / chosen), (message) => {
      messages++;
      size += message.bytes.length;
    });
  return { messages: Math.min(messages, spec.messages), bytes: size, seconds: (performance.now() - started) / 1000 };
}
