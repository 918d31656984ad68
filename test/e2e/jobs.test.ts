import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StopMarker } from '../../src/job/records.ts';
import {
  assertNoRemains,
  assertWhole,
  digestIn,
  done,
  file,
  filesBelow,
  json,
  manifest,
  outcome,
  progress,
  receiptPath,
  record,
  run,
  type Running,
  scratch,
  start,
  treeHash,
} from './support.ts';

/** The commands about jobs, on jobs of this machine: status, cancel, retry, delete, list, and start --target local. */

/** A job of twelve shards, by one thread. */
const JOB = ['-n', '3000', '-l', 'none', '-w', '1'];

const ULID = '01M8AQBBBNWRHP03C7DRG93TVX';

describe('commands about jobs on this machine', () => {
  const path = scratch();

  /** Starts a job and holds it once it has finished a shard: it is running, and stays so until SIGCONT. */
  async function held(job: string): Promise<Running> {
    const running = start(['generate', ...JOB, '--out', job]);
    await running.until('its first shard is done', () => existsSync(receiptPath(job, 0)));
    running.kill('SIGSTOP');
    return running;
  }

  describe('cancel', () => {
    it('stops a running job, which keeps what is finished; retry makes the rest', async () => {
      const job = path('cancelled');
      const running = await held(job);
      const { stdout } = await done(['cancel', job]);
      assert.match(stdout, new RegExp(`^Attempt 1 of job ${record(job).job} is asked to stop\\..*\\n  mailwright retry .*cancelled$`, 'm'));
      running.kill('SIGCONT');
      const ended = await running.ended;
      assert.equal(ended.code, 1, ended.stderr);
      assert.match(ended.stdout, /^Cancelled\./m);
      assert.deepEqual([outcome(job, 1).outcome, progress(job).status], ['cancelled', 'cancelled']);
      const marker = json<StopMarker>(join(job, 'attempts', '1', 'cancel'));
      assert.equal(marker.by, 'user');
      assert.ok(existsSync(receiptPath(job, 0)));

      assert.match(
        (await done(['status', job])).stdout,
        /^Status +cancelled, attempt 1$[\s\S]*^Missing +\d+ shard\(s\)$[\s\S]*^Go on +mailwright retry /m,
      );
      const again = await done(['retry', job]);
      assert.equal(manifest(job).attempt, 2);
      await assertWhole(job, digestIn(again.stdout));
      assertNoRemains(job);
    });

    it('is refused where nobody works on the job: it is complete, or its process was killed', async () => {
      const complete = path('complete');
      await done(['generate', '-n', '300', '-l', 'none', '--out', complete]);
      const before = treeHash(complete);
      const refused = await run(['cancel', complete]);
      assert.equal(refused.code, 2);
      assert.match(refused.stderr, /^mailwright: .*complete: nobody works on this job, it is succeeded: there is nothing to cancel\.\n$/);
      assert.equal(treeHash(complete), before);

      const killed = path('killed');
      const running = await held(killed);
      running.kill('SIGKILL');
      await running.ended;
      const { code, stderr } = await run(['cancel', killed]);
      assert.equal(code, 2);
      assert.match(stderr, /nobody works on this job, it is interrupted/);
      assert.ok(!existsSync(join(killed, 'attempts', '1', 'cancel')), 'a marker would cancel whoever goes on with it');
    });
  });

  describe('status', () => {
    it('tells how a complete job is doing, for people and for programs', async () => {
      const job = path('told');
      await done(['generate', '-n', '300', '--out', job]);
      const { job: id } = record(job);
      const { stdout } = await done(['status', job]);
      assert.match(stdout, new RegExp(`^Job +${id}\\nStatus +succeeded, attempt 1\\nMessages +300\\n`));
      assert.match(stdout, new RegExp(`^Digest +${manifest(job).digest}$`, 'm'));
      const state = JSON.parse((await done(['status', job, '--json'])).stdout) as Record<string, unknown>;
      assert.deepEqual(
        [state['job'], state['status'], state['where'], state['plan'], state['progress'], state['outcome'], state['manifest']],
        [id, 'succeeded', job, record(job).plan, progress(job), outcome(job, 1), manifest(job)],
      );
    });

    it('follows a job of another process until it has ended, with the same ending', async () => {
      const job = path('followed');
      const running = await held(job);
      const following = start(['status', job, '--follow', '--json']);
      await following.said('"progress"');
      running.kill('SIGCONT');
      const followed = await following.ended;
      assert.equal(followed.code, 0);
      assert.equal((await running.ended).code, 0);
      const events = followed.stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
      assert.deepEqual([events[0]!['event'], events[0]!['job']], ['started', record(job).job]);
      const sequences = events.filter(({ event }) => event === 'progress').map(({ sequence }) => sequence as number);
      assert.ok(sequences.length > 1);
      assert.deepEqual(
        sequences,
        [...new Set(sequences)].sort((a, b) => a - b),
      );
      assert.deepEqual(events.at(-1), { event: 'ended', status: 'succeeded', manifest: manifest(job), already: false });
    });

    it('stops following at Ctrl-C, and the job goes on', async () => {
      const job = path('left');
      const running = await held(job);
      const following = start(['status', job, '--follow']);
      // The line of progress, not the one before it: from then on a signal is awaited.
      await following.said(' messages, ');
      following.kill('SIGINT');
      const { code, stdout } = await following.ended;
      assert.equal(code, 130);
      assert.match(
        stdout,
        /^No longer following: the job goes on\.\nFollow +mailwright status .*left --follow\nCancel +mailwright cancel .*left$/m,
      );
      running.kill('SIGCONT');
      assert.equal((await running.ended).code, 0);
    });
  });

  describe('retry', () => {
    it('goes on with an interrupted job', async () => {
      const job = path('interrupted');
      const running = await held(job);
      running.kill('SIGINT');
      running.kill('SIGCONT');
      assert.equal((await running.ended).code, 130);
      const { stderr } = await done(['retry', job]);
      assert.match(stderr, /of them there already$/m);
      assert.equal(manifest(job).attempt, 1);
    });

    it('makes no job where there is none', async () => {
      mkdirSync(path('empty'));
      const { code, stderr } = await run(['retry', `${path('empty')}/`]);
      assert.equal(code, 2);
      assert.match(stderr, /^mailwright: .*empty holds no job: there is no job\.json\./);
      assert.deepEqual(readdirSync(path('empty')), []);
    });
  });

  describe('delete', () => {
    it('asks; without a terminal it needs --yes', async () => {
      const job = path('kept');
      await done(['generate', '-n', '300', '-l', 'zip', '--truth-format', 'csv', '--out', job]);
      const before = treeHash(job);
      const refused = await run(['delete', job]);
      assert.equal(refused.code, 2);
      assert.match(
        refused.stderr,
        new RegExp(
          `^mailwright: Delete job ${record(job).job}, with the 300 messages in .*kept\\? There is no terminal to ask on: add --yes if so\\.\\n$`,
        ),
      );
      assert.equal(treeHash(job), before);
      assert.match((await done(['delete', job, '--yes'])).stdout, /^Deleted .*kept\.\n$/);
      assert.ok(!existsSync(job));
    });

    it('leaves what is not of the job', async () => {
      const job = path('shared');
      await done(['generate', '-n', '300', '--out', job]);
      writeFileSync(join(job, 'thesis.txt'), 'all of it');
      const { stdout } = await done(['delete', job, '--yes']);
      assert.match(stdout, /^Deleted the job\. .*shared stays, for it holds something else: thesis\.txt\n$/);
      assert.deepEqual(filesBelow(job), ['thesis.txt']);
    });

    it('is refused while somebody works on the job, and for a folder without one', async () => {
      const job = path('busy');
      const running = await held(job);
      const refused = await run(['delete', job, '--yes']);
      assert.equal(refused.code, 1);
      assert.match(refused.stderr, new RegExp(`^mailwright: .*busy is being worked on by process ${running.pid} `));
      running.kill('SIGCONT');
      assert.equal((await running.ended).code, 0);
      assert.ok(existsSync(join(job, 'manifest.json')));

      mkdirSync(path('no-job'));
      file(path('no-job', 'manifest.json'), {});
      const { code } = await run(['delete', `${path('no-job')}/`, '--yes']);
      assert.equal(code, 2);
      assert.deepEqual(filesBelow(path('no-job')), ['manifest.json']);
    });
  });

  describe('start --target local', () => {
    it('is generate, with an id if one is given', async () => {
      const { stdout } = await done(['start', '--target', 'local', '-n', '300', '-l', 'none', '--id', ULID], { cwd: path() });
      const job = path('corpora', ULID);
      assert.equal(record(job).job, ULID);
      assert.equal(digestIn(stdout), manifest(job).digest);
      // An id that names a folder here is that folder.
      assert.match((await done(['status', ULID], { cwd: path('corpora') })).stdout, /^Status +succeeded/m);
      rmSync(path('corpora'), { recursive: true });
    });
  });

  it('list --limit shows the newest', async () => {
    for (const name of ['first', 'second', 'third']) await done(['generate', '-n', '10', '-l', 'none', '--out', path('many', name)]);
    const lines = JSON.parse((await done(['list', path('many'), '--limit', '2', '--json'])).stdout) as { where: string }[];
    assert.deepEqual(
      lines.map(({ where }) => where),
      [path('many', 'third'), path('many', 'second')],
    );
  });

  const REFUSED: Readonly<Record<string, readonly [args: readonly string[], says: RegExp]>> = {
    'a job that is neither a folder nor an id': [
      ['status', 'my-job'],
      /^mailwright: my-job is neither a job's folder .* nor the id of a job in the cloud/,
    ],
    'a folder, with an option that names a stack': [
      ['cancel', './job', '--stack', 'mine'],
      /^mailwright: \.\/job is not the id of a job in the cloud/,
    ],
    'a stack on this machine': [
      ['list', '--target', 'local', '--profile', 'bank'],
      /^mailwright: --profile speaks of a stack in the cloud, and --target local of this machine/,
    ],
    'a folder of a stack': [['list', 'corpora', '--target', 'aws'], /^mailwright: corpora: a folder is on this machine/],
    'status of nothing': [['status'], /^mailwright: Name a job: /],
    'following a stack': [['status', '--follow', '--target', 'aws'], /^mailwright: --follow needs a job/],
    'pulling what is here': [['pull', './job'], /^mailwright: \.\/job is not the id of a job in the cloud/],
    'an id that is none': [['start', '--id', 'mine'], /^mailwright: option '--id <ulid>' argument 'mine' is invalid\. It has to be a ULID/],
    'a part of a message': [['pull', ULID, '--first', '0'], /It has to be a whole number from 1\./],
    'a target that is none': [['start', '--target', 'mars'], /Allowed choices are aws, local\./],
    'a spec that is wrong, before anything of the cloud': [
      ['start', '-n', '0', '--profile', 'none'],
      /^mailwright: messages: 0 will not do: at least 1\n$/,
    ],
  };
  for (const [what, [args, says]] of Object.entries(REFUSED))
    it(`refuses ${what}`, async () => {
      const { code, stdout, stderr } = await run(args, { cwd: path() });
      assert.equal(code, 2, stderr);
      assert.match(stderr, says);
      assert.equal(stdout, '');
    });
});
