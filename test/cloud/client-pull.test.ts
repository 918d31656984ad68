import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkPack } from '../../src/corpus/pack/source.ts';
import { Archive } from '../../src/engine/archive.ts';
import { AwsEngine } from '../../src/engine/aws/client/engine.ts';
import type { PullProgress } from '../../src/engine/aws/client/pull.ts';
import { JobFolder } from '../../src/engine/local/job-folder.ts';
import { Lock } from '../../src/engine/local/lock.ts';
import { verify } from '../../src/engine/local/verify.ts';
import { receiptFor, ShardMaker } from '../../src/engine/shard.ts';
import { makeWholeTruth, type TruthStore } from '../../src/engine/truth/whole.ts';
import { sha256Of } from '../../src/job/digest.ts';
import { ManifestMaker } from '../../src/job/manifest.ts';
import { messageKey, outcomeKey, planOf, receiptKey } from '../../src/job/plan.ts';
import { contentDigest, type JobRecord, type Manifest, type OutcomeRecord, type Progress, type Receipt } from '../../src/job/records.ts';
import { type DeliveryLayout, parseSpec } from '../../src/job/spec.ts';
import { failureOf, FakeAws, Home, s3Error, USER } from './client-support.ts';
import { tinyDesk, tinyPack, tinyScenario, withScenarios } from '../unit/tiny-pack.ts';

const JOB = '01JZ0000000000000000000000';
const PREFIX = `corpora/${JOB}/`;
const PLACE = { bucket: 'bucket', prefix: PREFIX, region: 'eu-west-1' };
const TIME = '2025-01-01T00:00:00.000Z';
const SOURCE = withScenarios(tinyPack(tinyDesk()), tinyScenario());
const PACK = checkPack(SOURCE, 'tiny');

let home: Home;
let aws: FakeAws;
let engine: AwsEngine;
let folder: string;

const put = (key: string, value: unknown): void => aws.put(`bucket/${PREFIX}${key}`, value);
const bytesOf = (key: string): Uint8Array => aws.objects.get(`bucket/${PREFIX}${key}`)!;

/** A corpus in the bucket, as workers and supervisor leave it; `missing` shards were given up. */
async function corpus(layout: DeliveryLayout, messages: number, missing: readonly number[] = [], shardBlocks = 1): Promise<JobRecord> {
  const spec = parseSpec({
    messages,
    organisation: { desks: [{ id: 'fx' }], employees: 60 },
    content: { languages: { en: 1 } },
    scenarios: [{ scenario: 'leak', rate: 1 }],
    delivery: { layout, truth: { formats: ['jsonl', 'csv', 'parquet'] } },
    execution: { shardBlocks },
  });
  const packs = [{ pack: 'tiny-en', language: 'en', digest: 'd', source: SOURCE }];
  const record: JobRecord = {
    job: JOB,
    created: TIME,
    generator: '1',
    content: contentDigest(spec, packs, '1'),
    spec,
    packs,
    plan: planOf(spec),
  };
  put('job.json', record);
  const maker = new ShardMaker(record, [PACK]);
  const receipts: Receipt[] = [];
  let progress: Progress = {
    job: JOB,
    status: missing.length === 0 ? 'succeeded' : 'partial',
    attempt: 1,
    sequence: 7,
    heartbeat: TIME,
    started: TIME,
    messages: 0,
    bytes: 0,
    of: messages,
    shards: record.plan.shards - missing.length,
    ofShards: record.plan.shards,
    failed: missing.length,
  };
  for (let shard = 0; shard < record.plan.shards; shard++) {
    if (missing.includes(shard)) continue;
    const pieces: Buffer[] = [];
    const archive = layout === 'zip' || layout === 'mbox' ? new Archive(layout, (bytes) => pieces.push(Buffer.from(bytes))) : undefined;
    let archiveKey = '';
    const making = maker.make(shard, ({ id, index, bytes, letter: { turn } }) => {
      const key = messageKey(record.plan, id, index);
      if (layout === 'eml') put(key, Buffer.from(bytes));
      archive?.put(id, bytes, turn.instant, turn.author.address);
      archiveKey = key;
    });
    let next = making.next();
    while (!next.done) next = making.next();
    const made = next.value;
    archive?.end();
    if (archive) put(archiveKey, Buffer.concat(pieces));
    for (const [key, text] of Object.entries(made.files)) put(key, Buffer.from(text));
    const receipt = receiptFor(record, shard, 1, made, layout === 'none' ? 0 : made.messages, TIME, TIME);
    put(receiptKey(shard), receipt);
    receipts.push(receipt);
    progress = { ...progress, messages: progress.messages + made.messages, bytes: progress.bytes + made.bytes };
  }
  const outcome: OutcomeRecord = {
    job: JOB,
    attempt: 1,
    outcome: missing.length === 0 ? 'succeeded' : 'partial',
    finished: TIME,
    missing,
    failed: missing,
  };
  let manifest: Manifest | null = null;
  if (missing.length === 0) {
    const truthFiles = (await makeWholeTruth(
      bucketTruth(),
      record,
      async (shard) => receipts[shard]!,
      () => false,
    ))!;
    const all = new ManifestMaker(record);
    for (const receipt of receipts) all.add(receipt);
    manifest = all.finish({ attempt: 1, truthFiles, started: TIME, finished: TIME });
    put('manifest.json', manifest);
  }
  put(outcomeKey(1), outcome);
  put('progress.json', progress);
  aws.coordinator = () => ({ ok: true, result: { job: JOB, place: PLACE, created: TIME, plan: record.plan, progress, outcome, manifest } });
  return record;
}

