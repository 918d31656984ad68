import { html } from '../../engine/score/markup.ts';
import { appBody, type PageFiles, webviewPage } from './webview-page.ts';

export interface PageParts extends PageFiles {
  readonly nonce: string;
  readonly title: string;
  /** Translations, as `vscode.l10n.bundle`. */
  readonly bundle: object | undefined;
}

/** The HTML of the page New Corpus. The toolkit tries a style of its own, with the nonce that it finds in the page. */
export const newCorpusPage = ({ bundle, ...parts }: PageParts): string =>
  webviewPage({
    ...parts,
    styles: `'nonce-${parts.nonce}'`,
    head: html`<meta property="csp-nonce" content="${parts.nonce}" />`,
    body: appBody(bundle),
  });
