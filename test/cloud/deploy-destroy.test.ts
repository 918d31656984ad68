import assert from 'node:assert/strict';
import { destroy, type Destroyed, type DestroyNews, type DestroyQuestion } from '../../src/engine/aws/deploy/destroy.ts';
import { ARTIFACTS, FakeCloud, STACK, type Told, withKeys } from './deploy-fake.ts';

const CORPORA = 'mailwright-corpora';

describe('destroying a stack', () => {
  let cloud: FakeCloud;
  let restore: () => void;
  let news: DestroyNews[];
  let questions: DestroyQuestion[];

  before(() => (restore = withKeys()));
  after(() => restore());
  beforeEach(async () => {
    cloud = new FakeCloud();
    news = [];
    questions = [];
    await cloud.start();
  });
  afterEach(() => cloud.stop());

  async function run(
    { deleteCorpora = false, consent = true }: { deleteCorpora?: boolean; consent?: boolean } = {},
    signal?: AbortSignal,
  ): Promise<Destroyed> {
    const account = await cloud.account(signal);
    try {
      return await destroy(account, {
        stack: 'mailwright',
        deleteCorpora,
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

  /** A stack with the corpora of so many jobs. */
  function deployed(jobs: number): void {
    cloud.addStack('mailwright', 'CREATE_COMPLETE', {
      resources: { Bucket: ['AWS::S3::Bucket', CORPORA], Queue: ['AWS::SQS::Queue', 'q'] },
    });
    const names = Array.from({ length: jobs }, (_, job) =>
      ['job.json', 'messages/0.eml', 'manifest.json'].map((name) => `corpora/J${job}/${name}`),
    );
    cloud.addBucket(CORPORA, names.flat());
    cloud.addBucket(ARTIFACTS, ['functions/a.zip', 'functions/b.zip', 'templates/c.json']);
  }

  it('removes an empty stack, and the bucket it was deployed from', async () => {
    deployed(0);
    assert.deepEqual(await run(), { status: 'destroyed' });
    assert.equal(cloud.stacks.size, 0);
    assert.deepEqual([...cloud.buckets.keys()], [CORPORA]); // the fake does not delete what a stack made
    assert.deepEqual(questions, [{ stack: 'mailwright', buckets: [{ bucket: CORPORA, jobs: 0 }], artifacts: ARTIFACTS }]);
    assert.deepEqual(news, [
      ...['DELETE_IN_PROGRESS', 'DELETE_COMPLETE'].map((status) => ({
        event: 'resource',
        time: '2026-03-06T12:00:00.000Z',
        resource: 'mailwright',
        type: STACK,
        status,
        isStack: true,
      })),
      { event: 'artifacts', bucket: ARTIFACTS, neededBy: [] },
    ]);
  });

  it('refuses while there are corpora, and says how many', async () => {
    deployed(3);
    await assert.rejects(run(), {
      code: 'CORPORA',
      message: /its bucket mailwright-corpora holds the corpora of 3 jobs.*--delete-corpora/,
    });
    assert.equal(cloud.buckets.get(CORPORA)!.objects.size, 9);
    assert.deepEqual(cloud.asked, []);
  });

  it('empties the bucket first where the corpora are to go as well', async () => {
    deployed(3);
    cloud.buckets.get(CORPORA)!.uploads.add('u1').add('u2');
    let left: number | undefined;
    cloud.before = (action) => {
      if (action === 'DeleteStack') left = cloud.buckets.get(CORPORA)!.objects.size + cloud.buckets.get(CORPORA)!.uploads.size;
    };
    assert.deepEqual(await run({ deleteCorpora: true }), { status: 'destroyed' });
    assert.equal(left, 0);
    assert.deepEqual(questions[0]!.buckets, [{ bucket: CORPORA, jobs: 3 }]);
    assert.equal(Math.max(...news.map((one) => (one.event === 'emptied' ? one.objects : 0))), 9);
  });

  it('does without a list of uploads where an emulator has none', async () => {
    deployed(1);
    cloud.unknown = ['uploads'];
    assert.deepEqual(await run({ deleteCorpora: true }), { status: 'destroyed' });
  });

  it('destroys nothing without consent', async () => {
    deployed(1);
    assert.deepEqual(await run({ deleteCorpora: true, consent: false }), { status: 'declined' });
    assert.equal(cloud.buckets.get(CORPORA)!.objects.size, 3);
    assert.equal(cloud.buckets.get(ARTIFACTS)!.objects.size, 3);
    assert.deepEqual(cloud.asked, []);
  });

  it('keeps the artifacts bucket for other stacks', async () => {
    deployed(0);
    cloud.addStack('unrelated', 'CREATE_COMPLETE', { parameters: {} });
    cloud.addStack('mailwright-test', 'CREATE_COMPLETE');
    assert.deepEqual(await run(), { status: 'destroyed' });
    assert.deepEqual(questions[0]!.artifacts, undefined);
    assert.deepEqual(news.at(-1), { event: 'artifacts', bucket: ARTIFACTS, neededBy: ['mailwright-test'] });
    assert.equal(cloud.buckets.get(ARTIFACTS)!.objects.size, 3);
  });

  it('removes an artifacts bucket that is left over', async () => {
    cloud.addBucket(ARTIFACTS, ['functions/a.zip']);
    assert.deepEqual(await run(), { status: 'destroyed' });
    assert.deepEqual(questions, [{ stack: undefined, buckets: [], artifacts: ARTIFACTS }]);
    assert.equal(cloud.buckets.size, 0);
  });

  it('has nothing to do where there is nothing', async () => {
    assert.deepEqual(await run(), { status: 'absent' });
    assert.deepEqual(questions, []);
  });

  it('empties the bucket again where a worker has still put something', async () => {
    deployed(1);
    let deletions = 0;
    const failed: Told[][] = [
      [
        ['', STACK, 'DELETE_IN_PROGRESS'],
        ['Bucket', 'AWS::S3::Bucket', 'DELETE_FAILED', 'The bucket you tried to delete is not empty'],
        ['', STACK, 'DELETE_FAILED'],
      ],
    ];
    const { onDelete } = cloud;
    cloud.before = (action) => {
      if (action !== 'DeleteStack') return;
      cloud.onDelete = ++deletions === 1 ? failed : onDelete;
      if (deletions === 1) cloud.buckets.get(CORPORA)!.objects.set('corpora/J0/messages/late.eml', Buffer.from('x'));
    };
    assert.deepEqual(await run({ deleteCorpora: true }), { status: 'destroyed' });
    assert.equal(deletions, 2);
    assert.equal(cloud.buckets.get(CORPORA)!.objects.size, 0);
  });

  it('names what could not be deleted, and why', async () => {
    deployed(0);
    cloud.onDelete = [
      [
        ['', STACK, 'DELETE_IN_PROGRESS'],
        ['Role', 'AWS::IAM::Role', 'DELETE_FAILED', 'Cannot delete entity, must detach all policies first.'],
        ['', STACK, 'DELETE_FAILED', 'The following resource(s) failed to delete: [Role].'],
      ],
    ];
    await assert.rejects(run(), {
      code: 'STACK',
      message:
        'The stack mailwright could not be deleted wholly. Role (AWS::IAM::Role): DELETE_FAILED: Cannot delete entity, must detach all policies first.\nMend the cause and destroy it again: what is gone is not missed.',
    });
    assert.deepEqual(cloud.asked, ['DeleteStack mailwright']);
    assert.equal(cloud.buckets.get(ARTIFACTS)!.objects.size, 3);
  });

  it('goes on with a stack that could not be deleted wholly before', async () => {
    deployed(0);
    const stack = cloud.stacks.get('mailwright')!;
    stack.status = 'DELETE_FAILED';
    stack.resources = { Bucket: ['AWS::S3::Bucket', 'long-gone', 'DELETE_COMPLETE'], Role: ['AWS::IAM::Role', 'r'] };
    assert.deepEqual(await run(), { status: 'destroyed' });
    assert.deepEqual(questions[0]!.buckets, []);
  });

  it('leaves a stack of something else, a busy and a protected one alone', async () => {
    const stack = cloud.addStack('mailwright', 'CREATE_COMPLETE', { parameters: {} });
    await assert.rejects(run(), { code: 'REFUSED', message: /is not one of Mailwright's/ });
    stack.parameters = { CodeBucket: ARTIFACTS };
    stack.isProtected = true;
    await assert.rejects(run(), { code: 'REFUSED', message: /protected against being deleted.*--no-enable-termination-protection/ });
    stack.status = 'UPDATE_IN_PROGRESS';
    await assert.rejects(run(), { code: 'STACK', message: /UPDATE_IN_PROGRESS/ });
    assert.deepEqual(cloud.asked, []);
  });

  it('stops between two requests, and can be taken up again', async () => {
    deployed(2);
    const stop = new AbortController();
    cloud.before = (action) => {
      if (action === 'POST bucket delete') stop.abort();
    };
    assert.deepEqual(await run({ deleteCorpora: true }, stop.signal), { status: 'interrupted' });
    assert.ok(cloud.stacks.has('mailwright'));
    assert.deepEqual(await run({ deleteCorpora: true }), { status: 'destroyed' });
  });
});
