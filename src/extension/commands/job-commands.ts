import * as vscode from 'vscode';
import type { TrackedJob } from '../jobs/job.ts';
import type { Texts } from '../jobs/texts.ts';
import type { Services } from '../services.ts';

/** How commands about a job are told which: by its id, by a row of the tree, or by asking. */

export interface JobCommand {
  /** "mailwright.cancel" */
  readonly command: string;
  /** What is asked where no job is named. */
  readonly ask: string;
  /** The jobs that it can be done to. */
  readonly suits: (job: TrackedJob) => boolean;
  /** Said where there is none. */
  readonly none: string;
  readonly does: (job: TrackedJob) => Promise<void>;
}

export function registerJobCommand(
  { jobs, show }: Services,
  texts: Texts,
  { command, ask, suits, none, does }: JobCommand,
): vscode.Disposable {
  return vscode.commands.registerCommand(command, async (named?: unknown) => {
    try {
      await jobs.ready;
      const id = idOf(named);
      const job = id === undefined ? await pick(jobs.list().filter(suits), ask, none, texts) : jobs.get(id);
      if (job) await does(job);
      else if (id !== undefined) void vscode.window.showInformationMessage(vscode.l10n.t('Job {0} is not on the list any more.', id));
    } catch (error) {
      show(error);
    }
  });
}

/** A command that needs no job. */
export function registerCommand({ show }: Services, command: string, does: (...args: unknown[]) => Promise<void>): vscode.Disposable {
  return vscode.commands.registerCommand(command, (...args: unknown[]) => does(...args).catch(show));
}

/** An id, or a row of the tree. */
export function idOf(named: unknown): string | undefined {
  if (typeof named === 'string') return named;
  const job = typeof named === 'object' && named !== null && 'job' in named ? named.job : undefined;
  return typeof job === 'string' ? job : undefined;
}

/** A job, to be chosen. */
export const itemOf = (job: TrackedJob, texts: Texts): vscode.QuickPickItem & { readonly job: TrackedJob } => ({
  label: texts.title(job),
  description: texts.line(job, {}),
  detail: detailOf(job),
  job,
});

/** What tells a job from those that are as large: when it was asked for, and its id. */
export const detailOf = ({ job, created }: { readonly job: string; readonly created: string }): string =>
  `${new Date(created).toLocaleString(vscode.env.language)} · ${job}`;

async function pick(jobs: readonly TrackedJob[], ask: string, none: string, texts: Texts): Promise<TrackedJob | undefined> {
  if (jobs.length === 0) {
    void vscode.window.showInformationMessage(none);
    return undefined;
  }
  const items = jobs.map((job) => itemOf(job, texts));
  return (await vscode.window.showQuickPick(items, { placeHolder: ask, matchOnDescription: true, matchOnDetail: true }))?.job;
}
