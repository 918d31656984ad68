import * as vscode from 'vscode';
import { registerCommand } from '../commands/job-commands.ts';
import type { Services } from '../services.ts';

/** New Corpus: the form in the side bar. What it needs is loaded when it is first shown. */
export function registerNewCorpus(services: Services): vscode.Disposable {
  const provider: vscode.WebviewViewProvider = {
    resolveWebviewView: async (view) => {
      const { showNewCorpus } = await import('./new-corpus-view.ts');
      showNewCorpus(services, view);
    },
  };
  return vscode.Disposable.from(
    vscode.window.registerWebviewViewProvider('mailwright.newCorpus', provider),
    registerCommand(
      services,
      'mailwright.newCorpus',
      async () => void (await vscode.commands.executeCommand('mailwright.newCorpus.focus')),
    ),
  );
}
