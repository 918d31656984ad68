import * as vscode from 'vscode';
import type { Services } from '../services.ts';
import { inEditor, wantsLogin } from '../error-words.ts';
import type { TrackedJob } from './job.ts';
import type { Notice } from './jobs.ts';
import type { Texts } from './texts.ts';

/** Tells of jobs that have ended, and of what stands in the way of following them. */
export function registerNotifications({ jobs, show }: Services, texts: Texts): vscode.Disposable {
  /** One message for all the jobs that wait for the same. */
  const told = new Set<string>();

  async function tell(notice: Notice): Promise<void> {
    switch (notice.about) {
      case 'ended':
        return ended(notice.job, texts);
      case 'interrupted':
        return interrupted(notice.job, texts);
      case 'trouble': {
        const { message } = notice.error;
        if (told.has(message)) return;
        told.add(message);
        try {
          await trouble(notice.error);
        } finally {
          told.delete(message);
        }
      }
    }
  }
  return jobs.onNotice((notice) => void tell(notice).catch(show));
}

interface Action extends vscode.MessageItem {
  readonly command: string;
  readonly arguments: readonly unknown[];
}

const action = (title: string, command: string, ...args: readonly unknown[]): Action => ({ title, command, arguments: args });

const run = async (chosen: Action | undefined): Promise<void> => {
  if (chosen) await vscode.commands.executeCommand(chosen.command, ...chosen.arguments);
};

async function ended(job: TrackedJob, texts: Texts): Promise<void> {
  const end = job.ended!;
  const message = texts.ended(job, end);
  const retry = action(vscode.l10n.t('Retry'), 'mailwright.retry', job.job);
  const log = action(vscode.l10n.t('Show Log'), 'mailwright.showLog', job.job);
  switch (end.outcome) {
    case 'succeeded':
      return run(
        await vscode.window.showInformationMessage(
          message,
          action(vscode.l10n.t('Open a Message'), 'mailwright.openSample', job.job),
          action(vscode.l10n.t('Show Manifest'), 'mailwright.showManifest', job.job),
          ...(job.summary.layout === 'none' ? [] : [action(vscode.l10n.t('Show Truth'), 'mailwright.showTruth', job.job)]),
        ),
      );
    case 'cancelled':
      return run(await vscode.window.showInformationMessage(message, retry));
    case 'partial':
      return run(await vscode.window.showWarningMessage(message, retry, log));
    case 'failed':
      return run(await vscode.window.showErrorMessage(message, retry, log));
  }
}

async function interrupted(job: TrackedJob, texts: Texts): Promise<void> {
  const resume = action(vscode.l10n.t('Resume'), 'mailwright.retry', job.job);
  const log = action(vscode.l10n.t('Show Log'), 'mailwright.showLog', job.job);
  return run(await vscode.window.showWarningMessage(texts.interrupted(job), resume, log));
}

async function trouble(error: Error): Promise<void> {
  const log = action(vscode.l10n.t('Show Log'), 'mailwright.showLog');
  const actions = wantsLogin(error)
    ? [action(vscode.l10n.t('Sign In'), 'mailwright.signIn'), action(vscode.l10n.t('Select AWS Profile'), 'mailwright.selectProfile'), log]
    : [log];
  const goesOn = vscode.l10n.t('The job goes on in the cloud, and is followed again as soon as it can be.');
  return run(await vscode.window.showWarningMessage(`${inEditor(error.message)} ${goesOn}`, ...actions));
}
