import { html, Markup } from '../../engine/score/markup.ts';
import type { PageFiles } from './page-files.ts';

/** The HTML of the page New Corpus. Nothing runs in it but its own script, nothing is loaded but its own style. */

export interface PageParts extends PageFiles {
  readonly nonce: string;
  readonly title: string;
  /** Translations, as `vscode.l10n.bundle`. */
  readonly bundle: object | undefined;
}

export function newCorpusPage({ nonce, source, script, style, language, title, bundle }: PageParts): string {
  // The toolkit tries a style of its own, with the nonce that it finds in the page.
  const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src ${source} 'nonce-${nonce}'; base-uri 'none'; form-action 'none'`;
  const l10n = JSON.stringify(bundle ?? {}).replaceAll('<', '\\u003c');
  return html`<!doctype html>
    <html lang="${language}">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta property="csp-nonce" content="${nonce}" />
        <link rel="stylesheet" href="${style}" />
        <title>${title}</title>
      </head>
      <body>
        <div id="app"></div>
        ${new Markup(`<script type="application/json" id="l10n">${l10n}</script>`)}
        <script type="module" nonce="${nonce}" src="${script}"></script>
      </body>
    </html> `.text;
}
