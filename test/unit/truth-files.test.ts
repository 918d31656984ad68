import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { parquetMetadata, parquetReadObjects, parquetSchema } from 'hyparquet';
import type { ArcLine, TruthLine } from '../../src/corpus/truth/line.ts';
import type { Truth } from '../../src/corpus/truth/record.ts';
import { TRUTH_FIELDS } from '../../src/corpus/truth/text.ts';
import { TruthCsv } from '../../src/engine/truth/csv.ts';
import { TruthParquet } from '../../src/engine/truth/parquet.ts';
import { planOf } from '../../src/job/plan.ts';
import { parseSpec } from '../../src/job/spec.ts';
import { type BlockTruth, type TruthSummary, TruthWriter } from '../../src/job/truth.ts';

/** How truth is written down: as lines, and as a table. */

const SHA = 'ab'.repeat(32);

/** Told in another order than that of the file, as the generator may. */
const POSITIVE: Truth = {
  label: 'positive',
  message_id: '<1@bank.example>',
  thread_id: '<1@bank.example>',
  language: 'en',
  shape: 'text',
  date: '2025-03-14T10:00:00+00:00',
  sender: 'ann@bank.example',
  recipients: ['bob@bank.example', 'carl@bank.example'],
  scenario: 'deal-tip',
  family: 'inside-information',
  arc_id: '0123456789ab',
  role: 'tipper',
  phase: 'tip',
  evasion: 'explicit',
  severity: 'high',
  alert_unit: 'message',
  context: ['<1@bank.example>'],
  due: 'required',
  evidence: [{ quote: 'Buy "now", I say', layer: 'authored', raw_end: 20, raw_start: 4, end: 16, start: 0, part: '1' }],
  near_miss: null,
};
const ORDINARY: Truth = {
  ...POSITIVE,
  message_id: '<2@bank.example>',
  label: 'benign',
  scenario: null,
  family: null,
  arc_id: null,
  role: null,
  phase: null,
  evasion: null,
  severity: null,
  alert_unit: null,
  context: [],
  due: 'none',
  evidence: [],
};
const ARC: ArcLine = {
  arc_id: '0123456789ab',
  label: 'positive',
  scenario: 'deal-tip',
  family: 'inside-information',
  near_miss: null,
  paired_with: null,
  evasion: 'explicit',
  severity: 'high',
  alert_unit: 'message',
  language: 'en',
  people: [{ role: 'tipper', address: 'ann@bank.example' }],
  first: '2025-03-14T10:00:00+00:00',
  last: '2025-03-14T10:00:00+00:00',
  messages: ['<1@bank.example>'],
};

const REST =
  `"sha256":"${SHA}","message_id":"<1@bank.example>","thread_id":"<1@bank.example>","date":"2025-03-14T10:00:00+00:00",` +
  '"sender":"ann@bank.example","recipients":["bob@bank.example","carl@bank.example"],"label":"positive","scenario":"deal-tip",' +
  '"family":"inside-information","language":"en","arc_id":"0123456789ab","role":"tipper","phase":"tip","evasion":"explicit",' +
  '"severity":"high","alert_unit":"message","context":["<1@bank.example>"],"due":"required","evidence":[{"part":"1","start":0,' +
  '"end":16,"raw_start":4,"raw_end":20,"quote":"Buy \\"now\\", I say","layer":"authored"}],"shape":"text","near_miss":null}\n';

/** Two blocks: a message of an arc and an ordinary one, then nothing. */
function told(layout: string, all: boolean): { blocks: BlockTruth[]; summary: TruthSummary } {
  const writer = new TruthWriter(planOf(parseSpec({ messages: 512, delivery: { layout }, execution: { shardBlocks: 2 } })));
  writer.message('00000000000a', 3, SHA, POSITIVE);
  if (all) writer.message('00000000000b', 4, SHA, ORDINARY);
  writer.arc(ARC);
  const blocks = [writer.endBlock(), writer.endBlock()];
  return { blocks, summary: writer.summary() };
}

