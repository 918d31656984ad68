import * as vscode from 'vscode';
import { inEditor, isCancellation, isExpected, wantsLogin } from './error-words.ts';

/** Shows errors: those a user can act on in their own words; of others that there was one, with the log. Answers with the function that does. */
export function showsErrors(log: vscode.LogOutputChannel): (error: unknown) => void {
  return (error) => {
    if (isCancellation(error)) return;
    const message = error instanceof Error ? error.message : String(error);
    log.error(isExpected(error) || !(error instanceof Error) ? message : (error.stack ?? message));
    void show(log, error, message);
  };
}

async function show(log: vscode.LogOutputChannel, error: unknown, message: string): Promise<void> {
  const logs = vscode.l10n.t('Show Log');
  if (!isExpected(error)) {
    if ((await vscode.window.showErrorMessage(vscode.l10n.t('Mailwright: unexpected: {0}', message), logs)) === logs) log.show();
    return;
  }
  const signIn = vscode.l10n.t('Sign In');
  const profile = vscode.l10n.t('Select AWS Profile');
  const chosen = await vscode.window.showErrorMessage(inEditor(message), ...(wantsLogin(error) ? [signIn, profile] : []), logs);
  if (chosen === signIn) await vscode.commands.executeCommand('mailwright.signIn');
  else if (chosen === profile) await vscode.commands.executeCommand('mailwright.selectProfile');
  else if (chosen === logs) log.show();
}
