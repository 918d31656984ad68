import { BlocksDigest } from './digest.ts';
import { RECEIPTS, TRUTH } from './plan.ts';
import type { FileDigests, JobRecord, Manifest, Receipt } from './records.ts';
import { NO_TRUTH, sumOf } from './truth.ts';

/** Receipts that do not come to the job that they are of: one of them was changed. */
export class ManifestError extends Error {
  readonly code = 'CORRUPT';

  constructor(message: string) {
    super(message);
    this.name = 'ManifestError';
  }
}

/** Makes the manifest of a job from all its receipts, which are added in the order of their shards. */
export class ManifestMaker {
  private readonly record: JobRecord;
  private readonly digest = new BlocksDigest();
  private readonly truthDigest = new BlocksDigest();
  private truth = NO_TRUTH;
  private messages = 0;
  private objects = 0;
  private bytes = 0;

  constructor(record: JobRecord) {
    this.record = record;
  }

  add(receipt: Receipt): void {
    receipt.blocks.forEach((block) => this.digest.add(block));
    receipt.truth.blocks.forEach((block) => this.truthDigest.add(block));
    this.truth = sumOf(this.truth, receipt.truth);
    this.messages += receipt.messages;
    this.objects += receipt.objects;
    this.bytes += receipt.bytes;
  }

  /** All receipts were added. `truthFiles` are those of the whole corpus; times are RFC 3339. Throws a ManifestError where messages are missing, or too many. */
  finish(made: {
    readonly attempt: number;
    readonly truthFiles: FileDigests;
    readonly started: string;
    readonly finished: string;
  }): Manifest {
    const { job, generator, content, plan } = this.record;
    if (this.messages !== plan.messages)
      throw new ManifestError(`the receipts count ${this.messages} messages, the job has ${plan.messages}`);
    return {
      job,
      attempt: made.attempt,
      generator,
      content,
      messages: this.messages,
      objects: this.objects,
      bytes: this.bytes,
      digest: this.digest.finish(),
      truthDigest: this.truthDigest.finish(),
      truth: { ...this.truth, files: made.truthFiles },
      shards: plan.shards,
      layout: plan.layout,
      keys: {
        messages: plan.keys,
        truth: plan.layout === 'none' ? '' : `${TRUTH}/<shard>.jsonl`,
        receipts: `${RECEIPTS}/<shard>.json`,
        job: 'job.json',
      },
      started: made.started,
      finished: made.finished,
    };
  }
}

/** Whether something read from a file is the receipt of this job's shard, as far as a reader of receipts relies on it. */
export function isReceiptOf(record: JobRecord, shard: number, receipt: Receipt | undefined): receipt is Receipt {
  return (
    receipt?.job === record.job &&
    receipt.shard === shard &&
    receipt.generator === record.generator &&
    areTexts(receipt.blocks) &&
    speaksOfTruth(receipt)
  );
}

/** Whether a receipt, read from a file, has of truth what can be compared. */
export const speaksOfTruth = ({ truth }: Receipt): boolean =>
  typeof truth?.files === 'object' && truth.files !== null && areTexts(truth.blocks);

/** Whether something read from a file is a list of texts. */
export const areTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every((text) => typeof text === 'string');
