import {
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  paginateListObjectsV2,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { attemptFolder, cancelKey, failureKey, outcomeKey, receiptKey, RECEIPTS } from '../../../job/plan.ts';
import type { Failure, JobRecord, Manifest, OutcomeRecord, Progress, Receipt, StopMarker } from '../../../job/records.ts';
import type { Place } from '../../../job/calls.ts';
import { EngineError } from '../../error.ts';
import { httpStatusOf } from '../http-status.ts';

/** Where all jobs of a stack are. */
export interface Root {
  readonly s3: S3Client;
  readonly bucket: string;
  /** "corpora/" */
  readonly prefix: string;
  readonly region: string;
}

/** A JSON object as it was read: its value, and what a conditional write goes by. */
export interface Found<T> {
  readonly value: T;
  readonly etag: string;
  /** By S3's clock, rounded down to a second. */
  readonly modified: Date;
}

/** A job's objects in the bucket: its records, read and written as DESIGN's layout has them. */
export class JobStore {
  readonly job: string;
  readonly place: Place;
  private readonly s3: S3Client;

  constructor(root: Root, job: string) {
    this.job = job;
    this.s3 = root.s3;
    this.place = { bucket: root.bucket, prefix: `${root.prefix}${job}/`, region: root.region };
  }

  get where(): string {
    return `s3://${this.place.bucket}/${this.place.prefix}`;
  }

  key(key: string): string {
    return `${this.place.prefix}${key}`;
  }

  record(): Promise<Found<JobRecord> | undefined> {
    return this.json<JobRecord>('job.json');
  }

  progress(): Promise<Found<Progress> | undefined> {
    return this.json<Progress>('progress.json');
  }

  receipt(shard: number): Promise<Found<Receipt> | undefined> {
    return this.json<Receipt>(receiptKey(shard));
  }

  marker(attempt: number, signal?: AbortSignal): Promise<Found<StopMarker> | undefined> {
    return this.json<StopMarker>(cancelKey(attempt), signal);
  }

  outcome(attempt: number): Promise<Found<OutcomeRecord> | undefined> {
    return this.json<OutcomeRecord>(outcomeKey(attempt));
  }

  manifest(): Promise<Found<Manifest> | undefined> {
    return this.json<Manifest>('manifest.json');
  }

  /** The shards that have a receipt. */
  receipts(): Promise<Set<number>> {
    return this.shardsUnder(`${RECEIPTS}/`);
  }

  /** The shards that were given up in an attempt. */
  failures(attempt: number): Promise<Set<number>> {
    return this.shardsUnder(`${attemptFolder(attempt)}/failures/`);
  }

  /** Writes the marker that asks everyone in an attempt to stop, unless it is there. */
  close(attempt: number, marker: StopMarker): Promise<boolean> {
    return this.create(cancelKey(attempt), marker);
  }

  /** Says why a shard was given up, unless that has been said. */
  giveUp(failure: Failure): Promise<boolean> {
    return this.create(failureKey(failure.attempt, failure.shard), failure);
  }

  /** Reads an object; undefined where there is none. */
  async read(
    key: string,
    signal?: AbortSignal,
  ): Promise<{ readonly bytes: Uint8Array; readonly etag: string; readonly modified: Date } | undefined> {
    try {
      const { Body, ETag, LastModified } = await this.s3.send(
        new GetObjectCommand({ Bucket: this.place.bucket, Key: this.key(key) }),
        signal && { abortSignal: signal },
      );
      return { bytes: await Body!.transformToByteArray(), etag: ETag!, modified: LastModified! };
    } catch (error) {
      if (httpStatusOf(error) === 404) return undefined;
      throw error;
    }
  }

  async exists(key: string): Promise<boolean> {
    try {
      await this.s3.send(new HeadObjectCommand({ Bucket: this.place.bucket, Key: this.key(key) }));
      return true;
    } catch (error) {
      if (httpStatusOf(error) === 404) return false;
      throw error;
    }
  }

  /** Writes a record unless it is there already; false where it is, be it by a try of ours whose answer was lost. */
  create(key: string, value: unknown): Promise<boolean> {
    return this.put(key, value, { IfNoneMatch: '*' });
  }

  /** Writes a record in the place of the one that was read; false where another has been written since. */
  replace(key: string, value: unknown, etag: string): Promise<boolean> {
    return this.put(key, value, { IfMatch: etag });
  }

  /** Deletes up to a thousand of the job's objects under a folder, or one object; how many there were. */
  async deleteSome(folder: string): Promise<number> {
    const { Contents = [] } = await this.s3.send(new ListObjectsV2Command({ Bucket: this.place.bucket, Prefix: this.key(folder) }));
    if (Contents.length === 0) return 0;
    const Objects = Contents.map(({ Key }) => ({ Key: Key! }));
    const { Errors = [] } = await this.s3.send(new DeleteObjectsCommand({ Bucket: this.place.bucket, Delete: { Quiet: true, Objects } }));
    if (Errors.length > 0) throw new EngineError('STORAGE', `${this.where}: ${Errors[0]!.Key} could not be deleted: ${Errors[0]!.Message}`);
    return Objects.length;
  }

  private async put(key: string, value: unknown, condition: { IfNoneMatch: '*' } | { IfMatch: string }): Promise<boolean> {
    for (;;) {
      try {
        await this.s3.send(
          new PutObjectCommand({
            Bucket: this.place.bucket,
            Key: this.key(key),
            Body: `${JSON.stringify(value, undefined, 2)}\n`,
            ContentType: 'application/json',
            ...condition,
          }),
        );
        return true;
      } catch (error) {
        // 409: another conditional write of the same key is going on; S3 asks to try again.
        if (httpStatusOf(error) === 409) continue;
        if (httpStatusOf(error) === 412) return false;
        throw error;
      }
    }
  }

  private async json<T>(key: string, signal?: AbortSignal): Promise<Found<T> | undefined> {
    const found = await this.read(key, signal);
    if (!found) return undefined;
    try {
      return { value: JSON.parse(Buffer.from(found.bytes).toString('utf8')) as T, etag: found.etag, modified: found.modified };
    } catch {
      throw new EngineError('CORRUPT', `${this.where}${key}: not JSON. It was changed by somebody else: a job leaves no such object.`);
    }
  }

  private async shardsUnder(folder: string): Promise<Set<number>> {
    const shards = new Set<number>();
    const pages = paginateListObjectsV2({ client: this.s3 }, { Bucket: this.place.bucket, Prefix: this.key(folder) });
    for await (const { Contents = [] } of pages)
      for (const { Key } of Contents) {
        const name = /(\d{6})\.json$/.exec(Key!);
        if (name) shards.add(Number(name[1]));
      }
    return shards;
  }
}

/** The ids of all jobs of a stack, newest first: ULIDs sort by time. */
export async function jobIds(root: Root): Promise<string[]> {
  const ids: string[] = [];
  const pages = paginateListObjectsV2({ client: root.s3 }, { Bucket: root.bucket, Prefix: root.prefix, Delimiter: '/' });
  for await (const { CommonPrefixes = [] } of pages)
    for (const { Prefix } of CommonPrefixes) ids.push(Prefix!.slice(root.prefix.length, -1));
  return ids.reverse();
}
