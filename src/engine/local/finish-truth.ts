import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { TruthLine } from '../../corpus/truth/line.ts';
import { sha256Of } from '../../job/digest.ts';
import { ARCS, receiptKey, shardArcsKey, tablesIn, TRUTH_TABLES, truthKey, type TruthTableFormat } from '../../job/plan.ts';
import type { FileDigests, JobRecord, Receipt } from '../../job/records.ts';
import { EngineError } from '../files.ts';
import { TruthCsv } from '../truth/csv.ts';
import { TruthParquet } from '../truth/parquet.ts';
import type { TruthTable, Write } from '../truth/table.ts';
import type { JobFolder } from './job-folder.ts';
import { DigestedFile } from './new-file.ts';

const TABLES = { csv: TruthCsv, parquet: TruthParquet } as const satisfies Record<TruthTableFormat, new (write: Write) => TruthTable>;

/**
 * Makes the files of truth that are of the whole corpus from what its shards left: the arcs, and the tables that the job
 * asks for. Answers with their digests; undefined where `stopped` said so, and then it leaves nothing. Holds a shard at a
 * time, and lets others go on in between.
 */
export async function finishTruth(folder: JobFolder, record: JobRecord, stopped: () => boolean): Promise<FileDigests | undefined> {
  if (record.plan.layout === 'none') return {};
  const { formats } = record.spec.delivery.truth;
  const making = new Making(folder.path, formats);
  try {
    for (let shard = 0; shard < record.plan.shards; shard++) {
      if (stopped()) return undefined;
      making.add(shard, folder.receiptOf(record, shard));
      await setImmediate();
    }
    return making.end();
  } finally {
    making.clear();
  }
}

/** The files that are being made. */
class Making {
  private readonly path: string;
  private readonly arcs: DigestedFile;
  private readonly tables: readonly TruthTable[];
  private readonly files = new Map<string, DigestedFile>();

  constructor(path: string, formats: readonly string[]) {
    this.path = path;
    this.arcs = this.file(ARCS);
    this.tables = tablesIn(formats).map((format) => {
      const file = this.file(TRUTH_TABLES[format]);
      return new TABLES[format]((bytes) => file.write(bytes));
    });
  }

  add(shard: number, receipt: Receipt): void {
    this.arcs.write(this.read(shardArcsKey(shard), shard, receipt));
    if (this.tables.length === 0) return;
    const lines = this.read(truthKey(shard), shard, receipt).toString('utf8').split('\n');
    for (const line of lines.slice(0, -1)) {
      const truth = JSON.parse(line) as TruthLine;
      for (const table of this.tables) table.add(truth);
    }
  }

  end(): FileDigests {
    for (const table of this.tables) table.end();
    return Object.fromEntries([...this.files].map(([key, file]) => [key, file.end()]));
  }

  /** Takes away what was not ended. */
  clear(): void {
    for (const file of this.files.values()) file.abandon();
  }

  private file(key: string): DigestedFile {
    const file = new DigestedFile(join(this.path, key));
    this.files.set(key, file);
    return file;
  }

  /** A file of a shard, which has to be the one of the receipt. */
  private read(key: string, shard: number, receipt: Receipt): Buffer {
    const path = join(this.path, key);
    let bytes: Buffer | undefined;
    try {
      bytes = readFileSync(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    if (bytes && sha256Of(bytes) === receipt.truth.files[key]) return bytes;
    throw new EngineError(
      'CORRUPT',
      `${path} is ${bytes ? 'not what its receipt says' : 'missing'}. Delete ${join(this.path, receiptKey(shard))} and start again: the shard is made anew.`,
    );
  }
}
