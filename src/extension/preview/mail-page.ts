import { appBody, type PageFiles, webviewPage } from '../views/webview-page.ts';

interface MailPageOptions extends PageFiles {
  /** The page's texts in the reader's language, as `vscode.l10n.bundle` has them. */
  readonly texts: unknown;
}

/**
 * The page. A frame inside it inherits its policy, so the styles of a message need 'unsafe-inline' here too; scripts only
 * run with the nonce, pictures are only those that came with the message, and nothing is fetched from anywhere.
 */
export const mailPage = ({ texts, ...files }: MailPageOptions): string =>
  webviewPage({
    ...files,
    title: 'Mail Preview',
    styles: `'unsafe-inline'`,
    directives: ['img-src data:', `frame-src 'none'`],
    body: appBody(texts),
  });
