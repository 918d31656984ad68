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
      if (id === undefined) return await pick(jobs.list().filter(suits), ask, none, texts, does);
      const job = jobs.get(id);
      if (job) await does(job);
      else void vscode.window.showInformationMessage(vscode.l10n.t('Job {0} is not on the list any more.', id));
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

async function pick(
  jobs: readonly TrackedJob[],
  placeholder: string,
  none: string,
  texts: Texts,
  does: (job: TrackedJob) => Promise<void>,
): Promise<void> {
  if (jobs.length === 0) return void vscode.window.showInformationMessage(none);
  const items = jobs.map((job) => itemOf(job, texts));
  await choose(items, { placeholder, matchOnDescription: true, matchOnDetail: true }, ({ job }) => does(job));
}

/**
 * Lets an item be chosen, and does what comes of it; undefined: the user thought better of it. The list stays until the
 * next question is there, or all is done. Were it to go before, the focus would go back to the editor, and a webview
 * takes it so late that it closes the next question.
 */
export async function choose<T extends vscode.QuickPickItem, R>(
  items: readonly T[] | Promise<readonly T[]>,
  looks: Partial<Pick<vscode.QuickPick<T>, 'placeholder' | 'matchOnDescription' | 'matchOnDetail'>>,
  does: (item: T) => Promise<R>,
): Promise<R | undefined> {
  const list = Object.assign(vscode.window.createQuickPick<T>(), looks, { busy: true });
  try {
    const chosen = new Promise<T | undefined>((resolve) => {
      list.onDidAccept(() => list.selectedItems[0] && resolve(list.selectedItems[0]));
      list.onDidHide(() => resolve(undefined));
    });
    list.show();
    list.items = await items;
    list.busy = false;
    const item = await chosen;
    list.busy = true;
    return item && (await does(item));
  } finally {
    list.dispose();
  }
}
