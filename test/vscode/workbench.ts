import type { FrameLocator, Locator, Page } from 'playwright-core';
import type { Browser } from './chromium.ts';
import { EXTENSION } from './places.ts';
import type { CodeServer } from './server.ts';

/** Milliseconds for what VS Code does at once where nothing else runs. */
const SOON = 3000;
const START = 60_000;

/** Does something until what is waited for comes of it, as what is done too early may have no effect: so many times in all. */
async function again(tries: number, does: (before: number) => Promise<void>, comes: () => Promise<void>): Promise<void> {
  for (let before = 0; ; before++) {
    await does(before);
    try {
      return await comes();
    } catch (error) {
      if (before + 1 >= tries) throw error;
    }
  }
}

/** One window of VS Code in a browser, and what a user sees and does in it. */
export class Workbench {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Opens a window on a folder, and waits until it can be used. */
  static async open(browser: Browser, server: CodeServer, workspace: string): Promise<Workbench> {
    const workbench = new Workbench(await browser.page());
    await workbench.page.goto(server.url(workspace));
    await workbench.ready();
    return workbench;
  }

  async ready(): Promise<void> {
    await this.page.locator('.monaco-workbench .part.statusbar').waitFor({ timeout: START });
  }

  /** Reloads the window as VS Code does it, which first writes down what is open. */
  async reload(): Promise<void> {
    const loaded = this.page.waitForEvent('load');
    await this.run('Developer: Reload Window');
    await loaded;
    await this.ready();
  }

  /** Has the browser load the page again: what VS Code has written down is up to five seconds old. */
  async refresh(): Promise<void> {
    await this.page.reload();
    await this.ready();
  }

  /** Runs a command from the palette, by its title. */
  async run(title: string): Promise<void> {
    // The list is not brought up to date when an extension registers late: it is opened again until the row is there.
    await this.inPalette(10, async () => {
      await this.input.waitFor({ timeout: SOON });
      await this.input.fill(`>${title}`);
      await this.choice(title).click({ timeout: SOON });
    });
  }

  /**
   * Runs a command that asks, and takes a row of what it offers. A webview that is just being shown may take the focus, and
   * so close the list: the command is run again.
   */
  async answerBy(title: string, ...rows: readonly (string | RegExp)[]): Promise<void> {
    await again(
      5,
      () => this.run(title),
      async () => {
        for (const row of rows) await this.choice(row).click({ timeout: 2 * SOON });
      },
    );
  }

  /** Opens the palette and does something in it; where that fails, it is opened again: so many times in all. */
  async inPalette(tries: number, does: () => Promise<void>): Promise<void> {
    const open = async (before: number): Promise<void> => {
      if (before > 0) await this.page.keyboard.press('Escape');
      await this.page.keyboard.press('F1');
    };
    await again(tries, open, does);
  }

  /** The text field of the palette, of a quick pick, of an input box. */
  get input(): Locator {
    return this.page.locator('.quick-input-widget input[type="text"]');
  }

