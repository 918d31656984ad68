import * as vscode from 'vscode';
import type { Source } from '../preview/corpora.ts';
import { baseOf, formatOfFile, nameOf } from './files.ts';
import { formatOf, JOB_FILES } from './format.ts';

/** A job spec to do something with, and what to call it. */
export interface ChosenSpec extends Source {
  readonly name: string;
}

/** More than anybody wants to choose from. */
const MOST_FILES = 200;

/** The job file that a command is about: the one it was given, the one in the active tab, or one of the workspace that the user picks. */
export async function chosenFile(given: unknown): Promise<vscode.Uri | undefined> {
  if (given instanceof vscode.Uri) return given;
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input; // the text editor that has the focus may be the log's
  const active = input instanceof vscode.TabInputText ? input.uri : undefined;
  if (active && formatOf(active.path) !== undefined) return active;
  const found = await vscode.workspace.findFiles(JOB_FILES, undefined, MOST_FILES);
  if (found.length === 0) {
    const create = vscode.l10n.t('New Corpus');
    const message = vscode.l10n.t(
      'There is no job file in this workspace: it ends in .mailwright.json or .mailwright.yaml. New Corpus can save one.',
    );
    if ((await vscode.window.showInformationMessage(message, create)) === create)
      await vscode.commands.executeCommand('mailwright.newCorpus');
    return undefined;
  }
  const items = found
    .map((uri) => ({ label: nameOf(uri), description: vscode.workspace.asRelativePath(uri), uri }))
    .sort((a, b) => (a.description < b.description ? -1 : 1));
  return (await vscode.window.showQuickPick(items, { title: vscode.l10n.t('Job File') }))?.uri;
}

/** Reads a job file as it stands in the editor, saved or not; throws a SpecError that names all its problems. */
export async function specOfFile(uri: vscode.Uri): Promise<ChosenSpec> {
  const document = await vscode.workspace.openTextDocument(uri);
  const [{ checkFile }, { SpecError }] = await Promise.all([import('./problems.ts'), import('../../job/spec.ts')]);
  const { spec, problems } = checkFile(document.getText(), formatOfFile(document));
  if (spec) return { spec, base: baseOf(uri), name: nameOf(uri) };
  const lines = problems.map(({ from, message }) => ({
    path: '',
    message: `${nameOf(uri)}:${document.positionAt(from).line + 1}: ${message}`,
  }));
  throw new SpecError(lines);
}
