import * as vscode from 'vscode';
import type { JobState, JobSummary } from '../../job/calls.ts';
import { type CloudWhere, endedOf, type TrackedJob } from '../jobs/job.ts';
import type { Texts } from '../jobs/texts.ts';
import type { Services } from '../services.ts';
import { detailOf, registerCommand } from './job-commands.ts';

/** How many jobs of a stack are offered. */
const MOST = 100;

/** Find Jobs on the Stack: colleagues' and the command line's. Those that are chosen are followed from then on. */
export function registerFind(services: Services, texts: Texts): vscode.Disposable {
  const { jobs, cloud } = services;
  const { t } = vscode.l10n;
  return registerCommand(services, 'mailwright.findJobs', async () => {
    const where = cloud.stack;
    const engine = await cloud.engine(where);
    const found = await vscode.window.withProgress({ location: { viewId: 'mailwright.jobs' }, title: t('Looking for jobs …') }, () =>
      engine.list({ limit: MOST }),
    );
    const unknown = found.jobs.filter(({ job }) => !jobs.get(job));
    if (unknown.length === 0) {
      void vscode.window.showInformationMessage(
        found.jobs.length === 0 ? t('There are no jobs on the stack.') : t('All jobs of the stack are on the list already.'),
      );
      return;
    }
    const chosen = await vscode.window.showQuickPick(
      unknown.map((summary) => itemOf(summary, texts)),
      {
        canPickMany: true,
        placeHolder: t('Which jobs are to be on the list?'),
        matchOnDetail: true,
      },
    );
    for (const { job } of chosen ?? []) await jobs.track(trackedOf(await engine.status(job), where));
  });
}

const itemOf = (summary: JobSummary, texts: Texts): vscode.QuickPickItem & { readonly job: string } => {
  const { job, status, messages, of } = summary;
  return {
    label: vscode.l10n.t('{0} messages', texts.count(of)),
    description: messages === of ? texts.status(status) : `${texts.status(status)} · ${texts.count(messages)}`,
    detail: detailOf(summary),
    job,
  };
};

/** A job that somebody started, as it is kept here. */
function trackedOf({ job, created, place, plan, progress, outcome, manifest }: JobState, where: CloudWhere): TrackedJob {
  return {
    job,
    created,
    where: { ...where, place },
    summary: { messages: plan.messages, layout: plan.layout },
    progress,
    ...(outcome?.attempt === progress.attempt && { ended: endedOf(outcome, progress, manifest, outcome.reason) }),
  };
}
