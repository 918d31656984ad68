import assert from 'node:assert/strict';
import { Session } from '../vscode/session.ts';
import type { Workbench } from '../vscode/workbench.ts';

describe('a window with the extension in it', function () {
  this.timeout(120_000);

  let session: Session;
  let workbench: Workbench;

  before(async () => {
    session = await Session.start();
    workbench = await session.open();
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await session.shoot(this.currentTest.fullTitle());
  });

  after(() => session?.close());

  it('has Mailwright in the activity bar, with both views', async () => {
    await workbench.show();
    for (const name of ['New Corpus', 'Jobs'])
      await workbench.page.locator('.part.sidebar .pane-header').filter({ hasText: name }).waitFor();
    await workbench.page.locator('.part.sidebar .welcome-view').filter({ hasText: 'No corpus' }).waitFor();
  });

  it('opens a job file by the palette', async () => {
    await workbench.openFile('smoke.mailwright.json');
    assert.match(await workbench.text(), /"messages": 1000/);
  });

  it('asks for nothing outside this machine', () => assert.deepEqual([...session.browser.outside], []));
});
