import { randomBytes } from 'node:crypto';
import { html, Markup } from '../../engine/score/markup.ts';

/** What a page of ours is made of. */
export interface PageFiles {
  /** Where the files of the extension come from, as the policy names it. */
  readonly source: string;
  readonly script: string;
  readonly style: string;
  readonly language: string;
}

interface Page extends PageFiles {
  /** Otherwise a fresh one. */
  readonly nonce?: string;
  readonly title: string;
  /** Styles that it may have besides its own file, as the policy names them. */
  readonly styles?: string;
  /** What else the policy says. */
  readonly directives?: readonly string[];
  readonly head?: Markup;
  readonly body: Markup;
  /** What the report on it is found by after a reload. */
  readonly report?: string;
}

export const freshNonce = (): string => randomBytes(16).toString('base64url');

/** The HTML of a page in a webview: nothing runs in it but its own script, nothing is loaded but its own style. */
export function webviewPage(page: Page): string {
  const { source, script, style, language, nonce = freshNonce(), title, styles, directives = [], head, body, report } = page;
  const policy = [
    `default-src 'none'`,
    `script-src 'nonce-${nonce}'`,
    `style-src ${source}${styles === undefined ? '' : ` ${styles}`}`,
    ...directives,
    `base-uri 'none'`,
    `form-action 'none'`,
  ].join('; ');
  return html`<!doctype html>
    <html lang="${language}">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        ${head ?? ''}
        <link rel="stylesheet" href="${style}" />
        <title>${title}</title>
      </head>
      <body${report === undefined ? '' : html` data-report="${report}"`}>
        ${body}
        <script type="module" nonce="${nonce}" src="${script}"></script>
      </body>
    </html> `.text;
}

/** The body of a page that its script builds. `texts` are those of the page in the reader's language, as `vscode.l10n.bundle` has them. */
export function appBody(texts: unknown): Markup {
  const l10n = JSON.stringify(texts ?? {}).replaceAll('<', '\\u003c');
  return html`<div id="app"></div>
    ${new Markup(`<script type="application/json" id="l10n">${l10n}</script>`)}`;
}
