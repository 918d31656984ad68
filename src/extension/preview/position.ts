import { Ids } from '../../corpus/id.ts';
import { root } from '../../corpus/random.ts';
import { messageKey, shardOf } from '../../job/plan.ts';
import type { JobRecord } from '../../job/records.ts';

/** Which of its archive's messages the one with an id is; undefined where it is not in that archive. */
export function positionIn({ spec, plan }: JobRecord, archive: string, id: string): number | undefined {
  const index = new Ids(root(String(spec.seed)), 'object').index(id, plan.messages);
  if (index === undefined || messageKey(plan, id, index) !== archive) return undefined;
  return index - shardOf(plan, Number(/\d{6}/.exec(archive)![0])).firstMessage;
}
