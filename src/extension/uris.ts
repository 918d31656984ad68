import * as vscode from 'vscode';
import { jobPath, previewPath, SCHEME } from './preview/place.ts';

/** An object of a job, as a document. */
export const uriOf = (job: string, key: string): vscode.Uri => vscode.Uri.from({ scheme: SCHEME, path: jobPath(job, key) });

/** A message made on the spot, as a document. */
export const previewUri = (digest: string, index: number): vscode.Uri =>
  vscode.Uri.from({ scheme: SCHEME, path: previewPath(digest, index) });