  /** A row of a quick pick. */
  choice(text: string | RegExp): Locator {
    return this.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: text }).first();
  }

  /** Answers an input box. */
  async answer(text: string): Promise<void> {
    await this.input.waitFor();
    await this.input.fill(text);
    await this.page.keyboard.press('Enter');
  }

  /** Takes a folder in VS Code's own dialog, which may still be filling in one of its own. */
  async pickFolder(folder: string, button: string): Promise<void> {
    const widget = this.page.locator('.quick-input-widget');
    const press = async (): Promise<void> => {
      await this.input.fill(`${folder}/`);
      await widget.getByRole('button', { name: button, exact: true }).click();
    };
    await again(10, press, () => widget.waitFor({ state: 'hidden', timeout: SOON }));
  }

  /** Opens a file of the workspace by its name. */
  async openFile(name: string): Promise<void> {
    await this.page.keyboard.press('ControlOrMeta+P');
    await this.input.waitFor();
    await this.input.fill(name);
    await this.choice(name).click();
    await this.tab(name).waitFor();
  }

  /** Shows a view container of the activity bar. */
  async show(container = 'Mailwright'): Promise<void> {
    const item = this.page.locator(`.activitybar [aria-label^="${container}"]`).first();
    const title = this.page.locator('.part.sidebar .composite.title').filter({ hasText: container });
    await item.waitFor({ timeout: START });
    // A click hides what is shown, and a window that begins may be about to show it by itself.
    const click = async (): Promise<void> => {
      if (!(await title.isVisible())) await item.click();
    };
    await again(5, click, () => title.waitFor({ timeout: SOON }));
  }

  /** The page of the webview of ours that has this element in it; they lie over the window, not in the sidebar's or the editor's elements. */
  async webviewWith(selector: string, timeout = START): Promise<FrameLocator> {
    const frames = this.page.locator(`iframe.webview.ready[src*="extensionId=${EXTENSION}"]`);
    for (const deadline = Date.now() + timeout; Date.now() < deadline; await this.page.waitForTimeout(100))
      for (let nth = 0, count = await frames.count(); nth < count; nth++) {
        const frame = frames.nth(nth).contentFrame().locator('iframe#active-frame').contentFrame();
        if ((await frame.locator(selector).count()) > 0) return frame;
      }
    throw new Error(`no webview has ${selector} in it`);
  }

  toast(text: string | RegExp): Locator {
    return this.page.locator('.notification-toast').filter({ hasText: text });
  }

  /** Presses a button of a notification: of its toast, or where that has gone by itself, in the list of them. */
  async press(text: string | RegExp, button: string): Promise<void> {
    const isToast = await this.toast(text).first().waitFor({ timeout: SOON }).then(() => true, () => false); // prettier-ignore
    if (!isToast) await this.run('Notifications: Show Notifications');
    const shown = this.page.locator('.notification-list-item').filter({ hasText: text, visible: true });
    await shown.first().getByRole('button', { name: button, exact: true }).click();
  }

  /** What the notifications say that nobody has closed, those whose toast has gone too. */
  async notifications(): Promise<string[]> {
    await this.run('Notifications: Show Notifications');
    const center = this.page.locator('.notifications-center.visible');
    await center.waitFor();
    const texts = await center.locator('.notification-list-item-message').allTextContents();
    const button = center.getByRole('button', { name: /^Hide Notifications/ });
    // It goes by itself, too, when its last notification goes; maybe just now.
    const hide = (): Promise<void> => button.click({ timeout: SOON }).catch(() => undefined);
    await again(5, hide, () => center.waitFor({ state: 'detached', timeout: SOON }));
    return texts;
  }

  dialog(text: string | RegExp): Locator {
    return this.page.locator('.monaco-dialog-box').filter({ hasText: text });
  }

  /** The button that a modal dialog has by this name. */
  async decide(text: string | RegExp, button: string): Promise<void> {
    await this.dialog(text).getByRole('button', { name: button, exact: true }).click();
  }

  statusBar(text: string | RegExp): Locator {
    return this.page.locator('.part.statusbar .statusbar-item').filter({ hasText: text });
  }

  tab(name: string | RegExp): Locator {
    return this.page.locator('.tabs-container .tab').filter({ hasText: name });
  }

  /** Rows of a tree in the sidebar. */
  row(text: string | RegExp): Locator {
    return this.page.locator('.part.sidebar .pane-body .monaco-list-row').filter({ hasText: text });
  }

  /** Presses an inline action of a row, which shows while the pointer is over it. */
  async act(text: string | RegExp, action: string | RegExp): Promise<void> {
    const row = this.row(text).first();
    await row.hover();
    await row.getByRole('button', { name: action }).click();
  }

  /** Chooses an action from the menu of a row. */
  async choose(row: Locator, action: string): Promise<void> {
    const item = this.page.getByRole('menuitem', { name: action, exact: true });
    await row.click({ button: 'right' });
    // A menu takes no click in the moment when it opens.
    await again(
      5,
      () => item.click(),
      () => item.waitFor({ state: 'hidden', timeout: SOON }),
    );
  }

  /** All of the active text editor's text, and not only what is in view. */
  async wholeText(): Promise<string> {
    await this.page.locator('.editor-group-container.active .view-lines').click();
    await this.page.keyboard.press('ControlOrMeta+A');
    await this.page.keyboard.press('ControlOrMeta+C');
    return this.clipboard();
  }

  clipboard(): Promise<string> {
    return this.page.evaluate(() => navigator.clipboard.readText());
  }

  /** The lines that the active text editor shows. */
  async text(): Promise<string> {
    const lines = this.page.locator('.editor-group-container.active .view-lines .view-line');
    await lines.first().waitFor();
    const placed = await lines.evaluateAll((all) =>
      all.map((line) => ({ top: parseFloat((line as HTMLElement).style.top), text: line.textContent ?? '' })),
    );
    return placed
      .sort((a, b) => a.top - b.top)
      .map(({ text }) => text.replaceAll('\u00a0', ' '))
      .join('\n');
  }

  /** Milliseconds that VS Code needed to start each extension, by the extension's name. */
  async activationTimes(): Promise<Map<string, number>> {
    await this.run('Developer: Show Running Extensions');
    const rows = this.page.locator('.runtime-extensions-editor .monaco-list-row');
    await rows.first().waitFor();
    const read = await rows.evaluateAll((all) => all.map((row) => [row.getAttribute('aria-label') ?? '', row.textContent ?? ''] as const));
    return new Map(
      read.flatMap(([name, text]) => {
        const time = /Activation: (\d+)ms/.exec(text)?.[1];
        return time === undefined ? [] : [[name, Number(time)] as const];
      }),
    );
  }

  async close(): Promise<void> {
    await this.page.close();
  }
}
