import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FrameLocator, Locator } from 'playwright-core';
import { done, json, manifest, progress, record, until } from '../e2e/support.ts';
import { Session } from '../vscode/session.ts';
import type { Workbench } from '../vscode/workbench.ts';

/** Corpora on this machine, as a user makes them: from the installed .vsix, in a window, with mouse and keyboard. */
describe('a corpus on this machine', function () {
  this.timeout(300_000);

  let session: Session;
  let workbench: Workbench;
  /** The folder of corpora that the settings name. */
  let corpora: string;

  before(async () => {
    session = await Session.start({ settings: { 'mailwright.corpora.folder': '~/corpora' }, height: 1000 });
    corpora = join(session.server.home, 'corpora');
    workbench = await session.open();
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await session.shoot(this.currentTest.fullTitle());
  });

  after(async () => {
    if (!session) return;
    const pids = jobs().map(({ folder }) => pidOf(folder));
    await session.close();
    for (const pid of pids) if (pid !== undefined && existsSync(`/proc/${pid}`)) process.kill(pid, 'SIGKILL');
  });

  /** The jobs in the folder of corpora, in the order they were asked for. */
  function jobs(): { readonly id: string; readonly folder: string }[] {
    if (!statSync(corpora, { throwIfNoEntry: false })?.isDirectory()) return [];
    return readdirSync(corpora)
      .sort()
      .map((id) => ({ id, folder: join(corpora, id) }));
  }
  function jobOf(messages: number): { readonly id: string; readonly folder: string } {
    const all = jobs().map((job) => ({ ...job, messages: record(job.folder).spec.messages }));
    const found = all.find((job) => job.messages === messages);
    assert.ok(found, `no job of ${messages} messages: ${JSON.stringify(all)}`);
    return found;
  }
  const form = (): Promise<FrameLocator> => workbench.webviewWith('#run');
  const rowOf = (messages: string, state: string | RegExp, window = workbench): Locator =>
    window.row(`${messages} messages`).filter({ hasText: state });

  const header = (view: string): Locator => workbench.page.locator('.part.sidebar .pane-header').filter({ hasText: view });
  const lens = (title: string): Locator => workbench.page.locator('.codelens-decoration a').filter({ hasText: title });

  /** Runs a job file of its own. */
  async function start(name: string, spec: object): Promise<void> {
    writeFileSync(join(session.workspace, `${name}.mailwright.json`), JSON.stringify(spec));
    await workbench.openFile(`${name}.mailwright.json`);
    await lens('Run').click();
  }

  /** What a window has to tell, after all that it had to do: it answers in the order in which it was asked. */
  async function told(window: Workbench): Promise<string[]> {
    await window.run('Mailwright: Cancel');
    await window.toast('No job is running').waitFor();
    return (await window.notifications()).filter((text) => text.startsWith('Corpus'));
  }

  /** Runs a command without a pointer, and takes rows of what it asks. A page that is just being shown may take the focus, and so close the list: it is opened again. */
  async function keyed(command: string, ...rows: readonly string[]): Promise<void> {
    const first = workbench.page.locator('.quick-input-list .monaco-list-row').first();
    await workbench.inPalette(5, async () => {
      await workbench.input.waitFor({ timeout: 5_000 });
      await workbench.page.keyboard.type(command);
      await first.filter({ hasText: command.replace(/^\w+: /, '') }).waitFor({ timeout: 5_000 });
      if (!(await first.textContent())!.includes(command)) await workbench.page.keyboard.press('ArrowDown'); // views have commands of their own
      for (const row of [command, ...rows]) await chosen(row);
    });
  }

  /** Takes the row of a list that the keys have come to, once it is this one. */
  async function chosen(row: string): Promise<void> {
    const focused = workbench.page.locator('.quick-input-list .monaco-list-row.focused').filter({ hasText: row });
    await focused.waitFor({ timeout: 5_000 });
    await workbench.page.keyboard.press('Enter');
  }

  /** Presses Tab until an element of a page has the focus. */
  async function tabTo(page: FrameLocator, selector: string): Promise<void> {
    const element = page.locator(selector);
    for (let tabs = 0; !(await element.evaluate((one) => one.matches(':focus'))); tabs++) {
      assert.ok(tabs < 60, `no way to ${selector}`);
      await workbench.page.keyboard.press('Tab');
    }
  }

  /**
   * Has the last job go on as slowly as on a machine that has no time for it, once it has something: what is to be seen
   * while it runs is there however fast it is. Answers with what gives it all the time again.
   */
  async function slowed(): Promise<() => void> {
    const pid = await until('the last job to be at work, with some messages made', () => {
      const folder = jobs().at(-1)?.folder;
      return folder && existsSync(join(folder, 'progress.json')) && progress(folder).messages > 0 ? pidOf(folder) : undefined;
    });
    const signal = (name: NodeJS.Signals): boolean => existsSync(`/proc/${pid}`) && process.kill(pid, name);
    let pause: NodeJS.Timeout | undefined;
    const turns = setInterval(() => {
      signal('SIGCONT');
      pause = setTimeout(() => signal('SIGSTOP'), 20);
    }, 500).unref();
    return () => {
      clearInterval(turns);
      clearTimeout(pause);
      signal('SIGCONT');
    };
  }

  /** Puts another text into the active editor, as if it had been pasted. */
  async function write(spec: object): Promise<void> {
    await workbench.page.evaluate((text) => navigator.clipboard.writeText(text), JSON.stringify(spec, undefined, 2));
    await workbench.page.locator('.editor-group-container.active .view-lines').click();
    await workbench.page.keyboard.press('ControlOrMeta+A');
    await workbench.page.keyboard.press('ControlOrMeta+V');
  }

  it('has a form and a list in the activity bar', async () => {
    await workbench.show();
    for (const name of ['New Corpus', 'Jobs']) await header(name).waitFor();
    await workbench.page.locator('.part.sidebar .welcome-view').filter({ hasText: 'No corpus' }).waitFor();
  });

  it('is refused where its folder cannot be made, and is not on the list then', async () => {
    writeFileSync(corpora, 'a file in the place of the folder');
    const page = await form();
    await page.getByTestId('preset-smoke').click();
    await page.locator('#run').click();
    const said = page.getByRole('status').filter({ hasText: corpora });
    await said.waitFor();
    assert.match((await said.textContent())!, /mailwright\.corpora\.folder/);
    await workbench.page.locator('.part.sidebar .welcome-view').filter({ hasText: 'No corpus' }).waitFor();
    rmSync(corpora);
  });

  it('is made from a preset, and its messages are read', async () => {
    const rows = await recordOf(workbench, '.part.sidebar .monaco-list-row');
    const bar = await recordOf(workbench, '.part.statusbar .statusbar-item');
    await (await form()).locator('#run').click();
    await rowOf('1,000', 'ready').waitFor();
    await workbench.toast(/Corpus ready: 1,000 messages, [\d.]+ MB in \d+ s/).waitFor();
    await workbench.statusBar('Corpus').waitFor({ state: 'hidden' });
    assert.ok(
      (await rows()).some((text) => /1,000 messages(queued|\d+ %)/.test(text)),
      (await rows()).join('\n'),
    );
    assert.ok(
      (await bar()).some((text) => /Corpus \d+ %/.test(text)),
      (await bar()).join('\n'),
    );

    await workbench.press('Corpus ready', 'Open a Message');
    await workbench.tab('.eml').waitFor();
    const subject = /^Subject: (.+)$/m.exec(await workbench.text())![1]!;
    await workbench.run('Open Mail Preview to the Side');
    const preview = await workbench.webviewWith('[role=tablist]');
    await preview.getByRole('heading', { name: subject, exact: true }).waitFor();
  });

  it('is asked for with the keyboard alone', async () => {
    await keyed('Mailwright: New Corpus');
    const page = await form();
    await tabTo(page, '#messages');
    for (const key of ['Home', 'Shift+End']) await workbench.page.keyboard.press(key);
    await workbench.page.keyboard.type('700');
    await tabTo(page, '#run');
    await workbench.page.keyboard.press('Enter');
    await rowOf('700', 'ready').waitFor();
    await keyed('Mailwright: Open Message…', '700 messages');
    await workbench.choice('Message 0').waitFor();
    await workbench.page.keyboard.type('Message 0'); // planted ones stand above it
    await chosen('Message 0');
    await workbench.tab('.eml').nth(2).waitFor();
    assert.match(await workbench.text(), /^Message-ID: /m);
    await workbench.press('Corpus ready: 700', 'Show Manifest');
    await workbench.tab('manifest.json').waitFor();
    assert.match(await workbench.text(), /"messages": 700/);
  });

  it('stays in the form when the side bar is hidden and the window reloaded', async () => {
    const messages = async (): Promise<string> => (await form()).locator('#messages').inputValue();
    await (await form()).locator('#traffic-head').click();
    await (await form()).locator('#traffic-head[aria-expanded=true]').waitFor();
    await workbench.page.keyboard.press('ControlOrMeta+B');
    await header('New Corpus').waitFor({ state: 'hidden' });
    await workbench.page.keyboard.press('ControlOrMeta+B');
    assert.equal(await messages(), '700');
    assert.equal(await (await form()).locator('#traffic-head').getAttribute('aria-expanded'), 'true');
    await workbench.reload();
    await workbench.page.locator('.view-line').filter({ hasText: '"messages": 700' }).waitFor(); // the editors are there again, too
    assert.equal(await messages(), '700');
  });

  it('is saved as a job file, which has its own actions', async () => {
    await workbench.run('View: Close All Editors');
    await (await form()).locator('#save').click();
    await until('it asks where to', async () => (await workbench.input.inputValue()) === join(session.workspace, 'corpus.mailwright.json'));
    await workbench.page.keyboard.press('Enter');
    await workbench.tab('corpus.mailwright.json').waitFor();
    const spec = { version: 1, messages: 700, scenarios: [{ scenario: 'all', rate: 1, nearMisses: 1 }] };
    assert.deepEqual(JSON.parse(await workbench.wholeText()), spec);

    await lens('Estimate').click();
    await workbench.toast(/corpus\.mailwright\.json: 700 messages, about [\d.]+ MB/).waitFor();

    await write({ ...spec, messages: 0 });
    await lens('Run').click();
    await workbench.toast(/corpus\.mailwright\.json:3: messages: /).waitFor();
    await workbench.run('View: Focus Problems');
    await workbench.page
      .locator('.markers-panel .monaco-list-row')
      .filter({ hasText: /^messages.*\[Ln 3, Col 15\]/ })
      .waitFor();
    await workbench.run('View: Toggle Panel');
    assert.equal(jobs().length, 2);

    await write({ ...spec, messages: 800 });
    await workbench.run('File: Save');
    await lens('Run').click();
    await rowOf('800', 'ready').waitFor();
    await workbench.press('Corpus ready: 800', 'Show Truth');
    await workbench.tab('arcs.jsonl').waitFor();
    assert.match(await workbench.text(), /^\{"arc_id":/m);
  });

  it('has the messages that the preview of its job file showed', async () => {
    const file = join(session.workspace, 'corpus.mailwright.json');
    const made = async (index: number): Promise<string> => (await done(['preview', file, '--index', String(index)])).stdout;
    await workbench.tab('corpus.mailwright.json').click();
    await lens('Preview').click();
    await workbench.answer('5');
    await workbench.tab('5.eml').waitFor();
    assert.equal(lines(await workbench.wholeText()), lines(await made(5)));
    await workbench.page.getByRole('button', { name: 'Next Message' }).click();
    await workbench.tab('6.eml').waitFor();
    assert.equal(lines(await workbench.wholeText()), lines(await made(6)));
    await workbench.run('Mailwright: Previous Message');
    await workbench.tab('5.eml').waitFor();

    await workbench.choose(rowOf('800', 'ready'), 'Open Message…');
    await workbench.choice('Another, by its index').click();
    await workbench.answer('5');
    await workbench.tab(/^[0-9a-f]{12}\.eml$/).waitFor();
    assert.equal(lines(await workbench.wholeText()), lines(await made(5)));
  });

  const CHECKED = { seed: 'checked', messages: 12_000, delivery: { layout: 'mbox' }, execution: { workers: 1, shardBlocks: 2 } };
  /** Of what the command line makes of it, undisturbed. */
  let digest: string;
  const isWhole = (folder: string): void => assert.equal(manifest(folder).digest, digest);

  it('is cancelled, made whole but for what cannot be written, and then whole', async () => {
    await header('New Corpus').click(); // folds it: the list has all the room
    await workbench.run('View: Close All Editors');
    await start('checked', CHECKED);
    const free = await slowed();
    await rowOf('12,000', /[1-9]\d* %/).waitFor();
    await workbench.act('12,000 messages', 'Cancel');
    free();
    await rowOf('12,000', 'cancelled').waitFor();
    await workbench.toast(/Corpus cancelled: [\d,]+ of 12,000 messages are there/).waitFor();

    const { folder } = jobOf(12_000);
    const obstacle = join(folder, 'messages/000019.mbox');
    assert.ok(!existsSync(obstacle));
    mkdirSync(obstacle);
    await workbench.act('12,000 messages', 'Retry Failed Shards');
    await rowOf('12,000', 'incomplete').click();
    await workbench.row('Failures').click();
    await workbench.row('Shard 19').click();
    await workbench.tab('000019.json').waitFor();
    assert.match(await workbench.wholeText(), /EISDIR/);
    await rowOf('12,000', 'incomplete').click();

    rmdirSync(obstacle);
    await workbench.press('Corpus incomplete: 11,488 of 12,000 messages', 'Retry');
    await rowOf('12,000', 'ready').waitFor();
    const file = join(session.workspace, 'checked.mailwright.json');
    await done(['generate', file, '--out', join(session.workspace, 'undisturbed'), '--json']);
    digest = manifest(join(session.workspace, 'undisturbed')).digest;
    isWhole(folder);
  });

  it('is made again', async () => {
    await workbench.choose(rowOf('12,000', 'ready'), 'Run Again…');
    await workbench.decide('Make the same corpus once more?', 'Run');
    const free = await slowed();
    await rowOf('12,000', /[1-9]\d* %/).waitFor();
    free();
    process.kill(pidOf(jobs().at(-1)!.folder)!, 'SIGKILL'); // what comes of it is seen below: it takes its time
  });

  it('has in its row what it left', async () => {
    const { id, folder } = jobOf(1_000);
    await workbench.run('View: Close All Editors');
    await rowOf('1,000', 'ready').click();
    await workbench.row('Sample Messages').click();
    for (const [row, tab, text] of [
      ['Message 999', /^[0-9a-f]{12}\.eml/, /^Message-ID: /m],
      ['Ground Truth', 'arcs.jsonl', /^\{"arc_id":/m],
      ['Manifest', 'manifest.json', /"digest": "[0-9a-f]{64}"/],
      ['Job Spec and Plan', 'job.json', /"generator":/],
    ] as const) {
      await workbench.row(row).click();
      await workbench.tab(tab).waitFor();
      assert.match(await workbench.wholeText(), text);
    }
    await workbench.choose(rowOf('1,000', 'ready'), 'Copy Job Id');
    await until('the id is copied', async () => (await workbench.clipboard()) === id);
    const [window] = await Promise.all([
      session.browser.context.waitForEvent('page'),
      workbench.choose(rowOf('1,000', 'ready'), 'Reveal Folder'),
    ]);
    await window.waitForURL((url) => url.searchParams.get('folder') === folder);
    await window.close();
  });

  it('goes from the list, and for good only after a question', async () => {
    const [kept, deleted] = [jobOf(700), jobOf(800)];
    await workbench.choose(rowOf('700', 'ready'), 'Remove from List');
    await workbench.dialog(kept.folder).waitFor();
    await workbench.decide('Remove the job from the list?', 'Remove from List');
    await rowOf('700', 'ready').waitFor({ state: 'detached' });
    assert.ok(existsSync(join(kept.folder, 'manifest.json')));

    await workbench.choose(rowOf('800', 'ready'), 'Delete Corpus…');
    await workbench.dialog('800 messages, their ground truth, receipts and manifest are deleted for good').waitFor();
    await workbench.decide(deleted.folder, 'Cancel');
    assert.ok(existsSync(join(deleted.folder, 'manifest.json')));
    await workbench.choose(rowOf('800', 'ready'), 'Delete Corpus…');
    await workbench.decide(deleted.folder, 'Delete Corpus');
    await rowOf('800', 'ready').waitFor({ state: 'detached' });
    assert.ok(!existsSync(deleted.folder));
  });

  it('is interrupted when its process is killed, and goes on from there', async () => {
    await rowOf('12,000', 'interrupted').waitFor();
    assert.equal((await told(workbench)).filter((text) => text.startsWith('Corpus interrupted after')).length, 1);
    await workbench.act(/12,000 messages.*interrupted/, 'Retry Failed Shards');
    await rowOf('12,000', 'interrupted').waitFor({ state: 'detached' });
    await rowOf('12,000', 'ready').nth(1).waitFor();
    assert.equal(await rowOf('12,000', 'ready').count(), 2);
    isWhole(jobs().at(-1)!.folder);
  });

  it('outlives windows and VS Code itself, and is told of once', async () => {
    await start('long', { messages: 30_000, delivery: { layout: 'none' }, execution: { workers: 1 } });
    const free = await slowed();
    const running = /[1-9]\d* %/;
    await rowOf('30,000', running).waitFor();
    const [other] = await Promise.all([session.open(), workbench.reload()]);
    await other.show();
    for (const window of [workbench, other]) await rowOf('30,000', running, window).waitFor();

    const { folder } = jobOf(30_000);
    session.server.kill();
    const before = progress(folder).sequence;
    await until('the job goes on', () => progress(folder).sequence > before);
    free();
    await session.server.start();
    await Promise.all([workbench.refresh(), other.refresh()]);
    for (const window of [workbench, other]) await window.show(); // what VS Code had not written down is lost
    await Promise.all([workbench, other].map((window) => rowOf('30,000', 'ready', window).waitFor()));
    const ofIt = (texts: string[]): string[] => texts.filter((text) => text.includes('30,000'));
    const texts = [...(await told(workbench)), ...(await told(other))];
    assert.match(ofIt(texts).join('\n'), /^Corpus ready: 30,000 messages, 1\d\d MB in \d+ (s|min)\W*$/);
    await workbench.choose(rowOf('30,000', 'ready'), 'Open Message…');
    await workbench.choice('Message 29999').click();
    await workbench.tab(/^[0-9a-f]{12}\.eml$/).waitFor();
    assert.match(await workbench.text(), /^Message-ID: /m, 'it is not kept, and made again');
    await other.reload();
    await rowOf('30,000', 'ready', other).waitFor();
    assert.deepEqual(ofIt(await told(other)), []);
  });

  it('asks for nothing outside this machine', () => assert.deepEqual([...session.browser.outside], []));
});

/** Who works on a job. */
function pidOf(folder: string): number | undefined {
  const lock = join(folder, 'lock');
  return existsSync(lock) ? json<{ readonly pid: number }>(lock).pid : undefined;
}

/** Keeps every text that the elements of a window show from now on: some stand there for less than a look takes. */
async function recordOf({ page }: Workbench, selector: string): Promise<() => Promise<string[]>> {
  const record = await page.evaluateHandle((selector) => {
    const seen = new Set<string>();
    const look = (): void => document.querySelectorAll(selector).forEach((element) => seen.add(element.textContent ?? ''));
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
    look();
    return seen;
  }, selector);
  return () => record.evaluate((seen) => [...seen]);
}

/** However they end. */
const lines = (text: string): string => text.replaceAll('\r\n', '\n');
