import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Generator } from '../../corpus/generator.ts';
import { BlocksDigest, sha256Of } from '../../job/digest.ts';
import { receiptKey, type Shard, shardArcsKey, TRUTH, truthKey, wholeTruthKeys } from '../../job/plan.ts';
import type { JobRecord, Manifest, Receipt, TruthCounts } from '../../job/records.ts';
import { NO_TRUTH, sumOf, TruthWriter } from '../../job/truth.ts';
import type { Findings } from './findings.ts';

/** Checks the truth of a corpus: the files of each shard against its receipt, those of the whole against the manifest. */
export class TruthCheck {
  private readonly path: string;
  private readonly record: JobRecord;
  private readonly findings: Findings;
  /** Undefined where this generator is not the one that made the corpus. */
  private readonly generator: () => Generator | undefined;
  private readonly corpus = new BlocksDigest();
  private counts = NO_TRUTH;

  constructor(path: string, record: JobRecord, findings: Findings, generator: () => Generator | undefined) {
    this.path = path;
    this.record = record;
    this.findings = findings;
    this.generator = generator;
  }

  shard(shard: Shard, receipt: Receipt): void {
    const { blocks, files } = receipt.truth;
    blocks.forEach((block) => this.corpus.add(block));
    this.counts = sumOf(this.counts, receipt.truth);
    const keys = this.keys(shard.shard);
    const found = keys.map((key) => this.read(key));
    const wrong = keys.filter((key, i) => found[i] && sha256Of(found[i]) !== files[key]);
    const [lines, arcs] = found;
    if (wrong.length === 0 && lines && arcs && !sameCounts(countsIn(lines, arcs), receipt.truth))
      this.findings.changed.add(receiptKey(shard.shard));
    if (wrong.length === 0) return;
    const expected = this.expected(shard);
    keys.forEach((key, i) => {
      if (!wrong.includes(key)) return;
      if (!expected) return this.findings.changed.add(key);
      // What is there is right: then the receipt is not.
      const text = found[i]!.toString('utf8');
      if (text === expected[i]) this.findings.changed.add(receiptKey(shard.shard));
      else this.compare(key, text, expected[i]!);
    });
  }

  /** Checks what is of the whole corpus; answers with the digest of its truth. */
  async finish(manifest: Manifest | undefined): Promise<string> {
    this.findExtra();
    if (manifest)
      for (const key of this.whole()) {
        const path = join(this.path, key);
        if (!existsSync(path)) this.findings.missing.add(key);
        else if ((await sha256OfFile(path)) !== manifest.truth?.files?.[key]) this.findings.changed.add(key);
      }
    return this.corpus.finish();
  }

  /** Whether a manifest says of the truth what the receipts say. */
  agrees(manifest: Manifest, digest: string): boolean {
    return sameCounts(this.counts, manifest.truth ?? NO_TRUTH) && manifest.truthDigest === digest;
  }

  private read(key: string): Buffer | undefined {
    try {
      return readFileSync(join(this.path, key));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      this.findings.missing.add(key);
      return undefined;
    }
  }

  /** What the files of a shard should be, made again. */
  private expected(shard: Shard): readonly [lines: string, arcs: string] | undefined {
    const generator = this.generator();
    if (!generator) return undefined;
    const writer = new TruthWriter(this.record.plan);
    let [lines, arcs] = ['', ''];
    for (let b = 0; b < shard.blocks; b++) {
      generator.block(
        shard.firstBlock + b,
        ({ id, index, bytes, truth }) => truth && writer.message(id, index, sha256Of(bytes), truth),
        (arc) => writer.arc(arc),
      );
      const told = writer.endBlock();
      lines += told.lines;
      arcs += told.arcs;
    }
    return [lines, arcs];
  }

  /** Names the lines of a file that differ, by the message or the arc that they are about. */
  private compare(key: string, found: string, expected: string): void {
    const { findings } = this;
    const lines = linesOf(found);
    const wanted = new Map(linesOf(expected).map((line) => [nameOf(line)!, line]));
    let named = 0;
    const add = (kind: keyof Omit<Findings, 'count'>, name: string): void => {
      findings[kind].add(`${key}: ${name}`);
      named++;
    };
    lines.forEach((line, i) => {
      const name = nameOf(line);
      const right = name === undefined ? undefined : wanted.get(name);
      if (right === undefined) return add('extra', `line ${i + 1}`);
      wanted.delete(name!);
      if (line !== right) add('changed', name!);
    });
    for (const name of wanted.keys()) add('missing', name);
    if (named === 0) findings.changed.add(key); // the lines are right, and not in their order
  }

  /** The files of a shard's truth, and those of the whole. */
  private keys(shard: number): string[] {
    return this.record.plan.layout === 'none' ? [] : [truthKey(shard), shardArcsKey(shard)];
  }

  private whole(): string[] {
    const { plan, spec } = this.record;
    return plan.layout === 'none' ? [] : wholeTruthKeys(spec.delivery.truth.formats);
  }

  private findExtra(): void {
    const folder = join(this.path, TRUTH);
    if (!existsSync(folder)) return;
    const known = new Set(this.whole());
    for (let shard = 0; shard < this.record.plan.shards; shard++) for (const key of this.keys(shard)) known.add(key);
    for (const name of readdirSync(folder)) if (!known.has(`${TRUTH}/${name}`)) this.findings.extra.add(`${TRUTH}/${name}`);
  }
}

/** What there is in the files of a shard. In JSON no text within a text looks like the label. */
function countsIn(lines: Buffer, arcs: Buffer): TruthCounts {
  const times = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;
  const text = lines.toString('latin1');
  return {
    lines: times(text, /\n/g),
    positives: times(text, /,"label":"positive",/g),
    nearMisses: times(text, /,"label":"near_miss",/g),
    arcs: times(arcs.toString('latin1'), /\n/g),
  };
}

const sameCounts = (a: TruthCounts, b: TruthCounts): boolean =>
  (Object.keys(NO_TRUTH) as (keyof TruthCounts)[]).every((key) => a[key] === b[key]);

const linesOf = (text: string): string[] => text.split('\n').filter((line) => line !== '');

/** The message or the arc that a line of truth is about. */
const nameOf = (line: string): string | undefined => /^\{"(?:key|arc_id)":"([^"]+)"/.exec(line)?.[1];

async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
