import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FrameLocator } from 'playwright-core';
import type { TruthLine } from '../../src/corpus/truth/line.ts';
import { Session } from '../vscode/session.ts';
import type { Workbench } from '../vscode/workbench.ts';

const SPEC = { version: 1, seed: 'score', messages: 600, scenarios: [{ scenario: 'all', rate: 4, nearMisses: 1 }] };

/** A corpus, the alerts of a system, the report; and from there to the messages. */
describe('Score Alerts in a window', function () {
  this.timeout(240_000);

  let session: Session;
  let workbench: Workbench;
  /** Required on its own, with evidence in its text; the alerts leave it out. */
  let missed: TruthLine;
  /** A near miss that the alerts have. */
  let flagged: TruthLine;

  const path = (name: string): string => join(session.workspace, name);
  const idOf = ({ key }: TruthLine): string => key.split('/').at(-1)!;

  before(async () => {
    session = await Session.start();
    writeFileSync(path('score.mailwright.json'), JSON.stringify(SPEC));
    workbench = await session.open();
    await workbench.openFile('score.mailwright.json');
    await workbench.run('Run Job File');
    await workbench.toast('Corpus ready').waitFor({ timeout: 120_000 });
    const corpora = join(session.server.home, 'Mailwright');
    const truth = join(corpora, readdirSync(corpora)[0]!, 'truth');
    const lines = readdirSync(truth)
      .filter((name) => /^\d+\.jsonl$/.test(name))
      .flatMap((name) => readFileSync(join(truth, name), 'utf8').trimEnd().split('\n'))
      .map((line) => JSON.parse(line) as TruthLine);
    const inText = ({ evidence }: TruthLine): boolean => evidence.some(({ layer }) => layer === 'authored');
    missed = lines.find((line) => line.due === 'required' && line.alert_unit === 'message' && inText(line))!;
    flagged = lines.find((line) => line.label === 'near_miss' && inText(line))!;
    const alerted = [...lines.filter((line) => line.due === 'required' && line !== missed), flagged];
    writeFileSync(path('alerts.csv'), `message_id,policy\n${alerted.map((line) => `${line.message_id},<b>rule</b>\n`).join('')},nobody\n`);
    writeFileSync(path('columns.csv'), `Ticket,MsgID\n${alerted.map((line, i) => `${i},${line.message_id}\n`).join('')}`);
    writeFileSync(path('list.json'), '[{"message_id": "<a@b.example>"}]');
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await session.shoot(this.currentTest.fullTitle());
  });

  after(() => session?.close());

  /** Chooses the job, and a file of the workspace. */
  async function score(file: string): Promise<void> {
    await workbench.answerBy('Score Alerts…', '600 messages');
    await workbench.page.locator('.quick-input-title').filter({ hasText: 'The alerts to score' }).waitFor();
    await workbench.choice(file).click(); // the dialog puts the folder into its input when it has listed it, over what was typed before
  }

  const report = (): Promise<FrameLocator> => workbench.webviewWith('.cards');
  const mailOf = (line: TruthLine): Promise<FrameLocator> => workbench.webviewWith(`.truth.${line.label}`);

  /** Presses the key of a message in a list of the report, and looks at what opens. */
  async function opens(list: string, line: TruthLine): Promise<FrameLocator> {
    const view = await report();
    const section = view.locator('details').filter({ has: view.locator('summary', { hasText: list }) });
    if ((await section.getAttribute('open')) === null) await section.locator('summary').click();
    await section.getByRole('button', { name: line.key }).click();
    await workbench.tab(idOf(line)).waitFor();
    return mailOf(line);
  }

  /** The words that show it stand marked in the message. */
  async function marked(mail: FrameLocator, { evidence }: TruthLine): Promise<void> {
    await mail.getByRole('tab', { name: 'Plain Text' }).click();
    const words = (text: string): string => text.replace(/\s+/g, ' ').trim();
    await mail.locator('pre mark').first().waitFor();
    const shown = words((await mail.locator('pre mark').allInnerTexts()).join(' '));
    assert.ok(
      evidence.some(({ layer, quote }) => layer === 'authored' && shown.includes(words(quote))),
      shown,
    );
  }

  it('shows the report of the alerts in an editor, with plots', async () => {
    await score('alerts.csv');
    await workbench.tab('Score: alerts.csv').waitFor();
    const view = await report();
    await view.getByRole('heading', { name: path('alerts.csv') }).waitFor();
    assert.equal(await view.locator('svg[role=img]').count(), 2);
    assert.match(await view.locator('body').innerText(), /alerts\.csv:\d+: it names no message/);
    assert.equal(await view.locator('b').count(), 0, 'the name of a policy is text');
    await session.shoot('score-report');
  });

  it('opens a missed positive in Mail Preview, with its evidence marked', async () => {
    const mail = await opens('Missed', missed);
    assert.match(await mail.locator('.truth').innerText(), /Positive[^]*an alert is owed/);
    await marked(mail, missed);
    await session.shoot('score-missed');
  });

  it('opens a flagged near miss likewise', async () => {
    const mail = await opens('Near misses flagged', flagged);
    assert.match(await mail.locator('.truth').innerText(), /Near miss/);
    await marked(mail, flagged);
    await session.shoot('score-near-miss');
  });

  it('shows the report again after a reload', async () => {
    await workbench.tab('Score: alerts.csv').click();
    await report();
    await workbench.reload();
    await workbench.tab('Score: alerts.csv').click();
    const view = await workbench.webviewWith('.cards', 150_000); // a new extension host has to come up first
    await view.getByRole('heading', { name: path('alerts.csv') }).waitFor();
    await opens('Missed', missed);
  });

  it('asks for the column where it cannot tell which one holds the Message-ID', async () => {
    await score('columns.csv');
    await workbench.choice('MsgID').click();
    await workbench.tab('Score: columns.csv').waitFor();
    const view = await workbench.webviewWith('h1:text("columns.csv")');
    await view.locator('.cards').waitFor();
  });

  it('says what is wrong with a file that is none, and the way out', async () => {
    await score('list.json');
    const toast = workbench.toast('is one JSON list: give one object a line');
    await toast.waitFor();
    assert.ok((await toast.innerText()).includes(path('list.json')));
  });
});
