import * as vscode from 'vscode';
import { jobPath, SCHEME } from './preview/place.ts';

/** An object of a job, as a document. */
export const uriOf = (job: string, key: string): vscode.Uri => vscode.Uri.from({ scheme: SCHEME, path: jobPath(job, key) });
