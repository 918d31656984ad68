import { basename } from 'node:path';
import * as vscode from 'vscode';
import * as z from 'zod';
import type { ScoreCalls } from '../../protocol/score.ts';
import { MAIL_PREVIEW } from '../preview/mail-preview.ts';
import type { Services } from '../services.ts';
import { type Handlers, openChannel } from '../views/channel.ts';
import { pageFiles } from '../views/page-files.ts';
import type { PageFiles } from '../views/webview-page.ts';
import { askBaseline, askThreshold } from './ask.ts';
import { keysIn, Reports, type Scored } from './reports.ts';
import { runScore } from './run.ts';
import type { Reading } from './score-call.ts';
import { emptyPage, reportPage } from './score-page.ts';
import { messageIn } from './subject.ts';

/** The kind of editor that shows a report. */
const SCORE = 'mailwright.score';

const reportsOf = ({ context }: Services): Reports => new Reports(vscode.Uri.joinPath(context.globalStorageUri, 'scores').fsPath);

/** Shows a report in an editor of its own. */
export async function showReport(services: Services, scored: Scored): Promise<void> {
  const id = await reportsOf(services).keep(scored);
  const panel = vscode.window.createWebviewPanel(SCORE, '', vscode.ViewColumn.Active, { enableFindWidget: true });
  new ReportPanel(services, panel).show(id, scored);
}

/** Shows a report again in the editor that VS Code has opened for it, after a reload. */
export async function restoreReport(services: Services, panel: vscode.WebviewPanel, state: unknown): Promise<void> {
  const known = z.object({ report: z.string() }).safeParse(state);
  const scored = known.success ? await reportsOf(services).get(known.data.report) : undefined;
  const report = new ReportPanel(services, panel);
  if (known.success && scored) report.show(known.data.report, scored);
  else report.showNothing();
}

const nothing = z.undefined();

class ReportPanel {
  private readonly services: Services;
  private readonly panel: vscode.WebviewPanel;
  private readonly files: PageFiles;
  private shown: { readonly scored: Scored; readonly keys: ReadonlySet<string> } | undefined;

  private readonly handlers: Handlers<ScoreCalls> = {
    open: { argument: z.object({ key: z.string() }), answer: ({ key }) => this.open(key) },
    line: { argument: z.object({ number: z.number().int().min(0) }), answer: ({ number }) => this.openLine(number) },
    again: { argument: nothing, answer: () => this.score(({ reading }) => reading) },
    compare: {
      argument: nothing,
      answer: () =>
        this.score(async ({ reading }) => {
          const baseline = await askBaseline(reading.baseline);
          return baseline === undefined ? undefined : { ...reading, baseline: baseline ?? undefined };
        }),
    },
    threshold: {
      argument: nothing,
      answer: () =>
        this.score(async ({ reading }) => {
          const threshold = await askThreshold(reading.threshold);
          return threshold === undefined ? undefined : { ...reading, threshold: threshold ?? undefined };
        }),
    },
  };

  constructor(services: Services, panel: vscode.WebviewPanel) {
    this.services = services;
    this.panel = panel;
    const { webview } = panel;
    this.files = pageFiles(services, webview, 'score');
    const channel = openChannel<ScoreCalls>({ webview, handlers: this.handlers, failed: (_call, error) => services.show(error) });
    panel.onDidDispose(() => channel.dispose());
  }

  show(id: string, scored: Scored): void {
    const { t } = vscode.l10n;
    this.shown = { scored, keys: keysIn(scored.report) };
    this.panel.title = t('Score: {0}', basename(scored.report.files.alerts));
    this.panel.webview.html = reportPage(id, scored.report, this.files, {
      again: t('Score Again'),
      compare: t('Compare with Another Run…'),
      threshold: t('Threshold…'),
    });
  }

  showNothing(): void {
    const { t } = vscode.l10n;
    this.panel.title = t('Score');
    this.panel.webview.html = emptyPage(
      t('This report is not at hand any more: only the latest twenty are kept. Score the alerts again: Mailwright: Score Alerts…'),
      this.files,
    );
  }

  /** Opens a message that the report names, and no other, beside it. */
  private async open(key: string): Promise<undefined> {
    if (!this.shown?.keys.has(key)) throw new Error(vscode.l10n.t('The report names no message {0}.', key));
    const uri = await messageIn(this.services, this.shown.scored, key);
    await vscode.commands.executeCommand('vscode.openWith', uri, MAIL_PREVIEW, { viewColumn: vscode.ViewColumn.Beside, preview: true });
  }

  private async openLine(number: number): Promise<undefined> {
    const problem = this.shown?.scored.report.problems.first[number];
    if (!problem) throw new Error(vscode.l10n.t('The report has no line {0} that could not be read.', number));
    const at = new vscode.Position(problem.line - 1, 0);
    const options = { selection: new vscode.Range(at, at), viewColumn: vscode.ViewColumn.Beside, preview: true };
    await vscode.window.showTextDocument(vscode.Uri.file(problem.file), options);
  }

  /** Scores anew, in the place of what is shown. */
  private async score(change: (scored: Scored) => Reading | undefined | Promise<Reading | undefined>): Promise<undefined> {
    if (!this.shown) return;
    const { scored } = this.shown;
    const reading = await change(scored);
    const next = reading && (await runScore(this.services, scored.subject, reading));
    if (next) this.show(await reportsOf(this.services).keep(next), next);
  }
}
