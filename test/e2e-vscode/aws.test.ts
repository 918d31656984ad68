import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TruthLine } from '../../src/corpus/truth/line.ts';
import { Stack } from '../cloud/deployed.ts';
import { done, scratch } from '../e2e/support.ts';
import { Session } from '../vscode/session.ts';
import type { Workbench } from '../vscode/workbench.ts';

const PROFILE = 'mailwright-user';
/** For what workers do: each starts as a process of its own. */
const LONG = { timeout: 90_000 };
const SHARDS = 'ShardQueue';

/**
 * The extension on AWS as a user has it: a profile from a config file whose login may invoke the coordinator and read
 * corpora, and nothing else. Each job has a size of its own, which its row and its notifications name.
 */
describe('jobs on AWS', function () {
  this.timeout(300_000);

  const path = scratch();
  const secrets = new Set<string>();
  let stack: Stack;
  let session: Session;
  let window: Workbench;

  before(async () => {
    stack = await Stack.deployed({ scale: 20, seed: 1, concurrency: 2 });
    session = await Session.start({ env: { ...writeProfiles(), AWS_EC2_METADATA_DISABLED: 'true' }, height: 1000 });
    mkdirSync(join(session.workspace, '.vscode'));
    writeFileSync(join(session.workspace, '.vscode/settings.json'), JSON.stringify({ 'mailwright.target': 'aws' }));
    // Before the window is there: it looks for files once.
    for (const messages of [1100, 1200, 1300, 1500]) {
      const spec = { messages, content: { languages: { en: 1 } }, delivery: { layout: 'zip' }, execution: { shardBlocks: 1 } };
      writeFileSync(join(session.workspace, jobFile(messages)), JSON.stringify(spec));
    }
    window = await session.open();
    await window.show();
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await session.shoot(this.currentTest.fullTitle());
    stack.cloud.faults = {};
    stack.cloud.release(SHARDS);
  });

  after(async () => {
    await session?.close();
    await stack?.cloud.stop();
  });

  /** Writes the files of the profiles, with the keys of now. */
  function writeProfiles(): Record<string, string> {
    for (const login of ['user', 'admin'] as const) secrets.add(stack.cloud.environment(login)['AWS_SECRET_ACCESS_KEY']!);
    return stack.cloud.writeProfiles(path('aws'));
  }

  const jobFile = (messages: number): string => `of-${messages}.mailwright.json`;
  const digits = (messages: number): string => messages.toLocaleString('en-US');
  const row = (messages: number, state: string | RegExp, at = window) =>
    at.row(new RegExp(`${digits(messages)} messages.*${typeof state === 'string' ? state : state.source}`));
  const HALF = /[1-9]\d? %/;

  /** Runs a job file of so many messages, in shards of 256, and says yes to what it costs. */
  async function run(messages: number): Promise<void> {
    await window.openFile(jobFile(messages));
    await window.run('Run Job File');
    await window.decide(`Make ${digits(messages)} messages on AWS?`, 'Run');
  }

  /** The job that was started last. */
  const latest = (): string => stack.cloud.executions.at(-1)!.name.replace(/-\d+$/, '');

  /** How many notifications of a window say so, those that are hidden by now too. */
  const notices = async (words: string, at = window): Promise<number> =>
    (await at.notifications()).filter((text) => text.includes(words)).length;

  it('from a preset to a message: a profile is picked, consent asked for, progress shown, the end told of once', async () => {
    const form = await window.webviewWith('#run');
    await form.getByTestId('preset-smoke').click();
    const target = form.locator('section h2 button').filter({ hasText: 'Target' });
    if ((await target.getAttribute('aria-expanded')) === 'false') await target.click();
    await form.getByRole('radio', { name: 'This machine' }).check();
    await form.getByRole('radio', { name: 'AWS' }).check();
    await form.getByText('Or choose a profile: Mailwright: Select AWS Profile').waitFor();
    await window.answerBy('Select AWS Profile', new RegExp(`^${PROFILE}`)); // a role's row names it as well
    await form.getByText(stack.bucket).waitFor();

    stack.cloud.hold(SHARDS, 1);
    await form.locator('#run').click();
    const asked = window.dialog('Make 1,000 messages on AWS?');
    await asked.waitFor();
    const days = new Date(Date.now() + 30 * 86_400_000).toLocaleDateString('en', { dateStyle: 'long' });
    const said = await asked.innerText();
    for (const part of [`s3://${stack.bucket}/corpora/`, 'eu-central-1', 'It will cost', '$0.01', `after 30 days, on ${days}`])
      assert.ok(said.includes(part), `${part} is not in: ${said}`);
    assert.equal(stack.cloud.executions.length, 0, 'nothing begins before consent');
    await window.decide('Make 1,000 messages on AWS?', 'Run');
    await row(1000, HALF).waitFor(LONG);
    await window.statusBar(/Corpus [1-9]\d? %/).waitFor();
    stack.cloud.release(SHARDS);
    await window.toast('Corpus ready: 1,000 messages').waitFor(LONG);
    await row(1000, 'ready').waitFor();
    await window.statusBar('Corpus').waitFor({ state: 'detached' });
    assert.equal(await window.toast('Corpus ready').count(), 1);

    await window.press('Corpus ready', 'Open a Message');
    const { id, quote } = positiveOf(latest());
    await window.tab(`${id}.eml`).waitFor();
    assert.match(await window.text(), /^Subject: /m);
    await window.run('Open Mail Preview to the Side');
    const view = await window.webviewWith('[role=tablist]');
    await view.getByText('Ground truth: Positive').waitFor();
    await view.getByText(quote).first().waitFor();
    assert.equal(await notices('Corpus ready'), 0, 'there is no other');
    assert.deepEqual(stack.cloud.denials, []);
  });

  /** The first positive message of a job. */
  function positiveOf(job: string): { id: string; quote: string } {
    for (const name of stack.keys(job, 'truth/').filter((key) => /\d{6}\.jsonl$/.test(key)))
      for (const line of stack.cloud.object(stack.bucket, `corpora/${job}/${name}`)!.toString().trim().split('\n')) {
        const { key, label, evidence } = JSON.parse(line) as TruthLine;
        if (label === 'positive') return { id: /([0-9a-f]+)\.eml$/.exec(key)![1]!, quote: evidence[0]!.quote };
      }
    throw new Error('the corpus has no positive message');
  }

  it('cancelled in its middle, and made whole by Retry', async () => {
    stack.cloud.hold(SHARDS, 1);
    await run(1100);
    await row(1100, HALF).waitFor(LONG);
    await window.act(/1,100 messages/, 'Cancel');
    await row(1100, 'cancelled').waitFor(LONG);
    await window.toast('Corpus cancelled: 256 of 1,100 messages are there').waitFor(LONG);
    stack.cloud.release(SHARDS);
    await window.act(/1,100 messages/, 'Retry Failed Shards');
    await window.toast('Corpus ready: 1,100 messages').waitFor(LONG);
    await row(1100, 'ready').waitFor();
    assert.equal(stack.manifest(latest())!.attempt, 2);
  });

  it('incomplete by a shard that fails again and again, and made whole by Retry Failed Shards', async () => {
    stack.cloud.faults = { s3: { broken: (key) => key.endsWith('/shards/000002.json') } };
    await run(1200);
    await window.toast('Corpus incomplete: 944 of 1,200 messages; shards not made: 1').waitFor(LONG);
    await row(1200, 'incomplete').waitFor();
    stack.cloud.faults = {};
    await window.press('Corpus incomplete', 'Show Log');
    await window.page.locator('.part.panel .view-line').filter({ hasText: 'shard(s) failed' }).first().waitFor();
    await window.act(/1,200 messages/, 'Retry Failed Shards');
    await window.toast('Corpus ready: 1,200 messages').waitFor(LONG);
    await row(1200, 'ready').waitFor();
  });

  it('followed on with new credentials, where the old ones expired in its middle', async () => {
    stack.cloud.hold(SHARDS, 1);
    await run(1300);
    await row(1300, HALF).waitFor(LONG);
    stack.cloud.expire('user');
    const expired = window.toast('The login of profile mailwright-user has expired.');
    await expired.waitFor();
    await row(1300, 'cannot be read now').waitFor();
    await window.press(/has expired/, 'Sign In');
    const advice = window.toast('Put current keys into the profile: aws configure --profile mailwright-user');
    await advice.getByRole('button', { name: 'Try Again' }).waitFor();
    stack.cloud.renew('user');
    writeProfiles();
    await advice.getByRole('button', { name: 'Try Again' }).click();
    await row(1300, 'cannot be read now').waitFor({ state: 'detached' });

    stack.cloud.expire('user');
    await expired.waitFor();
    assert.equal(await notices('has expired'), 1);
    stack.cloud.renew('user');
    writeProfiles();
    stack.cloud.release(SHARDS);
    await window.toast('Corpus ready: 1,300 messages').waitFor(LONG);
  });

  it('found on the stack where the command line has started it, and downloaded whole', async () => {
    const messages = 1400;
    await stack.json(['start', '--messages', String(messages)]);
    const { digest } = stack.manifest(latest())!;
    await window.run('Find Jobs on the Stack');
    await window.choice('1,400 messages').click();
    await window.page.keyboard.press('Enter');
    await row(messages, 'ready').waitFor();
    assert.equal(await notices('Corpus ready: 1,400'), 0, 'it has ended before it was asked for');

    mkdirSync(path('corpora'));
    await window.answerBy('Download Corpus…', '1,400 messages', 'The whole corpus');
    await window.pickFolder(path('corpora'), 'Download Here');
    await window.toast('1,400 messages are in').waitFor();
    const verified = await done(['verify', path('corpora', latest())]);
    assert.match(verified.stdout, new RegExp(`Whole: 1,400 messages, .*${digest}`));
  });

  it('told of once, whatever windows were reloaded and opened meanwhile', async () => {
    stack.cloud.hold(SHARDS, 1);
    await run(1500);
    await row(1500, HALF).waitFor(LONG);
    const second = await session.open();
    await second.show();
    await row(1500, HALF, second).waitFor(LONG);
    await window.reload();
    await window.run('Show Jobs'); // a click on the bar would hide a view that is just being restored
    await row(1500, HALF).waitFor(LONG);
    stack.cloud.release(SHARDS);
    for (const at of [window, second]) await row(1500, 'ready', at).waitFor(LONG);
    const told = async (): Promise<number> => (await notices('Corpus ready: 1,500')) + (await notices('Corpus ready: 1,500', second));
    assert.equal(await told(), 1);
    await window.reload();
    await window.run('Show Jobs');
    await row(1500, 'ready').waitFor(LONG);
    assert.equal(await notices('Corpus ready: 1,500'), 0, 'what was told is not told again');
  });

  it('needed no permission that the user does not have', () => assert.deepEqual(stack.cloud.denials, []));

  it('left no secret key in a log or a file', () => {
    const folder = session.server.folder;
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const logs = files.filter(({ name, parentPath }) => /exthost/.test(parentPath) && /Mailwright\.log$/.test(name));
    assert.ok(logs.length > 0, 'the extension has a log');
    assert.ok(files.some(({ parentPath }) => parentPath.includes('globalStorage')));
    for (const { parentPath, name } of files) {
      const text = readFileSync(join(parentPath, name), 'latin1');
      for (const secret of secrets) assert.ok(!text.includes(secret), `a secret key is in ${join(parentPath, name)}`);
    }
  });

  it('asked for nothing outside this machine', () => assert.deepEqual([...session.browser.outside], []));
});
