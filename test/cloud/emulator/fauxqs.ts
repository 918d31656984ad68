import type { BuildAppOptions } from 'fauxqs';

/**
 * The parts of fauxqs that its package does not export, with the types of what is used of them. Everything else of
 * fauxqs is reached through buildApp.
 */

export interface StoredObject {
  readonly key: string;
  readonly body: Buffer;
  readonly etag: string;
}

/** The store of S3: buckets of objects. */
export interface ObjectStore {
  buckets: Map<string, Map<string, StoredObject>>;
  multipartUploads: Map<string, { readonly bucket: string; readonly key: string; readonly parts: Map<number, unknown> }>;
  createBucket(name: string): void;
  deleteBucket(name: string): void;
  putObject(bucket: string, key: string, body: Buffer, ...more: unknown[]): StoredObject;
  deleteObject(bucket: string, key: string): void;
  completeMultipartUpload(uploadId: string, parts: unknown): StoredObject;
  listObjects(bucket: string, options?: ListOptions): Listing;
}

export interface ListOptions {
  readonly prefix?: string;
  readonly delimiter?: string;
  readonly maxKeys?: number;
  readonly startAfter?: string;
  readonly marker?: string;
}

export interface Listing {
  readonly objects: StoredObject[];
  readonly commonPrefixes: string[];
  readonly isTruncated: boolean;
}

type Stores = NonNullable<BuildAppOptions['stores']>;
export type QueueStore = Stores['sqsStore'];
export type TopicStore = Stores['snsStore'];
export type Queue = ReturnType<QueueStore['createQueue']>;

type Publish = (parameters: Readonly<Record<string, string>>, topics: TopicStore, queues: QueueStore) => string;
type Decode = (body: Buffer) => { body: Buffer; trailers: Record<string, string> };

const part = (path: string): Promise<unknown> => import(new URL(path, import.meta.resolve('fauxqs')).href);

export const { S3Store } = (await part('./s3/s3Store.js')) as { S3Store: new () => ObjectStore };
export const { SqsStore } = (await part('./sqs/sqsStore.js')) as {
  SqsStore: { new (): QueueStore; createMessage(body: string): Parameters<Queue['enqueue']>[0] };
};
export const newMessage = SqsStore.createMessage;
export const { SnsStore } = (await part('./sns/snsStore.js')) as { SnsStore: new () => TopicStore };
export const { publish } = (await part('./sns/actions/publish.js')) as { publish: Publish };
export const { decodeAwsChunked } = (await part('./s3/chunkedEncoding.js')) as { decodeAwsChunked: Decode };

/** What buildApp takes: to it our stores are its own. */
export const storesFor = (s3Store: ObjectStore, sqsStore: QueueStore, snsStore: TopicStore): Stores => ({
  s3Store: s3Store as unknown as Stores['s3Store'],
  sqsStore,
  snsStore,
});
