import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { GENERATOR_VERSION } from '../../src/corpus/version.ts';
import type { Answer, Call, CallErrorCode, Description, JobState, JobSummary, Place, Started } from '../../src/job/calls.ts';
import { planOf } from '../../src/job/plan.ts';
import type { JobRecord, Manifest, OutcomeRecord, Progress } from '../../src/job/records.ts';
import { parseSpec } from '../../src/job/spec.ts';
import { COMMAND, file, type Result, type Running, scratch, start } from './support.ts';

/**
 * What the commands say and ask for, against a coordinator and a bucket that only answer what a test wants. That the real
 * ones do so is another test's matter.
 */

const JOB = '01M8AQBBBNWRHP03C7DRG93TVX';
const MESSAGES = 600;
const SPEC = parseSpec({ messages: MESSAGES });
const PLAN = planOf(SPEC);
const PLACE: Place = { bucket: 'mailwright-bucket', prefix: `corpora/${JOB}/`, region: 'eu-west-1' };
const TIME = '2026-11-26T08:00:00.000Z';

const DESCRIPTION: Description = {
  service: 'mailwright',
  version: '0.1.0',
  generator: GENERATOR_VERSION,
  region: 'eu-west-1',
  bucket: PLACE.bucket,
  prefix: 'corpora/',
  topic: 'arn:aws:sns:eu-west-1:123456789012:mailwright',
  limits: { messages: 10_000_000, cost: 100, shards: 30_000, packBytes: 1_000_000 },
  concurrency: 16,
  workerMemory: 1769,
  expiryDays: 30,
};

const RECORD: JobRecord = { job: JOB, created: TIME, generator: GENERATOR_VERSION, content: '00', spec: SPEC, packs: [], plan: PLAN };

const MANIFEST: Manifest = {
  job: JOB,
  attempt: 1,
  generator: GENERATOR_VERSION,
  content: '00',
  messages: MESSAGES,
  objects: MESSAGES,
  bytes: 2_400_000,
  digest: 'd1'.repeat(32),
  truthDigest: 'd2'.repeat(32),
  truth: { lines: 6, positives: 3, nearMisses: 3, arcs: 2, files: {} },
  shards: PLAN.shards,
  layout: 'eml',
  keys: { messages: PLAN.keys, truth: 'truth/<shard>.jsonl', receipts: 'shards/<shard>.json', job: 'job.json' },
  started: TIME,
  finished: '2026-11-26T08:00:20.000Z',
};

const progress = (sequence: number, fields: Partial<Progress> = {}): Progress => ({
  job: JOB,
  status: 'running',
  attempt: 1,
  sequence,
  heartbeat: new Date().toISOString(),
  started: TIME,
  messages: 0,
  bytes: 0,
  of: MESSAGES,
  shards: 0,
  ofShards: PLAN.shards,
  failed: 0,
  ...fields,
});

const SUCCEEDED = progress(3, { status: 'succeeded', messages: MESSAGES, bytes: MANIFEST.bytes, shards: PLAN.shards });
const outcome = (fields: Partial<OutcomeRecord> = {}): OutcomeRecord => ({
  job: JOB,
  attempt: 1,
  outcome: 'succeeded',
  finished: MANIFEST.finished,
  missing: [],
  failed: [],
  ...fields,
});

const started = (fields: Partial<Started> = {}): Started => ({
  job: JOB,
  attempt: 1,
  place: PLACE,
  plan: PLAN,
  cost: 1.25,
  expires: '2026-12-26T00:00:00.000Z',
  already: false,
  ...fields,
});

const state = (fields: Partial<JobState> = {}): JobState => ({
  job: JOB,
  place: PLACE,
  created: TIME,
  plan: PLAN,
  progress: SUCCEEDED,
  outcome: outcome(),
  manifest: MANIFEST,
  ...fields,
});

const ok = <R>(result: R): Answer<R> => ({ ok: true, result });
const no = (code: CallErrorCode, message: string): Answer<never> => ({ ok: false, error: { code, message } });

/** A coordinator and a bucket, as far as a test has filled them in. */
class Cloud {
  /** Answers by call; a list is answered one after the other, its last one again and again. */
  answers: Partial<Record<Call['call'], Answer<unknown> | Answer<unknown>[]>> = {};
  /** Objects by key, relative to the job: one after the other in the same way. */
  objects: Record<string, unknown[]> = {};
  /** Every function call fails so. */
  denied: string | undefined;
  readonly calls: { readonly called: string; readonly call: Record<string, unknown> }[] = [];
  private readonly server: Server;

