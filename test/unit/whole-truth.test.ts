import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { parquetReadObjects } from 'hyparquet';
import { EngineError } from '../../src/engine/error.ts';
import { makeWholeTruth, type TruthFile, type TruthStore } from '../../src/engine/truth/whole.ts';
import { sha256Of } from '../../src/job/digest.ts';
import { planOf } from '../../src/job/plan.ts';
import type { FileDigests, JobRecord, Receipt } from '../../src/job/records.ts';
import { parseSpec } from '../../src/job/spec.ts';

const SHARDS = 5;

function recordOf(formats: readonly string[] = [], layout = 'eml'): JobRecord {
  const spec = parseSpec({
    messages: SHARDS * 256,
    delivery: { layout, truth: { formats: ['jsonl', ...formats] } },
    execution: { shardBlocks: 1 },
  });
  return { job: 'job', created: '', generator: '', content: '', spec, packs: [], plan: planOf(spec) };
}

const line = (shard: number): object => ({
  key: `messages/00/${shard}.eml`,
  ...Object.fromEntries(
    ['sha256', 'message_id', 'thread_id', 'date', 'sender', 'label', 'language', 'due', 'shape'].map((field) => [field, `${field} ü`]),
  ),
  ...Object.fromEntries(
    ['scenario', 'family', 'arc_id', 'role', 'phase', 'evasion', 'severity', 'alert_unit', 'near_miss'].map((field) => [field, null]),
  ),
  recipients: [],
  context: [],
  evidence: [],
});

const textOf = (key: string): string => {
  const [, shard, arcs] = /^truth\/(\d{6})(\.arcs)?\.jsonl$/.exec(key)!;
  if (Number(shard) === 3) return ''; // nothing is planted there
  return arcs ? `{"arc":${Number(shard)}}\n` : `${JSON.stringify(line(Number(shard)))}\n`;
};

/** A store in memory. What is read of shard 0 takes longest, so that nothing comes in its order by chance. */
class Memory implements TruthStore {
  readonly ahead: number;
  readonly files = new Map<string, Buffer>();
  readonly abandoned: string[] = [];
  /** Bytes that were written and not yet drained, at the most. */
  most = 0;
  reading = 0;
  mostReading = 0;
  /** Instead of the text of a file. */
  readonly changed: ReadonlyMap<string, string | undefined>;

  constructor(ahead: number, changed: Iterable<readonly [string, string | undefined]> = []) {
    this.ahead = ahead;
    this.changed = new Map(changed);
  }

  async read(key: string): Promise<Uint8Array | undefined> {
    this.mostReading = Math.max(this.mostReading, ++this.reading);
    for (let i = Number(/\d{6}/.exec(key)![0]); i < 10; i++) await new Promise(setImmediate);
    this.reading--;
    const text = this.changed.has(key) ? this.changed.get(key) : textOf(key);
    return text === undefined ? undefined : Buffer.from(text);
  }

  create(key: string): TruthFile {
    const parts: Buffer[] = [];
    let waiting = 0;
    return {
      write: (bytes) => {
        parts.push(Buffer.from(bytes));
        waiting += bytes.length;
        this.most = Math.max(this.most, waiting);
      },
      drain: async () => void (waiting = 0),
      end: async () => {
        this.files.set(key, Buffer.concat(parts));
        return sha256Of(Buffer.concat(parts));
      },
      abandon: async () => void this.abandoned.push(key),
    };
  }

  name = (key: string): string => `memory:${key}`;
  mend = (shard: number): string => `Make shard ${shard} anew.`;
}

const receipt = async (shard: number): Promise<Receipt> => {
  const keys = [`truth/00000${shard}.jsonl`, `truth/00000${shard}.arcs.jsonl`];
  const files = Object.fromEntries(keys.map((key) => [key, createHash('sha256').update(textOf(key)).digest('hex')]));
  return { truth: { files } } as unknown as Receipt;
};

