import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { EngineError } from '../../src/engine/error.ts';
import type { Putter } from '../../src/engine/aws/put/putter.ts';
import { Upload } from '../../src/engine/aws/put/upload.ts';
import { seeded } from './emulator/random.ts';
import { type Arrival, BUCKET, LoopbackS3, OK, putterTo, refusal, type Reply, SLOW_DOWN } from './put-support.ts';

const MIB = 1 << 20;
const KEY = 'corpora/j/messages/000000.zip';

/** S3's rules for uploads in parts, as far as one upload at a time needs them. */
class Multipart {
  readonly uploads = new Map<string, Map<number, { etag: string; body: Buffer }>>();
  readonly objects = new Map<string, Buffer>();
  aborted = 0;

  readonly reply = ({ method, url, body }: Arrival): Reply => {
    const { pathname, searchParams: query } = new URL(url, 'http://s3');
    const key = pathname.slice(BUCKET.length + 2);
    if (method === 'POST' && query.has('uploads')) {
      const id = `an upload+${this.uploads.size}/=`;
      this.uploads.set(id, new Map());
      return { status: 200, body: `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>` };
    }
    if (!query.has('uploadId')) {
      this.objects.set(key, body);
      return OK;
    }
    const id = query.get('uploadId')!;
    const parts = this.uploads.get(id);
    if (!parts) return refusal(404, 'NoSuchUpload');
    if (method === 'PUT') {
      const etag = `"${hash('md5', body)}"`;
      parts.set(Number(query.get('partNumber')), { etag, body });
      return { status: 200, headers: { etag } };
    }
    this.uploads.delete(id);
    if (method === 'DELETE') {
      this.aborted++;
      return { status: 204 };
    }
    const listed = [...body.toString().matchAll(/<Part><PartNumber>(\d+)<\/PartNumber><ETag>([^<]*)<\/ETag><\/Part>/g)];
    assert.equal(listed.length, parts.size);
    listed.forEach(([, number, etag], i) => {
      assert.equal(Number(number), i + 1);
      assert.equal(etag, parts.get(i + 1)!.etag);
      assert.ok(i === listed.length - 1 || parts.get(i + 1)!.body.length >= 5 * MIB);
    });
    this.objects.set(key, Buffer.concat(listed.map(([, number]) => parts.get(Number(number))!.body)));
    return { status: 200, body: '<CompleteMultipartUploadResult/>' };
  };
}

