import { existsSync } from 'node:fs';
import { lintPack } from '../corpus/pack/lint.ts';
import { checkPack, PackError } from '../corpus/pack/source.ts';
import { readPackFolder } from '../engine/packs.ts';

/** `mailwright pack lint`: checks a pack's folder as a job would, and names what its author may want to mend. */
export function packLint(folder: string): number {
  if (!existsSync(folder)) throw new PackError(folder, ['no such folder']);
  const pack = checkPack(readPackFolder(folder), folder);
  const advice = lintPack(pack);
  for (const line of advice) process.stdout.write(`${line}\n`);
  const topics = pack.desks.reduce((sum, desk) => sum + desk.topics.length, 0);
  process.stdout.write(
    `${pack.pack}: no errors. ${pack.desks.length} desks, ${topics} topics, ${pack.scenarios.length} scenarios; ${advice.length === 0 ? 'nothing to advise' : `${advice.length} pieces of advice`}.\n`,
  );
  return 0;
}
