import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import type { BrowserContext, Page } from 'playwright-core';
import type { MailTruth } from '../../src/extension/preview/mail-corpus.ts';
import { mailPage } from '../../src/extension/preview/mail-page.ts';
import { type MailActions, mailHandlers, MailSession } from '../../src/extension/preview/mail-session.ts';
import type { MailThread } from '../../src/extension/preview/mail-thread.ts';
import { MailParser } from '../../src/extension/preview/parse-mail.ts';
import { openChannel } from '../../src/extension/views/channel.ts';
import { t } from '../unit/extension-support.ts';
import { buildPage } from './build-page.ts';
import { filesOf, launch, ORIGIN, serve, type Theme } from './served-page.ts';

/** Mail Preview in Chromium: the real page, and the real host behind it; only VS Code itself is a stub. */

const FILES = filesOf('mail-preview');
const OWN = [`${ORIGIN}/`, `${ORIGIN}/theme.css`, FILES.script, FILES.style];

export interface MailShown {
  readonly bytes: Uint8Array;
  readonly truth?: MailTruth;
  readonly thread?: MailThread;
}

export class MailHost {
  readonly page: Page;
  /** Every request of the page beyond its own four files, and every connection to the beacon. */
  readonly fetched: string[] = [];
  /** Requests that the browser refused, by the policy or the frame's want of an origin, before they left: the sanitizer lets none come so far. */
  readonly refused: string[] = [];
  /** Scripts that ran, dialogs, pages that were left or opened, errors. */
  readonly happened: string[] = [];
  /** What VS Code was asked to do. */
  readonly actions: string[] = [];
  /** An address that notices who asks. */
  readonly beacon: string;
  parser: MailParser;
  private readonly context: BrowserContext;
  private readonly server: Server;
  private readonly folder: string;
  private readonly script: URL;
  private hear: (message: unknown) => void = () => undefined;
  private ended: () => void = () => undefined;
  private theme: Theme = 'dark';

  private constructor(context: BrowserContext, page: Page, server: Server, folder: string) {
    this.context = context;
    this.page = page;
    this.server = server;
    this.folder = folder;
    this.beacon = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    this.script = pathToFileURL(join(folder, 'parser.mjs'));
    this.parser = new MailParser({ script: this.script });
  }

  static async start(): Promise<MailHost> {
    const folder = mkdtempSync(join(tmpdir(), 'mailwright-mail-'));
    await buildPage('mail-preview', folder);
    await build({
      absWorkingDir: resolve(import.meta.dirname, '../..'),
      entryPoints: { parser: 'src/extension/preview/parser.ts' },
      outdir: folder,
      outExtension: { '.js': '.mjs' },
      bundle: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'warning',
    });
    const server = createServer((_, response) => response.end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const browser = await launch();
    const context = await browser.newContext({ viewport: { width: 900, height: 800 } });
    const host = new MailHost(context, await context.newPage(), server, folder);
    await host.listen();
    return host;
  }

  private async listen(): Promise<void> {
    const { context, page } = this;
    this.server.on('request', ({ url }) => this.fetched.push(`what got through: ${String(url)}`));
    this.server.on('connection', () => this.fetched.push('a connection'));
    context.on('request', (request) => {
      if (!OWN.includes(request.url()) && !request.url().startsWith('data:image/')) this.fetched.push(request.url());
    });
    context.on('requestfailed', (request) => {
      if (/^(?:csp|origin)$/.test(request.failure()?.errorText ?? ''))
        this.refused.push(...this.fetched.splice(this.fetched.indexOf(request.url()), 1));
    });
    context.on('page', (opened) => void (this.happened.push('a page was opened'), opened.close()));
    page.on('dialog', (dialog) => void (this.happened.push(`a dialog: ${dialog.message()}`), dialog.dismiss()));
    page.on('download', () => this.happened.push('a download'));
    page.on('pageerror', (error) => this.happened.push(`an error: ${error.message}`));
    page.on('framenavigated', (frame) => {
      if (![`${ORIGIN}/`, 'about:srcdoc', 'about:blank'].includes(frame.url())) this.happened.push(`a frame went to ${frame.url()}`);
    });
    await page.addInitScript(
      `if (window === top) addEventListener('message', ({ data }) => { if (data === 'pwned') window.pwned = 'a message from the frame'; });`,
    );
    await serve(page, {
      folder: this.folder,
      html: () => mailPage({ source: ORIGIN, ...FILES, language: 'en', texts: undefined }),
      theme: () => this.theme,
      hear: (message) => this.hear(message),
    });
  }

  /** Opens a message, as the custom editor does, and waits until it is read. `again`: the page's own state is kept, as over a reload. */
  async show(
    { bytes, truth, thread }: MailShown,
    { theme = 'dark', again = false }: { theme?: Theme; again?: boolean } = {},
  ): Promise<Page> {
    this.ended();
    if (!again && this.page.url().startsWith(ORIGIN)) await this.page.evaluate('sessionStorage.clear()');
    this.theme = theme;
    this.actions.length = 0;
    const session = new MailSession({
      path: '/mail.eml',
      files: { start: async () => ({ bytes, size: bytes.length }), names: async () => [] },
      parser: this.parser,
      context: async () => ({ truth, thread: async () => thread }),
      l10n: { t } as never,
    });
    const done =
      (what: string) =>
      async (...values: unknown[]) =>
        void this.actions.push(
          [what, ...values.map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString() : value))].join(' '),
        );
    const actions: MailActions = { go: done('go'), save: done('save'), open: done('open'), link: done('link'), openText: done('text') };
    const channel = openChannel({
      webview: {
        onDidReceiveMessage: (listener: (message: unknown) => void) => {
          this.hear = listener;
          return { dispose: () => (this.hear = () => undefined) };
        },
        postMessage: async (message: unknown) => {
          await this.page.evaluate(`window.postMessage(${JSON.stringify(message)}, '*')`).catch(() => undefined); // it was left meanwhile
          return true;
        },
      } as never,
      handlers: mailHandlers(session, actions, { t } as never),
      failed: (call, error) => this.actions.push(`failed ${call} ${String(error)}`),
    });
    this.ended = () => {
      channel.dispose();
      session.dispose();
    };
    await this.page.goto(`${ORIGIN}/`);
    await this.page.getByRole('tablist').waitFor();
    return this.page;
  }

  /** What the message in view did that it must not: nothing, after a while in which it could. */
  async harm(wait = 150): Promise<string[]> {
    await this.page.waitForTimeout(wait);
    const marked = await this.page.evaluate<unknown>('window.pwned');
    return [
      ...this.fetched.splice(0).map((url) => `fetched ${url}`),
      ...this.refused.splice(0).map((url) => `refused ${url}`),
      ...this.happened.splice(0),
      ...(marked === undefined ? [] : [`ran: ${String(marked)}`]),
    ];
  }

  /** With other limits of the thread that parses. */
  limit(options: Partial<ConstructorParameters<typeof MailParser>[0]>): void {
    this.parser = new MailParser({ script: this.script, ...options });
  }

  async stop(): Promise<void> {
    this.ended();
    await this.context.browser()?.close();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    rmSync(this.folder, { recursive: true, force: true });
  }
}
