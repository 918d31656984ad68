import type { Manifest, OutcomeRecord, Progress, Status } from '../job/records.ts';
import { bytes, count, truthText } from './output.ts';
import { remarks } from './progress-bar.ts';

export interface ShownState {
  readonly job: string;
  readonly created: string;
  readonly status: Status;
  /** Where it is, and what kind of place that is. */
  readonly place: readonly [kind: string, place: string];
  /** Messages that it is to have. */
  readonly of: number;
  readonly progress: Progress | undefined;
  readonly outcome: OutcomeRecord | undefined;
  readonly manifest: Manifest | undefined;
  /** What can be done next: each with a word for it. */
  readonly next: readonly (readonly [what: string, command: string])[];
}

/** How a job is doing, in lines. */
export function stateText({ job, created, status, place, of, progress, outcome, manifest, next }: ShownState): string {
  const remark = progress ? remarks({ ...progress, status }) : '';
  const reason = outcome?.reason ?? (status === 'interrupted' ? progress?.reason : undefined);
  const lines: (readonly [string, string])[] = [
    ['Job', job],
    ['Status', `${status}${progress ? `, attempt ${progress.attempt}` : ''}${remark && remark !== status ? ` (${remark})` : ''}`],
    ...(reason === undefined ? [] : [['Reason', reason] as const]),
    ['Messages', progress && progress.messages < of ? `${count(progress.messages)} of ${count(of)}` : count(of)],
    ...(progress
      ? [['Bytes', bytes(progress.bytes)] as const, ['Shards', `${count(progress.shards)} of ${count(progress.ofShards)}`] as const]
      : []),
    ...(outcome && outcome.missing.length > 0 ? [['Missing', `${count(outcome.missing.length)} shard(s)`] as const] : []),
    ['Created', at(created)],
    ...(outcome ? [['Ended', at(outcome.finished)] as const] : progress ? [['Seen', at(progress.heartbeat)] as const] : []),
    ...(manifest ? [['Truth', truthText(manifest.truth)] as const, ['Digest', manifest.digest] as const] : []),
    place,
    ...next,
  ];
  return lines.map(([what, text]) => `${what.padEnd(10)} ${text}\n`).join('');
}

/** "2026-11-26 01:49:07 UTC" */
const at = (time: string): string => `${time.slice(0, 19).replace('T', ' ')} UTC`;
