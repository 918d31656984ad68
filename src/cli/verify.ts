import { resolve } from 'node:path';
import { verify } from '../engine/local/verify.ts';
import type { Installation } from './installation.ts';
import { bytes, count } from './output.ts';

/** `mailwright verify`: 0 where every byte is right, 1 where something is missing, extra or changed. */
export async function verifyFolder(folder: string, options: { readonly json?: boolean }, installation: Installation): Promise<number> {
  let told = 0;
  const found = await verify(resolve(folder), installation.packs, (shard, of) => {
    const tenth = Math.floor((shard * 10) / of);
    if (!options.json && tenth > told) process.stderr.write(`${tenth * 10} % of the shards checked\n`);
    told = Math.max(told, tenth);
  });
  if (options.json) process.stdout.write(JSON.stringify(found, undefined, 2) + '\n');
  else {
    for (const kind of ['missing', 'changed', 'extra'] as const)
      for (const name of found[kind]) process.stdout.write(`${kind.padEnd(8)} ${name}\n`);
    process.stdout.write(
      found.digest
        ? `Whole: ${count(found.messages)} messages, ${bytes(found.bytes)}, digest ${found.digest}\nTruth: digest ${found.truthDigest}\n`
        : `Not whole: ${found.missing.length} missing, ${found.changed.length} changed, ${found.extra.length} extra.${found.complete ? '' : ' The job is not complete: `mailwright generate --out` goes on with it.'}\n`,
    );
  }
  return found.digest ? 0 : 1;
}
