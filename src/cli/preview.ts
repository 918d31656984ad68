import { Generator } from '../corpus/generator.ts';
import { loadPacks } from '../engine/packs.ts';
import { SpecError } from '../job/spec.ts';
import type { Installation } from './installation.ts';
import { readSpec, type SpecOptions } from './spec-file.ts';

/** `mailwright preview`: one message to standard output, byte for byte what the corpus would hold. */
export function preview(file: string | undefined, options: SpecOptions & { readonly index: number }, installation: Installation): number {
  const { spec, base } = readSpec(file, options);
  if (options.index >= spec.messages)
    throw new SpecError([
      { path: '', message: `--index ${options.index}: this corpus has messages 0 to ${spec.messages - 1}; --messages makes it larger` },
    ]);
  const { packs } = loadPacks(spec, installation.packs, base);
  process.stdout.write(new Generator(spec, packs).message(options.index).bytes);
  return 0;
}
