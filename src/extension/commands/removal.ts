import * as vscode from 'vscode';
import { addressOf, type TrackedJob } from '../jobs/job.ts';
import { isActive } from '../jobs/reducer.ts';
import type { Texts } from '../jobs/texts.ts';
import type { Services } from '../services.ts';
import { registerJobCommand } from './job-commands.ts';

/** Takes a job off the list; its corpus goes only after a modal has said what will be lost. */
export function registerRemoval(services: Services, texts: Texts): vscode.Disposable {
  const { jobs } = services;
  const { t } = vscode.l10n;
  return vscode.Disposable.from(
    registerJobCommand(services, texts, {
      command: 'mailwright.remove',
      ask: t('Take which job off the list?'),
      suits: () => true,
      none: t('There is no job.'),
      does: async (job) => {
        const off = t('Remove from List');
        const corpus = t('Delete the Corpus, Too …');
        const detail = isActive(job)
          ? t('The job goes on, and what it makes stays. Find Jobs on the Stack, or its folder, brings it back.')
          : t('What it has made stays: {0}', placeOf(job));
        const choices = isActive(job) ? [off] : [off, corpus];
        const chosen = await vscode.window.showInformationMessage(t('Remove the job from the list?'), { modal: true, detail }, ...choices);
        if (chosen === off) await jobs.remove(job.job);
        else if (chosen === corpus) await deleteCorpus(services, texts, job);
      },
    }),
    registerJobCommand(services, texts, {
      command: 'mailwright.deleteCorpus',
      ask: t('Delete the corpus of which job?'),
      suits: (job) => !isActive(job),
      none: t('There is no job that has ended.'),
      does: (job) => deleteCorpus(services, texts, job),
    }),
  );
}

async function deleteCorpus({ jobs }: Services, texts: Texts, job: TrackedJob): Promise<void> {
  const { t } = vscode.l10n;
  const messages = texts.count(job.ended?.messages ?? job.progress?.messages ?? 0);
  const yes = t('Delete Corpus');
  const detail = t('{0} messages, their ground truth, receipts and manifest are deleted for good: {1}', messages, placeOf(job));
  if ((await vscode.window.showWarningMessage(t('Delete this corpus?'), { modal: true, detail }, yes)) !== yes) return;
  await vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title: t('Deleting the corpus') }, (progress) =>
    jobs.remove(job.job, { corpus: true, deleted: (objects) => progress.report({ message: t('{0} objects', texts.count(objects)) }) }),
  );
}

const placeOf = ({ where }: TrackedJob): string => addressOf(where) ?? vscode.l10n.t('on AWS');
