import { basename } from 'node:path';
import * as vscode from 'vscode';
import { idOf, itemOf } from '../commands/job-commands.ts';
import { isActive, statusOf } from '../jobs/reducer.ts';
import type { TrackedJob } from '../jobs/job.ts';
import type { Texts } from '../jobs/texts.ts';
import type { Services } from '../services.ts';
import type { Subject } from './reports.ts';
import type { UnknownColumn } from './scoring.ts';

/** What has to be asked before alerts can be scored. Undefined: the user thought better of it. */

/** Whether there may be ground truth of a job. */
const hasTruth = (job: TrackedJob): boolean => !isActive(job) && statusOf(job) !== 'failed' && job.summary.layout !== 'none';

/** The job that a row of the tree names; or one of the list, or any folder with a corpus. */
export async function askSubject({ jobs }: Services, texts: Texts, named: unknown): Promise<Subject | undefined> {
  const { t } = vscode.l10n;
  const id = idOf(named);
  if (id !== undefined) return { kind: 'job', job: id };
  await jobs.ready;
  const items = jobs
    .list()
    .filter(hasTruth)
    .map((job) => itemOf(job, texts));
  const folder = { label: t('$(folder) A folder with a corpus…'), description: '', detail: '', job: undefined };
  const chosen = await vscode.window.showQuickPick([...items, folder], {
    placeHolder: t('Score alerts against the ground truth of which job?'),
    matchOnDescription: true,
    matchOnDetail: true,
  });
  if (!chosen) return undefined;
  return chosen.job === undefined ? askFolder() : { kind: 'job', job: chosen.job.job };
}

async function askFolder(): Promise<Subject | undefined> {
  const { t } = vscode.l10n;
  const chosen = await vscode.window.showOpenDialog({
    canSelectFolders: true,
    canSelectFiles: false,
    openLabel: t('Score Against This'),
    title: t('The folder of a corpus: the one with job.json'),
  });
  return chosen?.[0] && { kind: 'folder', folder: chosen[0].fsPath };
}

/** The path of a file of alerts. */
export async function askAlerts(title: string): Promise<string | undefined> {
  const { t } = vscode.l10n;
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const chosen = await vscode.window.showOpenDialog({
    ...(folder?.scheme === 'file' && { defaultUri: folder }),
    filters: { [t('Alerts')]: ['csv', 'tsv', 'jsonl', 'ndjson', 'json', 'txt'], [t('All files')]: ['*'] },
    openLabel: t('Score'),
    title,
  });
  return chosen?.[0]?.fsPath;
}

/** The column of an alerts file that holds what was not found. */
export function askColumn({ file, columns, field }: UnknownColumn): Promise<string | undefined> {
  const { t } = vscode.l10n;
  const placeHolder =
    field === 'score'
      ? t('{0} has no column score. Which one is it?', basename(file))
      : t('{0} has no column message_id or key. Which one holds the Message-ID, or the key of the message?', basename(file));
  return Promise.resolve(vscode.window.showQuickPick([...columns], { placeHolder, ignoreFocusOut: true }));
}

/** The lowest score that counts; null: all count. */
export async function askThreshold(before: number | undefined): Promise<number | null | undefined> {
  const { t } = vscode.l10n;
  const text = await vscode.window.showInputBox({
    prompt: t('Leave out alerts with a score below. Empty: all count.'),
    value: before === undefined ? '' : String(before),
    validateInput: (value) => (value.trim() === '' || Number.isFinite(Number(value)) ? undefined : t('A number')),
  });
  return text === undefined ? undefined : text.trim() === '' ? null : Number(text);
}

/** The alerts of another run to compare with; null: none. */
export async function askBaseline(before: string | undefined): Promise<string | null | undefined> {
  const { t } = vscode.l10n;
  const title = t('The alerts of another run, to compare with');
  if (before === undefined) return askAlerts(title);
  const another = { label: t('Another file…'), another: true };
  const none = { label: t('Nothing'), another: false };
  const chosen = await vscode.window.showQuickPick([another, none], { placeHolder: t('Compare with what? Now: {0}', basename(before)) });
  return chosen && (chosen.another ? askAlerts(title) : null);
}
