/** The policy of the frame: nothing is fetched, nothing runs; pictures are those that came with the message. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'";

/** Mail is written for white paper. */
const STYLE = `:root{color-scheme:light}html{background:#fff;color:#1f1f1f}body{margin:12px 16px;font:14px/1.45 system-ui,sans-serif;overflow-wrap:break-word}
img{max-width:100%}img[data-blocked]{display:inline-block;min-width:16px;min-height:16px;outline:1px dashed #8a8a8a}pre{white-space:pre-wrap}
[data-link]{color:#0b57d0;text-decoration:underline}[data-link]::after{content:"\\a0[" attr(data-link) "]";display:inline-block;font-size:.8em;color:#5f5f5f;text-decoration:none}
mark[data-mark]{background:#ffe08a;color:#000;outline:1px solid #9a6700}`;

/** A document for the frame's srcdoc. `body` is sanitized. */
export function frameDocument(body: HTMLElement, title: string): string {
  const page = document.implementation.createHTMLDocument(title);
  const policy = page.createElement('meta');
  policy.httpEquiv = 'Content-Security-Policy';
  policy.content = POLICY;
  const names = page.createElement('meta'); // no policy covers the looking up of names
  names.httpEquiv = 'x-dns-prefetch-control';
  names.content = 'off';
  const style = page.createElement('style');
  style.textContent = STYLE;
  page.head.prepend(policy, names, style);
  page.body.replaceWith(page.importNode(body, true));
  return `<!DOCTYPE html>${page.documentElement.outerHTML}`;
}
