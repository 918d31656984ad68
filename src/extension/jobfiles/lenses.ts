import * as vscode from 'vscode';
import { isJobFile } from './files.ts';

/** Preview · Estimate · Run, above the first line of a job file. */
export const lenses: vscode.CodeLensProvider = {
  provideCodeLenses(document) {
    if (!isJobFile(document)) return [];
    const top = new vscode.Range(0, 0, 0, 0);
    const lens = (title: string, command: string, tooltip: string): vscode.CodeLens =>
      new vscode.CodeLens(top, { title, command: `mailwright.${command}`, tooltip, arguments: [document.uri] });
    const { t } = vscode.l10n;
    return [
      lens(`$(eye) ${t('Preview')}`, 'previewMessage', t('Make one message of this corpus, and open it')),
      lens(`$(dashboard) ${t('Estimate')}`, 'estimate', t('How large the corpus will be, how long it takes and what it costs')),
      lens(`$(play) ${t('Run')}`, 'runJobFile', t('Make this corpus')),
    ];
  },
};
