import { S3Client } from '@aws-sdk/client-s3';
import type { CommonEnvironment } from './environment.ts';
import { Putter } from '../put/putter.ts';
import type { Root } from './job-store.ts';

/** Tries of a request of the SDK, with its own growing waits: S3's bad moments are not a job's failure. */
export const TRIES = 8;

export const rootOf = ({ BUCKET, PREFIX, AWS_REGION }: CommonEnvironment): Root => ({
  s3: new S3Client({ maxAttempts: TRIES }),
  bucket: BUCKET,
  prefix: PREFIX,
  region: AWS_REGION,
});

/** What puts many objects, with the credentials of the SDK's own client. */
export const putterOf = ({ s3, bucket, region }: Root): Putter =>
  new Putter({
    bucket,
    region,
    endpoint: process.env['AWS_ENDPOINT_URL_S3'] ?? process.env['AWS_ENDPOINT_URL'],
    credentials: (options) => s3.config.credentials(options),
  });
