import assert from 'node:assert/strict';
import { createHash, createHmac, hash } from 'node:crypto';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SignatureV4 } from '@smithy/signature-v4';
import fc from 'fast-check';
import type { Identity } from '../../src/engine/aws/put/credentials.ts';
import type { Request } from '../../src/engine/aws/put/exchange.ts';
import { encodeKey, encodePart, Signer } from '../../src/engine/aws/put/sign.ts';
import { BUCKET, CREDENTIALS, LoopbackS3, putterTo, REGION } from './put-support.ts';
import { character, holds, sample } from '../unit/support.ts';

/** Node's SHA-256 as the SDK's signer wants it. */
class Sha256 {
  private readonly of;
  constructor(secret?: unknown) {
    this.of = secret === undefined ? createHash('sha256') : createHmac('sha256', secret as Uint8Array);
  }
  update(data: Uint8Array | string): void {
    this.of.update(data);
  }
  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.of.digest());
  }
  reset(): void {}
}

const HOST = 'bucket.s3.eu-central-1.amazonaws.com';

/** What the SDK's own signer gives for the same request. */
async function theirs(request: Request, path: string, identity: Identity, now: number): Promise<string> {
  const signer = new SignatureV4({
    service: 's3',
    region: REGION,
    credentials: identity as typeof CREDENTIALS,
    sha256: Sha256 as never,
    uriEscapePath: false,
  });
  const signed = await signer.sign(
    {
      method: request.method,
      protocol: 'https:',
      hostname: HOST,
      path,
      query: Object.fromEntries(new URLSearchParams(request.query)),
      headers: {
        host: HOST,
        'content-type': request.contentType,
        'x-amz-content-sha256': request.sha256,
        ...(request.checksum ? { 'x-amz-checksum-sha256': createHash('sha256').update(request.body).digest('base64') } : {}),
      },
      body: request.body,
    },
    { signingDate: new Date(now) },
  );
  return signed.headers['authorization']!;
}

const text = fc.string({ unit: character, maxLength: 40 });
const key = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'aZ09-._~/ !\'()*+%&=?#@:;,$"<>\\^`{|}é漢😀'), minLength: 1, maxLength: 60 }),
  fc.string({ unit: character, minLength: 1, maxLength: 60 }),
);
const query = fc.oneof(
  fc.constant(''),
  fc.constant('uploads='),
  fc.tuple(fc.integer({ min: 1, max: 10_000 }), text).map(([part, id]) => `partNumber=${part}&uploadId=${encodePart(id)}`),
);
const identity = fc.record({
  accessKeyId: fc.string({ unit: fc.constantFrom(...'ABCXYZ0189'), minLength: 16, maxLength: 20 }),
  secretAccessKey: fc.string({ unit: fc.constantFrom(...'abcXYZ019+/'), minLength: 40, maxLength: 40 }),
  sessionToken: fc.option(fc.base64String({ minLength: 4, maxLength: 400 }), { nil: undefined }),
});
/** In the years that a signature can name. */
const time = fc.integer({ min: 0, max: 4_102_444_800_000 });

describe('signing puts', () => {
  it('signs as the SDK does, whatever the key, the body, the credentials and the day', async () => {
    const signer = new Signer(REGION, HOST); // one for all: what it keeps must not outlive its day or its credentials
    const method = fc.constantFrom('PUT', 'POST', 'DELETE');
    const property = fc.asyncProperty(
      fc.tuple(method, key, query, fc.uint8Array({ maxLength: 100 }), fc.boolean()),
      fc.array(fc.tuple(identity, time), { minLength: 1, maxLength: 3 }),
      async ([method, key, query, body, checksum], signings) => {
        const request: Request = { method, key, query, contentType: 'message/rfc822', body, sha256: hash('sha256', body), checksum };
        const path = `/${encodeKey(key)}`;
        for (const [identity, now] of signings) {
          const headers = signer.headers(request, path, identity, now);
          assert.equal(headers[headers.indexOf('authorization') + 1], await theirs(request, path, identity, now));
          assert.equal(headers.includes('x-amz-security-token'), identity.sessionToken !== undefined);
        }
      },
    );
    await fc.assert(property, { seed: 20250306, numRuns: 300 });
  });

  it('percent-encodes a key so that it is read back as it was', () => {
    holds(
      fc.property(key, (key) => {
        const encoded = encodeKey(key);
        assert.match(encoded, /^([\w.~/-]|%[0-9A-F]{2})*$/);
        assert.equal(decodeURIComponent(encoded), key);
        assert.equal(encoded.split('/').length, key.split('/').length);
      }),
      1000,
    );
  });

  it('names an object as the SDK does, with its headers', async () => {
    const s3 = await LoopbackS3.start();
    const putter = putterTo(s3);
    const sdk = new S3Client({ region: REGION, endpoint: s3.endpoint, forcePathStyle: true, credentials: CREDENTIALS });
    try {
      // A segment of one or two dots is left out: the SDK's own HTTP client takes it for a way up.
      for (const Key of sample(key, 60).filter((key) => !/(^|\/)\.{1,2}(\/|$)/.test(key))) {
        const body = Buffer.from(`body of ${Key}`);
        s3.arrivals.length = 0;
        await putter.put({ key: Key, body, sha256: hash('sha256', body), contentType: 'message/rfc822' });
        await putter.drain();
        const ChecksumSHA256 = hash('sha256', body, 'base64');
        await sdk.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: body, ContentType: 'message/rfc822', ChecksumSHA256 }));
        const [ours, theirs] = s3.arrivals;
        assert.equal(ours!.url, theirs!.url.replace('?x-id=PutObject', ''));
        assert.deepEqual(ours!.body, body);
        for (const name of [
          'content-type',
          'content-length',
          'host',
          'x-amz-checksum-sha256',
          'x-amz-content-sha256',
          'x-amz-security-token',
        ])
          assert.equal(ours!.headers[name], theirs!.headers[name], name);
      }
    } finally {
      sdk.destroy();
      await putter.stop();
      await s3.stop();
    }
  });
});