const bucketTruth = (): TruthStore => ({
  ahead: 1,
  read: async (key) => bytesOf(key),
  create: (key) => {
    const pieces: Buffer[] = [];
    return {
      write: (bytes) => void pieces.push(Buffer.from(bytes)),
      drain: async () => {},
      end: async () => {
        put(key, Buffer.concat(pieces));
        return sha256Of(bytesOf(key));
      },
      abandon: async () => {},
    };
  },
  name: (key) => key,
  mend: () => '',
});

/** Keys of the objects in the bucket, and of the files in the folder. */
const inBucket = (): string[] => [...aws.objects.keys()].map((key) => key.slice(`bucket/${PREFIX}`.length)).sort();
const inFolder = (): string[] =>
  (readdirSync(folder, { recursive: true }) as string[]).filter((name) => statSync(join(folder, name)).isFile()).sort();
const asked = (): string[] => aws.keys.map((key) => key.slice(`bucket/${PREFIX}`.length));

describe('pulling a corpus from the cloud', () => {
  beforeEach(async () => {
    home = new Home();
    home.config(USER);
    aws = new FakeAws();
    await aws.listen();
    engine = new AwsEngine({ profile: 'user', endpoint: aws.endpoint });
    folder = join(mkdtempSync(join(tmpdir(), 'mailwright-pull-')), 'corpus');
  });
  afterEach(async () => {
    engine.close();
    await aws.close();
    home.restore();
    rmSync(join(folder, '..'), { recursive: true, force: true });
  });

  for (const layout of ['eml', 'zip', 'mbox', 'none'] as const)
    it(`of layout ${layout} gives the folder that the local engine would have made`, async () => {
      await corpus(layout, 300);
      const told: PullProgress[] = [];
      const pulled = await engine.pull(JOB, { folder, onProgress: (progress) => told.push(progress) });
      const manifest = JSON.parse(Buffer.from(bytesOf('manifest.json')).toString()) as Manifest;
      assert.deepEqual(pulled, { folder, messages: 300, bytes: manifest.bytes, whole: true, digest: manifest.digest });
      assert.deepEqual(told.at(-1), { messages: 300, of: 300, bytes: manifest.bytes });
      assert.deepEqual(inFolder(), inBucket());
      for (const key of inFolder())
        if (key.endsWith('.json'))
          assert.deepEqual(JSON.parse(readFileSync(join(folder, key), 'utf8')), JSON.parse(Buffer.from(bytesOf(key)).toString()));
        else assert.ok(readFileSync(join(folder, key)).equals(bytesOf(key)), key);
      const verified = await verify(folder, '');
      assert.deepEqual([verified.digest, verified.truthDigest, verified.complete], [manifest.digest, manifest.truthDigest, true]);
      assert.ok(
        aws.keys.every((key) => aws.objects.has(key)),
        'no key was asked for that is not there',
      );
    });

  it('in pieces, of an archive that is large', async () => {
    await corpus('mbox', 4096, [], 16);
    assert.ok(bytesOf('messages/000000.mbox').length > 8 << 20);
    assert.equal((await engine.pull(JOB, { folder })).whole, true);
    assert.ok(asked().filter((key) => key === 'messages/000000.mbox').length > 1);
  });

  it('that was stopped goes on where it was', async () => {
    await corpus('eml', 768);
    const stop = new AbortController();
    // A shard is whole when its receipt is there; then somebody presses Ctrl-C.
    aws.before = () => {
      if (existsSync(join(folder, 'shards'))) stop.abort(new Error('stopped'));
      return undefined;
    };
    assert.equal((await failureOf(engine.pull(JOB, { folder, signal: stop.signal }))).message, 'stopped');
    assert.ok(!existsSync(join(folder, 'manifest.json')) && !existsSync(join(folder, 'progress.json')));
    assert.ok(!existsSync(join(folder, 'lock')));
    aws.before = () => undefined;
    const had = readdirSync(join(folder, 'shards'));
    assert.ok(had.length > 0 && had.length < 3, `some shards, not all: ${had.join(' ')}`);
    aws.received.length = 0;
    assert.equal((await engine.pull(JOB, { folder })).whole, true);
    assert.equal(new Set(asked().filter((key) => key.startsWith('messages/'))).size, 768 - 256 * had.length);
    assert.ok(!asked().some((key) => had.includes(key.replace('shards/', ''))));
    assert.equal((await verify(folder, '')).complete, true);
  });

  it('is whole in spite of a network that is not', async () => {
    await corpus('eml', 300);
    let n = 0;
    aws.before = ({ path }) => {
      if (!path.includes('/messages/')) return undefined;
      n++;
      if (n % 10 === 0) return s3Error(503, 'SlowDown', 'Please reduce your request rate.');
      return n % 7 === 0 ? { body: aws.objects.get(path.slice(1))!, cutAt: 100 } : undefined;
    };
    assert.equal((await engine.pull(JOB, { folder })).whole, true);
  });

  it('of the first messages takes the shards that hold them, and says nothing of the whole', async () => {
    const record = await corpus('mbox', 1000);
    const pulled = await engine.pull(JOB, { folder, first: 257 });
    assert.deepEqual([pulled.messages, pulled.whole, pulled.digest], [512, false, undefined]);
    assert.deepEqual(new JobFolder(folder).survey(record).missing, [2, 3]);
    assert.deepEqual(
      inFolder().filter((key) => !key.startsWith('messages/')),
      [
        'job.json',
        'shards/000000.json',
        'shards/000001.json',
        'truth/000000.arcs.jsonl',
        'truth/000000.jsonl',
        'truth/000001.arcs.jsonl',
        'truth/000001.jsonl',
      ],
    );
    assert.equal((await engine.pull(JOB, { folder })).whole, true);
  });

  it('without messages leaves the truth, and nothing that says that messages are there', async () => {
    await corpus('zip', 300);
    const pulled = await engine.pull(JOB, { folder, withoutMessages: true });
    assert.deepEqual([pulled.messages, pulled.whole], [0, false]);
    assert.deepEqual(inFolder(), ['job.json', ...inBucket().filter((key) => key.startsWith('truth/'))]);
    assert.equal((await engine.pull(JOB, { folder })).whole, true);
  });

  it('of a job that is incomplete takes what there is; the local engine can make the rest', async () => {
    const record = await corpus('zip', 1000, [1, 3]);
    const pulled = await engine.pull(JOB, { folder });
    assert.deepEqual([pulled.messages, pulled.whole, pulled.digest], [512, false, undefined]);
    assert.deepEqual(inFolder(), inBucket());
    const here = new JobFolder(folder);
    assert.deepEqual([here.survey(record).missing, here.attempt()], [[1, 3], 2]);
    assert.equal(here.adopt({ spec: record.spec, packs: [], packRecords: record.packs, job: 'x', where: folder }, new Date()).job, JOB);
  });

  describe('is refused', () => {
    const refused = async (): Promise<{ readonly code: string | undefined; readonly message: string }> => {
      const { code, message } = await failureOf(engine.pull(JOB, { folder }));
      return { code, message };
    };

    it('while the job has not ended', async () => {
      const record = await corpus('eml', 300);
      const progress = { job: JOB, status: 'running', attempt: 1, sequence: 3, messages: 256, of: 300 };
      aws.coordinator = () => ({
        ok: true,
        result: { job: JOB, place: PLACE, plan: record.plan, progress, outcome: null, manifest: null },
      });
      const { code, message } = await refused();
      assert.equal(code, 'REFUSED');
      assert.match(message, /has not ended \(256 of 300 messages are there\).*mailwright status/);
      assert.ok(!existsSync(folder));
    });

    it('into a folder of another job, or of something else, or that somebody works on', async () => {
      await corpus('none', 300);
      await engine.pull(JOB, { folder });
      const lock = Lock.take(folder, new Date());
      assert.equal((await refused()).code, 'LOCKED');
      lock.release();
      writeFileSync(join(folder, 'job.json'), JSON.stringify({ job: '01JZ1111111111111111111111' }));
      assert.equal((await refused()).code, 'OTHER_JOB');
      rmSync(join(folder, 'job.json'));
      assert.equal((await refused()).code, 'NOT_EMPTY');
    });

    it('where a message was changed, and then leaves no receipt of it', async () => {
      await corpus('eml', 300);
      const key = inBucket().find((name) => name.startsWith('messages/'))!;
      put(key, Buffer.concat([bytesOf(key), Buffer.from('x')]));
      const { code, message } = await refused();
      assert.equal(code, 'CORRUPT');
      const [, shard, from] = /shards\/(\d{6})\.json and the messages with the indices (\d+) to \d+ do not agree/.exec(message)!;
      assert.equal(Number(from), Number(shard) * 256);
      assert.ok(!existsSync(join(folder, `shards/${shard}.json`)) && !existsSync(join(folder, 'manifest.json')));
    });

    for (const [layout, change] of [
      ['zip', (bytes: Uint8Array): Uint8Array => bytes.subarray(0, 5000)],
      [
        'mbox',
        (bytes: Uint8Array): Uint8Array => Buffer.from(Buffer.from(bytes).toString('latin1').replace('Subject:', 'Subject: x'), 'latin1'),
      ],
    ] as const)
      it(`where an archive of layout ${layout} was changed, and then leaves nothing of it`, async () => {
        await corpus(layout, 300);
        const key = `messages/000001.${layout}`;
        put(key, change(bytesOf(key)));
        const { code, message } = await refused();
        assert.equal(code, 'CORRUPT');
        assert.ok(message.startsWith(`s3://bucket/${PREFIX}${key} `), message);
        assert.ok(!existsSync(join(folder, key)) && !existsSync(join(folder, receiptKey(1))));
      });

    for (const key of ['truth/000001.jsonl', 'truth/arcs.jsonl', 'truth/truth.parquet'])
      it(`where ${key} was changed`, async () => {
        await corpus('zip', 300);
        put(key, Buffer.from('{}\n'));
        const { code, message } = await refused();
        assert.equal(code, 'CORRUPT');
        assert.ok(message.startsWith(`s3://bucket/${PREFIX}${key} is not what the records`), message);
        assert.ok(!existsSync(join(folder, key)) && !existsSync(join(folder, 'manifest.json')));
      });

    it('where the manifest is of something else', async () => {
      await corpus('none', 300);
      const { result } = aws.coordinator({}) as { result: { manifest: Manifest } };
      aws.coordinator = () => ({ ok: true, result: { ...result, manifest: { ...result.manifest, digest: '0' } } });
      const { code, message } = await refused();
      assert.equal(code, 'CORRUPT');
      assert.match(message, /manifest\.json has another digest/);
    });
  });

  it('names messages without reading or listing any', async () => {
    await corpus('eml', 1000);
    const samples = await engine.samples(PLACE);
    assert.deepEqual(asked(), ['job.json']);
    assert.deepEqual(
      samples.map(({ index }) => index),
      [0, 499, 999],
    );
    for (const { key, uri } of samples) {
      assert.equal(uri, `s3://bucket/${PREFIX}${key}`);
      assert.deepEqual(Buffer.from(await engine.read(PLACE, key)), bytesOf(key));
    }
  });
});
