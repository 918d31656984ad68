import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseRecord, recordText } from '../../src/extension/jobs/record.ts';
import { JobStore } from '../../src/extension/jobs/store.ts';
import { ended, JOB, progress, tracked } from './extension-support.ts';

describe('the files of jobs', () => {
  let folder: string;
  let store: JobStore;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'mailwright-store-'));
    store = new JobStore(join(folder, 'jobs'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const unreadable = (): never => assert.fail('all of it can be read');

  it('keep a job as it is', () => {
    const job = tracked({ progress: progress(), ended: ended('partial', { reason: 'a disk' }), cost: 0.2 });
    store.add(job);
    assert.deepEqual(store.all(unreadable), [job]);
    assert.deepEqual(readdirSync(join(folder, 'jobs')), [`${JOB}.json`], 'written whole, and nothing beside it');
  });

  it('are left alone where they are broken, or of a later version', () => {
    const text = recordText(tracked());
    assert.equal(parseRecord(text.slice(0, -10)), undefined);
    assert.equal(parseRecord(text.replace('"schema": 1', '"schema": 2')), undefined);
    assert.equal(parseRecord(text.replace('"local"', '"moon"')), undefined);
    store.add(tracked());
    const path = join(folder, 'jobs', `${JOB}.json`);
    writeFileSync(path, '{');
    const named: string[] = [];
    assert.deepEqual(
      store.all((one) => named.push(one)),
      [],
    );
    assert.deepEqual(named, [path]);
    assert.equal(readFileSync(path, 'utf8'), '{');
  });

  it('hold nothing of a login', () => {
    const where = { target: 'aws', profile: 'bank', region: 'eu-central-1', secretAccessKey: 'x' } as const;
    assert.ok(!recordText(tracked({ where })).includes('secretAccessKey'));
  });

  it('are not written again after they were removed', () => {
    store.add(tracked());
    assert.ok(store.claim(JOB, '1'));
    store.remove(JOB);
    assert.equal(store.update(tracked({ progress: progress() })), false);
    assert.deepEqual(readdirSync(join(folder, 'jobs')), []);
  });

  it('let one window tell of an attempt, once', () => {
    const other = new JobStore(join(folder, 'jobs'));
    assert.deepEqual(
      [store.claim(JOB, '1'), other.claim(JOB, '1'), store.claim(JOB, '1'), other.claim(JOB, '2')],
      [true, false, false, true],
    );
    assert.deepEqual(store.ids(), [], 'a claim is no job');
  });

  it('tell of what other windows write', async () => {
    const changed = new Promise<string>((resolve) => {
      const watching = store.watch((job) => {
        watching.dispose();
        resolve(job);
      });
    });
    new JobStore(join(folder, 'jobs')).add(tracked());
    assert.equal(await changed, JOB);
  });
});
