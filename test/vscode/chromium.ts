import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { find, installDebian } from './programs.ts';

const HINT = 'CHROMIUM_PATH';
const PLACES = [
  'chromium-headless-shell', // without the window that nobody would see
  'chromium',
  'chromium-browser',
  'google-chrome-stable',
  'google-chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** The path of a Chromium: the one that CHROMIUM_PATH names, the machine's, Playwright's own, or Debian's, installed now. */
export async function installChromium(say: (text: string) => void): Promise<string> {
  const named = process.env[HINT];
  if (named !== undefined && !existsSync(named)) throw new Error(`${HINT} names ${named}, which is not there`);
  const found = named ?? find(...PLACES) ?? [chromium.executablePath()].find((path) => existsSync(path));
  if (found !== undefined) return found;
  await installDebian(['chromium-headless-shell'], `Chromium (or Chrome; ${HINT} may name one)`, say);
  return find(...PLACES)!;
}

/** So that it reaches nothing but this machine. */
export const CHROMIUM_ARGS = [
  '--no-sandbox', // in a container there is none to be had
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
];

export interface BrowserOptions {
  readonly executable: string;
  /** Kept after closing, and taken up again; without it one of its own, which goes with it. */
  readonly profile?: string;
  readonly width?: number;
  readonly height?: number;
  readonly theme?: 'dark' | 'light';
  readonly forcedColors?: 'active' | 'none';
}

/** A Chromium that reaches nothing but this machine. */
export class Browser {
  readonly context: BrowserContext;
  /** Hosts that a page asked for all the same. */
  readonly outside = new Set<string>();
  private readonly ownProfile: string | undefined;

  private constructor(context: BrowserContext, ownProfile: string | undefined) {
    this.context = context;
    this.ownProfile = ownProfile;
    context.on('request', (request) => {
      const { protocol, hostname } = new URL(request.url());
      if (/^(http|ws)s?:$/.test(protocol) && hostname !== '127.0.0.1' && !isOwn(hostname)) this.outside.add(hostname);
    });
  }

  static async launch({ executable, profile, width = 1280, height = 800, theme, forcedColors }: BrowserOptions): Promise<Browser> {
    const ownProfile = profile === undefined ? mkdtempSync(join(tmpdir(), 'mailwright-chromium-')) : undefined;
    const context = await chromium.launchPersistentContext(profile ?? ownProfile!, {
      executablePath: executable,
      headless: true,
      viewport: { width, height },
      colorScheme: theme ?? 'dark',
      forcedColors: forcedColors ?? 'none',
      permissions: ['clipboard-read', 'clipboard-write'],
      args: CHROMIUM_ARGS,
    });
    return new Browser(context, ownProfile);
  }

  /** A new page; the first one that a browser opens by itself is taken. */
  async page(): Promise<Page> {
    const blank = this.context.pages().find((page) => page.url() === 'about:blank');
    return blank ?? this.context.newPage();
  }

  async close(): Promise<void> {
    await this.context.close();
    if (this.ownProfile !== undefined) rmSync(this.ownProfile, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Names that VS Code makes up for a webview's own files: its service worker answers, and nothing leaves the machine. */
const isOwn = (hostname: string): boolean => /(^|\.)vscode-resource\.vscode-cdn\.net$/.test(hostname);
