import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MOST_SHOWN } from '../../src/engine/score/page.ts';
import type { ScoreReport } from '../../src/engine/score/report.ts';
import { keysIn, Reports, type Scored, shortened } from '../../src/extension/score/reports.ts';
import type { Handed, Step, TruthPlace } from '../../src/extension/score/score-call.ts';
import { reportPage } from '../../src/extension/score/score-page.ts';
import { scoreInThread, UnknownColumn } from '../../src/extension/score/scoring.ts';
import { idOf, jobOf, keyOf, lineOf, scoreOf } from '../unit/score-support.ts';

/** What the extension makes of a score, without VS Code. */

const EVIL = `<script>alert("x")</script>&'`;

function reportOf(more: Partial<ScoreReport> = {}): ScoreReport {
  const lines = [lineOf({ name: 'm1' }), lineOf({ name: 'm2', arc_id: EVIL }), lineOf({ name: 'n1', label: 'near_miss', arc_id: 'n' })];
  return {
    files: { truth: '/corpus', alerts: '/alerts.csv', baseline: null, job: 'JOB' },
    columns: {},
    threshold: null,
    notes: [EVIL],
    problems: {
      count: 2,
      first: [
        { file: '/alerts.csv', line: 3, problem: EVIL },
        { file: '/corpus/truth/0.jsonl', line: 1, problem: EVIL },
      ],
    },
    ...scoreOf({ lines, alerts: ['m1', 'n1'], messages: 1000 }),
    ...more,
  };
}

