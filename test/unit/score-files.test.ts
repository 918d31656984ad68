import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LONGEST_LINE } from '../../src/engine/score/lines.ts';
import { scoreFiles, type ScoreOptions } from '../../src/cli/score/score.ts';
import type { ScoreReport } from '../../src/engine/score/report.ts';
import { SpecError } from '../../src/job/spec.ts';
import { idOf, jobOf, keyOf, lineOf } from './score-support.ts';

/** What the scorer reads, as users have it. */

describe('files to score', () => {
  let folder = '';
  before(() => (folder = mkdtempSync(join(tmpdir(), 'mailwright-score-'))));
  after(() => rmSync(folder, { recursive: true }));

  const file = (name: string, content: string | Uint8Array): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  const jsonl = (lines: readonly object[]): string => lines.map((line) => JSON.stringify(line) + '\n').join('');

  const lines = ['m1', 'm2', 'm3', 'm4'].map((name) => lineOf({ name, arc_id: 'a' }));
  const truth = (): string => file('truth.jsonl', jsonl([...lines, lineOf({ name: 'n1', label: 'near_miss', arc_id: 'n' })]));
  const score = (options: Partial<ScoreOptions> & { readonly alerts: string }): Promise<ScoreReport> =>
    scoreFiles({ truth: truth(), ...options }, join(folder, 'no packs'));
  const refuses = (options: Partial<ScoreOptions> & { readonly alerts: string }, ...says: (string | RegExp)[]): Promise<void> =>
    assert.rejects(score(options), (error) => {
      assert.ok(error instanceof SpecError, String(error));
      for (const part of says)
        assert.ok(typeof part === 'string' ? error.message.includes(part) : part.test(error.message), `${error.message}: no ${part}`);
      return true;
    });
  /** Required messages found, near misses flagged, problems. */
  const figures = ({ levels, problems }: ScoreReport): number[] => [levels.message.found, levels.message.nearMissesFlagged, problems.count];

  describe('alerts as CSV', () => {
    const rows = ['message_id,person,score,policy', ...['m1', 'm2', 'n1'].map((name) => `${idOf(name)},,0.5,p`)];
    const forms: Record<string, string> = {
      plain: rows.join('\n'),
      'with CRLF and a last line end': rows.join('\r\n') + '\r\n',
      'with semicolons': rows.join('\n').replaceAll(',', ';'),
      'with tabs': rows.join('\n').replaceAll(',', '\t'),
      'with everything quoted': rows
        .map((row) =>
          row
            .split(',')
            .map((cell) => `"${cell}"`)
            .join(','),
        )
        .join('\n'),
      'with blank lines and spaces': rows.map((row) => ` ${row.replaceAll(',', ' , ')} \n\n  \n`).join(''),
      'with line ends in cells': rows.join('\n').replaceAll('0.5,p', '0.5,"p\nq ""r"" s\r\n"'),
      'with other spellings of the columns': rows.join('\n').replace('message_id', 'Message-ID').replace('policy', 'POLICY '),
      'with rows of other lengths': rows
        .map((row, i) => (i === 1 ? `${row},x,y` : row))
        .join('\n')
        .replace(',0.5,p\n', '\n'),
      'with a column of its own for keys': ['key,message_id', `${keyOf('m1')},`, `,${idOf('m2')}`, `${keyOf('n1')},${idOf('n1')}`].join(
        '\n',
      ),
      'with one column': ['key', keyOf('m1'), keyOf('m2'), keyOf('n1')].join('\n'),
    };
    for (const [form, text] of Object.entries(forms))
      it(form, async () => assert.deepEqual(figures(await score({ alerts: file('alerts.csv', text) })), [2, 1, 0]));

    it('with columns named by --map', async () => {
      const alerts = file('alerts.csv', `Alert,MsgID,Employee\n1,${idOf('m1')},ann@x.example\n2,${idOf('n1')},\n`);
      const report = await score({ alerts, map: ['message_id=MsgID', 'person=employee'] });
      assert.deepEqual(figures(report), [1, 1, 0]);
      assert.deepEqual(report.columns, { message_id: 'MsgID', person: 'Employee' });
      assert.deepEqual(figures(await score({ alerts, map: ['message_id = MsgID,person=Employee'] })), [1, 1, 0]);
    });

    it('with a column that --map takes the place of', async () => {
      const alerts = file('alerts.csv', `message_id,MsgID\n17,${idOf('m1')}\n`);
      assert.deepEqual(figures(await score({ alerts, map: ['message_id=MsgID'] })), [1, 0, 0]);
    });
  });

  describe('alerts as JSON lines', () => {
    const rows = ['m1', 'm2', 'n1'].map((name) => ({ message_id: idOf(name), person: null, score: 0.5, detail: { a: [1] } }));
    for (const name of ['alerts.jsonl', 'alerts.ndjson', 'alerts.json', 'alerts', 'alerts.txt'])
      it(`called ${name}`, async () => assert.deepEqual(figures(await score({ alerts: file(name, `\n${jsonl(rows)}`) })), [2, 1, 0]));

    it('with fields named by --map, in some of the lines', async () => {
      const alerts = file('alerts.jsonl', jsonl([{ id: idOf('m1') }, { object: keyOf('m2') }]));
      const report = await score({ alerts, map: ['message_id=id,key=object'] });
      assert.deepEqual(figures(report), [2, 0, 0]);
    });

    it('of which there are none', async () => {
      const report = await score({ alerts: file('alerts.jsonl', '') });
      assert.deepEqual(figures(report), [0, 0, 0]);
      assert.equal(report.levels.alertUnit.recall!.value, 0);
    });
  });

  describe('encodings', () => {
    const text = `message_id,policy\n${idOf('m1')},Prüfung – §\n${idOf('m2')},Prüfung – §\n`;
    const swapped = Buffer.from(`\ufeff${text}`, 'utf16le').swap16();
    const forms: Record<string, Uint8Array> = {
      'UTF-8': Buffer.from(text),
      'UTF-8 with a byte order mark': Buffer.from(`\ufeff${text}`),
      'UTF-16 LE with a byte order mark': Buffer.from(`\ufeff${text}`, 'utf16le'),
      'UTF-16 BE with a byte order mark': swapped,
    };
    for (const [form, bytes] of Object.entries(forms))
      it(form, async () => {
        for (const name of ['alerts.csv', 'alerts.txt']) {
          const report = await score({ alerts: file(name, bytes) });
          assert.deepEqual(figures(report), [2, 0, 0]);
          assert.deepEqual(
            report.policies.items.map(({ policy, messages }) => [policy, messages]),
            [['Prüfung – §', 2]],
          );
        }
      });

    it('Latin-1, where the bytes are not UTF-8', async () => {
      const latin = Buffer.from(text.replaceAll(' – ', ' '), 'latin1');
      const report = await score({ alerts: file('alerts.csv', latin) });
      assert.deepEqual(
        report.policies.items.map(({ policy, messages }) => [policy, messages]),
        [['Prüfung §', 2]],
      );
    });

    it('characters that lie across chunks', async () => {
      const many = Array.from({ length: 8_000 }, (_, i) => `${idOf(`x${i}`)},${'ü€'.repeat(5)}`);
      const report = await score({ alerts: file('alerts.csv', `message_id,policy\n${many.join('\n')}\n${idOf('m3')},last`) });
      assert.deepEqual(figures(report), [1, 0, 0]);
      assert.deepEqual(
        report.policies.items.map(({ policy, messages }) => [policy, messages]),
        [
          ['ü€'.repeat(5), 8_000],
          ['last', 1],
        ],
      );
    });

    it('truth with a byte order mark', async () => {
      const marked = file('marked.jsonl', `\ufeff${jsonl(lines)}`);
      assert.deepEqual(figures(await score({ truth: marked, alerts: file('alerts.csv', `key\n${keyOf('m1')}\n`) })), [1, 0, 0]);
    });
  });

  describe('broken files', () => {
    it('a quotation mark that is never closed costs its line, and no other', async () => {
      const text = `message_id,policy\n${idOf('m1')},"good"\n${idOf('m2')},"bad\n${idOf('m3')},"say ""x"""\n${idOf('n1')},good\n`;
      const report = await score({ alerts: file('alerts.csv', text) });
      assert.deepEqual(figures(report), [2, 1, 1]);
      assert.deepEqual(report.problems.first, [
        { file: join(folder, 'alerts.csv'), line: 3, problem: 'a quotation mark is opened and never closed' },
      ]);
    });

    it('other wrong quotation is told by line, and the rest is read', async () => {
      const good = (count: number): string => `${idOf('m4')},x\n`.repeat(count);
      const text = `message_id,policy\n${good(700)}${idOf('m1')},"a"b"c"\n${good(3)}${idOf('m1')},a "quoted" word\n${good(150)}${idOf('m1')},"open\n${good(200)}${idOf('m2')},x\n`;
      const report = await score({ alerts: file('alerts.csv', text) });
      assert.deepEqual(figures(report), [2, 0, 3]);
      assert.deepEqual(
        report.problems.first.map(({ line }) => line),
        [702, 706, 857],
      );
      assert.equal(report.alerts.rows, 1054);
    });

    it('two of them in a row do not swallow what is between', async () => {
      const text = `message_id,policy\n${idOf('m1')},"x\n${idOf('m2')},fine\n${idOf('m3')},"x\n${idOf('m4')},fine\n`;
      const report = await score({ alerts: file('alerts.csv', text) });
      assert.deepEqual(figures(report), [2, 0, 2]);
    });

    it('broken JSON is told by line, and the rest is read', async () => {
      const text = `{"message_id": "${idOf('m1')}"}\n{"message_id": "${idOf('m2')}"\n[1]\n"x"\n\n{"score": 1}\n{"message_id": "${idOf('m3')}"}`;
      const report = await score({ alerts: file('alerts.jsonl', text) });
      assert.deepEqual(figures(report), [2, 0, 4]);
      assert.deepEqual(
        report.problems.first.map(({ line }) => line),
        [2, 3, 4, 6],
      );
      assert.match(report.problems.first[0]!.problem, /^not JSON: /);
      assert.equal(report.problems.first[3]!.problem, 'it names no message');
    });

    it('broken truth is told by line, and the rest is read', async () => {
      const broken = file(
        'broken.jsonl',
        `${jsonl(lines.slice(0, 2))}{"key": "messages\n${jsonl([{ ...lines[2], due: 'maybe' }, lines[3]!])}\0\0\0\n`,
      );
      const report = await score({ truth: broken, alerts: file('alerts.csv', `key\n${keyOf('m4')}\n`) });
      assert.deepEqual(figures(report), [1, 0, 3]);
      assert.deepEqual(
        report.problems.first.map(({ line, file: name }) => [name, line]),
        [3, 4, 6].map((line) => [broken, line]),
      );
      assert.equal(report.levels.message.units, 3);
    });

    it('the first twenty problems are named, the others counted', async () => {
      const report = await score({ alerts: file('alerts.csv', `message_id\n${idOf('m1')}\n${'"x"y\n'.repeat(55)}`) });
      assert.deepEqual(figures(report), [1, 0, 55]);
      assert.equal(report.problems.first.length, 20);
    });

    it('a line of endless length is passed over', async () => {
      const huge = 'x'.repeat(LONGEST_LINE);
      const csv = await score({ alerts: file('alerts.csv', `message_id,policy\n${idOf('m1')},${huge}\n${idOf('m2')},x\n`) });
      assert.deepEqual(figures(csv), [1, 0, 1]);
      assert.deepEqual(csv.problems.first[0], {
        file: join(folder, 'alerts.csv'),
        line: 2,
        problem: `a line of over ${LONGEST_LINE} characters`,
      });
      const long = file('long.jsonl', `${jsonl(lines.slice(0, 1))}{"key":"${huge}`);
      assert.deepEqual(figures(await score({ truth: long, alerts: file('alerts.csv', `key\n${keyOf('m1')}\n`) })), [1, 0, 1]);
    });

    it('bytes of any kind are no crash', async () => {
      const noise = Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * i * 31 + (i >> 3) * 7) & 255));
      const report = await score({
        alerts: file('alerts.csv', Buffer.concat([Buffer.from('key,policy\n'), noise, Buffer.from(`\n${keyOf('m1')},x\n`)])),
      });
      assert.equal(report.levels.message.found, 1);
    });
  });

  describe('thresholds', () => {
    const rows = `message_id,score\n${idOf('m1')},0.9\n${idOf('m2')},0.5\n${idOf('m3')},"0,7"\n${idOf('m4')},1e-3\n${idOf('n1')},high\n`;

    it('leave out what scored lower, and say what has no score', async () => {
      const report = await score({ alerts: file('alerts.csv', rows), threshold: '0.7' });
      assert.deepEqual(figures(report), [2, 0, 1]);
      assert.equal(report.alerts.belowThreshold, 2);
      assert.equal(report.alerts.rows, 2);
      assert.equal(report.problems.first[0]!.problem, "'high' is not a score");
    });

    it('do not matter where none is given', async () =>
      assert.deepEqual(figures(await score({ alerts: file('alerts.csv', rows) })), [4, 1, 0]));
  });

  describe('a corpus', () => {
    const { job, messageId, objectId } = jobOf(1000);
    const key = (index: number): string => `messages/${objectId(index).slice(0, 2)}/${objectId(index)}.eml`;
    const line = (index: number): object => ({
      ...lineOf({ name: 'm', arc_id: `a${index}` }),
      message_id: messageId(index),
      key: key(index),
      context: [],
    });

    const corpus = (name: string, more: Record<string, string> = {}): string => {
      const path = join(folder, name);
      mkdirSync(join(path, 'truth'), { recursive: true });
      const all = {
        'truth/000000.jsonl': jsonl([line(1), line(2)]),
        'truth/000001.jsonl': jsonl([line(700)]),
        'truth/arcs.jsonl': '{"arc_id": "no line of a message"}\n',
        'job.json': JSON.stringify(job),
        ...more,
      };
      for (const [at, content] of Object.entries(all)) if (content !== '') writeFileSync(join(path, at), content);
      return path;
    };
    const alerts = (): string => file('alerts.csv', `key\n${key(1)}\n${key(700)}\n${key(5)}\nelsewhere/ffffffffffff.eml\n`);

    it('has its job.json and its number of messages beside its truth', async () => {
      const report = await score({ truth: corpus('whole', { 'manifest.json': '{"messages": 2000}' }), alerts: alerts() });
      assert.deepEqual([...figures(report), report.levels.message.otherFalse, report.alerts.unknown], [2, 0, 0, 1, 1]);
      assert.equal(report.messages, 2000);
      assert.equal(report.files.job, 'JOB');
      assert.match(report.notes[0]!, /^messages of this corpus cannot be made again here: generator version none made them, and this is/);
      assert.deepEqual(report.notes.slice(1), ['alerts on messages that are not of this corpus count as nothing.']);
    });

    it('may be incomplete, and the report says so', async () => {
      const report = await score({ truth: corpus('part'), alerts: alerts() });
      assert.equal(report.messages, 1000);
      assert.match(report.notes.join(), /not complete/);
    });

    it('can be its truth alone, with --job or without, and with --messages', async () => {
      const path = corpus('alone');
      const bare = await score({ truth: join(path, 'truth'), alerts: alerts() });
      assert.deepEqual([...figures(bare), bare.levels.message.otherFalse, bare.alerts.unverifiable], [2, 0, 0, 0, 2]);
      assert.match(bare.notes.join('\n'), /unverifiable[^]*--job[^]*--messages/);
      assert.equal(bare.alerts.per10000, null);
      for (const given of [path, join(path, 'job.json')]) {
        const report = await score({ truth: join(path, 'truth'), alerts: alerts(), job: given, messages: '1,500' });
        assert.deepEqual([report.alerts.otherFalse, report.alerts.unknown, report.messages], [1, 1, 1500]);
      }
    });

    it('of another job is told by its ids', async () => {
      const path = corpus('other', { 'truth/000002.jsonl': jsonl([lines[0]!]) });
      const report = await score({ truth: path, alerts: alerts() });
      assert.match(report.problems.first[0]!.problem, /^<m1@aldermoor\.example> is not a message of job JOB$/);
      await refuses({ job: path, alerts: alerts() }, '--job: job JOB is not the one of this truth');
    });

    it('without truth is refused', async () => {
      const path = join(folder, 'without');
      mkdirSync(path);
      writeFileSync(join(path, 'job.json'), JSON.stringify(job));
      await refuses({ truth: path, alerts: alerts() }, `--truth: ${path} has no ground truth (truth/*.jsonl)`);
      mkdirSync(join(path, 'truth'));
      await refuses({ truth: path, alerts: alerts() }, `--truth: ${path} has no ground truth`);
    });

    it('with records that are none is refused', async () => {
      await refuses({ truth: corpus('bad job', { 'job.json': '{' }), alerts: alerts() }, '--job: ', 'not JSON');
      for (const none of ['{"job": 1}', JSON.stringify({ ...job, packs: undefined })])
        await refuses({ truth: corpus('no job', { 'job.json': none }), alerts: alerts() }, 'is not the job.json of a corpus');
      await refuses(
        { truth: corpus('bad manifest', { 'manifest.json': 'x' }), alerts: alerts() },
        '--truth: ',
        'manifest.json',
        'not JSON',
      );
    });
  });

  describe('bad input', () => {
    const csv = (text = 'message_id\n'): string => file('alerts.csv', text);

    it('names what is missing', async () => {
      await refuses({ truth: join(folder, 'nothing'), alerts: csv() }, '--truth: ', 'nothing: no such file or folder');
      await refuses({ alerts: join(folder, 'nothing.csv') }, '--alerts: ', 'nothing.csv: no such file');
      await refuses({ truth: join(truth(), 'below'), alerts: csv() }, '--truth: ', 'no such file or folder');
      await refuses({ alerts: join(truth(), 'below') }, '--alerts: ', 'no such file');
      await refuses({ alerts: folder }, '--alerts: ', 'no such file');
      await refuses({ alerts: csv(), baseline: join(folder, 'old.csv') }, '--baseline: ', 'old.csv: no such file');
      await refuses({ alerts: csv(), job: join(folder, 'nowhere') }, '--job: ', 'nowhere: no such file');
      const empty = join(folder, 'empty');
      mkdirSync(empty);
      await refuses({ truth: empty, alerts: csv() }, '--truth: ', 'no .jsonl files');
      await refuses({ truth: file('other.jsonl', '{"a": 1}\n'), alerts: csv() }, '--truth: no line of', 'could be read');
    });

    it('names the columns there are, and the way out', async () => {
      await refuses(
        { alerts: csv('MsgID;Rule\n1;2\n') },
        '--alerts: ',
        'no column message_id or key: it has MsgID, Rule',
        '--map message_id="MsgID"',
      );
      await refuses({ alerts: file('alerts.jsonl', '{"MsgID": 1, "Rule": 2}\n') }, '--alerts: ', 'it has MsgID, Rule');
      await refuses({ alerts: csv(), baseline: file('old.csv', 'a,b\n') }, '--baseline: ', 'it has a, b');
      await refuses({ alerts: csv('message_id,a\n'), map: ['person=who'] }, '--map: ', "no column 'who' for person: it has message_id, a");
      await refuses(
        { alerts: csv('message_id,a\n'), threshold: '0.5' },
        '--threshold: ',
        'no column score: it has message_id, a',
        '--map score=',
      );
      await refuses({ alerts: csv('') }, '--alerts: ', 'is empty');
      await refuses({ alerts: csv('"message_id\nx,y\n') }, 'line 1: the first line has to name the columns');
      await refuses({ alerts: file('alerts.json', '[{"message_id": 1}]') }, 'one JSON list', 'jq');
    });

    it('says how an option is written', async () => {
      await refuses({ alerts: csv(), map: ['MsgID'] }, "--map: 'MsgID': it has to be field=column");
      await refuses({ alerts: csv(), map: ['id=MsgID'] }, "--map: 'id' is no field: the fields are message_id, key, person, score, policy");
      await refuses({ alerts: csv(), threshold: 'high' }, "--threshold: 'high' is not a number");
      for (const messages of ['0', 'many', '1.5', '-3'])
        await refuses({ alerts: csv(), messages }, '--messages: ', 'is not a number of messages');
    });
  });
});
