import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ARTIFACTS, environment, FakeCloud, STACK, writeInfra } from './deploy-fake.ts';

/** The commands as a pipeline has them: a process of their own, and no terminal. */

interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

describe('mailwright deploy and destroy', () => {
  let cloud: FakeCloud;
  let installed: string;

  before(() => {
    installed = mkdtempSync(join(tmpdir(), 'mailwright-installed-'));
    renameSync(writeInfra(), join(installed, 'infra'));
  });
  after(() => rmSync(installed, { recursive: true }));
  beforeEach(async () => {
    cloud = new FakeCloud();
    await cloud.start();
  });
  afterEach(() => cloud.stop());

  function run(command: 'deploy' | 'destroy', options: object = {}, started: (child: ChildProcess) => void = () => {}): Promise<Result> {
    const module = new URL(`../../src/cli/aws/${command}.ts`, import.meta.url).href;
    const given = JSON.stringify({ endpoint: cloud.endpoint, region: 'eu-west-1', ...options });
    const installation = JSON.stringify({ command: join(installed, 'mailwright.mjs') });
    const program = `const { ${command} } = await import(${JSON.stringify(module)}); process.exitCode = await ${command}(${given}, ${installation});`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      env: environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    started(child);
    const texts = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const)
      child[stream].setEncoding('utf8').on('data', (text: string) => (texts[stream] += text));
    return new Promise((done) => child.on('close', (code) => done({ code, ...texts })));
  }

  it('deploys with --yes: changes, events, outputs, what comes next', async () => {
    const { code, stdout, stderr } = await run('deploy', {
      yes: true,
      parameter: ['Concurrency=4'],
      notify: 'a@mail.example',
      stack: 'mine',
    });
    assert.equal(code, 0, stderr);
    assert.deepEqual(cloud.changeSets, [{ CodeBucket: ARTIFACTS, Concurrency: '4', NotifyEmail: 'a@mail.example' }]);
    assert.match(stderr, /^Mailwright 0\.1\.0 \(generator 1\) to the stack mine in account 123456789012, eu-west-1$/m);
    assert.match(stderr, /^CHANGE {2}RESOURCE {2}TYPE\nAdd {5}Bucket {4}AWS::S3::Bucket$/m);
    assert.match(stderr, /^12:00:00 {2}CREATE_COMPLETE {5}mine {2}AWS::CloudFormation::Stack$/m);
    assert.equal(
      stdout,
      `\nThe stack mine is there.\na@mail.example gets mail that asks to confirm: without that, it gets no other.\nBucket  mailwright-corpora\n\nNext: mailwright start --messages 1000 --region eu-west-1 --endpoint ${cloud.endpoint} --stack mine\n`,
    );
  });

  it('shows the changes, then needs --yes where there is no terminal', async () => {
    const { code, stderr } = await run('deploy');
    assert.equal(code, 1); // main.ts makes 2 of a UsageError
    assert.match(stderr, /Add {5}Bucket[\s\S]*UsageError: Make these changes in account 123456789012, eu-west-1\?.*add --yes/);
    assert.equal(cloud.openChangeSets, 0);
    assert.equal(cloud.stacks.size, 0);
  });

  it('reports JSON lines', async () => {
    const { stdout } = await run('deploy', { yes: true, json: true });
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.deepEqual(
      events.map(({ event }) => event),
      ['account', 'bucket', 'artifact', 'artifact', 'changes', 'resource', 'resource', 'ended'],
    );
    assert.deepEqual(events[0], { event: 'account', account: '123456789012', region: 'eu-west-1', partition: 'aws', stack: 'mailwright' });
    assert.deepEqual(events.at(-1), { event: 'ended', status: 'created', outputs: { Bucket: 'mailwright-corpora' } });
  });

  it('stops following on Ctrl-C, and says that CloudFormation goes on', async () => {
    let child: ChildProcess | undefined;
    cloud.onExecute = [[['', STACK, 'CREATE_IN_PROGRESS']]];
    cloud.before = (action) => {
      if (action === 'DescribeStackEvents' && cloud.asked.includes('ExecuteChangeSet mailwright')) child!.kill('SIGINT');
    };
    const { code, stdout } = await run('deploy', { yes: true }, (started) => (child = started));
    assert.equal(code, 130);
    assert.match(stdout, /Interrupted\. CloudFormation goes on making the stack mailwright/);
  });

  it('refuses a parameter without a value', async () => {
    const { code, stderr } = await run('deploy', { yes: true, parameter: ['Concurrency'] });
    assert.equal(code, 1);
    assert.match(stderr, /UsageError: --parameter Concurrency: it has to be the name of a parameter, "=" and its value/);
  });

  it('says what it destroys, and destroys it with --yes', async () => {
    cloud.addStack('mailwright', 'CREATE_COMPLETE', { resources: { Bucket: ['AWS::S3::Bucket', 'corpora'] } });
    cloud.addBucket('corpora', ['corpora/J1/job.json', 'corpora/J2/job.json']);
    cloud.addBucket(ARTIFACTS, ['functions/a.zip']);
    const declined = await run('destroy', { deleteCorpora: true });
    assert.match(
      declined.stderr,
      /the bucket corpora with the corpora of 2 jobs\n {2}the bucket mailwright-artifacts-123456789012-eu-west-1/,
    );
    assert.match(declined.stderr, /UsageError: Destroy all of it\?.*add --yes/);
    assert.equal(cloud.buckets.get('corpora')!.objects.size, 2);
    const { code, stdout } = await run('destroy', { deleteCorpora: true, yes: true });
    assert.deepEqual([code, stdout], [0, 'Destroyed.\n']);
    assert.equal(cloud.stacks.size, 0);
  });

  it('has nothing to destroy', async () => {
    const { code, stdout } = await run('destroy', { yes: true });
    assert.equal(code, 0);
    assert.match(stdout, /^There is nothing to destroy: neither the stack mailwright in account 123456789012, eu-west-1 nor a bucket/);
  });
});