describe('a score in the extension', () => {
  let folder = '';
  before(() => (folder = mkdtempSync(join(tmpdir(), 'mailwright-score-'))));
  after(() => rmSync(folder, { recursive: true }));

  describe('as a page', () => {
    const files = { source: 'https://own.test', script: 'https://own.test/score.js', style: 'https://own.test/score.css', language: 'de' };
    const texts = { again: 'Again', compare: 'Compare', threshold: 'Threshold' };
    const page = reportPage('id', reportOf(), files, texts);

    it('runs its own script only, and has no handler and no style in its markup', () => {
      const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)![1]!.replaceAll('&#39;', "'");
      const nonce = /nonce="([^"]{20,})"/.exec(page)![1]!;
      assert.equal(
        policy,
        `default-src 'none'; script-src 'nonce-${nonce}'; style-src https://own.test; base-uri 'none'; form-action 'none'`,
      );
      assert.equal(page.match(/<script/g)!.length, 1);
      assert.ok(!/\s(style|on\w+|srcset|action)=/.test(page));
      assert.notEqual(nonce, /nonce="([^"]{20,})"/.exec(reportPage('id', reportOf(), files, texts))![1]);
    });

    it('links what was missed and what was flagged by their keys, and lines of the alerts by their place', () => {
      const linked = [...page.matchAll(/data-open="([^"]*)"/g)].map(([, key]) => key);
      assert.deepEqual(linked, [keyOf('m2'), keyOf('n1')]);
      assert.deepEqual(
        [...page.matchAll(/data-line="(\d+)"/g)].map(([, number]) => number),
        ['0'],
      );
    });
  });

  describe('kept', () => {
    const scored = (more?: Partial<ScoreReport>): Scored => ({
      subject: { kind: 'folder', folder: '/corpus' },
      reading: { alerts: '/alerts.csv', map: { message_id: 'MsgID' } },
      report: reportOf(more),
    });

    it('is found again by its id, and by nothing else', async () => {
      const reports = new Reports(join(folder, 'kept'));
      const id = await reports.keep(scored());
      assert.deepEqual(await reports.get(id), JSON.parse(JSON.stringify(scored())));
      writeFileSync(join(folder, 'secret.json'), '{"format": 1}');
      for (const other of ['../secret', '', id.replace(/./, 'g'), `${id}.json`]) assert.equal(await reports.get(other), undefined);
    });

    it('is not shown where another version, or nobody, wrote it', async () => {
      const reports = new Reports(join(folder, 'other'));
      const id = await reports.keep(scored());
      for (const text of ['{"format": 2}', '{', '[]']) {
        writeFileSync(join(folder, 'other', `${id}.json`), text);
        assert.equal(await reports.get(id), undefined);
      }
    });

    it('goes when there are twenty newer ones', async () => {
      const reports = new Reports(join(folder, 'many'));
      const first = await reports.keep(scored());
      utimesSync(join(folder, 'many', `${first}.json`), 1, 1);
      for (let i = 0; i < 20; i++) await reports.keep(scored());
      assert.equal(readdirSync(join(folder, 'many')).length, 20);
      assert.equal(await reports.get(first), undefined);
    });

    it('is kept where a file goes while the old ones are looked for', async () => {
      const reports = new Reports(join(folder, 'going'));
      for (let i = 0; i < 19; i++) await reports.keep(scored());
      symlinkSync(join(folder, 'nowhere'), join(folder, 'going', 'gone.json'));
      const last = await reports.keep(scored());
      assert.ok(await reports.get(last));
      assert.equal(readdirSync(join(folder, 'going')).length, 20);
    });

    it('has its lists as long as the page shows them, and their counts as they are', () => {
      const many = Array.from({ length: MOST_SHOWN + 100 }, (_, i) => lineOf({ name: `x${i}`, arc_id: `a${i}` }));
      const { missed } = shortened(reportOf(scoreOf({ lines: many, alerts: [] })));
      assert.deepEqual([missed.count, missed.items.length], [MOST_SHOWN + 100, MOST_SHOWN]);
    });

    it('names the messages of all its lists', () => {
      const lines = ['m1', 'm2', 'm3'].map((name) => lineOf({ name, arc_id: name }));
      const report = reportOf(scoreOf({ lines, alerts: ['m1'], baseline: ['m2'] }));
      assert.deepEqual([...keysIn(report)].sort(), ['m1', 'm2', 'm3'].map((name) => keyOf(name)).sort());
    });
  });

  describe('in a thread', () => {
    const thread = new URL('../../dist/score.mjs', import.meta.url);
    const { job, messageId, line } = jobOf(1000);
    const handed: TruthPlace = {
      kind: 'handed',
      name: 's3://bucket/job/',
      files: ['s3://bucket/job/truth/0.jsonl', 's3://bucket/job/truth/1.jsonl'],
      job,
      messages: 1000,
      complete: true,
    };

    const alerts = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    /** Pieces, and how many of them were asked for. */
    async function* pieces(asked: { count: number }, all: readonly Handed[]): AsyncGenerator<Handed, void> {
      for (const piece of all) {
        asked.count++;
        yield piece;
      }
    }
    const scored = (
      truth: TruthPlace,
      file: string,
      more: { pieces?: AsyncIterator<Handed, void>; signal?: AbortSignal; steps?: Step[]; baseline?: string } = {},
    ): Promise<ScoreReport> =>
      scoreInThread({
        thread,
        data: { truth, reading: { alerts: file, map: {}, baseline: more.baseline }, packs: join(folder, 'no packs') },
        pieces: more.pieces,
        signal: more.signal ?? new AbortController().signal,
        step: (step) => more.steps?.push(step),
      });

    it('reads truth that is handed on in pieces, wherever they are cut', async () => {
      const bytes = Buffer.from(line(1) + line(2));
      const asked = { count: 0 };
      const report = await scored(handed, alerts('two.csv', `message_id\n${messageId(1)}\n${messageId(3)}\n`), {
        pieces: pieces(asked, [
          { bytes: bytes.subarray(0, 100), last: false },
          { bytes: bytes.subarray(100), last: true },
          { bytes: Buffer.from(line(3)), last: true },
        ]),
      });
      assert.deepEqual([report.levels.message.found, report.levels.message.missed, asked.count], [2, 1, 3]);
      assert.deepEqual([report.files.truth, report.files.job, report.messages], ['s3://bucket/job/', job.job, 1000]);
    });

    it('asks for the next piece only when it has done with the last', async () => {
      const asked = { count: 0 };
      const missing = join(folder, 'nothing.csv');
      const all = pieces(asked, [{ bytes: Buffer.from(line(1)), last: true }]);
      await assert.rejects(scored(handed, missing, { pieces: all }), /nothing\.csv: no such file/);
      assert.equal(asked.count, 0);
    });

    it('fails as the source of the pieces fails', async () => {
      const broken = (async function* (): AsyncGenerator<Handed, void> {
        yield { bytes: Buffer.from(line(1)), last: true };
        throw new Error('the login has expired');
      })();
      await assert.rejects(scored(handed, alerts('one.csv', `message_id\n${messageId(1)}\n`), { pieces: broken }), /the login has expired/);
    });

    it('ends when it is cancelled, even while it waits', async () => {
      const stop = new AbortController();
      let closed = false;
      const endless: AsyncIterator<Handed, void> = {
        next: () => {
          stop.abort();
          return new Promise(() => {});
        },
        return: async () => {
          closed = true;
          return { done: true, value: undefined };
        },
      };
      const file = alerts('one.csv', `message_id\n${messageId(1)}\n`);
      await assert.rejects(scored(handed, file, { pieces: endless, signal: stop.signal }), { name: 'AbortError' });
      assert.ok(closed);
    });

    it('says which columns there are where none is known, in the alerts or in the baseline', async () => {
      const good = alerts('good.csv', `message_id\n${messageId(1)}\n`);
      const other = alerts('other.csv', `Ticket;MsgID\n1;${messageId(1)}\n`);
      for (const [file, baseline] of [[other], [good, other]] as const)
        await assert.rejects(scored(handed, file, baseline === undefined ? {} : { baseline }), (error) => {
          assert.ok(error instanceof UnknownColumn);
          assert.deepEqual([error.file, error.columns, error.field], [other, ['Ticket', 'MsgID'], 'message_id']);
          return true;
        });
    });

    it('fails with the errors of the command line', async () => {
      const file = alerts('list.json', `[{"message_id": "${idOf('m1')}"}]`);
      await assert.rejects(scored(handed, file), { name: 'SpecError', message: /^--alerts: .*list\.json is one JSON list: give one/ });
      await assert.rejects(scored({ kind: 'folder', folder: join(folder, 'gone') }, file), /gone: no such file or folder/);
    });
  });
});
