import { BLOCK } from '../../corpus/block.ts';
import { folderOf, type MailFiles, nameOf } from './mail-files.ts';
import { MAIL_LIMITS } from './mail-limits.ts';
import { fieldOf, readHeaders } from './mime-headers.ts';

/** A thread as far as its messages are at hand, in order: their paths, and which of them is the message itself. */
export interface MailThread {
  readonly paths: readonly string[];
  readonly at: number;
}

/** A row of messages in which those of a thread stand side by side: message n's path. */
export interface MailRow {
  readonly index: number;
  readonly messages: number;
  readonly path: (index: number) => string;
}

const HEAD = 64 << 10;
/** Messages looked at to each side, and in a folder. */
const MOST_BESIDE = 100;
const MOST_IN_FOLDER = 500;
const AT_ONCE = 16;

interface Head {
  readonly thread: string;
  readonly date: number;
}

/** What its headers say of the thread a message is of. */
async function headOf(files: MailFiles, path: string): Promise<Head | undefined> {
  try {
    const { bytes } = await files.start(path, HEAD);
    const { fields } = readHeaders(Buffer.from(bytes), 0, bytes.length, MAIL_LIMITS, () => undefined);
    const ids = (name: string): string | undefined => /<[^<>\s]+>/.exec(fieldOf(fields, name) ?? '')?.[0];
    const thread = ids('references') ?? ids('in-reply-to') ?? ids('message-id');
    return thread === undefined ? undefined : { thread, date: Date.parse(fieldOf(fields, 'date') ?? '') || 0 };
  } catch {
    return undefined;
  }
}

/** The thread of a message of a corpus: a conversation stands together within a block. */
export async function threadInRow(files: MailFiles, { index, messages, path }: MailRow): Promise<MailThread | undefined> {
  const own = await headOf(files, path(index));
  if (!own) return undefined;
  const first = Math.floor(index / BLOCK) * BLOCK;
  const last = Math.min(first + BLOCK, messages) - 1;
  const same = async (n: number): Promise<boolean> => (await headOf(files, path(n)))?.thread === own.thread;
  let from = index;
  while (from > first && index - from < MOST_BESIDE && (await same(from - 1))) from--;
  let to = index;
  while (to < last && to - index < MOST_BESIDE && (await same(to + 1))) to++;
  return { paths: Array.from({ length: to - from + 1 }, (_, i) => path(from + i)), at: index - from };
}

/** The thread of any other message: those beside it in its folder that say they are of it, by their dates. */
export async function threadInFolder(files: MailFiles, path: string): Promise<MailThread | undefined> {
  const own = await headOf(files, path);
  if (!own) return undefined;
  const folder = folderOf(path);
  const names = (await files.names(folder, MOST_IN_FOLDER).catch(() => undefined))?.filter((name) => /\.eml$/i.test(name));
  if (!names) return undefined;
  const found: { readonly path: string; readonly date: number }[] = [{ path, date: own.date }];
  const rest = names.filter((name) => name !== nameOf(path)).map((name) => `${folder}/${name}`);
  for (let i = 0; i < rest.length; i += AT_ONCE) {
    const some = rest.slice(i, i + AT_ONCE);
    const heads = await Promise.all(some.map((one) => headOf(files, one)));
    some.forEach((one, n) => {
      if (heads[n]?.thread === own.thread) found.push({ path: one, date: heads[n].date });
    });
  }
  found.sort((a, b) => a.date - b.date || (a.path < b.path ? -1 : 1));
  return { paths: found.map((one) => one.path), at: found.findIndex((one) => one.path === path) };
}
