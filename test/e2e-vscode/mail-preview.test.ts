import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FrameLocator } from 'playwright-core';
import { hostileHtml, messageOf } from '../fixtures/hostile/messages.ts';
import { Session } from '../vscode/session.ts';
import type { Workbench } from '../vscode/workbench.ts';

const BEACON = 'http://beacon.test/';

/** Mail Preview in VS Code itself: its own webview, its own policy around ours. */
describe('Mail Preview in a window', function () {
  this.timeout(120_000);

  let session: Session;
  let workbench: Workbench;
  const harm: string[] = [];

  before(async () => {
    session = await Session.start();
    const evil = Object.values(hostileHtml(BEACON)).join('\r\n');
    const mail = (id: string, reply: string, day: number, html: string): Buffer =>
      messageOf(
        `Subject: ${id}\r\nX-Id: ${id}\r\nReferences: <0@x.test>\r\nContent-Type: multipart/mixed; boundary=b\r\n`,
        `--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>hello ${reply}</p><a href="https://links.test/x">link</a>${html}\r\n--b\r\nContent-Type: text/csv; name=figures.csv\r\nContent-Disposition: attachment\r\n\r\na,${day}\r\n--b--\r\n`,
      );
    writeFileSync(join(session.workspace, 'first.eml'), mail('first', 'one', 1, evil));
    writeFileSync(join(session.workspace, 'second.eml'), mail('second', 'two', 2, ''));
    workbench = await session.open();
    workbench.page.on('dialog', (dialog) => void (harm.push(dialog.message()), dialog.dismiss()));
    session.browser.context.on('request', (request) => {
      if (/beacon\.test|evil\.test|links\.test/.test(request.url())) harm.push(request.url());
    });
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await session.shoot(this.currentTest.fullTitle());
  });

  after(() => session?.close());

  const body = (view: FrameLocator): FrameLocator => view.frameLocator('iframe.frame');

  it('shows a hostile message beside its text; nothing runs, nothing is fetched', async () => {
    await workbench.openFile('first.eml');
    await workbench.run('Open Mail Preview to the Side');
    const view = await workbench.webviewWith('[role=tablist]');
    await view.getByRole('heading', { name: 'first' }).waitFor();
    await body(view).getByText('hello one').waitFor();
    await workbench.page.waitForTimeout(500);
    assert.deepEqual(harm, []);
    await session.shoot('mail-preview');
  });

  it('asks before it opens a link, with the whole of it in view', async () => {
    const view = await workbench.webviewWith('[role=tablist]');
    await view.getByText('Links in this message').click();
    await view.getByRole('button', { name: 'https://links.test/x' }).click();
    await workbench.dialog('https://links.test/x').waitFor();
    await workbench.decide('https://links.test/x', 'Cancel');
    assert.deepEqual(harm, []);
  });

  it('opens an attachment in an editor', async () => {
    const view = await workbench.webviewWith('[role=tablist]');
    await view.getByRole('button', { name: 'Open figures.csv' }).click();
    await workbench.tab('figures.csv').waitFor();
    assert.match(await workbench.text(), /a,1/);
  });

  it('goes to the next message of the thread', async () => {
    await workbench.tab('first.eml').last().click();
    const view = await workbench.webviewWith('[role=tablist]');
    await view.getByText('1 of 2 in the thread').waitFor();
    await view.getByRole('button', { name: 'Next in the thread' }).click();
    await workbench.tab('second.eml').waitFor();
    const next = await workbench.webviewWith('h1:text("second")');
    await body(next).getByText('hello two').waitFor();
  });
});
