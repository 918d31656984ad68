import { Ids } from '../../corpus/id.ts';
import { root } from '../../corpus/random.ts';
import { memberKey } from '../../job/plan.ts';
import type { JobRecord } from '../../job/records.ts';
import type { SampleMessage } from './jobs.ts';

/** Names of messages of a job, from its record alone; a message that is not kept has one too, and is made again. */
export function samplesOf({ spec, plan }: JobRecord, indices?: readonly number[]): SampleMessage[] {
  const ids = new Ids(root(String(spec.seed)), 'object');
  const last = plan.messages - 1;
  const wanted = indices ?? new Set([0, 1, 2, 3, 4].map((part) => Math.floor((part * last) / 4)));
  const keyOf = (index: number): string => (plan.layout === 'none' ? `${ids.id(index)}.eml` : memberKey(plan, ids.id(index), index));
  return [...wanted].map((index) => ({ index, key: keyOf(index) }));
}
