import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AwsEngine } from '../../src/engine/aws/client/engine.ts';
import type { TruthPiece } from '../../src/engine/aws/client/truth.ts';
import { scoreInThread } from '../../src/extension/score/scoring.ts';
import { jobOf } from '../unit/score-support.ts';
import { failureOf, FakeAws, Home, USER } from './client-support.ts';

const JOB = '01JZ0000000000000000000000';
const PREFIX = `corpora/${JOB}/`;
const TIME = '2025-01-01T00:00:00.000Z';
const THREAD = new URL('../../src/extension/score/score-thread.ts', import.meta.url);

describe('the ground truth of a job in the cloud', () => {
  let home: Home;
  let aws: FakeAws;
  let engine: AwsEngine;
  const never = new AbortController().signal;

  beforeEach(async () => {
    home = new Home();
    home.config(USER);
    aws = new FakeAws();
    await aws.listen();
    engine = new AwsEngine({ profile: 'user', endpoint: aws.endpoint });
  });
  afterEach(async () => {
    engine.close();
    await aws.close();
    home.restore();
  });

  /** A job that has left these files of truth; undefined: its shard was given up. */
  function job(files: readonly (string | undefined)[], { layout = 'eml', status = 'partial' } = {}): ReturnType<typeof jobOf> {
    const made = jobOf(files.length * 256, layout);
    const record = { ...made.job, job: JOB };
    const missing = files.flatMap((file, shard) => (file === undefined ? [shard] : []));
    aws.put(`bucket/${PREFIX}job.json`, record);
    files.forEach((file, shard) => {
      if (file !== undefined) aws.put(`bucket/${PREFIX}truth/00000${shard}.jsonl`, Buffer.from(file));
    });
    const progress = { job: JOB, status, attempt: 1, sequence: 1, heartbeat: TIME, started: TIME, messages: 256, bytes: 0, of: 512 };
    const outcome = { job: JOB, attempt: 1, outcome: 'partial', finished: TIME, missing, failed: [] };
    const place = { bucket: 'bucket', prefix: PREFIX, region: 'eu-west-1' };
    const ended = status === 'partial';
    aws.coordinator = () => ({
      ok: true,
      result: { job: JOB, place, created: TIME, plan: record.plan, progress, outcome: ended ? outcome : null, manifest: null },
    });
    return { ...made, job: record };
  }
  const asked = (): string[] => [...new Set(aws.keys)].map((key) => key.slice(`bucket/${PREFIX}`.length));

  async function filesOf(pieces: AsyncIterable<TruthPiece>): Promise<string[]> {
    const files: string[] = [];
    let begun: Uint8Array[] = [];
    for await (const { bytes, last } of pieces) {
      begun.push(bytes);
      if (!last) continue;
      files.push(Buffer.concat(begun).toString());
      begun = [];
    }
    assert.equal(begun.length, 0);
    return files;
  }

  it('comes file by file, in pieces where one is large, and asks for no key that is not there', async () => {
    const files = ['a\n', undefined, '', 'x'.repeat((9 << 20) + 5), 'b\n'];
    job(files);
    const truth = await engine.truth(JOB, never);
    assert.deepEqual([truth.complete, truth.messages, truth.files.length], [false, 1280, 4]);
    assert.equal(truth.files[1], `s3://bucket/${PREFIX}truth/000002.jsonl`);
    const read = await filesOf(truth.pieces);
    assert.ok(read.every((text, i) => text === files.filter((file) => file !== undefined)[i]));
    assert.deepEqual(asked(), ['job.json', ...[0, 2, 3, 4].map((shard) => `truth/00000${shard}.jsonl`)]);
  });

  it('is read a little ahead of who takes it, and no further', async () => {
    job(Array.from({ length: 10 }, () => 'x\n'));
    const { pieces } = await engine.truth(JOB, never);
    await pieces.next();
    await pieces.next();
    assert.ok(asked().length < 11, `${asked().length - 1} files were asked for`);
    await pieces.return();
  });

  it('is not to be had of a job that still runs, or that keeps none', async () => {
    job(['a\n'], { status: 'running' });
    const running = await failureOf(engine.truth(JOB, never));
    assert.deepEqual([running.code, /has not ended/.test(running.message)], ['REFUSED', true]);
    job(['a\n'], { layout: 'none' });
    const none = await failureOf(engine.truth(JOB, never));
    assert.deepEqual([none.code, /its layout is none/.test(none.message)], ['NOT_FOUND', true]);
  });

  it('is scored as it comes', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'mailwright-truth-'));
    try {
      const { messageId, line } = jobOf(512);
      const { job: record } = job([line(1) + line(2), line(300)]);
      const alerts = join(folder, 'alerts.csv');
      writeFileSync(alerts, `message_id\n${messageId(1)}\n${messageId(300)}\n${messageId(4)}\n`);
      const stop = new AbortController();
      const { uri, files, pieces, messages, complete } = await engine.truth(JOB, stop.signal);
      const report = await scoreInThread({
        thread: THREAD,
        data: {
          truth: { kind: 'handed', name: uri, files, job: record, messages, complete },
          reading: { alerts, map: {} },
          packs: folder,
        },
        pieces,
        signal: stop.signal,
        step: () => {},
      });
      assert.deepEqual([report.levels.message.found, report.levels.message.missed, report.alerts.otherFalse], [2, 1, 1]);
      assert.deepEqual(report.missed.items[0]?.key, 'k2');
      assert.equal(report.files.truth, `s3://bucket/${PREFIX}`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
