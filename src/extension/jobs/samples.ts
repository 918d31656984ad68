import { Ids } from '../../corpus/id.ts';
import { root } from '../../corpus/random.ts';
import { memberKey } from '../../job/plan.ts';
import type { JobRecord } from '../../job/records.ts';
import type { SampleMessage } from './jobs.ts';

/** Names of messages of a job, from its record alone: none where messages are not kept. */
export function samplesOf({ spec, plan }: JobRecord, indices?: readonly number[]): SampleMessage[] {
  if (plan.layout === 'none') return [];
  const ids = new Ids(root(String(spec.seed)), 'object');
  const last = plan.messages - 1;
  const wanted = indices ?? new Set([0, 1, 2, 3, 4].map((part) => Math.floor((part * last) / 4)));
  return [...wanted].map((index) => ({ index, key: memberKey(plan, ids.id(index), index) }));
}
