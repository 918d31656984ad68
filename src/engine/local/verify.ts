import { createReadStream, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { unzipSync } from 'fflate';
import { BLOCK, blockSize } from '../../corpus/block.ts';
import { type Ids, objectIdsOf } from '../../corpus/id.ts';
import { Generator } from '../../corpus/generator.ts';
import { GENERATOR_VERSION } from '../../corpus/version.ts';
import { BlockDigest, BlocksDigest, digestOfBlocks, sha256Of } from '../../job/digest.ts';
import { areTexts, isReceiptOf, speaksOfTruth } from '../../job/manifest.ts';
import { messageKey, receiptKey, shardName, shardOf, type Shard } from '../../job/plan.ts';
import type { JobRecord, Receipt } from '../../job/records.ts';
import { EngineError } from '../error.ts';
import { reloadPacks } from '../packs.ts';
import { Findings } from './findings.ts';
import { JobFolder } from './job-folder.ts';
import { TruthCheck } from './verify-truth.ts';

/** What verifying a corpus found. Keys are relative to the job's folder. */
export interface Verification {
  readonly job: string;
  readonly complete: boolean;
  readonly messages: number;
  readonly bytes: number;
  /** The digests of what is there; undefined where something is wrong or missing. */
  readonly digest: string | undefined;
  readonly truthDigest: string | undefined;
  readonly missing: readonly string[];
  readonly changed: readonly string[];
  readonly extra: readonly string[];
}

/** Checks every byte of a corpus against its receipts, and the receipts against the manifest. */
export async function verify(
  path: string,
  builtin: string,
  onShard: (shard: number, of: number) => void = () => {},
): Promise<Verification> {
  const folder = new JobFolder(path);
  const record = existsSync(path) ? folder.job() : undefined;
  if (!record)
    throw new EngineError('NOT_A_JOB', `${path} holds no job: there is no job.json. Name the folder of one job, such as corpora/<job id>.`);
  const check = new Check(path, folder, record, builtin);
  for (let shard = 0; shard < record.plan.shards; shard++) {
    await check.shard(shardOf(record.plan, shard));
    onShard(shard + 1, record.plan.shards);
  }
  return check.finish();
}

class Check {
  private readonly path: string;
  private readonly folder: JobFolder;
  private readonly record: JobRecord;
  private readonly builtin: string;
  private readonly ids: Ids;
  private readonly corpus = new BlocksDigest();
  private readonly findings = new Findings();
  private readonly truth: TruthCheck;
  private messages = 0;
  private bytes = 0;
  private generator: Generator | undefined;

  constructor(path: string, folder: JobFolder, record: JobRecord, builtin: string) {
    this.path = path;
    this.folder = folder;
    this.record = record;
    this.builtin = builtin;
    this.ids = objectIdsOf(record.spec);
    this.truth = new TruthCheck(path, record, this.findings, () => this.sameGenerator());
  }

  async shard(shard: Shard): Promise<void> {
    const receipt = this.receipt(shard);
    if (!receipt) return;
    receipt.blocks.forEach((block) => this.corpus.add(block));
    if (speaksOfTruth(receipt)) this.truth.shard(shard, receipt);
    if (this.record.plan.layout === 'none') {
      this.messages += receipt.messages;
      this.bytes += receipt.bytes;
      return;
    }
    const before = { bytes: this.bytes, problems: this.findings.count };
    const hashes = this.record.plan.layout === 'eml' ? this.fileHashes(shard) : await this.archiveHashes(shard);
    if (hashes) this.compare(shard, receipt, hashes);
    if (this.findings.count === before.problems && this.bytes - before.bytes !== receipt.bytes)
      this.findings.changed.add(receiptKey(shard.shard));
  }

  async finish(): Promise<Verification> {
    if (this.record.plan.layout === 'eml') this.findExtraFiles();
    else this.findExtraArchives();
    const manifest = this.folder.manifest();
    const digest = this.corpus.finish();
    const truthDigest = await this.truth.finish(manifest);
    const sound = this.findings.count === 0;
    const agrees =
      manifest?.digest === digest &&
      manifest.messages === this.messages &&
      manifest.bytes === this.bytes &&
      this.truth.agrees(manifest, truthDigest);
    if (manifest && sound && !agrees) this.findings.changed.add('manifest.json');
    if (!manifest) this.findings.missing.add('manifest.json');
    const whole = this.findings.count === 0;
    return {
      job: this.record.job,
      complete: manifest !== undefined,
      messages: this.messages,
      bytes: this.bytes,
      digest: whole ? digest : undefined,
      truthDigest: whole ? truthDigest : undefined,
      missing: this.findings.missing.list,
      changed: this.findings.changed.list,
      extra: this.findings.extra.list,
    };
  }

  /** The receipt of a shard, named where it is missing or is not what a finished shard leaves; undefined where it says nothing. */
  private receipt(shard: Shard): Receipt | undefined {
    const key = receiptKey(shard.shard);
    let receipt: Receipt | undefined;
    try {
      receipt = this.folder.receipt(shard.shard);
    } catch (error) {
      if (!(error instanceof EngineError && error.code === 'CORRUPT')) throw error;
      this.findings.changed.add(key);
      return undefined;
    }
    if (!receipt) {
      this.findings.missing.add(key);
      return undefined;
    }
    const sound =
      isReceiptOf(this.record, shard.shard, receipt) &&
      receipt.messages === shard.messages &&
      receipt.blocks.length === shard.blocks &&
      digestOfBlocks(receipt.blocks) === receipt.digest &&
      receipt.truth.blocks.length === shard.blocks &&
      digestOfBlocks(receipt.truth.blocks) === receipt.truth.digest;
    if (!sound) this.findings.changed.add(key);
    return areTexts(receipt.blocks) ? receipt : undefined;
  }

  /** SHA-256 of each message file of a shard; null where it is missing. */
  private fileHashes(shard: Shard): Map<number, string> {
    const hashes = new Map<number, string>();
    for (let index = shard.firstMessage; index < shard.firstMessage + shard.messages; index++) {
      const key = this.key(index);
      try {
        this.seen(hashes, index, readFileSync(join(this.path, key)));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
        this.findings.missing.add(key);
      }
    }
    return hashes;
  }

  private async archiveHashes(shard: Shard): Promise<Map<number, string> | undefined> {
    const key = this.key(shard.firstMessage);
    const file = join(this.path, key);
    const hashes = new Map<number, string>();
    if (!existsSync(file)) {
      this.findings.missing.add(key);
      return undefined;
    }
    if (this.record.plan.layout === 'mbox') {
      let index = shard.firstMessage;
      for await (const message of readMbox(file)) this.seen(hashes, index++, message);
      if (index > shard.firstMessage + shard.messages)
        this.findings.extra.add(`${key}: ${index - shard.firstMessage - shard.messages} messages too many`);
    } else {
      let members: Map<string, Uint8Array>;
      try {
        members = new Map(Object.entries(unzipSync(readFileSync(file))));
      } catch {
        this.findings.changed.add(key);
        return undefined;
      }
      for (let index = shard.firstMessage; index < shard.firstMessage + shard.messages; index++) {
        const name = `${this.ids.id(index)}.eml`;
        const bytes = members.get(name);
        if (bytes) this.seen(hashes, index, bytes);
        members.delete(name);
      }
      for (const name of members.keys()) this.findings.extra.add(`${key}!${name}`);
    }
    for (let index = shard.firstMessage; index < shard.firstMessage + shard.messages; index++)
      if (!hashes.has(index)) this.findings.missing.add(this.member(index));
    return hashes;
  }

  private seen(hashes: Map<number, string>, index: number, bytes: Uint8Array): void {
    hashes.set(index, sha256Of(bytes));
    this.messages++;
    this.bytes += bytes.length;
  }

  /** Compares blocks with the receipt; a block that differs is generated again to name the messages. */
  private compare(shard: Shard, receipt: Receipt, hashes: Map<number, string>): void {
    const digest = new BlockDigest();
    for (let b = 0; b < shard.blocks; b++) {
      const block = shard.firstBlock + b;
      const first = block * BLOCK;
      const size = blockSize(this.record.plan.messages, block);
      let whole = true;
      for (let index = first; index < first + size; index++) {
        const sha = hashes.get(index);
        if (sha) digest.addHash(this.ids.id(index), sha);
        else whole = false;
      }
      if (digest.finish() === receipt.blocks[b] && whole) continue;
      const expected = this.expected(block);
      if (!expected && whole)
        this.findings.changed.add(`${receiptKey(shard.shard)}: block ${b} (messages ${first} to ${first + size - 1})`);
      let named = 0;
      expected?.forEach((sha, i) => {
        const found = hashes.get(first + i);
        if (found && found !== sha) {
          this.findings.changed.add(this.member(first + i));
          named++;
        }
      });
      if (expected && whole && named === 0) this.findings.changed.add(receiptKey(shard.shard));
    }
  }

  /** What the messages of a block should be; undefined where this generator is not the one that made them. */
  private expected(block: number): string[] | undefined {
    const hashes: string[] = [];
    const generator = this.sameGenerator();
    generator?.block(block, (message) => hashes.push(sha256Of(message.bytes)));
    return generator && hashes;
  }

  /** The generator that made the corpus; undefined where this version is another. */
  private sameGenerator(): Generator | undefined {
    const { spec, packs, generator } = this.record;
    if (generator !== GENERATOR_VERSION) return undefined;
    return (this.generator ??= new Generator(spec, reloadPacks(packs, this.builtin), spec.delivery.truth.lines));
  }

  private findExtraFiles(): void {
    const root = join(this.path, 'messages');
    if (!existsSync(root)) return;
    for (const hh of readdirSync(root)) {
      const folder = join(root, hh);
      if (!statSync(folder).isDirectory()) {
        this.findings.extra.add(`messages/${hh}`);
        continue;
      }
      for (const name of readdirSync(folder)) {
        const index = this.ids.index(name.replace(/\.eml$/, ''), this.record.plan.messages);
        if (index === undefined || this.key(index) !== `messages/${hh}/${name}`) this.findings.extra.add(`messages/${hh}/${name}`);
      }
    }
  }

  private findExtraArchives(): void {
    const root = join(this.path, 'messages');
    if (!existsSync(root)) return;
    const known = new Set(Array.from({ length: this.record.plan.shards }, (_, shard) => `${shardName(shard)}.${this.record.plan.layout}`));
    for (const name of readdirSync(root)) if (!known.has(name)) this.findings.extra.add(`messages/${name}`);
  }

  private key(index: number): string {
    return messageKey(this.record.plan, this.ids.id(index), index);
  }

  private member(index: number): string {
    return this.record.plan.layout === 'eml' ? this.key(index) : `${this.key(index)}!${this.ids.id(index)}.eml`;
  }
}

/** The messages of an mboxrd file as they were before: From_ lines gone, one ">" less, CRLF again. */
export async function* readMbox(path: string): AsyncGenerator<Buffer> {
  let lines: string[] | undefined;
  const whole = (): Buffer =>
    Buffer.from(
      lines!
        .slice(0, -1)
        .map((line) => line.replace(/^>(>*From )/, '$1') + '\r\n')
        .join(''),
      'latin1',
    );
  for await (const line of createInterface({ input: createReadStream(path, 'latin1'), crlfDelay: Infinity })) {
    if (line.startsWith('From ')) {
      if (lines) yield whole();
      lines = [];
    } else lines?.push(line);
  }
  if (lines) yield whole();
}
