import type { Ended, TrackedJob } from '../../src/extension/jobs/job.ts';
import type { Outcome, Progress, Status } from '../../src/job/records.ts';

/** What the tests of the extension share. */

/** As `vscode.l10n.t` puts values in, without a translation. */
export const t = (text: string, ...values: readonly unknown[]): string =>
  text.replace(/\{(\d+)\}/g, (_, index: string) => String(values[Number(index)]));

export const JOB = '01JZZZZZZZZZZZZZZZZZZZZZZZ';

export const progress = (over: Partial<Progress> = {}): Progress => ({
  job: JOB,
  status: 'running',
  attempt: 1,
  sequence: 1,
  heartbeat: '2026-01-05T10:00:00.000Z',
  started: '2026-01-05T09:59:50.000Z',
  messages: 0,
  bytes: 0,
  of: 50_000,
  shards: 0,
  ofShards: 64,
  failed: 0,
  ...over,
});

export const ended = (outcome: Outcome, over: Partial<Ended> = {}): Ended => ({
  attempt: 1,
  outcome,
  finished: '2026-01-05T10:00:00.000Z',
  messages: outcome === 'succeeded' ? 50_000 : 12_000,
  bytes: 212_000_000,
  missing: outcome === 'succeeded' ? 0 : 3,
  ...over,
});

export const tracked = (over: Partial<TrackedJob> = {}): TrackedJob => ({
  job: JOB,
  created: '2026-01-05T09:59:50.000Z',
  where: { target: 'local', folder: '/corpora/job' },
  summary: { messages: 50_000, layout: 'eml' },
  ...over,
});

/** All that is written of a job in its life: attempts that end, but for the last one perhaps. */
export function history(attempts: readonly { readonly steps: number; readonly end: Outcome | undefined }[]): (Progress | Ended)[] {
  const told: (Progress | Ended)[] = [];
  let sequence = 0;
  attempts.forEach(({ steps, end }, i) => {
    const attempt = i + 1;
    const at = (status: Status): Progress => progress({ attempt, sequence: ++sequence, status, messages: sequence * 100 });
    for (let step = 0; step < steps; step++) told.push(at('running'));
    if (end) told.push(at(end), ended(end, { attempt }));
  });
  return told;
}
