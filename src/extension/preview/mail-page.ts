import { randomBytes } from 'node:crypto';
import { html, Markup } from '../../engine/score/markup.ts';
import type { PageFiles } from '../views/page-files.ts';

interface MailPageOptions extends PageFiles {
  /** The page's texts in the reader's language, as `vscode.l10n.bundle` has them. */
  readonly texts: unknown;
}

/**
 * The page. A frame inside it inherits its policy, so the styles of a message need 'unsafe-inline' here too; scripts only
 * run with the nonce, pictures are only those that came with the message, and nothing is fetched from anywhere.
 */
export function mailPage({ source, script, style, language, texts }: MailPageOptions): string {
  const nonce = randomBytes(16).toString('base64url');
  const policy = [
    `default-src 'none'`,
    `script-src 'nonce-${nonce}'`,
    `style-src ${source} 'unsafe-inline'`,
    'img-src data:',
    `frame-src 'none'`,
    `form-action 'none'`,
    `base-uri 'none'`,
  ].join('; ');
  const l10n = JSON.stringify(texts ?? {}).replaceAll('<', '\\u003c');
  return html`<!doctype html>
    <html lang="${language}">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <link rel="stylesheet" href="${style}" />
        <title>Mail Preview</title>
      </head>
      <body>
        <div id="app"></div>
        ${new Markup(`<script type="application/json" id="l10n">${l10n}</script>`)}
        <script type="module" nonce="${nonce}" src="${script}"></script>
      </body>
    </html> `.text;
}