describe('truth of a shard', () => {
  it('is a line a message, its fields in their order, and a line an arc', () => {
    const { blocks } = told('zip', false);
    assert.deepEqual(blocks, [
      { lines: `{"key":"messages/000000.zip/00000000000a.eml",${REST}`, arcs: `${JSON.stringify(ARC)}\n` },
      { lines: '', arcs: '' },
    ]);
  });

  it('is counted', () => {
    const { lines, positives, nearMisses, arcs } = told('eml', true).summary;
    assert.deepEqual({ lines, positives, nearMisses, arcs }, { lines: 2, positives: 1, nearMisses: 0, arcs: 1 });
  });

  it('has a digest over its blocks, those over their lines with the id for the key, worked by hand', () => {
    const sha256 = (...parts: (string | Buffer)[]): Buffer =>
      parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
    const blocks = [sha256(`{"id":"00000000000a",${REST}`, `${JSON.stringify(ARC)}\n`), sha256()];
    const { summary } = told('eml', false);
    assert.deepEqual(
      summary.blocks,
      blocks.map((block) => block.toString('hex')),
    );
    assert.equal(summary.digest, sha256(...blocks).toString('hex'));
  });

  it('has the same digest in every layout, and with ordinary messages told of too', () => {
    const { digest } = told('eml', false).summary;
    for (const layout of ['zip', 'mbox', 'none'])
      for (const all of [false, true]) assert.equal(told(layout, all).summary.digest, digest, layout);
  });
});

describe('truth as CSV', () => {
  it('has a row a line: lists joined by a space, evidence as JSON, quotation as RFC 4180 says', () => {
    let text = '';
    const table = new TruthCsv((bytes) => (text += Buffer.from(bytes).toString('utf8')));
    const line: TruthLine = { key: 'messages/00/00000000000a.eml', sha256: SHA, ...ORDINARY };
    table.add({ ...line, evidence: POSITIVE.evidence, role: 'a, "b"\r\nc', language: 'ü' });
    table.end();
    const [head, ...rows] = text.split('\r\n');
    assert.equal(
      head,
      'key,sha256,message_id,thread_id,date,sender,recipients,label,scenario,family,language,arc_id,role,phase,evasion,severity,alert_unit,context,due,evidence,shape,near_miss',
    );
    assert.equal(
      rows.join('\r\n'),
      `messages/00/00000000000a.eml,${SHA},<2@bank.example>,<1@bank.example>,2025-03-14T10:00:00+00:00,ann@bank.example,` +
        'bob@bank.example carl@bank.example,benign,,,ü,,"a, ""b""\r\nc",,,,,,none,' +
        '"[{""quote"":""Buy \\""now\\"", I say"",""layer"":""authored"",""raw_end"":20,""raw_start"":4,""end"":16,""start"":0,""part"":""1""}]",text,\r\n',
    );
  });
});

describe('truth as Parquet', () => {
  /** The rows of a table of these lines, as another's reader finds them. */
  async function readBack(lines: readonly TruthLine[]): Promise<{ rows: unknown[]; groups: number; columns: string[] }> {
    const parts: Buffer[] = [];
    const table = new TruthParquet((bytes) => parts.push(Buffer.from(bytes)));
    for (const line of lines) table.add(line);
    table.end();
    const file = Uint8Array.from(Buffer.concat(parts)).buffer;
    const { row_groups, schema } = parquetMetadata(file);
    const columns = parquetSchema({ schema }).children.map(({ element }) => element.name);
    return { rows: await parquetReadObjects({ file }), groups: row_groups.length, columns };
  }

  const line: TruthLine = { key: 'messages/00/00000000000a.eml', sha256: SHA, ...POSITIVE };
  const inImage = { part: '2', start: null, end: null, raw_start: null, raw_end: null, quote: 'ß 漢', layer: 'attachment' } as const;

  it('has a column a field, lists as lists and evidence as structures, in row groups', async () => {
    const kinds: TruthLine[] = [
      line,
      { ...line, ...ORDINARY, recipients: [] },
      { ...line, evidence: [...POSITIVE.evidence, inImage], near_miss: 'joke', context: ['<1@a.example>', '<2@a.example>'] },
    ];
    const lines = Array.from({ length: 5_001 }, (_, i): TruthLine => ({ ...kinds[i % 3]!, key: `messages/${i}.eml` }));
    const { rows, groups, columns } = await readBack(lines);
    assert.deepEqual(rows, lines);
    assert.equal(groups, 2);
    assert.deepEqual(columns, Object.keys(TRUTH_FIELDS));
  });

  it('may be empty', async () => {
    const { rows, columns } = await readBack([]);
    assert.deepEqual(rows, []);
    assert.equal(columns.length, 22);
  });
});
