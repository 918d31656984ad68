import * as z from 'zod';
import { type Ids, objectIdsOf } from '../../corpus/id.ts';
import { LAYERS } from '../../corpus/truth/line.ts';
import { memberKey, type Plan, shardAt, truthKey } from '../../job/plan.ts';
import { LAYOUTS } from '../../job/spec.ts';
import { folderOf, type MailFiles, nameOf } from './mail-files.ts';

/** Where a message stands in a corpus: its job's folder, its place there, and so its neighbours and its line of truth. */
export interface CorpusPlace {
  readonly folder: string;
  readonly plan: Plan;
  readonly ids: Ids;
  readonly id: string;
  readonly index: number;
}

const LEVELS = 4;
const MOST_RECORD = 8 << 20;
const MOST_TRUTH = 64 << 20;

/** What is needed of job.json. It may be anybody's file: it is checked as such. */
const recordSchema = z.object({
  spec: z.object({ seed: z.union([z.string(), z.number()]) }),
  plan: z.object({
    messages: z.number().int().min(1),
    blocks: z.number().int().min(1),
    shardBlocks: z.number().int().min(1),
    shards: z.number().int().min(1),
    layout: z.enum(LAYOUTS),
    keys: z.string().max(100),
  }),
});

const offset = z.number().int().min(0).nullable();

export const truthSchema = z.object({
  key: z.string(),
  sha256: z.string(),
  label: z.enum(['positive', 'near_miss', 'benign']),
  scenario: z.string().nullable(),
  role: z.string().nullable(),
  phase: z.string().nullable(),
  evasion: z.string().nullable(),
  severity: z.string().nullable(),
  alert_unit: z.string().nullable(),
  due: z.string(),
  near_miss: z.string().nullable(),
  evidence: z.array(
    z.object({
      part: z.string(),
      start: offset,
      end: offset,
      raw_start: offset,
      raw_end: offset,
      quote: z.string(),
      layer: z.enum(LAYERS),
    }),
  ),
});
/** What the preview shows of a line of truth. */
export type MailTruth = z.output<typeof truthSchema>;

/** Folders above a message that may be its job's, nearest first: it may lie in messages/<hh>, or be a member of an archive. */
export function foldersAbove(path: string): string[] {
  const folders: string[] = [];
  for (let folder = folderOf(path); folder !== '' && folders.length < LEVELS; folder = folderOf(folder)) folders.push(folder);
  return folders;
}

/** The place of the message at `path`, where one of some folders is the job's whose message it is. */
export async function corpusPlaceOf(files: MailFiles, path: string, folders: readonly string[]): Promise<CorpusPlace | undefined> {
  const id = /^([0-9a-f]{12})\.eml$/.exec(nameOf(path))?.[1];
  if (id === undefined) return undefined;
  for (const folder of folders) {
    const record = recordSchema.safeParse(await jsonOf(files, `${folder}/job.json`));
    if (!record.success) continue;
    const { spec, plan } = record.data;
    const ids = objectIdsOf(spec);
    const index = ids.index(id, plan.messages);
    return index === undefined ? undefined : { folder, plan, ids, id, index };
  }
  return undefined;
}

export async function jsonOf(files: MailFiles, path: string): Promise<unknown> {
  try {
    const { bytes } = await files.start(path, MOST_RECORD);
    return JSON.parse(Buffer.from(bytes).toString('utf8')) as unknown;
  } catch {
    return undefined; // absent, or not ours
  }
}

/** What the ground truth says of a message; undefined where it says nothing, or is not at hand. */
export async function truthAt(files: MailFiles, { folder, plan, id, index }: CorpusPlace): Promise<MailTruth | undefined> {
  let text: string;
  try {
    text = Buffer.from((await files.start(`${folder}/${truthKey(shardAt(plan, index))}`, MOST_TRUTH)).bytes).toString('utf8');
  } catch {
    return undefined; // handed over without its truth
  }
  const at = text.indexOf(`${id}.eml"`);
  if (at < 0) return undefined;
  const end = text.indexOf('\n', at);
  const line = text.slice(text.lastIndexOf('\n', at) + 1, end < 0 ? undefined : end);
  try {
    return truthSchema.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}

/** The path of message `index` of the same corpus. */
export const pathAt = ({ folder, plan, ids }: CorpusPlace, index: number): string => `${folder}/${memberKey(plan, ids.id(index), index)}`;
