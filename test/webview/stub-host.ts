import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { newCorpusPage } from '../../src/extension/views/new-corpus-page.ts';
import type { Asked, Sent } from '../../src/protocol/channel.ts';
import type { Estimated, Snapshot } from '../../src/protocol/new-corpus.ts';
import { buildPage } from './build-page.ts';
import { filesOf, launch, ORIGIN, serve, type Theme } from './served-page.ts';

/** The page New Corpus in Chromium, as VS Code shows it, with a host that answers as a test says. */

/** What VS Code puts into every webview, as far as it matters here; a page's own styles go over it. */
const DEFAULT_STYLES = `@layer vscode-default {
  html { scrollbar-color: var(--vscode-scrollbarSlider-background) var(--vscode-editor-background); }
  body { overscroll-behavior-x: none; background-color: transparent; color: var(--vscode-editor-foreground); font-family: var(--vscode-font-family);
    font-weight: var(--vscode-font-weight); font-size: var(--vscode-font-size); margin: 0; padding: 0 20px; }
  a:focus, input:focus, select:focus, textarea:focus { outline: 1px solid -webkit-focus-ring-color; outline-offset: -1px; }
}
html { background-color: var(--vscode-sideBar-background); }`;

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

  private constructor(browser: Browser, folder: string) {
    this.browser = browser;
    this.folder = folder;
  }

  static async start(): Promise<Pages> {
    const folder = mkdtempSync(join(tmpdir(), 'mailwright-page-'));
    await buildPage('new-corpus', folder);
    return new Pages(await launch(), folder);
  }

  async open(options: { readonly theme?: Theme; readonly width?: number; readonly height?: number } = {}): Promise<StubHost> {
    const { theme = 'dark', width = 420, height = 900 } = options;
    const page = await this.browser.newPage({ viewport: { width, height }, locale: 'en-GB' });
    page.setDefaultTimeout(5000);
    const host = new StubHost(page);
    await serve(page, {
      folder: this.folder,
      html: () => host.html(),
      theme: () => theme,
      hear: (message) => host.hear(message),
      styles: DEFAULT_STYLES,
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

  constructor(page: Page) {
    this.page = page;
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => ['error', 'warning'].includes(message.type()) && this.complaints.push(message.text()));
  }

  html(): string {
    return newCorpusPage({
      nonce: 'abc123',
      source: ORIGIN,
      ...filesOf('new-corpus'),
      language: 'en',
      title: 'New Corpus',
      bundle: undefined,
    });
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
