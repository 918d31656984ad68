import * as vscode from 'vscode';
import type { Services } from '../services.ts';
import type { PageFiles } from './webview-page.ts';

/** Lets a webview run the page of a name, with the files of pages and no others. */
export function pageFiles({ context }: Services, webview: vscode.Webview, name: string): PageFiles {
  const folder = vscode.Uri.joinPath(context.extensionUri, 'dist', 'webview');
  webview.options = { enableScripts: true, localResourceRoots: [folder] };
  const at = (file: string): string => webview.asWebviewUri(vscode.Uri.joinPath(folder, file)).toString();
  return { source: webview.cspSource, script: at(`${name}.js`), style: at(`${name}.css`), language: vscode.env.language };
}