  constructor() {
    this.server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => (body += text));
      request.on('end', () => {
        const { pathname, searchParams } = new URL(request.url!, 'http://cloud');
        const invoked = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(pathname)?.[1];
        if (invoked !== undefined) {
          if (this.denied !== undefined) {
            response.writeHead(403, { 'content-type': 'application/json', 'x-amzn-errortype': 'AccessDeniedException' });
            response.end(JSON.stringify({ Message: this.denied }));
            return;
          }
          const call = JSON.parse(body) as Record<string, unknown> & { call: Call['call'] };
          this.calls.push({ called: `${decodeURIComponent(invoked)}:${searchParams.get('Qualifier') ?? ''}`.replace(/:$/, ''), call });
          response.writeHead(200, { 'content-type': 'application/json' });
          response.end(JSON.stringify(next(this.answers[call.call])));
          return;
        }
        const key = pathname.slice(`/${PLACE.bucket}/${PLACE.prefix}`.length);
        const found = next(this.objects[key]);
        response.writeHead(found === undefined ? 403 : 200, {
          'content-type': found === undefined ? 'application/xml' : 'application/json',
        });
        response.end(
          found === undefined ? '<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>' : JSON.stringify(found),
        );
      });
    });
  }

  async listen(): Promise<void> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

function next(answers: unknown): unknown {
  if (!Array.isArray(answers)) return answers;
  return answers.length > 1 ? answers.shift() : answers[0];
}

