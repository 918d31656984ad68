import { Generator } from '../../corpus/generator.ts';
import { PackError } from '../../corpus/pack/source.ts';
import { GENERATOR_VERSION } from '../../corpus/version.ts';
import { reloadPacks } from '../packs.ts';
import type { JobRecord } from '../../job/records.ts';
import type { Features } from '../../job/scoring/reference.ts';
import { badInput, reasonOf } from './problems.ts';

/**
 * What makes messages of a job again, for what they are like; or, in words, why this program cannot. `builtin` is the folder
 * of the built-in packs.
 */
export function regeneratorOf(record: JobRecord, builtin: string): ((index: number) => Features) | string {
  const { job, spec, packs: records, generator: version } = record;
  if (version !== GENERATOR_VERSION) return `generator version ${version} made them, and this is version ${GENERATOR_VERSION}`;
  let packs: ReturnType<typeof reloadPacks>;
  try {
    packs = reloadPacks(records, builtin);
  } catch (error) {
    if (error instanceof PackError) return error.message;
    throw error;
  }
  const begin = (): Generator => {
    try {
      return new Generator(spec, packs, 'all');
    } catch (error) {
      throw badInput('--job', `the spec in job.json of job ${job} is not one that makes messages: ${reasonOf(error)}`);
    }
  };
  let generator: Generator | undefined; // it takes a second to make, and there may be nothing to ask it
  return (index) => {
    const { message_id, language, shape } = (generator ??= begin()).message(index).truth!;
    return { messageId: message_id, language, shape };
  };
}
