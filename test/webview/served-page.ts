import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AxeResults, RunOptions } from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { Asked } from '../../src/protocol/channel.ts';
import { CHROMIUM_ARGS, installChromium } from '../vscode/chromium.ts';

/** Pages of webview/ in Chromium, as VS Code shows them: in the colours of a theme, with a stand-in for its API. */

export const THEMES = ['dark', 'light', 'high-contrast', 'high-contrast-light'] as const;
export type Theme = (typeof THEMES)[number];

const BODY: Readonly<Record<Theme, string>> = {
  dark: 'vscode-dark',
  light: 'vscode-light',
  'high-contrast': 'vscode-high-contrast',
  'high-contrast-light': 'vscode-high-contrast-light vscode-high-contrast',
};

export const ORIGIN = 'http://page.test';

/** The addresses of a page's files, by the name that buildPage gave them. */
export const filesOf = (name: string): { readonly script: string; readonly style: string } => ({
  script: `${ORIGIN}/${name}.js`,
  style: `${ORIGIN}/${name}.css`,
});

/** Of every page: it is in the window itself, not in a frame of it. */
const API = `if (window === top)
  window.acquireVsCodeApi = () => ({
    postMessage: (message) => void window.toHost(message),
    getState: () => JSON.parse(sessionStorage.getItem('state') ?? 'null') ?? undefined,
    setState: (state) => sessionStorage.setItem('state', JSON.stringify(state)),
  });`;

export const launch = async (): Promise<Browser> =>
  chromium.launch({ executablePath: await installChromium(console.error), args: CHROMIUM_ARGS });

export interface Served {
  /** Where buildPage has put its files. */
  readonly folder: string;
  /** As the extension writes it. */
  html(): string;
  theme(): Theme;
  /** Is told what the page says to its host. */
  hear(message: Asked): void | Promise<void>;
  /** Styles before those of the theme. */
  readonly styles?: string;
}

/** Has a page of the browser find ours at ORIGIN. */
export async function serve(page: Page, { folder, html, theme, hear, styles = '' }: Served): Promise<void> {
  await page.exposeFunction('toHost', hear);
  await page.addInitScript(API);
  await page.route(`${ORIGIN}/**`, (route) => {
    const path = new URL(route.request().url()).pathname;
    if (path === '/') return route.fulfill({ contentType: 'text/html', body: themed(html(), theme()) });
    if (path === '/theme.css') {
      const colours = readFileSync(join(import.meta.dirname, 'themes', `${theme()}.css`), 'utf8');
      return route.fulfill({ contentType: 'text/css', body: styles + colours });
    }
    return route.fulfill({ path: join(folder, path), contentType: path.endsWith('.css') ? 'text/css' : 'text/javascript' });
  });
}

const themed = (html: string, theme: Theme): string =>
  html.replace('<link ', `<link rel="stylesheet" href="${ORIGIN}/theme.css"><link `).replace('<body', `<body class="${BODY[theme]}"`);

const PATIENCE_MS = 10_000;

/** Waits until what `look` answers is as expected: the page and its host hear of a change a moment later. */
export async function becomes(look: () => unknown, expected: unknown): Promise<void> {
  for (const deadline = Date.now() + PATIENCE_MS; ; await sleep(30)) {
    try {
      assert.deepEqual(await look(), expected);
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe complains of in a page. */
export async function violations(page: Page, options: RunOptions = {}): Promise<string[]> {
  await page.evaluate(AXE);
  const run = `axe.run(document, ${JSON.stringify({ resultTypes: ['violations'], ...options })})`;
  const found = await page.evaluate<AxeResults>(run);
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary ?? ''}`),
  );
}
