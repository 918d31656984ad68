import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { ulid } from 'ulid';
import { shardName } from '../../src/job/plan.ts';
import type { Manifest } from '../../src/job/records.ts';
import { done, file, manifest, scratch, until } from '../e2e/support.ts';
import { linesOf, Stack } from './deployed.ts';

/** A job in the cloud as a user sees it: the command, its login with two permissions, and what is in the bucket. */

const MESSAGES = 20_000;
/** Of jobs that are there to be fetched, cancelled or made in other layouts. */
const FEW = 2000;
const SOME = 4000;

describe('a job in the cloud', function () {
  this.timeout(240_000);
  const path = scratch();
  let stack: Stack;
  let local: Manifest;
  const job = ulid();

  before(async () => {
    stack = await Stack.deployed({ scale: 20, seed: 1, concurrency: 2 });
    await done(['generate', '--messages', String(MESSAGES), '--layout', 'none', '--out', path('local')]);
    local = manifest(path('local'));
  });
  after(() => stack.cloud.stop());

  it('goes from start to manifest, and equals what the local engine makes', async () => {
    const { code, stdout, stderr } = await stack.run(['start', '--messages', String(MESSAGES), '--id', job]);
    assert.equal(code, 0, stderr);
    const manifest = stack.manifest(job)!;
    assert.deepEqual(
      [manifest.digest, manifest.truthDigest, manifest.messages, manifest.bytes],
      [local.digest, local.truthDigest, MESSAGES, local.bytes],
    );
    assert.match(stdout, new RegExp(manifest.digest));
    assert.match(stderr, new RegExp(`into s3://${stack.bucket}/corpora/${job}/`));
    assert.match(stderr, /Costs (about|under) \$0\.\d\d\. The corpus will be deleted on \d{4}-/);
  });

  it('leaves exactly the objects of the layout', () => {
    const { shards, objects } = stack.manifest(job)!;
    assert.equal(objects, MESSAGES);
    assert.equal(stack.keys(job, 'messages/').length, MESSAGES);
    const others = stack.keys(job).filter((key) => !key.startsWith('messages/'));
    const perShard = Array.from({ length: shards }, (_, shard) => shardName(shard)).flatMap((name) => [
      `shards/${name}.json`,
      `truth/${name}.arcs.jsonl`,
      `truth/${name}.jsonl`,
    ]);
    assert.deepEqual(
      others.sort(),
      ['attempts/1/outcome.json', 'job.json', 'manifest.json', 'progress.json', 'truth/arcs.jsonl', ...perShard].sort(),
    );
  });

  it('tells once, by SNS, what came of it', async () => {
    // The corpus is complete before it is told of.
    await until('the execution has ended', () => stack.cloud.executions.every(({ status }) => status !== 'RUNNING'));
    const told = stack.cloud.notifications.filter(({ message }) => message.includes(job));
    assert.equal(told.length, 1);
    const notice = JSON.parse(told[0]!.message) as Record<string, unknown>;
    assert.deepEqual(
      [notice['outcome'], notice['messages'], notice['digest'], notice['where']],
      ['succeeded', MESSAGES, local.digest, `s3://${stack.bucket}/corpora/${job}/`],
    );
    assert.equal(told[0]!.attributes['outcome'], 'succeeded');
  });

  it('counts its messages and bytes in the metrics of its logs', () => {
    const sum = (name: string): number =>
      stack.cloud.metrics.filter((metric) => metric.name === name).reduce((total, { value }) => total + value, 0);
    assert.deepEqual([sum('Messages'), sum('Bytes'), sum('Errors')], [MESSAGES, local.bytes, 0]);
    assert.ok(sum('Puts') > MESSAGES);
    assert.ok(sum('ShardSeconds') > 0);
  });

  it('needed no permission that the roles and the user do not have', () => {
    assert.deepEqual(stack.cloud.denials, []);
  });

  it('can be fetched by the user, with GetObject alone, in part and in whole', async () => {
    const id = ulid();
    await stack.json(['start', '--messages', String(FEW), '--id', id]);
    const { digest, shards } = stack.manifest(id)!;
    await stack.json(['pull', id, '--first', '600', '--out', path('pulled')]);
    assert.ok(readdirSync(path('pulled', 'shards')).length < shards / 2);
    await stack.json(['pull', id, '--first', '600', '--out', path('part')]);
    await done(['generate', '--out', path('part')]); // the local engine makes the rest
    assert.equal(manifest(path('part')).digest, digest);
    await stack.json(['pull', id, '--out', path('pulled')]);
    assert.match((await done(['verify', path('pulled')])).stdout, new RegExp(`Whole: 2,000 messages, .*${digest}`));
    assert.deepEqual(stack.cloud.denials, []);
  });

  it('is the same one when it is started again with its id, and another spec is refused', async () => {
    const executions = stack.cloud.executions.length;
    const again = await stack.json(['start', '--messages', String(MESSAGES), '--id', job]);
    assert.equal(again[0]!['already'], true);
    assert.equal(stack.cloud.executions.length, executions);
    const other = await stack.run(['start', '--messages', '1000', '--id', job]);
    assert.equal(other.code, 2);
    assert.match(other.stderr, /is another job: its spec or its packs differ/);
  });

  it('is started once by two who start it at the same moment', async () => {
    const id = ulid();
    const results = await Promise.all([1, 2].map(() => stack.run(['start', '--messages', '600', '--id', id])));
    assert.deepEqual(
      results.map(({ code }) => code),
      [0, 0],
    );
    assert.deepEqual(
      stack.cloud.executions.filter(({ name }) => name.startsWith(id)).map(({ name }) => name),
      [`${id}-1`],
    );
  });

  for (const layout of ['zip', 'mbox', 'none'])
    it(`is made as ${layout}, with tables of the truth`, async () => {
      const spec = file(path(`${layout}.json`), {
        messages: 1500,
        delivery: { layout, truth: { lines: 'all', formats: ['csv', 'parquet'] } },
      });
      const id = ulid();
      await stack.json(['start', spec, '--id', id]);
      await done(['generate', spec, '--out', path(layout)]);
      const here = manifest(path(layout));
      const there = stack.manifest(id)!;
      assert.deepEqual(
        [there.digest, there.truthDigest, there.objects, there.truth],
        [here.digest, here.truthDigest, here.objects, here.truth],
      );
      if (layout === 'none') return;
      await stack.json(['pull', id, '--out', path(`pulled-${layout}`)]);
      assert.match((await done(['verify', path(`pulled-${layout}`)])).stdout, /^Whole: 1,500 messages/);
    });

  it('refuses a bad spec as it does here', async () => {
    const spec = file(path('bad.json'), { messages: 0, organisation: { employees: 1 }, nonsense: true });
    const here = await stack.run(['generate', spec]);
    const there = await stack.run(['start', spec]);
    assert.deepEqual([there.code, there.stderr], [2, here.stderr]);
  });

  it('is cancelled within seconds, says so in its outcome, and is completed by retry', async () => {
    const id = ulid();
    const following = stack.start(['start', '--messages', String(SOME), '--id', id, '--json']);
    await following.until('messages are put', () => stack.keys(id, 'messages/').length > 200);
    assert.match((await stack.run(['cancel', id])).stdout, /is asked to stop/);
    const { code, stdout } = await following.ended;
    assert.equal(code, 1);
    assert.equal(linesOf(stdout).at(-1)!['status'], 'cancelled');
    assert.equal(stack.outcome(id, 1)!.outcome, 'cancelled');
    assert.equal(stack.manifest(id), undefined);
    // By the marker's own time: workers look every two seconds (here a twentieth of that), and leave at once.
    const marker = stack.cloud.writes.find(({ key, status }) => key.endsWith(`${id}/attempts/1/cancel`) && status === 200)!;
    const last = stack.cloud.writes.filter(({ key, status }) => key.includes(`${id}/messages/`) && status === 200).at(-1)!;
    assert.ok(last.at - marker.at < 3000, `a message was put ${last.at - marker.at} ms after the marker`);
    const made = stack.keys(id, 'shards/').length;

    const again = await stack.json(['retry', id]);
    assert.equal(again.at(-1)!['status'], 'succeeded');
    assert.equal(stack.manifest(id)!.attempt, 2);
    await done(['generate', '--messages', String(SOME), '--layout', 'none', '--out', path('few')]);
    assert.equal(stack.manifest(id)!.digest, manifest(path('few')).digest);
    const kept = stack.keys(id, 'shards/').filter((key) => stack.record<{ attempt: number }>(id, key)!.attempt === 1);
    assert.equal(kept.length, made, 'what was made is not made again');
  });

  it('lists, tells of, and deletes jobs', async () => {
    const { stdout } = await stack.run(['list', '--target', 'aws']);
    assert.ok(stdout.includes(job));
    const state = JSON.parse((await stack.run(['status', job, '--json'])).stdout) as { progress: { status: string } };
    assert.equal(state.progress.status, 'succeeded');
    assert.match((await stack.run(['delete', job, '--yes'])).stdout, /Deleted job/);
    assert.deepEqual(stack.keys(job), []);
    const gone = await stack.run(['status', job]);
    assert.equal(gone.code, 2);
    assert.match(gone.stderr, /no such job/);
  });

  it('goes on where a login has expired, and the message says what to do', async () => {
    const id = ulid();
    await stack.json(['start', '--messages', '600', '--id', id, '--detach']);
    const old = stack.cloud.environment('user');
    stack.cloud.expire('user');
    const { code, stderr } = await stack.run(['status', id]);
    stack.cloud.renew('user');
    assert.equal(code, 1);
    assert.match(stderr, /expired/i);
    assert.ok(!stderr.includes(old['AWS_SECRET_ACCESS_KEY']!));
    const lines = await stack.json(['status', id, '--follow']);
    assert.equal(lines.at(-1)!['status'], 'succeeded');
  });

  it('is not to be had with the user’s login by any other way', async () => {
    const before = stack.cloud.denials.length;
    const { code, stderr } = await stack.run(['deploy', '--yes']);
    assert.equal(code, 1);
    assert.match(stderr, /not authorized|permission/);
    assert.ok(stack.cloud.denials.length > before);
  });

  it('keeps the stack from being destroyed as long as there are corpora', async () => {
    const { code, stderr } = await stack.run(['destroy', '--yes'], 'admin');
    assert.equal(code, 1);
    assert.match(stderr, /corpora/);
    const gone = await stack.run(['destroy', '--yes', '--delete-corpora'], 'admin');
    assert.equal(gone.code, 0, gone.stderr);
    assert.deepEqual([stack.cloud.buckets, stack.cloud.functions], [[], []]);
  });
});