describe('commands about jobs in the cloud', () => {
  const path = scratch();
  let cloud: Cloud;
  beforeEach(async () => {
    cloud = new Cloud();
    await cloud.listen();
  });
  afterEach(() => cloud.close());

  /** Begins a command with a login of its own, and nothing of the user's. */
  const begin = (args: readonly string[]): Running =>
    start(args, {
      cwd: path(),
      env: {
        AWS_PROFILE: undefined,
        AWS_SESSION_TOKEN: undefined,
        AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
        AWS_SECRET_ACCESS_KEY: 'secret',
        AWS_REGION: 'eu-west-1',
        AWS_ENDPOINT_URL: cloud.endpoint,
        AWS_CONFIG_FILE: path('config'),
        AWS_SHARED_CREDENTIALS_FILE: path('credentials'),
      },
    });
  const run = (args: readonly string[]): Promise<Result> => begin(args).ended;

  const eventsOf = (stdout: string): Record<string, unknown>[] =>
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  describe('start', () => {
    it('asks the coordinator, follows the job, and sums up the corpus', async () => {
      cloud.answers = { start: ok(started()) };
      cloud.objects = {
        'progress.json': [progress(1), progress(2, { messages: 256, shards: 1 }), SUCCEEDED],
        'attempts/1/outcome.json': [outcome()],
        'manifest.json': [MANIFEST],
        'job.json': [RECORD],
      };
      const { code, stdout, stderr } = await run(['start', '-n', String(MESSAGES), '--id', JOB]);
      assert.equal(code, 0, stderr);
      const [{ called, call }] = cloud.calls as [(typeof cloud.calls)[0]];
      assert.equal(called, 'mailwright-coordinator:live');
      assert.deepEqual([call['call'], call['generator'], call['job'], call['spec']], ['start', GENERATOR_VERSION, JOB, SPEC]);
      const where = `s3://${PLACE.bucket}/${PLACE.prefix}`;
      assert.match(
        stderr,
        new RegExp(`^Job ${JOB}: 600 messages into ${where}\\nCosts about \\$1\\.25\\. The corpus will be deleted on 2026-12-26\\.\\n`),
      );
      assert.match(stderr, /^100 % {2}600 of 600 messages/m);
      assert.match(
        stdout,
        new RegExp(
          `^\\nDone\\.\\nMessages +600\\nBytes .*\\nRate +30 messages/s, 20 s in all\\nTruth +3 positive .*\\nDigest +${MANIFEST.digest}\\nPlace +${where}\\nFetch +mailwright pull ${JOB}\\nFor example\\n( +${where}messages/../[0-9a-f]{12}\\.eml\\n){3}$`,
        ),
      );
    });

    it('reports the same as JSON lines', async () => {
      cloud.answers = { start: ok(started()) };
      cloud.objects = { 'progress.json': [progress(1), SUCCEEDED], 'attempts/1/outcome.json': [outcome()], 'manifest.json': [MANIFEST] };
      const { code, stdout } = await run(['start', '-n', String(MESSAGES), '--json']);
      assert.equal(code, 0);
      const events = eventsOf(stdout);
      assert.deepEqual(events[0], {
        event: 'started',
        job: JOB,
        where: `s3://${PLACE.bucket}/${PLACE.prefix}`,
        resumed: 0,
        attempt: 1,
        cost: 1.25,
        expires: '2026-12-26T00:00:00.000Z',
        already: false,
      });
      assert.deepEqual(
        events.filter(({ event }) => event === 'progress').map(({ sequence }) => sequence),
        [0, 1, 3],
      );
      assert.deepEqual(events.at(-1), { event: 'ended', status: 'succeeded', manifest: MANIFEST, already: false });
    });

    it('--detach returns at once, and says how to go on, with the options that were given', async () => {
      cloud.answers = { start: ok(started()) };
      cloud.objects = { 'progress.json': [progress(1)] };
      const { code, stdout } = await run(['start', '--detach', '--stack', 'other', '--region', 'eu-west-1']);
      assert.equal(code, 0);
      assert.equal(cloud.calls[0]!.called, 'other-coordinator:live');
      const options = ' --region eu-west-1 --stack other';
      assert.equal(
        stdout,
        `The job goes on in the cloud.\nFollow     mailwright status ${JOB} --follow${options}\nCancel     mailwright cancel ${JOB}${options}\nFetch      mailwright pull ${JOB}${options}   (once it has ended)\n`,
      );
    });

    it('stops following at Ctrl-C, and the job goes on', async () => {
      cloud.answers = { start: ok(started()) };
      cloud.objects = { 'progress.json': [progress(1, { messages: 100 })] };
      const following = begin(['start']);
      await following.said('100 of 600');
      following.kill('SIGINT');
      const { code, stdout } = await following.ended;
      assert.equal(code, 130);
      assert.match(stdout, /^No longer following, after 100 of 600 messages\. The job goes on in the cloud\.\nFollow +mailwright status/m);
      assert.deepEqual(
        cloud.calls.map(({ call }) => call['call']),
        ['start'],
        'nothing was cancelled',
      );
    });

    it('says what failed, and how to make the rest', async () => {
      cloud.answers = { start: ok(started()) };
      cloud.objects = {
        'progress.json': [progress(1, { failed: 1, reason: '1 shard(s) failed' }), progress(2, { status: 'partial', failed: 1 })],
        'attempts/1/outcome.json': [outcome({ outcome: 'partial', missing: [1], failed: [1], reason: '1 shard(s) failed' })],
        'attempts/1/failures/000001.json': [{ shard: 1, attempt: 1, error: 'out of memory', at: TIME }],
      };
      const { code, stdout, stderr } = await run(['start']);
      assert.equal(code, 1);
      assert.match(stderr, /, closing: 1 shard\(s\) failed$/m);
      assert.match(
        stdout,
        new RegExp(
          `^Incomplete: 1 shard\\(s\\) could not be made\\. .*${PLACE.prefix}attempts/1/failures/\\n1 shard\\(s\\) failed\\nout of memory\\nThis makes only those again:\\n  mailwright retry ${JOB}$`,
          'm',
        ),
      );
    });

    it('checks the spec before anything is asked of the cloud', async () => {
      const spec = file(path('bad.json'), { mesages: 10 });
      const { code, stderr } = await run(['start', spec]);
      assert.equal(code, 2);
      assert.match(stderr, /^mailwright: mesages: no such field/);
      assert.deepEqual(cloud.calls, []);
    });

    it('says how to find out whether it was started, where no answer came', async () => {
      const gone = new Cloud();
      await gone.listen();
      const { endpoint } = gone;
      gone.close();
      const { code, stderr } = await run(['start', '--id', JOB, '--endpoint', endpoint]);
      assert.equal(code, 1);
      assert.match(
        stderr,
        new RegExp(
          `^mailwright: .*\\n[^]*mailwright: It may have been started all the same\\. The same command with --id ${JOB} finds out`,
        ),
      );
    });
  });

  describe('what the coordinator refuses', () => {
    const REFUSALS: readonly [code: CallErrorCode, exit: number][] = [
      ['SPEC_INVALID', 2],
      ['PACK_INVALID', 2],
      ['VERSION', 2],
      ['OTHER_JOB', 2],
      ['LIMIT', 2],
      ['NO_SUCH_JOB', 2],
      ['INTERNAL', 1],
    ];
    for (const [code, exit] of REFUSALS)
      it(`is told in its words: ${code}, exit code ${exit}`, async () => {
        cloud.answers = { start: no(code, 'pack: these are the words') };
        const result = await run(['start']);
        assert.equal(result.code, exit);
        assert.match(result.stderr, /^mailwright: pack: (\n.*)?these are the words/);
        assert.equal(result.stdout, '');
      });
  });

  it('a permission that is missing is named', async () => {
    cloud.denied =
      'User: arn:aws:iam::123456789012:user/kim is not authorized to perform: lambda:InvokeFunction on resource: mailwright-coordinator';
    const { code, stderr } = await run(['list', '--target', 'aws']);
    assert.equal(code, 1);
    assert.match(stderr, /^mailwright: .*lambda:InvokeFunction/);
  });

  describe('status', () => {
    it('tells how a job is doing', async () => {
      const underWay = state({ progress: progress(2, { messages: 256, shards: 1, failed: 1 }), outcome: null, manifest: null });
      cloud.answers = { status: [ok(state()), ok(underWay)] };
      const complete = await run(['status', JOB]);
      assert.equal(complete.code, 0, complete.stderr);
      assert.match(
        complete.stdout,
        new RegExp(
          `^Job +${JOB}\\nStatus +succeeded, attempt 1\\nMessages +600\\n[^]*^Digest +${MANIFEST.digest}\\n[^]*^Fetch +mailwright pull ${JOB}\\n$`,
          'm',
        ),
      );
      const running = await run(['status', JOB]);
      assert.match(
        running.stdout,
        /^Status +running, attempt 1 \(1 shard\(s\) failed\)\nMessages +256 of 600\n[^]*^Shards +1 of \d+\n[^]*^Cancel +mailwright cancel /m,
      );
      assert.deepEqual(JSON.parse((await run(['status', JOB, '--json'])).stdout), underWay);
    });

    it('--follow shows a job until it has ended', async () => {
      cloud.answers = { status: ok(state({ progress: progress(1), outcome: null, manifest: null })) };
      cloud.objects = {
        'progress.json': [progress(1), SUCCEEDED],
        'attempts/1/outcome.json': [outcome()],
        'manifest.json': [MANIFEST],
        'job.json': [RECORD],
      };
      const { code, stdout, stderr } = await run(['status', JOB, '--follow']);
      assert.equal(code, 0, stderr);
      assert.match(stderr, new RegExp(`^Job ${JOB}, in s3://`));
      assert.match(stdout, /^Done\.$/m);
    });

    it('without a job tells what the stack allows', async () => {
      cloud.answers = { describe: ok(DESCRIPTION) };
      const { code, stdout } = await run(['status', '--target', 'aws']);
      assert.equal(code, 0);
      assert.match(
        stdout,
        /^Corpora +s3:\/\/mailwright-bucket\/corpora\/\nKept +30 days\nWorkers +16 at once, with 1,769 MB each\nA job +up to 10,000,000 messages, \$100\.00, 30,000 shards$/m,
      );
      assert.deepEqual(JSON.parse((await run(['status', '--stack', 'mailwright', '--json'])).stdout), DESCRIPTION);
    });
  });

  describe('list', () => {
    const summary = (job: string): JobSummary => ({
      job,
      status: 'succeeded',
      attempt: 1,
      messages: 5,
      of: 5,
      bytes: 20_000,
      created: TIME,
    });

    it('shows the newest jobs, page after page', async () => {
      const ids = Array.from({ length: 130 }, (_, i) => `01M8AQBBBNWRHP03C7DRG9${String(9999 - i)}`);
      cloud.answers = {
        list: [ok({ jobs: ids.slice(0, 100).map(summary), more: true }), ok({ jobs: ids.slice(100, 120).map(summary), more: true })],
      };
      const { code, stdout, stderr } = await run(['list', '--target', 'aws', '--limit', '120']);
      assert.equal(code, 0);
      assert.deepEqual(
        cloud.calls.map(({ call }) => call),
        [
          { call: 'list', limit: 100 },
          { call: 'list', limit: 20, before: ids[99] },
        ],
      );
      const [head, ...lines] = stdout.trimEnd().split('\n');
      assert.match(head!, /^JOB +STATUS +ATTEMPT +MESSAGES +BYTES +CREATED$/);
      assert.deepEqual(
        lines.map((line) => line.split(' ')[0]),
        ids.slice(0, 120),
      );
      assert.match(stderr, /^There are older ones: --limit shows more than 120\.$/m);
    });

    it('says so where there are none', async () => {
      cloud.answers = { list: ok({ jobs: [], more: false }) };
      assert.equal((await run(['list', '--stack', 'mine'])).stdout, 'No jobs in this stack. Make one: mailwright start --stack mine\n');
    });
  });

  it('cancel says what becomes of the job', async () => {
    cloud.answers = { cancel: [ok({ job: JOB, attempt: 2 }), no('ENDED', 'it has ended')] };
    const { code, stdout } = await run(['cancel', JOB]);
    assert.equal(code, 0);
    assert.match(stdout, new RegExp(`^Attempt 2 of job ${JOB} is asked to stop[^]*mailwright retry ${JOB}\\n$`));
    const again = await run(['cancel', JOB]);
    assert.deepEqual([again.code, again.stderr], [2, 'mailwright: it has ended\n']);
  });

  it('retry begins the next attempt, and follows it', async () => {
    cloud.answers = {
      status: ok(
        state({
          progress: progress(5, { status: 'cancelled', messages: 256 }),
          outcome: outcome({ outcome: 'cancelled', missing: [1] }),
          manifest: null,
        }),
      ),
      retry: ok(started({ attempt: 2 })),
    };
    cloud.objects = {
      'progress.json': [progress(6, { attempt: 2, status: 'queued', messages: 256 }), { ...SUCCEEDED, attempt: 2, sequence: 7 }],
      'attempts/2/outcome.json': [outcome({ attempt: 2 })],
      'manifest.json': [{ ...MANIFEST, attempt: 2 }],
      'job.json': [RECORD],
    };
    const { code, stdout, stderr } = await run(['retry', JOB]);
    assert.equal(code, 0, stderr);
    assert.deepEqual(cloud.calls.at(-1)!.call, { call: 'retry', generator: GENERATOR_VERSION, job: JOB, attempt: 2 });
    assert.match(stderr, /^ 40 % {2}256 of 600 messages, 0\/s, queued$/m);
    assert.match(stdout, /^Done\.$/m);
    assert.doesNotMatch(stdout, /^Rate/m, 'a later attempt did not make all of it');
  });

  it('delete asks, which takes a terminal or --yes; then it deletes all', async () => {
    cloud.answers = { status: ok(state()), delete: [ok({ deleted: 12_000, done: false }), ok({ deleted: 500, done: true })] };
    const refused = await run(['delete', JOB]);
    assert.equal(refused.code, 2);
    assert.match(
      refused.stderr,
      new RegExp(
        `^mailwright: Delete job ${JOB}, with the 600 messages in s3://.*/\\? There is no terminal to ask on: add --yes if so\\.\\n$`,
      ),
    );
    assert.ok(!cloud.calls.some(({ call }) => call['call'] === 'delete'));
    const { code, stdout, stderr } = await run(['delete', JOB, '--yes']);
    assert.equal(code, 0);
    assert.deepEqual([stdout, stderr], [`Deleted job ${JOB}: 12,500 objects.\n`, '12,000 objects deleted\n']);
  });

  it('pull refuses a job that has not ended', async () => {
    cloud.answers = { status: ok(state({ progress: progress(1), outcome: null, manifest: null })) };
    const { code, stderr } = await run(['pull', JOB]);
    assert.equal(code, 2);
    assert.match(stderr, /^mailwright: Job .* has not ended/m);
  });
});

