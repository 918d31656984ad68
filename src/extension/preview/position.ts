import { objectIdsOf } from '../../corpus/id.ts';
import { messageKey, shardAt, shardOf } from '../../job/plan.ts';
import type { JobRecord } from '../../job/records.ts';

/** Which of its archive's messages the one with an id is; undefined where it is not in that archive. */
export function positionIn({ spec, plan }: JobRecord, archive: string, id: string): number | undefined {
  const index = objectIdsOf(spec).index(id, plan.messages);
  if (index === undefined || messageKey(plan, id, index) !== archive) return undefined;
  return index - shardOf(plan, shardAt(plan, index)).firstMessage;
}
