import { setTimeout as sleep } from 'node:timers/promises';
import { GetObjectCommand, type GetObjectCommandInput, type GetObjectCommandOutput } from '@aws-sdk/client-s3';
import type { Place } from '../../../job/calls.ts';
import { EngineError } from '../../error.ts';
import { httpStatusOf } from '../http-status.ts';
import type { Connection } from './target.ts';

/** The object as it is now, and S3's clock when it said so. */
export interface Latest {
  readonly etag: string | undefined;
  /** Undefined where it is the one that was known. */
  readonly value: unknown;
  readonly now: Date;
}

export interface Part {
  readonly bytes: Uint8Array;
  /** Of the whole object. */
  readonly size: number;
  readonly etag: string | undefined;
}

/** After so many tries a key that cannot be read is an error. */
const TRIES = 8;
const LONGEST_WAIT_MS = 10_000;

/** A job's objects in S3, read with s3:GetObject alone. Keys are relative to the job. */
export class Store {
  readonly place: Place;
  private readonly connection: Connection;

  constructor(connection: Connection, place: Place) {
    this.connection = connection;
    this.place = place;
  }

  uri(key: string): string {
    return `s3://${this.place.bucket}/${this.place.prefix}${key}`;
  }

  /** The whole object. What passes by itself, such as a connection that breaks off, is tried again. */
  bytes(key: string, signal?: AbortSignal): Promise<Uint8Array> {
    return this.patiently(() => this.get(key, {}, async ({ Body }) => Body!.transformToByteArray(), signal), signal);
  }

  async json<T>(key: string, signal?: AbortSignal): Promise<T> {
    return this.parsed(key, await this.bytes(key, signal)) as T;
  }

  /** Bytes of an object from `from` on, `length` at most; of the very object that `etag` names. */
  part(key: string, from: number, length: number, etag: string | undefined, signal?: AbortSignal): Promise<Part> {
    const range = { Range: `bytes=${from}-${from + length - 1}`, ...(etag !== undefined && { IfMatch: etag }) };
    return this.patiently(
      () =>
        this.get(
          key,
          range,
          async ({ Body, ContentRange, ETag }) => {
            const bytes = await Body!.transformToByteArray();
            return { bytes, size: Number(/\/(\d+)$/.exec(ContentRange ?? '')?.[1] ?? bytes.length), etag: ETag };
          },
          signal,
        ).catch((error: unknown) => {
          // An empty object has no first byte.
          if (from === 0 && httpStatusOf((error as Error).cause) === 416) return { bytes: new Uint8Array(), size: 0, etag };
          throw error;
        }),
      signal,
    );
  }

  /** The object, where it is another than the one that `etag` names. Asks once: whoever follows asks again anyway. */
  async latest(key: string, etag: string | undefined, signal: AbortSignal): Promise<Latest> {
    let now = new Date();
    return this.connection.call({ action: 's3:GetObject', resource: this.uri(key) }, async ({ s3 }) => {
      const command = this.command(key, etag === undefined ? {} : { IfNoneMatch: etag });
      command.middlewareStack.add(
        (next) => async (args) => {
          const answer = await next(args);
          now = dateOf(answer.response) ?? now;
          return answer;
        },
        { step: 'deserialize', priority: 'low' },
      );
      try {
        const { Body, ETag } = await s3.send(command, { abortSignal: signal });
        return { value: this.parsed(key, await Body!.transformToByteArray()), etag: ETag, now };
      } catch (error) {
        if (httpStatusOf(error) !== 304) throw error;
        return { value: undefined, etag, now: dateOf((error as { $response?: unknown }).$response) ?? now };
      }
    });
  }

  private get<T>(
    key: string,
    more: Partial<GetObjectCommandInput>,
    read: (output: GetObjectCommandOutput) => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    return this.connection.call({ action: 's3:GetObject', resource: this.uri(key) }, async ({ s3 }) =>
      read(await s3.send(this.command(key, more), signal ? { abortSignal: signal } : {})),
    );
  }

  private command(key: string, more: Partial<GetObjectCommandInput>): GetObjectCommand {
    return new GetObjectCommand({ Bucket: this.place.bucket, Key: `${this.place.prefix}${key}`, ...more });
  }

  /** Tries again what passes by itself, after waits that grow (full jitter). */
  private async patiently<T>(does: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await does();
      } catch (error) {
        signal?.throwIfAborted();
        if (!passes(error) || tries === TRIES) throw error;
      }
      await sleep(Math.random() * Math.min(LONGEST_WAIT_MS, 100 * 2 ** tries), undefined, signal ? { signal } : {});
    }
  }

  private parsed(key: string, bytes: Uint8Array): unknown {
    try {
      return JSON.parse(Buffer.from(bytes).toString('utf8')) as unknown;
    } catch (error) {
      throw new EngineError('CORRUPT', `${this.uri(key)} is not JSON: it has been changed since the job wrote it.`, { cause: error });
    }
  }
}

/** Whether the same may well succeed a little later. */
export const passes = (error: unknown): error is EngineError =>
  error instanceof EngineError && (error.code === 'NETWORK' || error.code === 'THROTTLED');

/** The Date header of an answer of the SDK's. */
function dateOf(response: unknown): Date | undefined {
  const date = (response as { readonly headers?: Readonly<Record<string, string>> } | undefined)?.headers?.['date'];
  return date === undefined || Number.isNaN(Date.parse(date)) ? undefined : new Date(date);
}
