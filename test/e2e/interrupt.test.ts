import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  assertNoRemains,
  assertWhole,
  COMMAND,
  digestIn,
  done,
  file,
  filesBelow,
  manifest,
  outcome,
  output,
  progress,
  receiptPath,
  record,
  run,
  type Running,
  scratch,
  start,
  until,
} from './support.ts';

/** Twelve shards. */
const MESSAGES = 3000;

describe('a running job', () => {
  const path = scratch();
  let undisturbed = '';

  before(async () => {
    const { stdout } = await done(['generate', '-n', String(MESSAGES), '-l', 'none', '--out', path('undisturbed')]);
    undisturbed = digestIn(stdout);
  });

  /** A job with one worker that has finished its first shard. */
  async function underWay(job: string, ...args: string[]): Promise<Running> {
    const running = start(['generate', '-n', String(MESSAGES), '--workers', '1', '--out', job, ...args]);
    await running.until('its first shard is done', () => existsSync(receiptPath(job, 0)));
    return running;
  }

  for (const [signal, layout, name] of [
    ['SIGINT', 'eml', 'a folder of eml'],
    ['SIGTERM', 'zip', 'zip'],
  ] as const) {
    it(`stops in good order on ${signal}, and goes on with the command it names (${layout})`, async () => {
      const job = path(name);
      const running = await underWay(job, '--layout', layout);
      running.kill(signal);
      const { code, stdout } = await running.ended;
      assert.equal(code, 130);
      assert.equal(progress(job).status, 'interrupted');
      assert.match(stdout, /^Interrupted after [\d,]+ of 3,000 messages\. Go on with:$/m);
      assert.deepEqual(
        filesBelow(job).filter((name) => /^(lock.*|manifest\.json|attempts.*)$/.test(name)),
        [],
      );
      assert.match((await done(['list', path()])).stdout, new RegExp(`^${record(job).job} +interrupted +[\\d,]+ of 3,000 `, 'm'));

      // The command as printed, through a shell: the folder's name has spaces.
      const command = /^ {2}(mailwright generate --out .*)$/m.exec(stdout)![1]!;
      const script = file(path(`go-on-${layout}.sh`), `mailwright() { "$NODE" "$COMMAND" "$@"; }\n${command}\n`);
      const again = await output('sh', [script], { env: { NODE: process.execPath, COMMAND } });
      assert.equal(digestIn(again), undisturbed);
      await assertWhole(job, undisturbed);
      assert.deepEqual([manifest(job).attempt, progress(job).status], [1, 'succeeded']);
      assertNoRemains(job);
    });
  }

  it('that is interrupted says so in its last JSON line', async () => {
    const job = path('json');
    const running = await underWay(job, '--layout', 'none', '--json');
    running.kill('SIGINT');
    const { code, stdout } = await running.ended;
    assert.equal(code, 130);
    const {
      event,
      status,
      progress: last,
    } = JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as { event: string; status: string; progress: unknown };
    assert.deepEqual([event, status, last], ['ended', 'interrupted', progress(job)]);
  });

  it('keeps its folder to itself', async () => {
    const job = path('busy');
    const running = await underWay(job);
    running.kill('SIGSTOP'); // so that it is there for sure while others try
    const records = (): string => ['job.json', 'lock'].map((name) => readFileSync(join(job, name), 'utf8')).join();
    const before = records();
    for (const args of [
      ['--out', job],
      ['-n', String(MESSAGES), '--out', job],
      ['--out', job, '--detach'],
    ]) {
      const { code, stdout, stderr } = await run(['generate', ...args]);
      assert.equal(code, 1);
      assert.match(stderr, new RegExp(`^mailwright: .*/busy is being worked on by process ${running.pid} `));
      assert.equal(stdout, '');
    }
    assert.equal(records(), before);
    running.kill('SIGCONT');
    const { code, stdout } = await running.ended;
    assert.equal(code, 0);
    assert.equal(digestIn(stdout), undisturbed);
    await assertWhole(job, undisturbed);
  });

  it('is cancelled by a marker, and begun again by the same command', async () => {
    const job = path('cancelled');
    const running = await underWay(job);
    // Held until its next look at the marker is due, so that this does not depend on how fast it is.
    running.kill('SIGSTOP');
    mkdirSync(join(job, 'attempts', '1'), { recursive: true });
    file(join(job, 'attempts', '1', 'cancel'), '');
    await until('its next heartbeat is due', () => Date.now() - Date.parse(progress(job).heartbeat) > 1000);
    running.kill('SIGCONT');
    const { code, stdout } = await running.ended;
    assert.equal(code, 1);
    assert.match(stdout, /^Cancelled\. /m);
    assert.deepEqual([progress(job).status, outcome(job, 1).outcome], ['cancelled', 'cancelled']);
    const { missing } = outcome(job, 1);
    assert.ok(missing.length > 0 && missing.every((shard) => !existsSync(receiptPath(job, shard))));
    assert.ok(!existsSync(join(job, 'manifest.json')));

    const again = await done(['generate', '-n', String(MESSAGES), '--workers', '1', '--out', job]);
    assert.equal(digestIn(again.stdout), undisturbed);
    await assertWhole(job, undisturbed);
    assert.deepEqual(
      [manifest(job).attempt, progress(job).attempt, outcome(job, 2).outcome, outcome(job, 1).outcome],
      [2, 2, 'succeeded', 'cancelled'],
    );
    assertNoRemains(job);
  });
});
