import * as vscode from 'vscode';
import type { SpecProblem } from '../../job/spec.ts';
import type { Services } from '../services.ts';
import { previewsOf } from '../preview/previews.ts';
import { baseOf, formatOfFile, isJobFile } from './files.ts';
import type { CheckedFile, PlacedProblem } from './problems.ts';

/** Milliseconds without typing after which a file is checked. */
const PAUSE_MS = 300;
/** Beyond this nobody has written it by hand. */
const MOST_CHARACTERS = 1 << 20;

/** Says what is wrong with the job files that are open, while they are written. */
export class Diagnostics implements vscode.Disposable {
  private readonly services: Services;
  private readonly collection = vscode.languages.createDiagnosticCollection('mailwright');
  private readonly waiting = new Map<string, NodeJS.Timeout>();
  private readonly listening: vscode.Disposable;

  constructor(services: Services) {
    this.services = services;
    const { workspace } = vscode;
    this.listening = vscode.Disposable.from(
      workspace.onDidOpenTextDocument((document) => this.soon(document, 0)),
      workspace.onDidChangeTextDocument(({ document, contentChanges }) => contentChanges.length > 0 && this.soon(document)),
      workspace.onDidSaveTextDocument((document) => this.soon(document, 0)), // the packs it names may be other ones by now
      workspace.onDidCloseTextDocument((document) => this.forget(document)),
    );
    for (const document of workspace.textDocuments) this.soon(document, 0);
  }

  dispose(): void {
    this.listening.dispose();
    for (const timer of this.waiting.values()) clearTimeout(timer);
    this.waiting.clear();
    this.collection.dispose();
  }

  private soon(document: vscode.TextDocument, pause = PAUSE_MS): void {
    if (!isJobFile(document)) return;
    const key = document.uri.toString();
    clearTimeout(this.waiting.get(key));
    const timer = setTimeout(() => {
      this.waiting.delete(key);
      this.check(document).catch((error: unknown) => this.services.log.warn(`${key}: ${String(error)}`));
    }, pause);
    this.waiting.set(key, timer);
  }

  private forget(document: vscode.TextDocument): void {
    const key = document.uri.toString();
    clearTimeout(this.waiting.get(key));
    this.waiting.delete(key);
    this.collection.delete(document.uri);
  }

  /** First what the file says by itself; where that is sound, what its packs say of it. */
  private async check(document: vscode.TextDocument): Promise<void> {
    const { version } = document;
    const isLatest = (): boolean => !document.isClosed && document.version === version;
    const text = document.getText();
    if (text.length > MOST_CHARACTERS) return this.collection.delete(document.uri);
    const { checkFile, placed } = await import('./problems.ts');
    if (!isLatest()) return;
    const checked = checkFile(text, formatOfFile(document));
    if (!checked.spec) return this.show(document, checked.problems);
    const more = await this.problemsOfPacks(checked, document);
    if (isLatest()) this.show(document, [...checked.problems, ...placed(checked.text, more)]);
  }

  private async problemsOfPacks({ spec }: CheckedFile, { uri }: vscode.TextDocument): Promise<readonly SpecProblem[]> {
    try {
      await previewsOf(this.services).generation.check({ spec: spec!, base: baseOf(uri) });
      return [];
    } catch (error) {
      const { name, problems } = error as Error & { readonly problems?: readonly SpecProblem[] };
      if (name !== 'SpecError') throw error;
      return problems ?? [];
    }
  }

  private show(document: vscode.TextDocument, problems: readonly PlacedProblem[]): void {
    // VS Code's own support for JSON says what is wrong with its syntax.
    const ours = document.languageId === 'json' ? problems.filter(({ kind }) => kind === 'spec') : problems;
    this.collection.set(
      document.uri,
      ours.map(({ from, to, message, mild }) => {
        const range = new vscode.Range(document.positionAt(from), document.positionAt(to));
        const diagnostic = new vscode.Diagnostic(
          range,
          message,
          mild ? vscode.DiagnosticSeverity.Warning : vscode.DiagnosticSeverity.Error,
        );
        diagnostic.source = 'Mailwright';
        return diagnostic;
      }),
    );
  }
}
