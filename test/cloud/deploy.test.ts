import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readBundle } from '../../src/engine/aws/deploy/bundle.ts';
import { deploy, type Deployed, type DeployNews, type DeployQuestion } from '../../src/engine/aws/deploy/deploy.ts';
import { ARTIFACTS, bundle, FakeCloud, PREVIOUS, STACK, withKeys, writeInfra } from './deploy-fake.ts';

const QUEUE = 'AWS::SQS::Queue';

describe('deploying a stack', () => {
  let cloud: FakeCloud;
  let restore: () => void;
  let news: DeployNews[];
  let questions: DeployQuestion[];

  before(() => (restore = withKeys()));
  after(() => restore());
  beforeEach(async () => {
    cloud = new FakeCloud();
    news = [];
    questions = [];
    await cloud.start();
  });
  afterEach(() => cloud.stop());

  async function run(parameters: Record<string, string> = {}, consent = true, signal?: AbortSignal): Promise<Deployed> {
    const account = await cloud.account(signal);
    try {
      return await deploy(account, {
        bundle: bundle(),
        stack: 'mailwright',
        parameters,
        consent: (question) => {
          questions.push(question);
          return Promise.resolve(consent);
        },
        report: (one) => news.push(one),
      });
    } finally {
      account.close();
    }
  }

  const statuses = (): string[] => news.flatMap((one) => (one.event === 'resource' ? [`${one.resource} ${one.status}`] : []));

  it('makes the artifacts bucket, uploads, and makes the stack from there', async () => {
    assert.deepEqual(await run({ Concurrency: '4' }), { status: 'created', outputs: { Bucket: 'mailwright-corpora' } });
    const { template, code } = bundle();
    const bucket = cloud.buckets.get(ARTIFACTS)!;
    assert.deepEqual([...bucket.objects.keys()].sort(), [code.key, template.key]);
    assert.equal(bucket.objects.get(code.key)!.toString(), 'zip of functions');
    assert.deepEqual(cloud.changeSets, [{ CodeBucket: ARTIFACTS, Concurrency: '4' }]);
    assert.deepEqual(statuses(), ['mailwright CREATE_IN_PROGRESS', 'mailwright CREATE_COMPLETE']);
  });

  it('keeps the artifacts bucket to its owner and to TLS', async () => {
    await run();
    const { settings } = cloud.buckets.get(ARTIFACTS)!;
    assert.match(settings.get('create')!, /<LocationConstraint>eu-west-1</);
    assert.match(settings.get('ownershipControls')!, /<ObjectOwnership>BucketOwnerEnforced</);
    assert.match(settings.get('encryption')!, /<SSEAlgorithm>AES256</);
    assert.equal(settings.get('publicAccessBlock')!.match(/>true</g)!.length, 4);
    const [statement] = (JSON.parse(settings.get('policy')!) as { Statement: Record<string, unknown>[] }).Statement;
    assert.deepEqual(
      [statement!['Effect'], statement!['Resource'], statement!['Condition']],
      ['Deny', [`arn:aws:s3:::${ARTIFACTS}`, `arn:aws:s3:::${ARTIFACTS}/*`], { Bool: { 'aws:SecureTransport': 'false' } }],
    );
  });

  it('does without settings that an emulator does not know', async () => {
    cloud.unknown = ['policy', 'encryption', 'publicAccessBlock', 'ownershipControls'];
    assert.equal((await run()).status, 'created');
  });

  it('updates a stack: keeps its parameters, uploads nothing twice, tells no old events', async () => {
    await run({ Concurrency: '4', NotifyEmail: 'a@mail.example' });
    news = [];
    cloud.asked.length = 0;
    cloud.onExecute = [
      [
        ['', STACK, 'UPDATE_IN_PROGRESS'],
        ['Queue', QUEUE, 'UPDATE_IN_PROGRESS'],
        ['Queue', QUEUE, 'UPDATE_COMPLETE'],
      ],
      [],
      [['', STACK, 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS']],
      [['', STACK, 'UPDATE_COMPLETE']],
    ];
    assert.equal((await run({ Concurrency: '8' })).status, 'updated');
    assert.deepEqual(cloud.changeSets[1], { CodeBucket: ARTIFACTS, Concurrency: '8', NotifyEmail: PREVIOUS });
    assert.deepEqual(cloud.stacks.get('mailwright')!.parameters, {
      CodeBucket: ARTIFACTS,
      Concurrency: '8',
      NotifyEmail: 'a@mail.example',
    });
    assert.deepEqual(cloud.asked, ['CreateChangeSet mailwright', 'ExecuteChangeSet mailwright']);
    assert.deepEqual(statuses(), [
      'mailwright UPDATE_IN_PROGRESS',
      'Queue UPDATE_IN_PROGRESS',
      'Queue UPDATE_COMPLETE',
      'mailwright UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
      'mailwright UPDATE_COMPLETE',
    ]);
  });

  for (const words of [
    "The submitted information didn't contain changes. Submit different information to create a change set.",
    'No updates are to be performed.',
  ])
    it(`is up to date where CloudFormation says: ${words}`, async () => {
      cloud.addStack('mailwright', 'CREATE_COMPLETE', { outputs: { Bucket: 'b' } });
      cloud.changes = words;
      assert.deepEqual(await run(), { status: 'unchanged', outputs: { Bucket: 'b' } });
      assert.deepEqual(questions, []);
      assert.equal(cloud.openChangeSets, 0);
      assert.equal(cloud.stacks.get('mailwright')!.status, 'CREATE_COMPLETE');
    });

  it('carries out a change of settings alone', async () => {
    cloud.addStack('mailwright', 'CREATE_COMPLETE');
    cloud.changes = [];
    cloud.onExecute = [[['', STACK, 'UPDATE_COMPLETE']]];
    assert.equal((await run({ Concurrency: '3' })).status, 'updated');
    assert.deepEqual(questions, [{ about: 'changes', changes: [] }]);
  });

  it('leaves nothing behind where a new stack is declined', async () => {
    assert.deepEqual(await run({}, false), { status: 'declined' });
    assert.equal(cloud.openChangeSets, 0);
    assert.equal(cloud.stacks.size, 0);
  });

  it('leaves a stack as it is where its update is declined', async () => {
    cloud.addStack('mailwright', 'UPDATE_COMPLETE');
    assert.deepEqual(await run({}, false), { status: 'declined' });
    assert.equal(cloud.openChangeSets, 0);
    assert.equal(cloud.stacks.get('mailwright')!.status, 'UPDATE_COMPLETE');
    assert.deepEqual(cloud.asked.slice(-2), ['CreateChangeSet mailwright', 'DeleteChangeSet mailwright']);
  });

  it('shows every change, and what would lose corpora as a danger', async () => {
    cloud.addStack('mailwright', 'CREATE_COMPLETE');
    const bucket = { ResourceType: 'AWS::S3::Bucket' };
    cloud.changes = [
      { Action: 'Modify', LogicalResourceId: 'Same', Replacement: 'False', ...bucket },
      { Action: 'Modify', LogicalResourceId: 'Other', Replacement: 'True', ...bucket },
      { Action: 'Modify', LogicalResourceId: 'Perhaps', Replacement: 'Conditional', ...bucket },
      { Action: 'Remove', LogicalResourceId: 'Gone', ...bucket },
      { Action: 'Modify', LogicalResourceId: 'Queue', ResourceType: QUEUE, Replacement: 'True' },
    ];
    await run({}, false);
    const [question] = questions;
    assert.ok(question?.about === 'changes');
    assert.deepEqual(
      question.changes.map(({ action, resource, replacement, danger }) => [action, resource, replacement, danger]),
      [
        ['Modify', 'Same', 'False', undefined],
        ['Modify', 'Other', 'True', 'another, empty bucket takes its place: no corpus in the old one can be used any more'],
        ['Modify', 'Perhaps', 'Conditional', 'another, empty bucket may take its place: no corpus in the old one can be used any more'],
        ['Remove', 'Gone', undefined, 'the bucket goes: no corpus in it can be used any more'],
        ['Modify', 'Queue', 'True', undefined],
      ],
    );
  });

  it('names the resource that failed first and why, and what was taken back', async () => {
    cloud.onExecute = [
      [
        ['', STACK, 'CREATE_IN_PROGRESS'],
        ['Topic', 'AWS::SNS::Topic', 'CREATE_FAILED', 'Resource creation cancelled'],
        ['Worker', 'AWS::Lambda::Function', 'CREATE_FAILED', 'not authorized to perform: lambda:CreateFunction'],
        ['Queue', QUEUE, 'CREATE_FAILED', 'Resource creation cancelled'],
        ['', STACK, 'ROLLBACK_IN_PROGRESS', 'The following resource(s) failed to create: [Worker].'],
      ],
      [
        ['Bucket', 'AWS::S3::Bucket', 'DELETE_IN_PROGRESS'],
        ['Bucket', 'AWS::S3::Bucket', 'DELETE_COMPLETE'],
        ['Role', 'AWS::IAM::Role', 'DELETE_COMPLETE'],
        ['', STACK, 'ROLLBACK_COMPLETE'],
      ],
    ];
    await assert.rejects(run(), {
      code: 'STACK',
      message:
        'The stack mailwright could not be made. Worker (AWS::Lambda::Function): CREATE_FAILED: not authorized to perform: lambda:CreateFunction\nCloudFormation has taken back what it had made (resources: 2). Mend the cause and deploy again.',
    });
  });

  it('says what could not be rolled back either', async () => {
    cloud.addStack('mailwright', 'UPDATE_COMPLETE');
    cloud.onExecute = [
      [
        ['', STACK, 'UPDATE_IN_PROGRESS'],
        ['Queue', QUEUE, 'UPDATE_FAILED', 'the queue is gone'],
        ['', STACK, 'UPDATE_ROLLBACK_IN_PROGRESS'],
        ['Topic', 'AWS::SNS::Topic', 'UPDATE_FAILED', 'the topic is gone'],
        ['', STACK, 'UPDATE_ROLLBACK_FAILED'],
      ],
    ];
    await assert.rejects(run(), {
      code: 'STACK',
      message:
        'The stack mailwright could not be updated. Queue (AWS::SQS::Queue): UPDATE_FAILED: the queue is gone\nIt could not be rolled back either and is left as UPDATE_ROLLBACK_FAILED. Topic (AWS::SNS::Topic): UPDATE_FAILED: the topic is gone\nMend the cause, then: aws cloudformation continue-update-rollback --stack-name mailwright',
    });
  });

  it('deletes what a failed creation left, and begins anew', async () => {
    cloud.addStack('mailwright', 'ROLLBACK_COMPLETE', { parameters: {} });
    assert.equal((await run()).status, 'created');
    assert.deepEqual(
      questions.map(({ about }) => about),
      ['failed stack', 'changes'],
    );
    assert.deepEqual(
      cloud.asked.filter((one) => !one.startsWith('PutObject')),
      ['DeleteStack mailwright', 'CreateChangeSet mailwright', 'ExecuteChangeSet mailwright'],
    );
  });

  it('leaves a failed creation alone without consent', async () => {
    cloud.addStack('mailwright', 'ROLLBACK_COMPLETE');
    assert.deepEqual(await run({}, false), { status: 'declined' });
    assert.deepEqual(cloud.asked, []);
  });

  it('uses a stack that was only announced, by a deployment that was cut off', async () => {
    cloud.addStack('mailwright', 'REVIEW_IN_PROGRESS', { parameters: {} });
    assert.equal((await run()).status, 'created');
  });

  for (const [status, words] of [
    ['UPDATE_IN_PROGRESS', /at work on the stack mailwright \(UPDATE_IN_PROGRESS\)\. Wait/],
    ['UPDATE_ROLLBACK_FAILED', /left as UPDATE_ROLLBACK_FAILED\. Mend the cause, then: aws cloudformation continue-update-rollback/],
    ['DELETE_FAILED', /left as DELETE_FAILED\. Remove it with mailwright destroy/],
  ] as const)
    it(`refuses a stack in ${status}`, async () => {
      cloud.addStack('mailwright', status);
      await assert.rejects(run(), { code: 'STACK', message: words });
      assert.deepEqual(cloud.asked, []);
    });

  it('leaves a stack of something else alone', async () => {
    cloud.addStack('mailwright', 'CREATE_COMPLETE', { parameters: { Other: 'x' } });
    await assert.rejects(run(), { code: 'REFUSED', message: /mailwright is not one of Mailwright's/ });
    assert.deepEqual(cloud.asked, []);
  });

  it('does not use a bucket of another account', async () => {
    cloud.addBucket(ARTIFACTS, [], '999999999999');
    await assert.rejects(run(), { code: 'DENIED', message: /belongs to another account/ });
    assert.deepEqual(cloud.asked, []);
  });

  it('names the parameters there are', async () => {
    await assert.rejects(run({ Concurency: '8' }), {
      code: 'REFUSED',
      message: 'Concurency is not a parameter of the stack. There are: Concurrency, NotifyEmail.',
    });
    await assert.rejects(run({ CodeBucket: 'mine' }), { code: 'REFUSED' });
  });

  it("tells CloudFormation's words where it refuses a value", async () => {
    await assert.rejects(run({ Concurrency: '0' }), { code: 'REFUSED', message: /must be a number not less than 2/ });
  });

  it('tells why changes cannot be worked out, and leaves nothing behind', async () => {
    cloud.changes = 'Template error: instance of Fn::GetAtt references undefined resource X';
    await assert.rejects(run(), { code: 'STACK', message: /undefined resource X\. Nothing was changed\./ });
    assert.equal(cloud.openChangeSets, 0);
    assert.equal(cloud.stacks.size, 0);
  });

  it('stops before anything is changed', async () => {
    const stop = new AbortController();
    cloud.before = (action) => {
      if (action === 'DescribeChangeSet') stop.abort();
    };
    assert.deepEqual(await run({}, true, stop.signal), { status: 'interrupted', goesOn: false });
    assert.equal(cloud.openChangeSets, 0);
    assert.equal(cloud.stacks.size, 0);
  });

  it('says that CloudFormation goes on making a stack', async () => {
    const stop = new AbortController();
    cloud.onExecute = [[['', STACK, 'CREATE_IN_PROGRESS']]];
    cloud.before = (action) => {
      if (action === 'DescribeStackEvents' && cloud.asked.includes('ExecuteChangeSet mailwright')) stop.abort();
    };
    assert.deepEqual(await run({}, true, stop.signal), { status: 'interrupted', goesOn: true });
    assert.equal(cloud.stacks.get('mailwright')!.status, 'CREATE_IN_PROGRESS');
  });

  it('has an update rolled back', async () => {
    const stop = new AbortController();
    cloud.addStack('mailwright', 'UPDATE_COMPLETE');
    cloud.onExecute = [[['', STACK, 'UPDATE_IN_PROGRESS']]];
    cloud.onCancel = [[['', STACK, 'UPDATE_ROLLBACK_IN_PROGRESS']], [['', STACK, 'UPDATE_ROLLBACK_COMPLETE']]];
    cloud.before = (action) => {
      if (action === 'DescribeStackEvents' && cloud.asked.includes('ExecuteChangeSet mailwright')) stop.abort();
    };
    assert.deepEqual(await run({}, true, stop.signal), { status: 'interrupted', goesOn: false });
    assert.equal(cloud.asked.at(-1), 'CancelUpdateStack mailwright');
    assert.deepEqual(statuses(), [
      'mailwright UPDATE_IN_PROGRESS',
      'mailwright UPDATE_ROLLBACK_IN_PROGRESS',
      'mailwright UPDATE_ROLLBACK_COMPLETE',
    ]);
  });
});

describe('what is deployed', () => {
  let folder: string;
  beforeEach(() => (folder = writeInfra()));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is read with its parameters, keys and digests', () => {
    const { version, template, parameters, code } = readBundle(folder);
    assert.equal(version, '0.1.0');
    assert.deepEqual(parameters, ['CodeBucket', 'Concurrency', 'NotifyEmail']);
    assert.match(template.key, /^templates\/[0-9a-f]{64}\.json$/);
    assert.equal(Buffer.from(code.bytes).toString(), 'zip of functions');
  });

  it('is missing where nothing was synthesized', () => {
    rmSync(folder, { recursive: true });
    assert.throws(() => readBundle(folder), { code: 'NOT_FOUND', message: /infra\.json.*npm run synth/ });
  });

  it('is refused where a file is not the one that was synthesized', () => {
    writeFileSync(join(folder, 'functions.zip'), 'something else');
    assert.throws(() => readBundle(folder), { code: 'CORRUPT', message: /functions\.zip is not what infra\.json says/ });
  });
});
