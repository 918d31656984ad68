import { html, Markup } from '../../engine/score/markup.ts';
import { type Links, scoreBody } from '../../engine/score/page.ts';
import type { ScoreReport } from '../../engine/score/report.ts';
import { type PageFiles, webviewPage } from '../views/webview-page.ts';

/** The HTML of a report in an editor. Nothing runs in it but its own script, nothing is loaded but its own style. */

export interface ReportTexts {
  readonly again: string;
  readonly compare: string;
  readonly threshold: string;
}

/** `id` is what the report is found by after a reload. The report is in English, the texts are in the reader's language. */
export function reportPage(id: string, report: ScoreReport, files: PageFiles, texts: ReportTexts): string {
  const button = (call: string, text: string): Markup => html`<button type="button" class="secondary" data-call="${call}">${text}</button>`;
  const tools = html`<header class="tools" lang="${files.language}">
    ${button('again', texts.again)} ${button('compare', texts.compare)} ${button('threshold', texts.threshold)}
  </header>`;
  const body = html`${tools} ${scoreBody(report, linksIn(report))}`;
  return webviewPage({ ...files, language: 'en', title: `Score of ${report.files.alerts}`, body, report: id });
}

/** The page where there is nothing to show: why, and the way out. */
export const emptyPage = (text: string, files: PageFiles): string =>
  webviewPage({ ...files, title: text, body: html`<main><p class="about">${text}</p></main>`, report: '' });

function linksIn({ files, problems: { first } }: ScoreReport): Links {
  return {
    message: (key) => html`<button type="button" class="as-link" data-open="${key}">${key}</button>`,
    line: (text, problem) =>
      problem.file === files.alerts || problem.file === files.baseline
        ? html`<button type="button" class="as-link" data-line="${first.indexOf(problem)}">${text}</button>`
        : text,
  };
}
