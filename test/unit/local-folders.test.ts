import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EngineError } from '../../src/engine/error.ts';
import { JobFolder } from '../../src/engine/local/job-folder.ts';
import { listJobs } from '../../src/engine/local/list.ts';
import { planOf } from '../../src/job/plan.ts';
import type { JobRecord } from '../../src/job/records.ts';
import { parseSpec } from '../../src/job/spec.ts';

/** Folders of jobs in which not all is as a job leaves it. */
describe('a folder of jobs', () => {
  let root = '';
  const spec = parseSpec({ messages: 300 });
  const recordOf = (job: string): JobRecord => ({ job, created: '', generator: '', content: '', spec, packs: [], plan: planOf(spec) });

  function jobIn(name: string, files: Readonly<Record<string, unknown>>): string {
    const path = join(root, name);
    mkdirSync(path, { recursive: true });
    for (const [file, content] of Object.entries(files))
      writeFileSync(join(path, file), typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  }

  beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'mailwright-folders-'))));
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('is listed newest first, and behind them the jobs that cannot be read, each with what is wrong', () => {
    jobIn('one', { 'job.json': recordOf('01A') });
    jobIn('two', { 'job.json': recordOf('01B') });
    jobIn('three', { 'job.json': '{"job": "01C", ' });
    jobIn('four', { 'job.json': recordOf('01D'), 'progress.json': '' });
    jobIn('five', { 'job.json': '[]' });
    jobIn('six', { 'job.json': 'null' });
    jobIn('seven', { 'thesis.txt': 'all of it' });
    const lines = listJobs(root, new Date());
    assert.deepEqual(
      lines.map((line) =>
        line.status === 'unreadable' ? [line.status, line.error.replace(root, '').split(':')[0]] : [line.status, line.job],
      ),
      [
        ['interrupted', '01B'],
        ['interrupted', '01A'],
        ['unreadable', '/five/job.json'],
        ['unreadable', '/four/progress.json'],
        ['unreadable', '/six/job.json'],
        ['unreadable', '/three/job.json'],
      ],
    );
  });

  it('says of a receipt that is not JSON how to go on', () => {
    const path = jobIn('job', { 'job.json': recordOf('01A') });
    mkdirSync(join(path, 'shards'));
    writeFileSync(join(path, 'shards', '000001.json'), '{"job": "01A", "sha');
    const file = join(path, 'shards', '000001.json');
    assert.throws(
      () => new JobFolder(path).survey(recordOf('01A')),
      (error) =>
        error instanceof EngineError &&
        error.code === 'CORRUPT' &&
        error.message === `${file}: not JSON. It may have been edited or cut short. Delete it and start again: the shard is made anew.`,
    );
    cpSync(join(path, 'job.json'), file); // JSON, and not a receipt
    assert.throws(
      () => new JobFolder(path).receiptOf(recordOf('01A'), 1),
      (error) => error instanceof EngineError && error.message.endsWith('Delete it and start again: the shard is made anew.'),
    );
  });
});
