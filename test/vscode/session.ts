import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Browser, type BrowserOptions, installChromium } from './chromium.ts';
import { installCodeServer } from './install.ts';
import { VSIX } from './places.ts';
import { CodeServer, type ServerOptions } from './server.ts';
import { Workbench } from './workbench.ts';
import { makeWorkspace } from './workspace.ts';

/** Milliseconds that a window may take for anything: other suites run beside it. */
const PATIENCE = 100_000;

export interface SessionOptions extends Pick<ServerOptions, 'settings' | 'env'>, Omit<BrowserOptions, 'executable' | 'profile'> {}

/**
 * All that a suite needs: VS Code for the browser with the .vsix in it, a browser, a folder to open. One a suite, for VS
 * Code keeps closed windows for hours.
 */
export class Session {
  readonly server: CodeServer;
  readonly browser: Browser;
  /** The folder that windows are opened on. */
  readonly workspace: string;
  private readonly folder: string;
  private readonly windows: Workbench[] = [];

  private constructor(server: CodeServer, browser: Browser, workspace: string, folder: string) {
    this.server = server;
    this.browser = browser;
    this.workspace = workspace;
    this.folder = folder;
  }

  static async start({ settings, env, ...look }: SessionOptions = {}, say: (text: string) => void = console.error): Promise<Session> {
    if (!existsSync(VSIX)) throw new Error(`${VSIX} is not there: npm run package`);
    const installation = await installCodeServer(say);
    const executable = await installChromium(say);
    const folder = mkdtempSync(join(tmpdir(), 'mailwright-session-'));
    const server = new CodeServer(installation, { folder: join(folder, 'vscode'), ...(settings && { settings }), ...(env && { env }) });
    try {
      await server.install(VSIX);
      await server.start();
      const browser = await Browser.launch({ executable, profile: join(folder, 'chromium'), ...look });
      browser.context.setDefaultTimeout(PATIENCE);
      return new Session(server, browser, makeWorkspace(join(folder, 'workspace')), folder);
    } catch (error) {
      await server.stop();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
      throw error;
    }
  }

  /** Opens a window; a second one is another window of the same user. */
  async open(workspace = this.workspace): Promise<Workbench> {
    const window = await Workbench.open(this.browser, this.server, workspace);
    this.windows.push(window);
    return window;
  }

  /** Takes a picture of every window into the folder that MAILWRIGHT_SHOTS names, where it names one: for what has failed. */
  async shoot(name: string): Promise<void> {
    const folder = process.env.MAILWRIGHT_SHOTS;
    if (folder === undefined) return;
    for (const [index, { page }] of this.windows.entries())
      if (!page.isClosed()) await page.screenshot({ path: join(folder, `${name.replaceAll(/[^\w-]+/g, '-')}-${index + 1}.png`) });
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.server.stop();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}