const make = (store: TruthStore, record: JobRecord, stopped = (): boolean => false): Promise<FileDigests | undefined> =>
  makeWholeTruth(store, record, receipt, stopped);

describe('truth of the whole corpus', () => {
  for (const ahead of [1, 3, 100])
    it(`is that of its shards in their order, read ${ahead} at once`, async () => {
      const store = new Memory(ahead);
      const digests = await make(store, recordOf(['csv', 'parquet']));
      assert.deepEqual([...store.files.keys()], ['truth/arcs.jsonl', 'truth/truth.csv', 'truth/truth.parquet']);
      assert.deepEqual(digests, Object.fromEntries([...store.files].map(([key, bytes]) => [key, sha256Of(bytes)])));
      assert.equal(store.files.get('truth/arcs.jsonl')!.toString(), [0, 1, 2, 4].map((shard) => `{"arc":${shard}}\n`).join(''));
      const rows = store.files.get('truth/truth.csv')!.toString('utf8').split('\r\n');
      assert.deepEqual(
        rows.map((row) => row.split(',')[0]),
        ['key', ...[0, 1, 2, 4].map((shard) => `messages/00/${shard}.eml`), ''],
      );
      const table = await parquetReadObjects({ file: Uint8Array.from(store.files.get('truth/truth.parquet')!).buffer });
      assert.deepEqual(table, [0, 1, 2, 4].map(line));
      assert.deepEqual(store.abandoned, []);
      assert.equal(store.mostReading, 2 * Math.min(ahead, SHARDS), 'two files of each shard that is read');
    });

  it('leaves memory as it is written', async () => {
    const store = new Memory(1);
    await make(store, recordOf());
    assert.equal(store.most, '{"arc":0}\n'.length);
  });

  it('is the arcs alone where no table is asked for, and then no line is read', async () => {
    const store = new Memory(1, [['truth/000001.jsonl', undefined]]);
    assert.deepEqual(Object.keys((await make(store, recordOf()))!), ['truth/arcs.jsonl']);
  });

  it('is nothing where nothing is kept', async () => {
    const store = new Memory(1);
    assert.deepEqual(await make(store, recordOf(['csv'], 'none')), {});
    assert.equal(store.files.size, 0);
  });

  it('leaves nothing where it is stopped', async () => {
    const store = new Memory(2);
    let looks = 0;
    assert.equal(await make(store, recordOf(['csv']), () => ++looks > 3), undefined);
    assert.equal(store.files.size, 0);
    assert.deepEqual(store.abandoned, ['truth/arcs.jsonl', 'truth/truth.csv']);
  });

  for (const [what, text, says] of [
    ['missing', undefined, 'missing'],
    ['changed', '{}\n', 'not what its receipt says'],
  ] as const)
    it(`is not made where a file of a shard is ${what}`, async () => {
      const store = new Memory(3, [['truth/000002.jsonl', text]]);
      await assert.rejects(
        make(store, recordOf(['csv'])),
        (error) =>
          error instanceof EngineError &&
          error.code === 'CORRUPT' &&
          error.message === `memory:truth/000002.jsonl is ${says}. Make shard 2 anew.`,
      );
      assert.equal(store.files.size, 0);
      assert.deepEqual(store.abandoned, ['truth/arcs.jsonl', 'truth/truth.csv']);
    });

  it('abandons what has not ended where a file cannot be ended, and says why', async () => {
    const store = new Memory(1);
    const { create } = store;
    store.create = (key) => ({
      ...create.call(store, key),
      ...(key === 'truth/truth.csv' && { end: () => Promise.reject(new Error('no room')) }),
    });
    await assert.rejects(make(store, recordOf(['csv'])), /no room/);
    assert.deepEqual([[...store.files.keys()], store.abandoned], [['truth/arcs.jsonl'], ['truth/truth.csv']]);
  });
});
