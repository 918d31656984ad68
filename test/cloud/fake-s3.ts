import { createHash } from 'node:crypto';
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import type { Root } from '../../src/engine/aws/stack/job-store.ts';

/** The process that was at work is gone. */
export class Crash extends Error {}

interface Stored {
  readonly bytes: Buffer;
  readonly etag: string;
  readonly modified: Date;
}

/** A bucket in memory, with S3's rules for conditional writes; it can stop whoever uses it at any request. */
export class FakeS3 {
  readonly objects = new Map<string, Stored>();
  /** Keys in the order in which they were written. */
  readonly writes: string[] = [];
  /** Requests until a crash; with `done` it comes after the request was carried out, and only the answer is lost. */
  crash: { in: number; readonly done: boolean } | undefined;
  clock: () => Date = () => new Date(0);
  readonly root: Root;

  constructor() {
    const s3 = new S3Client({ region: 'eu-central-1', credentials: { accessKeyId: 'fake', secretAccessKey: 'fake' } });
    s3.send = ((command: unknown) => this.send(command)) as typeof s3.send;
    this.root = { s3, bucket: 'corpora-bucket', prefix: 'corpora/', region: 'eu-central-1' };
  }

  json<T>(key: string): T | undefined {
    const found = this.objects.get(`corpora/${key}`);
    return found && (JSON.parse(found.bytes.toString()) as T);
  }

  put(key: string, value: unknown): void {
    this.store(`corpora/${key}`, Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)));
  }

  keys(prefix = ''): string[] {
    return [...this.objects.keys()].filter((key) => key.startsWith(`corpora/${prefix}`)).map((key) => key.slice('corpora/'.length));
  }

  private async send(command: unknown): Promise<unknown> {
    await Promise.resolve();
    const crashing = this.crash !== undefined && --this.crash.in === 0;
    const after = this.crash?.done;
    if (crashing) this.crash = undefined;
    if (crashing && !after) throw new Crash();
    const answer = this.carryOut(command);
    if (crashing) throw new Crash();
    return answer;
  }

  private carryOut(command: unknown): unknown {
    if (command instanceof GetObjectCommand || command instanceof HeadObjectCommand) {
      const found = this.objects.get(command.input.Key!);
      if (!found) throw failure('NoSuchKey', 404);
      return { Body: { transformToByteArray: () => Promise.resolve(found.bytes) }, ETag: found.etag, LastModified: found.modified };
    }
    if (command instanceof PutObjectCommand) {
      const { Key, Body, IfNoneMatch, IfMatch } = command.input;
      const there = this.objects.get(Key!);
      if ((IfNoneMatch === '*' && there) || (IfMatch !== undefined && there?.etag !== IfMatch)) throw failure('PreconditionFailed', 412);
      this.store(Key!, Buffer.from(Body as string));
      return {};
    }
    if (command instanceof ListObjectsV2Command) {
      const { Prefix = '', Delimiter, ContinuationToken = '', MaxKeys = 1000 } = command.input;
      const keys = [...this.objects.keys()].filter((key) => key.startsWith(Prefix)).sort();
      if (Delimiter) {
        const folders = new Set(keys.map((key) => key.slice(0, key.indexOf(Delimiter, Prefix.length) + 1)));
        return { CommonPrefixes: [...folders].map((folder) => ({ Prefix: folder })) };
      }
      const page = keys.filter((key) => key > ContinuationToken).slice(0, MaxKeys);
      const more = page.length > 0 && page.at(-1) !== keys.at(-1);
      return { Contents: page.map((Key) => ({ Key })), IsTruncated: more, ...(more && { NextContinuationToken: page.at(-1) }) };
    }
    if (command instanceof DeleteObjectsCommand) {
      for (const { Key } of command.input.Delete!.Objects!) this.objects.delete(Key!);
      return {};
    }
    throw new Error('not a command that is used');
  }

  private store(key: string, bytes: Buffer): void {
    this.writes.push(key.slice('corpora/'.length));
    const etag = `"${createHash('md5').update(bytes).update(String(this.writes.length)).digest('hex')}"`;
    this.objects.set(key, { bytes, etag, modified: new Date(Math.floor(this.clock().getTime() / 1000) * 1000) });
  }
}

const failure = (name: string, status: number): Error => Object.assign(new Error(name), { name, $metadata: { httpStatusCode: status } });
