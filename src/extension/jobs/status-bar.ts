import * as vscode from 'vscode';
import type { Services } from '../services.ts';
import { isActive } from './reducer.ts';
import type { Texts } from './texts.ts';

/** An item in the status bar while anything runs. */
export function registerStatusBar({ jobs }: Services, texts: Texts): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('mailwright.running', vscode.StatusBarAlignment.Left);
  item.name = vscode.l10n.t('Mailwright jobs');
  item.command = 'mailwright.showJobs';
  const show = (): void => {
    const active = jobs.list().filter(isActive);
    const text = texts.bar(active);
    if (text === undefined) return item.hide();
    item.text = `$(sync~spin) ${text}`;
    item.tooltip = active.map((job) => `${texts.title(job)}: ${texts.line(job, jobs.sightOf(job.job))}`).join('\n');
    item.accessibilityInformation = { label: text, role: 'button' };
    item.show();
  };
  const listening = jobs.onDidChange(show);
  show();
  return vscode.Disposable.from(item, listening);
}
