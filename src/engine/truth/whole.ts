import { setImmediate } from 'node:timers/promises';
import type { TruthLine } from '../../corpus/truth/line.ts';
import { sha256Of } from '../../job/digest.ts';
import { ARCS, shardArcsKey, tablesIn, TRUTH_TABLES, truthKey, type TruthTableFormat } from '../../job/plan.ts';
import type { FileDigests, JobRecord, Receipt } from '../../job/records.ts';
import { EngineError } from '../error.ts';
import { inOrder } from '../parallel.ts';
import { TruthCsv } from './csv.ts';
import { TruthParquet } from './parquet.ts';
import type { TruthTable, Write } from './table.ts';

/** Where the truth of a job is. */
export interface TruthStore {
  /** Shards that are read at once: where each takes its time, more than one. */
  readonly ahead: number;
  /** A whole file; undefined where there is none. */
  read(key: string): Promise<Uint8Array | undefined>;
  create(key: string): TruthFile;
  /** A key as a user finds it: a path, an address. */
  name(key: string): string;
  /** How a user gets a shard made anew whose truth is not what its receipt says: whole sentences. */
  mend(shard: number): string;
}

/** A file that is being made. It is nowhere to be seen before it has ended. */
export interface TruthFile {
  /** `bytes` are good only until it returns. */
  write(bytes: Uint8Array): void;
  /** Awaited now and then, so that what is written leaves memory. */
  drain(): Promise<void>;
  /** The file is whole; answers with its SHA-256 in hexadecimal. */
  end(): Promise<string>;
  /** The file is not to be. Called of one that has not ended. */
  abandon(): Promise<void>;
}

const TABLES = { csv: TruthCsv, parquet: TruthParquet } as const satisfies Record<TruthTableFormat, new (write: Write) => TruthTable>;

/**
 * Makes the files of truth that are of the whole corpus from what its shards left: the arcs, and the tables that the job
 * asks for. Answers with their digests; undefined where `stopped` said so, and then it leaves nothing. Lets others go on
 * after every shard.
 */
export async function makeWholeTruth(
  store: TruthStore,
  record: JobRecord,
  receipt: (shard: number) => Promise<Receipt>,
  stopped: () => boolean,
): Promise<FileDigests | undefined> {
  if (record.plan.layout === 'none') return {};
  const formats = tablesIn(record.spec.delivery.truth.formats);
  const read = async (shard: number): Promise<ShardTruth> => {
    const { files } = (await receipt(shard)).truth;
    const keys = [shardArcsKey(shard), ...(formats.length > 0 ? [truthKey(shard)] : [])];
    const [arcs, lines] = await Promise.all(keys.map((key) => readFile(store, shard, key, files[key])));
    return { arcs: arcs!, lines };
  };
  const making = new Making(store, formats);
  try {
    for await (const truth of inOrder(record.plan.shards, store.ahead, read)) {
      if (stopped()) return undefined;
      await making.add(truth);
      await setImmediate();
    }
    return await making.end();
  } finally {
    await making.abandon();
  }
}

/** What the truth files of a shard hold. */
interface ShardTruth {
  readonly arcs: Uint8Array;
  /** Where a table needs them. */
  readonly lines: Uint8Array | undefined;
}

/** Reads a file of a shard, which has to be the one of the receipt. */
async function readFile(store: TruthStore, shard: number, key: string, sha256: string | undefined): Promise<Uint8Array> {
  const bytes = await store.read(key);
  if (bytes && sha256Of(bytes) === sha256) return bytes;
  throw new EngineError('CORRUPT', `${store.name(key)} is ${bytes ? 'not what its receipt says' : 'missing'}. ${store.mend(shard)}`);
}

/** The files that are being made. */
class Making {
  private readonly store: TruthStore;
  private readonly arcs: TruthFile;
  private readonly tables: readonly TruthTable[];
  private readonly files = new Map<string, TruthFile>();
  private readonly open = new Set<TruthFile>();

  constructor(store: TruthStore, formats: readonly TruthTableFormat[]) {
    this.store = store;
    this.arcs = this.file(ARCS);
    this.tables = formats.map((format) => {
      const file = this.file(TRUTH_TABLES[format]);
      return new TABLES[format]((bytes) => file.write(bytes));
    });
  }

  async add({ arcs, lines }: ShardTruth): Promise<void> {
    this.arcs.write(arcs);
    if (lines)
      for (const line of textOf(lines).split('\n').slice(0, -1)) {
        const truth = JSON.parse(line) as TruthLine;
        for (const table of this.tables) table.add(truth);
      }
    for (const file of this.open) await file.drain();
  }

  async end(): Promise<FileDigests> {
    for (const table of this.tables) table.end();
    const digests: Record<string, string> = {};
    for (const [key, file] of this.files) {
      digests[key] = await file.end();
      this.open.delete(file);
    }
    return digests;
  }

  /** Takes away what has not ended. Where that fails too, what went wrong before is what matters. */
  async abandon(): Promise<void> {
    await Promise.allSettled([...this.open].map((file) => file.abandon()));
  }

  private file(key: string): TruthFile {
    const file = this.store.create(key);
    this.files.set(key, file);
    this.open.add(file);
    return file;
  }
}

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
