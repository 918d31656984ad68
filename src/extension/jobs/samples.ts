import { objectIdsOf } from '../../corpus/id.ts';
import type { TruthLine } from '../../corpus/truth/line.ts';
import { memberKey, truthKey } from '../../job/plan.ts';
import type { JobRecord } from '../../job/records.ts';
import type { PlantedMessage, SampleMessage } from './jobs.ts';

/** Names of messages of a job, from its record alone; a message that is not kept has one too, and is made again. */
export function samplesOf({ spec, plan }: JobRecord, indices?: readonly number[]): SampleMessage[] {
  const ids = objectIdsOf(spec);
  const last = plan.messages - 1;
  const wanted = indices ?? new Set([0, 1, 2, 3, 4].map((part) => Math.floor((part * last) / 4)));
  return [...wanted].map((index) => ({ index, key: memberKey(plan, ids.id(index), index) }));
}

/** Planted messages are looked for in so many of the first shards, and so many are enough. */
const SHARDS = 4;
const ENOUGH = 10;

/** The first messages of arcs and near misses that the ground truth tells of. */
export async function plantedOf({ spec, plan }: JobRecord, read: (key: string) => Promise<Uint8Array>): Promise<PlantedMessage[]> {
  if (plan.layout === 'none') return [];
  const ids = objectIdsOf(spec);
  const found: PlantedMessage[] = [];
  for (let shard = 0; shard < Math.min(SHARDS, plan.shards) && found.length < ENOUGH; shard++) {
    const lines = Buffer.from(await read(truthKey(shard)))
      .toString('utf8')
      .split('\n');
    for (const text of lines) {
      if (text === '' || text.includes('"label":"benign"')) continue;
      const { key, label, scenario, evasion } = JSON.parse(text) as TruthLine;
      const index = ids.index(key.slice(-16, -4), plan.messages);
      if (label === 'benign' || index === undefined) continue;
      if (found.push({ index, key, label, scenario: scenario ?? '', evasion: evasion ?? '' }) === ENOUGH) break;
    }
  }
  return found;
}