describe('the program', () => {
  /** The modules that a module of the build imports when it is loaded, and theirs. */
  function loaded(path: string, seen = new Set<string>()): Set<string> {
    if (seen.has(path)) return seen;
    seen.add(path);
    for (const [, from] of readFileSync(path, 'utf8').matchAll(/\b(?:from|import) ?"(\.[^"]+)"/g)) loaded(join(dirname(path), from!), seen);
    return seen;
  }
  /** Its headers are named by whatever asks AWS for anything. */
  const usesAws = (paths: Iterable<string>): boolean => [...paths].some((path) => readFileSync(path, 'utf8').includes('x-amz-'));

  it('loads nothing of the cloud until it is used', () => {
    const first = loaded(COMMAND);
    assert.ok(!usesAws(first));
    const later = [...first].flatMap((path) =>
      [...readFileSync(path, 'utf8').matchAll(/import\("(\.[^"]+)"\)/g)].map(([, to]) => join(dirname(path), to!)),
    );
    const ofCloud = later.filter((path) => usesAws(loaded(path)));
    assert.ok(ofCloud.length > 8, 'the commands of the cloud');
    const here = later.filter((path) => !ofCloud.includes(path)).map((path) => basename(path).split('-')[0]!);
    const commands = ['cancel', 'delete', 'estimate', 'follow', 'generate', 'job', 'list', 'pack', 'preview', 'score', 'status', 'verify'];
    assert.deepEqual([...new Set(here)].sort(), commands, 'all else is of the cloud');
  });
});
