import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { newCorpusPage } from '../../src/extension/views/new-corpus-page.ts';
import type { Asked, Sent } from '../../src/protocol/channel.ts';
import type { Estimated, Snapshot } from '../../src/protocol/new-corpus.ts';
import { installChromium } from '../vscode/chromium.ts';
import { buildPage } from './build-page.ts';

/** The page New Corpus in Chromium, as VS Code shows it, with a host that answers as a test says. */

export const THEMES = ['dark', 'light', 'high-contrast', 'high-contrast-light'] as const;
export type Theme = (typeof THEMES)[number];

const BODY: Readonly<Record<Theme, string>> = {
  dark: 'vscode-dark',
  light: 'vscode-light',
  'high-contrast': 'vscode-high-contrast',
  'high-contrast-light': 'vscode-high-contrast-light vscode-high-contrast',
};

/** What VS Code puts into every webview, as far as it matters here; a page's own styles go over it. */
const DEFAULT_STYLES = `@layer vscode-default {
  html { scrollbar-color: var(--vscode-scrollbarSlider-background) var(--vscode-editor-background); }
  body { overscroll-behavior-x: none; background-color: transparent; color: var(--vscode-editor-foreground); font-family: var(--vscode-font-family);
    font-weight: var(--vscode-font-weight); font-size: var(--vscode-font-size); margin: 0; padding: 0 20px; }
  a:focus, input:focus, select:focus, textarea:focus { outline: 1px solid -webkit-focus-ring-color; outline-offset: -1px; }
}
html { background-color: var(--vscode-sideBar-background); }`;

const ORIGIN = 'http://page.test';

export const SNAPSHOT: Snapshot = {
  draft: {},
  target: 'local',
  known: {
    scenarios: [
      { id: 'deal-tip', family: 'insider-dealing', title: 'A tip about a deal' },
      { id: 'front-running', family: 'market-abuse', title: 'Front running' },
    ],
    desks: ['compliance', 'equity-sales', 'operations', 'treasury'],
    languages: ['de', 'en'],
  },
  aws: { profile: undefined, region: undefined, stack: undefined, trouble: undefined },
};

export const ESTIMATED: Estimated = {
  messages: 10_000,
  objects: 10_000,
  bytes: 41_300_000,
  seconds: 2.4,
  usd: undefined,
  positives: 12,
  nearMisses: 12,
  arcs: 8,
  problems: [],
};

type Answers = Record<string, (argument: never) => unknown>;

/** Chromium with the page built. */
export class Pages {
  private readonly browser: Browser;
  private readonly folder: string;
  readonly bytes: number;

  private constructor(browser: Browser, folder: string, bytes: number) {
    this.browser = browser;
    this.folder = folder;
    this.bytes = bytes;
  }

  static async start(): Promise<Pages> {
    const folder = mkdtempSync(join(tmpdir(), 'mailwright-page-'));
    const bytes = await buildPage('new-corpus', folder);
    const browser = await chromium.launch({
      executablePath: await installChromium(console.error),
      args: ['--no-sandbox', '--disable-gpu', '--host-resolver-rules=MAP * ~NOTFOUND'],
    });
    return new Pages(browser, folder, bytes);
  }

  async open(options: { readonly theme?: Theme; readonly width?: number; readonly height?: number } = {}): Promise<StubHost> {
    const { theme = 'dark', width = 420, height = 900 } = options;
    const page = await this.browser.newPage({ viewport: { width, height }, locale: 'en-GB' });
    page.setDefaultTimeout(5000);
    const host = new StubHost(page, theme);
    await page.exposeFunction('toHost', (message: Asked) => host.hear(message));
    await page.addInitScript(`
      window.acquireVsCodeApi = () => ({
        postMessage: (message) => void window.toHost(message),
        getState: () => JSON.parse(sessionStorage.getItem('state') ?? 'null') ?? undefined,
        setState: (state) => sessionStorage.setItem('state', JSON.stringify(state)),
      });`);
    await page.route(`${ORIGIN}/**`, async (route) => {
      const path = new URL(route.request().url()).pathname;
      if (path === '/') return route.fulfill({ contentType: 'text/html', body: host.html() });
      if (path === '/theme.css')
        return route.fulfill({
          contentType: 'text/css',
          body: DEFAULT_STYLES + readFileSync(join(import.meta.dirname, 'themes', `${theme}.css`), 'utf8'),
        });
      return route.fulfill({ path: join(this.folder, path), contentType: path.endsWith('.css') ? 'text/css' : 'text/javascript' });
    });
    return host;
  }

  async stop(): Promise<void> {
    await this.browser.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** One page and the host behind it: what it was asked, and what it answers. It owns the draft, as the real one does. */
export class StubHost {
  readonly page: Page;
  readonly asked: { readonly call: string; readonly argument: unknown }[] = [];
  /** What the page complained of. */
  readonly complaints: string[] = [];
  snapshot: Snapshot = SNAPSHOT;
  answers: Answers = { estimate: () => ESTIMATED, run: () => ({ job: '01JOB' }) };
  private readonly theme: Theme;

  constructor(page: Page, theme: Theme) {
    this.page = page;
    this.theme = theme;
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => ['error', 'warning'].includes(message.type()) && this.complaints.push(message.text()));
  }

  html(): string {
    return newCorpusPage({
      nonce: 'abc123',
      cspSource: ORIGIN,
      script: `${ORIGIN}/new-corpus.js`,
      style: `${ORIGIN}/new-corpus.css`,
      language: 'en',
      title: 'New Corpus',
      bundle: undefined,
    })
      .replace('<link ', `<link rel="stylesheet" href="${ORIGIN}/theme.css" /><link `)
      .replace('<body', `<body class="${BODY[this.theme]}"`);
  }

  async show(snapshot: Partial<Snapshot> = {}): Promise<Page> {
    this.snapshot = { ...this.snapshot, ...snapshot };
    await this.page.goto(`${ORIGIN}/`);
    await this.page.getByRole('button', { name: 'Run' }).waitFor();
    return this.page;
  }

  /** The draft as the page told it last. */
  get draft(): unknown {
    return this.snapshot.draft;
  }

  calls(call: string): unknown[] {
    return this.asked.filter((one) => one.call === call).map(({ argument }) => argument);
  }

  async hear({ id, call, argument }: Asked): Promise<void> {
    this.asked.push({ call, argument });
    try {
      await this.send({ id, ok: true, result: await this.answer(call, argument) });
    } catch (error) {
      await this.send({ id, ok: false, message: (error as Error).message });
    }
  }

  async tell(snapshot: Partial<Snapshot>): Promise<void> {
    this.snapshot = { ...this.snapshot, ...snapshot };
    await this.send({ event: 'snapshot', data: this.snapshot });
  }

  private answer(call: string, argument: unknown): unknown {
    if (call === 'load') return this.snapshot;
    if (call === 'draft') this.snapshot = { ...this.snapshot, ...(argument as Pick<Snapshot, 'draft' | 'target'>) };
    return this.answers[call]?.(argument as never);
  }

  private async send(message: Sent): Promise<void> {
    if (!this.page.isClosed()) await this.page.evaluate(`window.postMessage(${JSON.stringify(message)}, '*')`);
  }
}
