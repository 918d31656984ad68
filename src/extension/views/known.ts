import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pack } from '../../corpus/pack/schema.ts';
import type { Known } from '../../protocol/new-corpus.ts';

/** Desks whose mail nobody at a desk writes: machines' and private mail. Everybody gets it. */
const NO_DESKS = ['machines', 'personal'];

/** What the built-in packs have to choose from. `folder` is the one with their JSON. */
export async function knownIn(folder: string): Promise<Known> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
  const packs = await Promise.all(
    files.map(async (name) => (JSON.parse(await readFile(join(folder, name), 'utf8')) as { readonly pack: Pack }).pack),
  );
  const scenarios = new Map(
    packs.flatMap((pack) => pack.scenarios.map(({ scenario, family, title }) => [scenario, { id: scenario, family, title }])),
  );
  const desks = new Set(packs.flatMap((pack) => pack.desks.map(({ desk }) => desk)));
  return {
    scenarios: [...scenarios.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
    desks: [...desks].filter((desk) => !NO_DESKS.includes(desk)).sort(),
    languages: [...new Set(packs.map(({ language }) => language))],
  };
}
