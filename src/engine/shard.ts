import { Generator as MessageGenerator, type Message } from '../corpus/generator.ts';
import type { Pack } from '../corpus/pack/schema.ts';
import { BlockDigest, digestOfBlocks, sha256Of } from '../job/digest.ts';
import { shardArcsKey, shardOf, truthKey } from '../job/plan.ts';
import type { JobRecord, Receipt } from '../job/records.ts';
import { type BlockTruth, type TruthSummary, TruthWriter } from '../job/truth.ts';

/** What a shard comes to, once all its messages have been taken. */
export interface MadeShard {
  readonly messages: number;
  /** Of the messages. */
  readonly bytes: number;
  /** Over its blocks' digests, which follow in order. */
  readonly digest: string;
  readonly blocks: readonly string[];
  readonly truth: TruthSummary;
  /** The text of its truth files, by key; none with layout none. A shard of which there is nothing to say has empty ones. */
  readonly files: Readonly<Record<string, string>>;
}

/** Makes the shards of a job, wherever their messages go. */
export class ShardMaker {
  private readonly record: JobRecord;
  private readonly generator: MessageGenerator;

  constructor(record: JobRecord, packs: readonly Pack[]) {
    this.record = record;
    this.generator = new MessageGenerator(record.spec, packs, record.spec.delivery.truth.lines);
  }

  /**
   * Makes a shard, block by block. `take` gets each message, whose bytes are good only until it returns, with its SHA-256
   * in hexadecimal. Yields what each block came to; whoever asks for no more leaves nothing behind. Returns the whole.
   */
  *make(
    shard: number,
    take: (message: Message, sha256: string) => void,
  ): Generator<{ readonly messages: number; readonly bytes: number }, MadeShard, void> {
    const { plan } = this.record;
    const { firstBlock, blocks } = shardOf(plan, shard);
    const digest = new BlockDigest();
    const digests: string[] = [];
    const truth = new TruthWriter(plan);
    const told: BlockTruth[] = [];
    let messages = 0;
    let bytes = 0;
    for (let block = firstBlock; block < firstBlock + blocks; block++) {
      let blockBytes = 0;
      this.generator.block(
        block,
        (message) => {
          const sha256 = digest.add(message.id, message.bytes);
          if (message.truth) truth.message(message.id, message.index, sha256, message.truth);
          take(message, sha256);
          blockBytes += message.bytes.length;
        },
        (arc) => truth.arc(arc),
      );
      digests.push(digest.finish());
      told.push(truth.endBlock());
      const size = this.generator.size(block);
      messages += size;
      bytes += blockBytes;
      yield { messages: size, bytes: blockBytes };
    }
    const files = {
      [truthKey(shard)]: told.map(({ lines }) => lines).join(''),
      [shardArcsKey(shard)]: told.map(({ arcs }) => arcs).join(''),
    };
    return {
      messages,
      bytes,
      digest: digestOfBlocks(digests),
      blocks: digests,
      truth: truth.summary(),
      files: plan.layout === 'none' ? {} : files,
    };
  }
}

/** The receipt of a shard. `objects` are its files, or its archive's members; times are RFC 3339. */
export function receiptFor(
  record: JobRecord,
  shard: number,
  attempt: number,
  made: MadeShard,
  objects: number,
  started: string,
  finished: string,
): Receipt {
  const files = Object.fromEntries(Object.entries(made.files).map(([key, text]) => [key, sha256Of(Buffer.from(text))]));
  return {
    job: record.job,
    shard,
    attempt,
    generator: record.generator,
    messages: made.messages,
    objects,
    bytes: made.bytes,
    digest: made.digest,
    blocks: made.blocks,
    truth: { ...made.truth, files },
    started,
    finished,
  };
}
