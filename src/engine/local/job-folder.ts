import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { GENERATOR_VERSION } from '../../corpus/version.ts';
import { isReceiptOf, ManifestError, ManifestMaker } from '../../job/manifest.ts';
import { outcomeKey, planOf, receiptKey } from '../../job/plan.ts';
import {
  contentDigest,
  differenceFrom,
  type FileDigests,
  type JobRecord,
  type Manifest,
  type OutcomeRecord,
  type Progress,
  type Receipt,
} from '../../job/records.ts';
import type { StartRequest } from '../engine.ts';
import { EngineError } from '../error.ts';
import { createJson, makeFolder, readJson, storageError } from '../files.ts';

/** A job's folder: its records, read and written as DESIGN's layout has them. */
export class JobFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** Makes the folder where it is new; refuses one that holds something else. */
  open(): void {
    try {
      makeFolder(this.path);
      const found = readdirSync(this.path).filter((name) => !/^(lock.*|job\.json\.tmp)$/.test(name));
      if (found.length > 0 && !found.includes('job.json'))
        throw new EngineError(
          'NOT_EMPTY',
          `${this.path} is not empty and holds no job (there is ${found.slice(0, 3).join(', ')}). Choose an empty or new folder with --out.`,
        );
    } catch (error) {
      throw storageError(error, this.path);
    }
  }

  /** The record of the job here: the one that is there, if it is the same job, else a new one. */
  adopt(request: StartRequest, now: Date): JobRecord {
    const { spec, packRecords } = request;
    const content = contentDigest(spec, packRecords, GENERATOR_VERSION);
    const existing = this.job();
    if (!existing) {
      const record: JobRecord = {
        job: request.job,
        created: now.toISOString(),
        generator: GENERATOR_VERSION,
        content,
        spec,
        packs: packRecords,
        plan: planOf(spec),
      };
      createJson(join(this.path, 'job.json'), record);
      return record;
    }
    if (existing.generator !== GENERATOR_VERSION)
      throw new EngineError(
        'VERSION',
        `${this.path} was begun by generator version ${existing.generator}, and this is version ${GENERATOR_VERSION}: their messages must not be mixed. Finish it with that version of Mailwright, or choose another --out.`,
      );
    const differs = differenceFrom(existing, content, spec);
    if (differs)
      throw new EngineError(
        'OTHER_JOB',
        `${this.path} holds another job (${existing.job}): ${differs}. Nothing was changed. Choose another --out, or use the spec in its job.json.`,
      );
    return existing;
  }

  job(): JobRecord | undefined {
    return readJson<JobRecord>(join(this.path, 'job.json'));
  }

  progress(): Progress | undefined {
    return readJson<Progress>(join(this.path, 'progress.json'));
  }

  manifest(): Manifest | undefined {
    return readJson<Manifest>(join(this.path, 'manifest.json'));
  }

  receipt(shard: number): Receipt | undefined {
    return readJson<Receipt>(join(this.path, receiptKey(shard)), 'Delete it and start again: the shard is made anew.');
  }

  outcome(attempt: number): OutcomeRecord | undefined {
    return readJson<OutcomeRecord>(join(this.path, outcomeKey(attempt)));
  }

  /** The attempt to work on: the first without an outcome. */
  attempt(): number {
    let attempt = 1;
    while (existsSync(join(this.path, outcomeKey(attempt)))) attempt++;
    return attempt;
  }

  /** Shards without a receipt, and what the others hold. */
  survey(record: JobRecord): { missing: number[]; messages: number; bytes: number } {
    const missing: number[] = [];
    let messages = 0;
    let bytes = 0;
    for (let shard = 0; shard < record.plan.shards; shard++) {
      const receipt = this.receipt(shard);
      if (!receipt) missing.push(shard);
      else {
        messages += receipt.messages;
        bytes += receipt.bytes;
      }
    }
    return { missing, messages, bytes };
  }

  /** The manifest of a job all of whose receipts are there; reads them one by one. `truthFiles` are those of the whole corpus. */
  manifestFrom(record: JobRecord, attempt: number, truthFiles: FileDigests, started: string, now: Date): Manifest {
    const maker = new ManifestMaker(record);
    for (let shard = 0; shard < record.plan.shards; shard++) maker.add(this.receiptOf(record, shard));
    try {
      return maker.finish({ attempt, truthFiles, started, finished: now.toISOString() });
    } catch (error) {
      if (!(error instanceof ManifestError)) throw error;
      throw new EngineError(error.code, `${this.path}: ${error.message}. A receipt was changed; \`mailwright verify\` names it.`, {
        cause: error,
      });
    }
  }

  /** The receipt of a shard of this job; throws where there is another, or none. `receipt`: where it has been read already. */
  receiptOf(record: JobRecord, shard: number, receipt = this.receipt(shard)): Receipt {
    if (isReceiptOf(record, shard, receipt)) return receipt;
    throw new EngineError(
      'CORRUPT',
      `${join(this.path, receiptKey(shard))} is not the receipt of this job's shard ${shard}. Delete it and start again: the shard is made anew.`,
    );
  }

  /** How a shard is made anew, in words. */
  mend(shard: number): string {
    return `Delete ${join(this.path, receiptKey(shard))} and start again: the shard is made anew.`;
  }
}
