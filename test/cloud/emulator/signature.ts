import { createHash, createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Signatures, version 4, of requests: who signs wrongly is refused, as AWS would. */

/** What a request says of its signature, in its header or, for a presigned URL, in its query. */
export interface Signed {
  readonly keyId: string;
  /** As AWS calls it: s3, sqs, lambda, … */
  readonly service: string;
  /** "date/region/service/aws4_request" */
  readonly scope: string;
  /** Only of a header. */
  readonly headers?: readonly string[];
  readonly signature?: string;
}

export function signedBy(request: IncomingMessage): Signed | undefined {
  const authorization = request.headers.authorization ?? '';
  const header =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8}\/[^/]+\/([^/]+)\/aws4_request), ?SignedHeaders=([^,]+), ?Signature=(\w+)$/.exec(
      authorization,
    );
  if (header) {
    const [, keyId, scope, service, headers, signature] = header as unknown as string[];
    return { keyId: keyId!, scope: scope!, service: service!, headers: headers!.split(';'), signature: signature! };
  }
  const [, query = ''] = request.url!.split('?');
  const credential = new URLSearchParams(query).get('X-Amz-Credential');
  const [keyId, ...scope] = credential?.split('/') ?? [];
  return keyId !== undefined && scope.length === 4 ? { keyId, scope: scope.join('/'), service: scope[2]! } : undefined;
}

const hmac = (key: string | Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest();
const sha256 = (data: string): string => createHash('sha256').update(data).digest('hex');

/** Signing keys: the same for all requests of a day. */
const signingKeys = new Map<string, Buffer>();

function signingKey(secret: string, scope: string): Buffer {
  const name = `${secret}/${scope}`;
  let key = signingKeys.get(name);
  if (!key) signingKeys.set(name, (key = scope.split('/').reduce<string | Buffer>(hmac, `AWS4${secret}`) as Buffer));
  return key;
}

const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);

/**
 * Whether a signature in the header is right. The digest of the body is taken from its header: the storage compares it
 * with the body. Without that header, and in presigned URLs, nothing is judged.
 */
export function isRightlySigned(request: IncomingMessage, { scope, service, headers, signature }: Signed, secret: string): boolean {
  const body = request.headers['x-amz-content-sha256'];
  if (headers === undefined || body === undefined) return true;
  const [path = '', query = ''] = request.url!.split('?');
  const canonical = [
    request.method,
    // Only for S3 a path is signed as it is sent; for all others it is encoded once more.
    service === 's3' ? path : path.split('/').map(encode).join('/'),
    query
      .split('&')
      .filter((pair) => pair !== '')
      .map((pair) => (pair.includes('=') ? pair : `${pair}=`))
      .sort()
      .join('&'),
    ...headers.map(
      (name) =>
        `${name}:${String(request.headers[name] ?? '')
          .trim()
          .replace(/ +/g, ' ')}`,
    ),
    '',
    headers.join(';'),
    String(body),
  ].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', String(request.headers['x-amz-date']), scope, sha256(canonical)].join('\n');
  return hmac(signingKey(secret, scope), toSign).toString('hex') === signature;
}
