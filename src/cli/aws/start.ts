import { ulid } from 'ulid';
import { EngineError } from '../../engine/error.ts';
import { loadPacks } from '../../engine/packs.ts';
import type { Installation } from '../installation.ts';
import { readSpec, type SpecOptions } from '../spec-file.ts';
import { withEngine } from './connect.ts';
import { follow, type FollowOptions } from './follow.ts';

export interface StartOptions extends SpecOptions, FollowOptions {
  readonly id?: string;
}

/** `mailwright start`: makes a corpus in the cloud. The spec and its packs are checked here first. */
export async function start(file: string | undefined, options: StartOptions, installation: Installation): Promise<number> {
  const { spec, base } = readSpec(file, options);
  const { packs, records } = loadPacks(spec, installation.packs, base);
  const job = options.id ?? ulid();
  return withEngine(options, async (engine) => {
    const started = await engine.start({ spec, packs, packRecords: records, job, where: '' }).catch((error: unknown) => {
      throw mayHaveStarted(error)
        ? new EngineError(
            error.code,
            `${error.message}\nIt may have been started all the same. The same command with --id ${job} finds out: an id is started only once.`,
            { cause: error },
          )
        : error;
    });
    return follow(engine, started, options);
  });
}

/** Whether the answer may have been lost, and not the question. */
const mayHaveStarted = (error: unknown): error is EngineError =>
  error instanceof EngineError && (error.code === 'NETWORK' || error.code === 'THROTTLED');
