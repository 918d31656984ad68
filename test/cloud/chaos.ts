import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { ulid } from 'ulid';
import { receiptKey } from '../../src/job/plan.ts';
import { hasEnded } from '../../src/job/records.ts';
import { seeded } from './emulator/random.ts';
import { until } from '../e2e/support.ts';
import { linesOf, Stack } from './deployed.ts';

/**
 * Jobs while everything goes wrong that can: what has to hold of each attempt is looked up in the journal of the cloud.
 */

/** Times of the clockwork, divided by this: a time-out of 4.5 seconds, a visibility of 27. */
const SCALE = 40;

/** Small shards, so that there are many; one language, so that a worker that was killed is soon replaced. */
export const chaosSpec = { messages: 3000, content: { languages: { en: 1 } }, execution: { shardBlocks: 1 } };
const POISON = '000003';

/** What happens in a run, by its seed. */
export interface Weather {
  readonly kills: boolean;
  readonly poison: boolean;
  readonly abort: boolean;
}

export interface Survived {
  readonly seed: number;
  readonly weather: Weather;
  /** The outcomes of the attempts, in order. */
  readonly outcomes: readonly string[];
  readonly digest: string;
  readonly killed: number;
  /** Executions that were stopped from outside. */
  readonly aborted: number;
  readonly throttled: number;
  readonly seconds: number;
}

const weatherOf = (seed: number): Weather => ({ kills: seed % 2 === 0, poison: seed % 3 === 0, abort: seed % 4 === 1 });

/** Runs a job in bad weather, then retries it in good weather until it is whole. Throws where something is not as it has to be. */
export async function survive(seed: number, spec: string): Promise<Survived> {
  const weather = weatherOf(seed);
  const begun = performance.now();
  const random = seeded(seed);
  const stack = await Stack.deployed({ scale: SCALE, seed, concurrency: 2 });
  const { cloud } = stack;
  const job = ulid();
  let killed = 0;
  let aborted = 0;
  try {
    cloud.faults = {
      s3: {
        slowDown: 0.1,
        internalError: 0.01,
        resetBefore: 0.01,
        resetAfter: 0.01,
        delay: { rate: 0.05, milliseconds: 50 },
        ...(weather.poison && { broken: (key) => key.includes(`/truth/${POISON}.`) }),
      },
      sqs: { internalError: 0.02, resetBefore: 0.01, resetAfter: 0.01 },
      duplicates: 0.2,
    };
    const started = await stack.run(['start', spec, '--id', job, '--detach']);
    assert.equal(started.code, 0, started.stderr);

    let sequence = 0;
    let next = performance.now();
    for (;;) {
      const progress = stack.progress(job)!;
      assert.ok(progress.sequence >= sequence, `the progress went back from ${sequence} to ${progress.sequence}`);
      sequence = progress.sequence;
      if (hasEnded(progress)) break;
      if (weather.abort && aborted === 0 && progress.shards > 0 && cloud.abort(`${job}-1`)) aborted++;
      if (performance.now() > next) {
        next = performance.now() + 300 + random() * 1500;
        if (weather.kills && killed < 6 && cloud.kill(`mailwright-${random() < 0.7 ? 'worker' : 'supervisor'}`)) killed++;
      }
      await setTimeout(20);
    }
    checkAttempt(stack, job, 1);
    const outcomes = [stack.outcome(job, 1)!.outcome as string];
    const missing = stack.outcome(job, 1)!.missing;
    if (weather.poison) assert.ok(missing.includes(Number(POISON)), 'the poisoned shard is named');
    if (weather.poison && !weather.abort) assert.ok(stack.outcome(job, 1)!.failed.includes(Number(POISON)));
    const throttled = cloud.writes.filter(({ status }) => status === 503).length;

    cloud.faults = {};
    for (let attempt = 2; outcomes.at(-1) !== 'succeeded'; attempt++) {
      assert.ok(attempt < 5, `it does not become whole: ${outcomes.join(', ')}`);
      const { code, stdout, stderr } = await stack.run(['retry', job, '--json']);
      assert.ok(code === 0 || code === 1, stderr);
      outcomes.push(String(linesOf(stdout).at(-1)!['status']));
      checkAttempt(stack, job, attempt);
    }
    const manifest = stack.manifest(job)!;
    assert.equal(stack.keys(job, 'messages/').length, chaosSpec.messages);
    assert.deepEqual(cloud.denials, []);
    const told = (): number => cloud.notifications.filter(({ message }) => message.includes(job)).length;
    await until('every attempt is told of', () => told() >= outcomes.length);
    return { seed, weather, outcomes, digest: manifest.digest, killed, aborted, throttled, seconds: (performance.now() - begun) / 1000 };
  } finally {
    await cloud.stop();
  }
}

/** What has to hold of an attempt that has ended, by the order in which S3 took the writes. */
function checkAttempt(stack: Stack, job: string, attempt: number): void {
  const done = stack.cloud.writes.filter(({ key, status }) => key.includes(`corpora/${job}/`) && status === 200);
  const outcomes = done.filter(({ key }) => key.endsWith(`attempts/${attempt}/outcome.json`));
  assert.equal(outcomes.length, 1, `attempt ${attempt} has ${outcomes.length} outcomes`);
  const { outcome, missing } = stack.outcome(job, attempt)!;
  const complete = outcome === 'succeeded';
  assert.equal(missing.length === 0, complete);
  assert.equal(stack.manifest(job) !== undefined, complete);
  assert.equal(stack.progress(job)!.status, outcome);
  if (complete) return;
  const late = done.filter(({ key, count }) => count > outcomes[0]!.count && /\/(messages|truth|shards)\//.test(key));
  assert.deepEqual(late, [], `attempt ${attempt} put something after its outcome ${outcome}`);
  for (const shard of missing) assert.equal(stack.record(job, receiptKey(shard)), undefined);
}
