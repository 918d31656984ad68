import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Account } from '../../src/engine/aws/deploy/account.ts';
import { readBundle } from '../../src/engine/aws/deploy/bundle.ts';
import { deploy } from '../../src/engine/aws/deploy/deploy.ts';
import { findStack } from '../../src/engine/aws/deploy/stack.ts';
import { sha256Of } from '../../src/job/digest.ts';
import { type Cloud, startCloud } from '../cloud/emulator/cloud.ts';
import { PROJECT, run, scratch, until } from '../e2e/support.ts';
import { Session } from '../vscode/session.ts';
import type { Workbench } from '../vscode/workbench.ts';

const ADMIN = 'mailwright-admin';
/** A resource of the template, by its logical id: one that can be made to take its time. */
const HELD = 'WorkerFunction';

describe('the stack, from the palette', function () {
  this.timeout(120_000);

  const path = scratch();
  let cloud: Cloud;
  let session: Session;
  let window: Workbench;
  let profiles: Record<string, string>;

  before(async () => {
    cloud = await startCloud({ scale: 10 });
    profiles = { ...cloud.writeProfiles(path('aws')), AWS_EC2_METADATA_DISABLED: 'true' };
    session = await Session.start({ env: profiles, settings: { 'mailwright.aws.profile': ADMIN } });
    window = await session.open();
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await session.shoot(this.currentTest.fullTitle());
  });

  after(async () => {
    await session?.close();
    await cloud?.stop();
  });

  /** Holds a resource back until the function that is answered is called. */
  function hold(resource: string): () => void {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    cloud.held.set(resource, promise);
    return () => {
      cloud.held.delete(resource);
      resolve(undefined);
    };
  }

  const question = 'Make these changes to the stack mailwright?';
  const progress = () => window.toast('Deploying the stack mailwright');

  it('shows what would change, and changes nothing without consent', async () => {
    await window.run('Deploy Stack');
    const asked = window.dialog(question);
    await asked.waitFor();
    assert.match(await asked.innerText(), /Account 000000000000, region eu-central-1\s+Add: \d\d/);
    await window.decide(question, 'Show Changes');
    await window.input.fill(HELD);
    await window.choice(HELD).waitFor();
    await window.page.keyboard.press('Escape');
    await window.decide(question, 'Cancel');
    await progress().waitFor({ state: 'detached' });
    assert.deepEqual(cloud.functions, []);
  });

  it('is made with consent; who stops looking is told that CloudFormation goes on, and how it ended', async () => {
    const release = hold(HELD);
    await window.run('Deploy Stack');
    await window.decide(question, 'Deploy');
    await progress()
      .filter({ hasText: `${HELD}: CREATE_IN_PROGRESS` })
      .waitFor();
    await window.press('Deploying the stack mailwright', 'Cancel');
    await window.toast('CloudFormation goes on making the stack mailwright').waitFor();
    release();
    await until('the stack is made', () =>
      asAdmin(async (account) => (await findStack(account, 'mailwright'))?.status === 'CREATE_COMPLETE'),
    );
    await window.run('Deploy Stack');
    await window.toast('The stack mailwright is up to date.').waitFor();
    assert.ok(cloud.functions.includes('mailwright-coordinator'));
  });

  it('is as it was, where an update is called off', async () => {
    await olderStack();
    hold(HELD);
    await window.run('Deploy Stack');
    const asked = window.dialog(question);
    await asked.waitFor();
    assert.match(await asked.innerText(), /Modify: \d/);
    await window.decide(question, 'Deploy');
    await progress()
      .filter({ hasText: `${HELD}: UPDATE_IN_PROGRESS` })
      .waitFor();
    await window.press('Deploying the stack mailwright', 'Cancel');
    await window.toast('Interrupted. The stack mailwright is as it was.').waitFor();
    cloud.held.clear();
  });

  /** Brings the stack to a template in which workers have less memory, as one of an older version had. */
  async function olderStack(): Promise<void> {
    const bundle = readBundle(join(PROJECT, 'dist/infra'));
    const template = JSON.parse(Buffer.from(bundle.template.bytes).toString()) as { Resources: Record<string, { Properties: object }> };
    Object.assign(template.Resources[HELD]!.Properties, { MemorySize: 1024 });
    const bytes = Buffer.from(JSON.stringify(template));
    const older = { ...bundle, template: { ...bundle.template, bytes, key: `templates/${sha256Of(bytes)}.json` } };
    const request = { bundle: older, stack: 'mailwright', parameters: {}, consent: () => Promise.resolve(true), report: () => {} };
    assert.equal((await asAdmin((account) => deploy(account, request))).status, 'updated');
  }

  async function asAdmin<T>(does: (account: Account) => Promise<T>): Promise<T> {
    const before = process.env;
    process.env = { ...before, ...profiles };
    try {
      const account = await Account.open({ profile: ADMIN });
      return await does(account).finally(() => account.close());
    } finally {
      process.env = before;
    }
  }

  it('goes with its corpora only where its name is typed', async () => {
    const made = await run(['start', '--messages', '256', '--layout', 'zip'], { env: { ...profiles, AWS_PROFILE: 'mailwright-user' } });
    assert.equal(made.code, 0, made.stderr);
    const destroyed = 'Destroy all of this?';
    await window.run('Destroy Stack');
    const asked = window.dialog(destroyed);
    await asked.waitFor();
    assert.match(await asked.innerText(), /with the corpora of 1 job/);
    await window.decide(destroyed, 'Destroy with Corpora');
    await window.answer('another');
    await window.page.getByText('Type mailwright').first().waitFor();
    assert.ok(cloud.functions.length > 0);
    await window.answer('mailwright');
    await window.toast('The stack mailwright has been destroyed.').waitFor();
    assert.deepEqual([cloud.functions, cloud.buckets], [[], []]);
  });

  it('was not in the way of anybody’s permissions', () => assert.deepEqual(cloud.denials, []));
});
