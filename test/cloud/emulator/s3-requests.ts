import type { IncomingHttpHeaders } from 'node:http';
import { AwsError } from './aws-error.ts';
import type { ConditionKeys } from './policy.ts';

/** What a request asks of S3, in the words of policies. */
export interface S3Request {
  readonly action: string;
  readonly resource: string;
  readonly keys: ConditionKeys;
  /** It reads an object that may not be there. */
  readonly reads: boolean;
  /** It changes an object. */
  readonly writes: boolean;
  /** It makes an object, so that it can be conditional. */
  readonly completes: boolean;
  /** The ARN of the object that is copied. */
  readonly copies?: string;
  /** A setting of a bucket, of those below. */
  readonly setting?: string;
}

/** Settings of buckets that are kept and given back, and the error where there is none. */
export const SETTINGS: Readonly<Record<string, string>> = {
  encryption: 'ServerSideEncryptionConfigurationNotFoundError',
  location: '',
  ownershipControls: 'OwnershipControlsNotFoundError',
  policy: 'NoSuchBucketPolicy',
  publicAccessBlock: 'NoSuchPublicAccessBlockConfiguration',
  tagging: 'NoSuchTagSet',
  versioning: '',
  lifecycle: 'NoSuchLifecycleConfiguration',
};

/** Queries that fauxqs reads rightly; it would take others for a plain request. */
const KNOWN =
  /^(uploads|uploadId|partNumber|delete|list-type|prefix|delimiter|max-keys|start-after|continuation-token|encoding-type|fetch-owner|marker|key-marker|upload-id-marker|max-uploads|x-id|(x-amz-|response-).*)$/i;

export function objectOf(url: string): { bucket: string; key: string } {
  const [path = ''] = url.split('?', 1);
  const slash = path.indexOf('/', 1);
  return slash < 0
    ? { bucket: decodeURIComponent(path.slice(1)), key: '' }
    : { bucket: decodeURIComponent(path.slice(1, slash)), key: decodeURIComponent(path.slice(slash + 1)) };
}

export function s3Request(
  method: string,
  bucket: string,
  key: string,
  query: Readonly<Record<string, string>>,
  headers: IncomingHttpHeaders,
): S3Request {
  const arn = `arn:aws:s3:::${bucket}`;
  const no = { keys: {}, reads: false, writes: false, completes: false };
  if (bucket === '') return { ...no, action: 's3:ListAllMyBuckets', resource: '*' };
  const setting = Object.keys(query).find((name) => name in SETTINGS);
  if (key === '' && setting !== undefined) {
    const verb = method === 'GET' ? 'Get' : method === 'PUT' ? 'Put' : 'Delete';
    return { ...no, action: `s3:${verb}Bucket${setting[0]!.toUpperCase()}${setting.slice(1)}`, resource: arn, setting };
  }
  for (const name of Object.keys(query)) if (!KNOWN.test(name)) throw notImplemented(name);
  if (key === '') return { ...no, ...bucketRequest(method, query), resource: arn };

  const resource = `${arn}/${key}`;
  const upload = query['uploadId'] !== undefined;
  switch (method) {
    case 'GET':
    case 'HEAD':
      if (upload || 'uploads' in query) throw notImplemented('lists of multipart uploads and parts');
      return { ...no, action: 's3:GetObject', resource, reads: true };
    case 'DELETE':
      return { ...no, action: upload ? 's3:AbortMultipartUpload' : 's3:DeleteObject', resource, writes: true };
    case 'PUT': {
      const source = headers['x-amz-copy-source'];
      const copies = source === undefined ? {} : { copies: `arn:aws:s3:::${decodeURIComponent(String(source)).replace(/^\//, '')}` };
      return { ...no, action: 's3:PutObject', resource, writes: true, completes: query['partNumber'] === undefined, ...copies };
    }
    case 'POST':
      return { ...no, action: 's3:PutObject', resource, writes: true, completes: upload };
    default:
      throw notImplemented(method);
  }
}

function bucketRequest(method: string, query: Readonly<Record<string, string>>): { action: string; keys?: ConditionKeys } {
  switch (method) {
    case 'PUT':
      return { action: 's3:CreateBucket' };
    case 'DELETE':
      return { action: 's3:DeleteBucket' };
    case 'POST':
      if (!('delete' in query)) throw notImplemented('forms');
      return { action: 'deleteObjects' };
    case 'HEAD':
      return { action: 's3:ListBucket' };
    default:
      if ('uploads' in query) return { action: 's3:ListBucketMultipartUploads' };
      return {
        action: 's3:ListBucket',
        keys: { 's3:prefix': query['prefix'] ?? '', 's3:delimiter': query['delimiter'], 's3:max-keys': query['max-keys'] },
      };
  }
}

const notImplemented = (what: string): AwsError => new AwsError(501, 'NotImplemented', `${what}: not part of the emulator`);
