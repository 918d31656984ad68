import { homedir } from 'node:os';
import { dirname } from 'node:path';
import * as vscode from 'vscode';
import { formatOf, type JobFormat } from './format.ts';

/** Whether a document is a job file to be helped with: not the left side of a comparison, nor anything else that is only shown. */
export const isJobFile = ({ uri }: vscode.TextDocument): boolean =>
  formatOf(uri.path) !== undefined && (uri.scheme === 'untitled' || vscode.workspace.fs.isWritableFileSystem(uri.scheme) === true);

/** The format of a document that is a job file. */
export const formatOfFile = ({ uri }: vscode.TextDocument): JobFormat => formatOf(uri.path) ?? 'yaml';

/** The folder that paths in a job file are relative to. */
export function baseOf(uri: vscode.Uri | undefined): string {
  if (uri?.scheme === 'file') return dirname(uri.fsPath);
  return vscode.workspace.workspaceFolders?.find((folder) => folder.uri.scheme === 'file')?.uri.fsPath ?? homedir();
}

/** "nightly.mailwright.json" */
export const nameOf = (uri: vscode.Uri): string => uri.path.slice(uri.path.lastIndexOf('/') + 1);
