import {
  AbortMultipartUploadCommand,
  DeleteObjectsCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandOutput,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  type MultipartUpload,
} from '@aws-sdk/client-s3';
import { EngineError } from '../../error.ts';
import { inParallel } from '../../parallel.ts';
import { type Account, isUnknownHere, named, own } from './account.ts';

/** Under it, a folder a job. */
const CORPORA = 'corpora/';

/** How many requests to delete a thousand objects are under way at once. */
const WIDTH = 8;

/** How many jobs have objects in a bucket. None where the bucket is gone. */
export async function jobsIn(account: Account, bucket: string): Promise<number> {
  let jobs = 0;
  for await (const { CommonPrefixes = [], Contents = [] } of pages(account, bucket, { Prefix: CORPORA, Delimiter: '/' }))
    jobs += CommonPrefixes.length + Contents.length;
  return jobs;
}

/** Deletes everything in a bucket; `told` how many objects are gone so far. */
export async function emptyBucket(account: Account, bucket: string, told: (objects: number) => void = () => {}): Promise<void> {
  let gone = 0;
  await inParallel(pages(account, bucket), WIDTH, async ({ Contents = [] }) => {
    if (Contents.length === 0) return;
    const { Errors = [] } = await account.ask('s3:DeleteObject', `s3://${bucket}/*`, ({ s3 }) =>
      s3.send(
        new DeleteObjectsCommand({
          ...own(account, bucket),
          Delete: { Quiet: true, Objects: Contents.map(({ Key }) => ({ Key })) },
        }),
      ),
    );
    const [error] = Errors;
    if (error)
      throw new EngineError(
        'STORAGE',
        `s3://${bucket}/${error.Key} could not be deleted: ${error.Message ?? error.Code}. What was deleted before is gone; the same command goes on with the rest.`,
      );
    told((gone += Contents.length));
  });
  await abortUploads(account, bucket);
}

/** Parts of uploads that were never completed: no list of objects shows them. */
async function abortUploads(account: Account, bucket: string): Promise<void> {
  await inParallel(uploads(account, bucket), WIDTH, async ({ Key, UploadId }) => {
    await account.find(
      's3:AbortMultipartUpload',
      `s3://${bucket}/*`,
      ({ s3 }) => s3.send(new AbortMultipartUploadCommand({ ...own(account, bucket), Key, UploadId })),
      named('NoSuchUpload'),
    );
  });
}

async function* uploads(account: Account, bucket: string): AsyncGenerator<MultipartUpload> {
  let page: ListMultipartUploadsCommandOutput | undefined;
  do {
    const after = { KeyMarker: page?.NextKeyMarker, UploadIdMarker: page?.NextUploadIdMarker };
    page = await account.find(
      's3:ListBucketMultipartUploads',
      `s3://${bucket}`,
      ({ s3 }) => s3.send(new ListMultipartUploadsCommand({ ...own(account, bucket), ...after })),
      (error) => isUnknownHere(error) || isNoBucket(error),
    );
    yield* page?.Uploads ?? [];
  } while (page?.IsTruncated);
}

/** What is in a bucket, a thousand at a time. Nothing where the bucket is gone. */
async function* pages(
  account: Account,
  bucket: string,
  which: { readonly Prefix?: string; readonly Delimiter?: string } = {},
): AsyncGenerator<ListObjectsV2CommandOutput> {
  let token: string | undefined;
  do {
    const ContinuationToken = token;
    const page = await account.find(
      's3:ListBucket',
      `s3://${bucket}`,
      ({ s3 }) => s3.send(new ListObjectsV2Command({ ...own(account, bucket), ...which, ContinuationToken })),
      isNoBucket,
    );
    if (!page) return;
    yield page;
    token = page.NextContinuationToken;
  } while (token !== undefined);
}

const isNoBucket = named('NoSuchBucket');
