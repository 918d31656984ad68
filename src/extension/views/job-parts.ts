import * as vscode from 'vscode';
import { ARCS, attemptFolder, failureKey, outcomeKey } from '../../job/plan.ts';
import type { OutcomeRecord } from '../../job/records.ts';
import type { TrackedJob } from '../jobs/job.ts';
import { attemptOf } from '../jobs/reducer.ts';
import type { Texts } from '../jobs/texts.ts';
import type { Services } from '../services.ts';
import type { PartRow } from './jobs-tree.ts';

/** The rows below a job. */

/** How many failures are listed: their cause is seldom another. */
const MOST_FAILURES = 20;

/** What a job has left, and what can be said of it meanwhile. */
export function partsOf(job: TrackedJob): PartRow[] {
  const { ended, summary, progress } = job;
  const id = job.job;
  const kept = summary.layout !== 'none';
  const parts: PartRow[] = [];
  if (!ended)
    parts.push(
      note(
        id,
        progress
          ? vscode.l10n.t('Messages, truth and manifest are listed here once the job has ended.')
          : vscode.l10n.t('Nothing is known of it yet.'),
        'info',
      ),
    );
  if (ended && ended.messages > 0 && ended.outcome === 'succeeded')
    parts.push({ kind: 'messages', job: id, label: vscode.l10n.t('Sample Messages'), icon: 'mail' });
  if (ended?.outcome === 'succeeded') {
    if (kept)
      parts.push({
        kind: 'truth',
        job: id,
        label: vscode.l10n.t('Ground Truth'),
        icon: 'target',
        key: ARCS,
        command: 'mailwright.showTruth',
      });
    parts.push({
      kind: 'object',
      job: id,
      label: vscode.l10n.t('Manifest'),
      icon: 'json',
      key: 'manifest.json',
      command: 'mailwright.showManifest',
    });
  } else if (ended) {
    parts.push(object(id, vscode.l10n.t('Outcome'), 'json', outcomeKey(ended.attempt)));
    if (ended.outcome !== 'cancelled' && ended.missing > 0)
      parts.push({ kind: 'failures', job: id, label: vscode.l10n.t('Failures'), icon: 'error' });
  }
  parts.push(object(id, vscode.l10n.t('Job Spec and Plan'), 'settings', 'job.json'));
  return parts;
}

export async function samplesOf({ jobs }: Services, { job }: TrackedJob): Promise<PartRow[]> {
  const samples = await jobs.samples(job);
  return samples.map(({ index, key }) => ({
    ...object(job, vscode.l10n.t('Message {0}', index), 'mail', key),
    description: key.slice(key.lastIndexOf('/') + 1),
  }));
}

export async function plantedOf({ jobs }: Services, texts: Texts, { job }: TrackedJob): Promise<PartRow[]> {
  const planted = await jobs.planted(job);
  if (planted.length === 0) return [note(job, vscode.l10n.t('Nothing is planted in the first part of this corpus.'), 'info')];
  return planted.map((message) => ({
    ...object(job, vscode.l10n.t('Message {0}', message.index), message.label === 'positive' ? 'target' : 'circle-outline', message.key),
    description: texts.planted(message),
  }));
}

export async function failuresOf({ jobs }: Services, job: TrackedJob): Promise<PartRow[]> {
  const attempt = attemptOf(job);
  const { failed } = JSON.parse(Buffer.from(await jobs.read(job.job, outcomeKey(attempt))).toString('utf8')) as OutcomeRecord;
  const rows: PartRow[] = failed
    .slice(0, MOST_FAILURES)
    .map((shard) => object(job.job, vscode.l10n.t('Shard {0}', shard), 'error', failureKey(attempt, shard)));
  if (failed.length > rows.length)
    rows.push(note(job.job, vscode.l10n.t('{0} more in {1}', failed.length - rows.length, `${attemptFolder(attempt)}/failures`), 'info'));
  if (rows.length === 0) rows.push(note(job.job, job.ended?.reason ?? vscode.l10n.t('No shard left an error.'), 'info'));
  return rows;
}

const object = (job: string, label: string, icon: string, key: string): PartRow => ({ kind: 'object', job, label, icon, key });
export const note = (job: string, label: string, icon: string): PartRow => ({ kind: 'note', job, label, icon });
