/** The HTML of the page New Corpus. Nothing runs in it but its own script, nothing is loaded but its own style. */

export interface PageParts {
  readonly nonce: string;
  /** Where the files of the extension come from, as the policy names it. */
  readonly cspSource: string;
  readonly script: string;
  readonly style: string;
  readonly language: string;
  readonly title: string;
  /** Translations, as `vscode.l10n.bundle`. */
  readonly bundle: object | undefined;
}

export function newCorpusPage({ nonce, cspSource, script, style, language, title, bundle }: PageParts): string {
  // The toolkit tries a style of its own, with the nonce that it finds in the page.
  const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src ${cspSource} 'nonce-${nonce}'; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="${escaped(language)}">
  <head>
    <meta charset="utf-8" />
    <meta http-equiv="Content-Security-Policy" content="${escaped(policy)}" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta property="csp-nonce" content="${nonce}" />
    <link rel="stylesheet" href="${escaped(style)}" />
    <title>${escaped(title)}</title>
  </head>
  <body>
    <div id="app"></div>
    <script type="application/json" id="l10n">${JSON.stringify(bundle ?? {}).replaceAll('<', '\\u003c')}</script>
    <script type="module" nonce="${nonce}" src="${escaped(script)}"></script>
  </body>
</html>
`;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string): string => text.replace(/[&<>"]/g, (found) => ENTITIES[found]!);
