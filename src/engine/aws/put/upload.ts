import { createHash, hash } from 'node:crypto';
import { EngineError } from '../../error.ts';
import { type Answer, headerOf, type Request } from './exchange.ts';
import type { Putter } from './putter.ts';
import { encodePart } from './sign.ts';

/** Bytes of a part, or more. S3 takes parts from 5 MiB, and 10,000 of them. */
const PART = 8 << 20;

/** An object written piece by piece: in parts where it is large, else with one put. */
export class Upload {
  private readonly putter: Putter;
  private readonly key: string;
  private readonly contentType: string;
  private readonly digest = createHash('sha256');
  /** Of the part that is being filled. */
  private pieces: Buffer[] = [];
  private length = 0;
  /** The query that names the upload, once a part was full. */
  private upload: Promise<string> | undefined;
  /** The parts as completing lists them. */
  private readonly parts: Promise<string>[] = [];

  constructor(putter: Putter, key: string, contentType: string) {
    this.putter = putter;
    this.key = key;
    this.contentType = contentType;
  }

  /** Takes a copy. */
  write(bytes: Uint8Array): void {
    this.digest.update(bytes);
    this.pieces.push(Buffer.from(bytes));
    this.length += bytes.length;
    if (this.length >= PART) this.endPart();
  }

  /** Resolves once there is room for more in flight; rejects where a part or any put has failed. */
  async drain(): Promise<void> {
    await this.upload;
    await this.putter.room();
  }

  /** Resolves once all of it is there, with its SHA-256 in hex. */
  async end(): Promise<string> {
    const sha256 = this.digest.digest('hex');
    if (this.upload === undefined) {
      await this.request({ method: 'PUT', body: this.take(), sha256, checksum: true });
      return sha256;
    }
    if (this.length > 0) this.endPart();
    const parts = (await Promise.all(this.parts)).join('');
    await this.request({
      method: 'POST',
      query: await this.upload,
      contentType: 'application/xml',
      body: Buffer.from(`<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${parts}</CompleteMultipartUpload>`),
      // A complete upload is forgotten: where the answer to that was lost, the next try finds none.
      done: (code, lost) => code === 'NoSuchUpload' && lost,
    });
    return sha256;
  }

  /** Takes back what is in the bucket. What it cannot, the bucket's lifecycle does: there is an error on its way already. */
  async abandon(): Promise<void> {
    this.take();
    await Promise.allSettled(this.parts); // one that arrived later would stay
    await this.upload?.then((query) => this.request({ method: 'DELETE', query, done: (code) => code === 'NoSuchUpload' })).catch(() => {});
  }

  private endPart(): void {
    const number = this.parts.length + 1;
    const body = this.take();
    this.upload ??= this.begin();
    const part = this.upload.then(async (upload) => {
      const answer = await this.request({ method: 'PUT', query: `partNumber=${number}&${upload}`, body });
      return `<Part><PartNumber>${number}</PartNumber><ETag>${this.given('an ETag', headerOf(answer, 'etag'))}</ETag></Part>`;
    });
    part.catch(() => {}); // `drain` and `end` tell
    this.parts.push(part);
  }

  private async begin(): Promise<string> {
    const { text } = await this.request({ method: 'POST', query: 'uploads=' });
    return `uploadId=${encodePart(this.given('an upload', /<UploadId>([^<]+)/.exec(text)?.[1]))}`;
  }

  private request(request: Pick<Request, 'method'> & Partial<Request>): Promise<Answer> {
    const body = request.body ?? Buffer.alloc(0);
    const { key, contentType } = this;
    const sha256 = request.sha256 ?? hash('sha256', body);
    return this.putter.request({ key, query: '', contentType, checksum: false, ...request, body, sha256 });
  }

  private given(what: string, value: string | undefined): string {
    if (value === undefined) throw new EngineError('STORAGE', `${this.key}: S3 answers without ${what}: not an S3 that takes parts`);
    return value;
  }

  private take(): Buffer {
    const body = Buffer.concat(this.pieces);
    this.pieces = [];
    this.length = 0;
    return body;
  }
}
