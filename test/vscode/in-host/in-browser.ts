import { setTimeout as sleep } from 'node:timers/promises';
import { format } from 'node:util';
import type { Session } from '../session.ts';
import type { HostSuite } from './bundle.ts';

/**
 * Runs a suite inside the extension host of VS Code for the browser; answers with the exit code (124: not in time).
 *
 * The page reads its configuration from an attribute: what makes VS Code run tests is added to it as it is read. The
 * server's own way to do it needs its smoke-test flag, which silences all notifications.
 */
export async function runInBrowser({ browser, server }: Session, suite: HostSuite, workspace: string, timeout: number): Promise<number> {
  const page = await browser.page();
  const verbose = process.env.MAILWRIGHT_VERBOSE !== undefined;
  const ended = new Promise<number>((resolve, reject) => {
    page.exposeFunction('codeAutomationExit', resolve).catch(reject);
  });
  await page.exposeFunction('codeAutomationLog', (level: string, words: unknown[]) => {
    if (verbose) console.error(`${level}: ${format(...words)}`);
  });
  const place = (path: string): object => ({ scheme: 'vscode-remote', authority: server.host, path });
  await page.addInitScript(
    (tests) => {
      const read = Element.prototype.getAttribute;
      Element.prototype.getAttribute = function (name) {
        const value = read.call(this, name);
        if (value === null || name !== 'data-settings' || this.id !== 'vscode-workbench-web-configuration') return value;
        const configuration = JSON.parse(value) as { developmentOptions?: object };
        return JSON.stringify({ ...configuration, developmentOptions: { ...configuration.developmentOptions, ...tests } });
      };
    },
    { extensions: [place(suite.extension)], extensionTestsPath: place(suite.entry) },
  );
  await page.goto(server.url(workspace));
  const giveUp = new AbortController();
  try {
    return await Promise.race([ended, sleep(timeout, 124, { signal: giveUp.signal })]);
  } finally {
    giveUp.abort();
  }
}
