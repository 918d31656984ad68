import { BLOCK } from '../corpus/block.ts';
import { Generator, type Message } from '../corpus/generator.ts';
import { EVASIONS, type Evasion } from '../corpus/pack/scenario.ts';
import { PlacementError } from '../corpus/scenario/placement.ts';
import { loadPacks } from '../engine/packs.ts';
import { type JobSpec, SpecError } from '../job/spec.ts';
import type { Installation } from './installation.ts';
import { readSpec, type SpecOptions } from './spec-file.ts';

interface PreviewOptions extends SpecOptions {
  readonly index?: number;
  readonly scenario?: string;
  readonly evasion?: string;
  readonly nearMiss?: boolean;
}

/** `mailwright preview`: one message to standard output, byte for byte what the corpus would hold; or one arc of a scenario. */
export function preview(file: string | undefined, options: PreviewOptions, installation: Installation): number {
  const { spec, base } = readSpec(file, options);
  if (options.scenario !== undefined && options.index === undefined) return previewArc(spec, base, options.scenario, options, installation);
  if (options.index === undefined || options.scenario !== undefined)
    throw new SpecError([{ path: '', message: 'say which message, with --index N, or which arc, with --scenario ID' }]);
  if (options.index >= spec.messages)
    throw new SpecError([
      { path: '', message: `--index ${options.index}: this corpus has messages 0 to ${spec.messages - 1}; --messages makes it larger` },
    ]);
  const { packs } = loadPacks(spec, installation.packs, base);
  process.stdout.write(new Generator(spec, packs).message(options.index).bytes);
  return 0;
}

/** The messages of one arc in their order, each behind a line that says what it is. Another seed shows another arc. */
function previewArc(spec: JobSpec, base: string, scenario: string, options: PreviewOptions, installation: Installation): number {
  const { evasion, nearMiss = false } = options;
  if (evasion !== undefined && !(EVASIONS as readonly string[]).includes(evasion))
    throw new SpecError([{ path: '', message: `--evasion ${evasion}: one of ${EVASIONS.join(', ')}` }]);
  const alone: JobSpec = {
    ...spec,
    messages: BLOCK,
    scenarios: [{ scenario, arcs: 1, nearMisses: nearMiss ? 1 : 0, evasion: { [(evasion ?? 'explicit') as Evasion]: 1 } }],
  };
  const { packs } = loadPacks({ ...alone, scenarios: [] }, installation.packs, base);
  const told: { instant: number; text: Buffer }[] = [];
  generatorFor(alone, packs).block(0, (message) => {
    if (message.truth && (message.truth.near_miss !== null) === nearMiss && message.truth.arc_id !== null)
      told.push({ instant: message.letter.turn.instant, text: Buffer.concat([Buffer.from(headline(message)), message.bytes]) });
  });
  told.sort((a, b) => a.instant - b.instant);
  process.stdout.write(Buffer.concat(told.map(({ text }) => text)));
  return 0;
}

function generatorFor(spec: JobSpec, packs: ConstructorParameters<typeof Generator>[1]): Generator {
  try {
    return new Generator(spec, packs);
  } catch (error) {
    if (!(error instanceof PlacementError)) throw error;
    throw new SpecError([{ path: '', message: `--scenario, --evasion: ${error.message}` }]);
  }
}

/** "===== deal-tip, explicit: phase tip by tipper, positive, alert required" */
function headline({ truth }: Message): string {
  const { scenario, evasion, near_miss, phase, role, label, due } = truth!;
  const kind = near_miss === null ? evasion : `near miss ${near_miss}`;
  const what = phase === null ? `an ordinary message by ${role}` : `phase ${phase} by ${role}`;
  return `===== ${scenario}, ${kind}: ${what}, ${label.replace('_', ' ')}, alert ${due}\n`;
}
