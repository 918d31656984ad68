import { readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { storageError } from '../../engine/files.ts';
import { Lock } from '../../engine/local/lock.ts';
import { RECEIPTS, TRUTH } from '../../job/plan.ts';
import { consents } from '../ask.ts';
import { count } from '../output.ts';
import { shown } from '../paths.ts';
import { jobIn } from './job.ts';

/**
 * What a job leaves, in the order in which it goes: without its manifest and its receipts a corpus is taken for complete
 * by nobody, and as long as there is job.json the rest can be deleted.
 */
const LEFT = ['manifest.json', RECEIPTS, 'messages', TRUTH, 'attempts', 'progress.json', 'job.json'];

/** `mailwright delete <folder>`: deletes a job on this machine, and nothing that is not the job's. */
export async function remove(path: string, options: { readonly yes?: boolean }): Promise<number> {
  const { folder, record } = jobIn(path);
  const messages = folder.progress()?.messages ?? 0;
  if (!(await consents(`Delete job ${record.job}, with the ${count(messages)} messages in ${shown(path)}?`, options.yes))) {
    process.stdout.write('Nothing was deleted.\n');
    return 1;
  }
  const lock = Lock.take(path, new Date());
  let others: string[];
  try {
    for (const name of LEFT) for (const part of [name, `${name}.tmp`]) rmSync(join(path, part), { recursive: true, force: true });
    lock.release();
    others = readdirSync(path);
    if (others.length === 0) rmdirSync(path);
  } catch (error) {
    lock.release();
    throw storageError(error, path);
  }
  process.stdout.write(
    others.length === 0
      ? `Deleted ${shown(path)}.\n`
      : `Deleted the job. ${shown(path)} stays, for it holds something else: ${others.slice(0, 3).join(', ')}${others.length > 3 ? ' …' : ''}\n`,
  );
  return 0;
}
