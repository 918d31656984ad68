import { join } from 'node:path';
import * as vscode from 'vscode';

/** Shows the folder of a corpus in the machine's file manager; VS Code in a browser has none, and opens it in a window. */
export async function revealFolder(folder: string): Promise<void> {
  if (vscode.env.uiKind === vscode.UIKind.Web)
    await vscode.commands.executeCommand('vscode.openFolder', vscode.Uri.file(folder), { forceNewWindow: true });
  else await vscode.commands.executeCommand('revealFileInOS', vscode.Uri.file(join(folder, 'job.json')));
}
