import * as vscode from 'vscode';
import { registerCommand } from '../commands/job-commands.ts';
import { Figures } from '../jobs/figures.ts';
import { Texts } from '../jobs/texts.ts';
import type { Services } from '../services.ts';

/** Score Alerts…: the alerts of a system against the ground truth of a job, as a report in an editor. */
export function registerScore(services: Services): vscode.Disposable {
  return vscode.Disposable.from(
    registerCommand(services, 'mailwright.scoreAlerts', async (named) => {
      const [{ askAlerts, askSubject }, { runScore }, { showReport }] = await Promise.all([
        import('./ask.ts'),
        import('./run.ts'),
        import('./report-panel.ts'),
      ]);
      const subject = await askSubject(services, new Texts(vscode.l10n.t, new Figures(vscode.env.language)), named);
      const alerts = subject && (await askAlerts(vscode.l10n.t('The alerts to score: CSV, or JSON lines')));
      const scored = alerts === undefined || !subject ? undefined : await runScore(services, subject, { alerts, map: {} });
      if (scored) await showReport(services, scored);
    }),
    vscode.window.registerWebviewPanelSerializer('mailwright.score', {
      deserializeWebviewPanel: async (panel, state: unknown) => {
        const { restoreReport } = await import('./report-panel.ts');
        await restoreReport(services, panel, state);
      },
    }),
  );
}
