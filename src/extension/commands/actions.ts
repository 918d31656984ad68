import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { addressOf } from '../jobs/job.ts';
import { attemptOf, isActive, statusOf } from '../jobs/reducer.ts';
import type { Texts } from '../jobs/texts.ts';
import type { Services } from '../services.ts';
import { idOf, registerCommand, registerJobCommand } from './job-commands.ts';
import { revealFolder } from './reveal.ts';

const RETRIED = ['partial', 'failed', 'cancelled', 'interrupted'];

/** What can be done to a job from its row, a notification or the palette. */
export function registerActions(services: Services, texts: Texts): vscode.Disposable {
  const { jobs, log } = services;
  const { t } = vscode.l10n;
  return vscode.Disposable.from(
    registerJobCommand(services, texts, {
      command: 'mailwright.cancel',
      ask: t('Cancel which job?'),
      suits: (job) => isActive(job),
      none: t('No job is running.'),
      does: ({ job }) => jobs.cancel(job),
    }),
    registerJobCommand(services, texts, {
      command: 'mailwright.retry',
      ask: t('Make what is missing of which job?'),
      suits: (job) => RETRIED.includes(statusOf(job)),
      none: t('No job has ended without its whole corpus.'),
      does: ({ job }) => busy(t('Going on with the job …'), () => jobs.retry(job)),
    }),
    registerJobCommand(services, texts, {
      command: 'mailwright.rerun',
      ask: t('Run the spec of which job again?'),
      suits: () => true,
      none: t('There is no job to run again.'),
      does: async (job) => {
        const question = t('Make the same corpus once more?');
        const detail =
          job.where.target === 'local'
            ? t('{0}, in a folder of its own on this machine.', texts.title(job))
            : t(
                '{0}, with the stack on AWS, at about the same cost{1}.',
                texts.title(job),
                job.cost === undefined ? '' : ` (${texts.dollars(job.cost)})`,
              );
        const yes = t('Run');
        if ((await vscode.window.showInformationMessage(question, { modal: true, detail }, yes)) !== yes) return;
        await busy(t('Starting the job …'), async () => void (await jobs.rerun(job.job)));
      },
    }),
    registerJobCommand(services, texts, {
      command: 'mailwright.copyId',
      ask: t('Copy the id of which job?'),
      suits: () => true,
      none: t('There is no job.'),
      does: async ({ job }) => vscode.env.clipboard.writeText(job),
    }),
    registerJobCommand(services, texts, {
      command: 'mailwright.revealFolder',
      ask: t('Show the folder of which job?'),
      suits: ({ where }) => where.target === 'local',
      none: t('There is no job on this machine.'),
      does: async ({ where }) => {
        if (where.target === 'local') await revealFolder(where.folder);
      },
    }),
    registerJobCommand(services, texts, {
      command: 'mailwright.copyUri',
      ask: t('Copy the S3 URI of which job?'),
      suits: ({ where }) => where.target === 'aws' && where.place !== undefined,
      none: t('There is no job on AWS.'),
      does: async ({ where }) => {
        const address = where.target === 'aws' ? addressOf(where) : undefined;
        if (address !== undefined) await vscode.env.clipboard.writeText(address);
      },
    }),
    registerCommand(services, 'mailwright.showJobs', async () => void (await vscode.commands.executeCommand('mailwright.jobs.focus'))),
    registerCommand(services, 'mailwright.refreshJobs', async () => jobs.refresh()),
    registerCommand(services, 'mailwright.showLog', async (named) => {
      const job = jobs.get(idOf(named) ?? '');
      if (!job) return log.show();
      if (job.where.target === 'local') {
        const { logKey } = await import('../../job/plan.ts');
        const path = join(job.where.folder, logKey(attemptOf(job)));
        if (existsSync(path)) return void (await vscode.window.showTextDocument(vscode.Uri.file(path)));
      }
      const why = job.ended?.reason ?? jobs.troubleOf(job.job)?.message;
      if (why !== undefined) log.info(`Job ${job.job}, attempt ${attemptOf(job)}: ${why}`);
      log.show();
    }),
  );
}

const busy = (title: string, does: () => Promise<void>): Promise<void> =>
  Promise.resolve(vscode.window.withProgress({ location: { viewId: 'mailwright.jobs' }, title }, does));