describe('uploading piece by piece', () => {
  let s3: LoopbackS3;
  let store: Multipart;
  let putter: Putter;
  let upload: Upload;
  beforeEach(async () => {
    s3 = await LoopbackS3.start();
    store = new Multipart();
    s3.reply = store.reply;
    putter = putterTo(s3, { bytesInFlight: 16 * MIB });
    upload = new Upload(putter, KEY, 'application/zip');
  });
  afterEach(async () => {
    await putter.stop();
    await s3.stop();
  });

  /** Writes pieces of odd sizes out of one buffer that is used again and again. */
  async function write(bytes: number): Promise<Buffer> {
    const whole = Buffer.alloc(bytes, 'the messages of a shard, one after another; ');
    const piece = Buffer.alloc(300_007);
    for (let at = 0; at < bytes; at += piece.length) {
      const size = whole.copy(piece, 0, at);
      upload.write(piece.subarray(0, size));
      piece.fill(0);
      if (at % 7 === 0) await upload.drain();
    }
    return whole;
  }

  it('puts what is small at once, with its checksum', async () => {
    const whole = await write(MIB);
    assert.equal(await upload.end(), hash('sha256', whole));
    assert.deepEqual(store.objects.get(KEY), whole);
    const [{ headers, method }] = s3.arrivals as [Arrival];
    assert.deepEqual([s3.arrivals.length, method, headers['content-type']], [1, 'PUT', 'application/zip']);
    assert.equal(headers['x-amz-checksum-sha256'], hash('sha256', whole, 'base64'));
  });

  it('puts an object of no bytes', async () => {
    assert.equal(await upload.end(), hash('sha256', ''));
    assert.equal(store.objects.get(KEY)!.length, 0);
  });

  it('puts what is large in parts, in their order', async () => {
    const whole = await write(30 * MIB);
    assert.equal(await upload.end(), hash('sha256', whole));
    assert.ok(store.objects.get(KEY)!.equals(whole));
    assert.equal(store.uploads.size, 0);
    assert.equal(s3.arrivals[0]!.headers['content-type'], 'application/zip');
    assert.equal(putter.stats.puts, 4);
    assert.equal(putter.stats.bytes, whole.length);
  });

  for (const seed of [1, 2, 3, 4])
    it(`does so though S3 throttles and answers get lost (seed ${seed})`, async () => {
      const random = seeded(seed);
      s3.reply = (arrival) => {
        const luck = random();
        if (luck < 0.2) return SLOW_DOWN;
        const reply = store.reply(arrival);
        return luck < 0.5 ? 'reset' : reply; // it was carried out all the same
      };
      const whole = await write(20 * MIB);
      await upload.end();
      assert.ok(store.objects.get(KEY)!.equals(whole));
    });

  it('does not take an upload that is gone for one that is complete', async () => {
    await write(9 * MIB);
    await s3.arrived(2);
    s3.reply = ({ method }) => (method === 'POST' ? refusal(404, 'NoSuchUpload') : OK);
    await assert.rejects(upload.end(), (error) => error instanceof EngineError && error.message.includes('NoSuchUpload'));
  });

  it('believes no success that holds an error', async () => {
    await write(9 * MIB);
    let told = 0;
    s3.reply = (arrival) => {
      if (arrival.body.includes('<CompleteMultipartUpload') && told++ === 0)
        return { ...(refusal(200, 'InternalError') as object), status: 200 };
      return store.reply(arrival);
    };
    await upload.end();
    assert.equal(told, 2);
    assert.equal(store.objects.get(KEY)!.length, 9 * MIB);
  });

  it('takes back what is abandoned, after the parts that are on their way', async () => {
    const part = Promise.withResolvers<undefined>();
    s3.reply = async (arrival) => {
      if (arrival.url.includes('partNumber')) await part.promise;
      return store.reply(arrival);
    };
    await write(9 * MIB);
    const abandoned = upload.abandon();
    await s3.arrived(2);
    part.resolve(undefined);
    await abandoned;
    assert.deepEqual(
      s3.arrivals.map(({ method }) => method),
      ['POST', 'PUT', 'DELETE'],
    );
    assert.deepEqual([store.aborted, store.uploads.size, store.objects.size], [1, 0, 0]);
  });

  it('takes it back after a put has failed, too', async () => {
    s3.reply = (arrival) => (arrival.url.includes('partNumber') ? refusal(403, 'AccessDenied') : store.reply(arrival));
    const denied = (error: unknown): boolean => error instanceof EngineError && error.code === 'DENIED' && error.message.includes(KEY);
    upload.write(Buffer.alloc(9 * MIB));
    await assert.rejects(upload.end(), denied);
    await assert.rejects(upload.drain(), denied);
    await upload.abandon();
    assert.deepEqual([store.aborted, store.uploads.size], [1, 0]);
  });

  it('abandons nothing where nothing was begun', async () => {
    upload.write(Buffer.alloc(1000));
    await upload.abandon();
    assert.equal(s3.arrivals.length, 0);
  });

  it('says so where S3 cannot begin one', async () => {
    s3.reply = () => refusal(403, 'AccessDenied');
    upload.write(Buffer.alloc(9 * MIB));
    await assert.rejects(upload.end(), (error) => error instanceof EngineError && error.message.includes('s3:PutObject'));
    await upload.abandon();
  });

  it('ends with the putter', async () => {
    s3.reply = (arrival) => (arrival.url.includes('partNumber') ? 'nothing' : store.reply(arrival));
    upload.write(Buffer.alloc(9 * MIB));
    const ended = assert.rejects(upload.end(), { name: 'AbortError' });
    await s3.arrived(2);
    await putter.stop();
    await ended;
    await upload.abandon();
    assert.equal(s3.arrivals.length, 2);
  });
});
