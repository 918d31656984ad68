import {
  type BucketLocationConstraint,
  CreateBucketCommand,
  DeleteBucketCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  PutBucketEncryptionCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
} from '@aws-sdk/client-s3';
import type { HttpRequest } from '@smithy/types';
import { EngineError } from '../../error.ts';
import { inParallel } from '../../parallel.ts';
import { httpStatusOf } from '../http-status.ts';
import { type Account, type Clients, isUnknownHere, named, own } from './account.ts';
import { emptyBucket } from './bucket.ts';
import type { Artifact } from './bundle.ts';

/** The bucket that code and templates are deployed from: Mailwright's own, one an account and region, shared by its stacks. */
export const artifactsBucket = ({ identity }: Account): string => `${ARTIFACTS}${identity.account}-${identity.region}`;

export const ARTIFACTS = 'mailwright-artifacts-';

/** Makes the artifacts bucket where it is missing, and sets it up; says whether it was made. */
export async function ensureArtifactsBucket(account: Account): Promise<boolean> {
  const bucket = artifactsBucket(account);
  const { region } = account.identity;
  const there = await hasArtifactsBucket(account);
  if (!there) {
    const made = await account.find(
      's3:CreateBucket',
      `s3://${bucket}`,
      ({ s3 }) =>
        s3.send(
          new CreateBucketCommand({
            Bucket: bucket,
            ObjectOwnership: 'BucketOwnerEnforced',
            // The one region that must not be named.
            ...(region !== 'us-east-1' && {
              CreateBucketConfiguration: { LocationConstraint: region as BucketLocationConstraint },
            }),
          }),
        ),
      named('BucketAlreadyExists'),
    );
    if (!made) throw notOurs(bucket);
  }
  await protect(account, bucket);
  return !there;
}

/** Whether it is there; an error where it cannot be ours. */
export async function hasArtifactsBucket(account: Account): Promise<boolean> {
  const bucket = artifactsBucket(account);
  const found = await account.find(
    's3:ListBucket',
    `s3://${bucket}`,
    ({ s3 }) =>
      s3.send(new HeadBucketCommand(own(account, bucket))).catch((error: unknown) => {
        throw httpStatusOf(error) === 403 ? notOurs(bucket, error) : error;
      }),
    (error) => httpStatusOf(error) === 404,
  );
  return found !== undefined;
}

/** Uploads what is not there yet; `told` of each, when it is there. */
export async function upload(
  account: Account,
  artifacts: readonly Artifact[],
  told: (artifact: Artifact, already: boolean) => void,
): Promise<void> {
  await inParallel(artifacts, 4, async (artifact) => {
    const object = { ...own(account, artifactsBucket(account)), Key: artifact.key };
    const where = `s3://${object.Bucket}/${object.Key}`;
    const found = await account.find(
      's3:GetObject',
      where,
      ({ s3 }) => s3.send(new HeadObjectCommand(object)),
      (error) => httpStatusOf(error) === 404,
    );
    if (!found)
      await account.ask('s3:PutObject', where, ({ s3 }) =>
        s3.send(new PutObjectCommand({ ...object, Body: artifact.bytes, ContentType: artifact.type })),
      );
    told(artifact, found !== undefined);
  });
}

/** The URL of an object of the artifacts bucket, such as the SDK itself would use: with a custom endpoint, there. */
export async function urlOf(account: Account, key: string): Promise<string> {
  const head = new HeadObjectCommand({ ...own(account, artifactsBucket(account)), Key: key });
  let url = '';
  head.middlewareStack.add(
    (next) => (args) => {
      const { protocol, hostname, port, path } = args.request as HttpRequest;
      url = `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}${path}`;
      return next(args);
    },
    { step: 'build' },
  );
  await account.ask('s3:GetObject', `s3://${artifactsBucket(account)}/${key}`, ({ s3 }) => s3.send(head));
  return url;
}

/** Empties and deletes the artifacts bucket. */
export async function removeArtifactsBucket(account: Account): Promise<void> {
  const bucket = artifactsBucket(account);
  await emptyBucket(account, bucket);
  await account.find(
    's3:DeleteBucket',
    `s3://${bucket}`,
    ({ s3 }) => s3.send(new DeleteBucketCommand(own(account, bucket))),
    named('NoSuchBucket'),
  );
}

/** What a new bucket gets by itself nowadays, said all the same; and what it does not: nothing without TLS. */
async function protect(account: Account, bucket: string): Promise<void> {
  const where = own(account, bucket);
  const set = (action: string, does: (clients: Clients) => Promise<unknown>): Promise<unknown> =>
    account.find(action, `s3://${bucket}`, does, isUnknownHere);
  await set('s3:PutBucketOwnershipControls', ({ s3 }) =>
    s3.send(
      new PutBucketOwnershipControlsCommand({ ...where, OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] } }),
    ),
  );
  await set('s3:PutBucketPublicAccessBlock', ({ s3 }) =>
    s3.send(
      new PutPublicAccessBlockCommand({
        ...where,
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
      }),
    ),
  );
  await set('s3:PutEncryptionConfiguration', ({ s3 }) =>
    s3.send(
      new PutBucketEncryptionCommand({
        ...where,
        ServerSideEncryptionConfiguration: { Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }] },
      }),
    ),
  );
  await set('s3:PutBucketPolicy', ({ s3 }) =>
    s3.send(new PutBucketPolicyCommand({ ...where, Policy: JSON.stringify(tlsOnly(account, bucket)) })),
  );
}

const tlsOnly = ({ identity: { partition } }: Account, bucket: string): object => ({
  Version: '2012-10-17',
  Statement: [
    {
      Sid: 'TlsOnly',
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:*',
      Resource: [`arn:${partition}:s3:::${bucket}`, `arn:${partition}:s3:::${bucket}/*`],
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    },
  ],
});

const notOurs = (bucket: string, cause?: unknown): EngineError =>
  new EngineError(
    'DENIED',
    `The bucket ${bucket}, which code is deployed from, cannot be used: it belongs to another account, or your permission s3:ListBucket on it is missing. Nothing was changed.`,
    { cause },
  );
