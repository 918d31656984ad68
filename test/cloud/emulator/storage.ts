import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { crc32 } from 'node:zlib';
import { buildApp } from 'fauxqs';
import type { Access } from './access.ts';
import { AwsError } from './aws-error.ts';
import type { Caller } from './callers.ts';
import { decodeAwsChunked, newMessage, publish, type Queue, SnsStore, SqsStore, storesFor } from './fauxqs.ts';
import type { Journal, Write } from './journal.ts';
import { escapeXml, s3ErrorXml, sendError, unescapeXml, xmlOf } from './protocols.ts';
import { objectOf, s3Request, SETTINGS, type S3Request } from './s3-requests.ts';
import { StrictStore } from './strict-store.ts';

/**
 * S3, SQS and SNS: fauxqs in this process, with what it lacks: who may do what, conditional writes, digests that are
 * checked, listings in order (see strict-store.ts), and 501 for what it would misread.
 */

/** S3 takes 5 GB in one request; this is what a test may need of it. */
const LARGEST_BODY = 256 * 1024 * 1024;

type Call = { readonly caller: Caller; readonly service: 's3' | 'sqs' | 'sns' };
type FastifyRequest = {
  readonly raw: IncomingMessage;
  readonly body: unknown;
  readonly params: unknown;
  readonly query: unknown;
  readonly headers: IncomingMessage['headers'];
};
type FastifyReply = {
  code(status: number): FastifyReply;
  header(name: string, value: string): FastifyReply;
  send(body?: unknown): unknown;
};

export class Storage {
  readonly objects = new StrictStore();
  readonly queues = new SqsStore();
  readonly topics = new SnsStore();
  private readonly app: ReturnType<typeof buildApp>;
  private readonly access: Access;
  private readonly journal: Journal;
  private readonly region: string;
  private readonly account: string;
  private readonly calls = new WeakMap<IncomingMessage, Call>();
  private readonly writing = new WeakMap<IncomingMessage, Write>();
  /** Settings of buckets that are kept and given back, and change nothing: "bucket?setting" → its XML. */
  private readonly settings = new Map<string, Buffer>();

  constructor(access: Access, journal: Journal, region: string, account: string) {
    this.access = access;
    this.journal = journal;
    this.region = region;
    this.account = account;
    this.app = buildApp({ logger: false, defaultRegion: region, stores: storesFor(this.objects, this.queues, this.topics) });
    this.app.removeContentTypeParser('*');
    this.app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: LARGEST_BODY }, (_request, body, done) => done(null, body));
    // From this hook to the end of fauxqs's own handler nothing waits: what is checked here still holds there.
    this.app.addHook('preHandler', (request, reply, done) => {
      const call = this.calls.get(request.raw)!;
      try {
        if (call.service === 's3' ? this.s3(request, reply, call.caller) : this.messaging(request, call)) return;
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        const write = this.writing.get(request.raw);
        if (write) write.status = error.status;
        if (call.service === 's3') {
          reply.code(error.status).header('content-type', 'application/xml');
          return void reply.send(request.method === 'HEAD' ? undefined : s3ErrorXml(error));
        }
        reply.hijack();
        return sendError(reply.raw, call.service === 'sqs' ? 'json' : 'query', error);
      }
      done();
    });
    this.app.addHook('onSend', (request, reply, _payload, done) => {
      const write = this.writing.get(request.raw);
      if (write) write.status = reply.statusCode;
      done();
    });
  }

  async ready(): Promise<void> {
    await this.app.ready();
  }

  async stop(): Promise<void> {
    await this.app.close();
  }

  handle(request: IncomingMessage, response: ServerResponse, call: Call): void {
    this.calls.set(request, call);
    this.app.routing(request, response);
  }

  /** Gives SNS a message, as a state machine does without a request of its own. */
  publish(
    caller: Caller,
    topic: string,
    subject: string | undefined,
    message: string,
    attributes: Readonly<Record<string, string>>,
  ): string {
    this.access.check(caller, 'sns:Publish', topic);
    if (!this.topics.getTopic(topic)) throw new AwsError(404, 'NotFound', 'Topic does not exist');
    const entries = Object.entries(attributes).flatMap(([name, value], i) => [
      [`MessageAttributes.entry.${i + 1}.Name`, name],
      [`MessageAttributes.entry.${i + 1}.Value.DataType`, 'String'],
      [`MessageAttributes.entry.${i + 1}.Value.StringValue`, value],
    ]);
    const parameters = { TopicArn: topic, Message: message, ...(subject && { Subject: subject }), ...Object.fromEntries(entries) };
    const xml = publish(parameters, this.topics, this.queues);
    this.note(caller, parameters);
    return /<MessageId>(.*?)<\/MessageId>/.exec(xml)![1]!;
  }

  send(queue: Queue, body: string): void {
    queue.enqueue(newMessage(body));
  }

  /** A request that never got to S3: a refusal by a fault. */
  refused(request: IncomingMessage, caller: Caller, status: number): void {
    const { bucket, key } = objectOf(request.url!);
    if (key !== '' && request.method !== 'GET' && request.method !== 'HEAD') this.record(request, caller, bucket, key).status = status;
  }

  /** Answers true where it has answered the request itself. */
  private s3(request: FastifyRequest, reply: FastifyReply, caller: Caller): boolean {
    const { bucket = '', '*': key = '' } = request.params as { bucket?: string; '*'?: string };
    const query = request.query as Record<string, string>;
    const wanted = s3Request(request.raw.method!, bucket, key, query, request.headers);
    if (wanted.writes) this.record(request.raw, caller, bucket, key);
    if (wanted.action === 'deleteObjects') return this.deleteObjects(request, reply, caller, bucket);
    this.access.check(caller, wanted.action, wanted.resource, wanted.keys);
    if (wanted.copies) this.access.check(caller, 's3:GetObject', wanted.copies);
    if (wanted.setting) return this.setting(request, reply, bucket, wanted.setting);
    if (wanted.action === 's3:ListBucketMultipartUploads') return this.listUploads(reply, bucket, query['prefix'] ?? '');
    if (key !== '') this.checkObject(request, caller, wanted, bucket, key, query);
    return false;
  }

  private record(request: IncomingMessage, caller: Caller, bucket: string, key: string): Write {
    const conditional = (['if-match', 'if-none-match'] as const).find((header) => request.headers[header] !== undefined);
    const write = this.journal.write({ principal: caller.principal, method: request.method!, bucket, key, conditional, status: 0 });
    this.writing.set(request, write);
    return write;
  }

  private checkObject(
    request: FastifyRequest,
    caller: Caller,
    wanted: S3Request,
    bucket: string,
    key: string,
    query: Readonly<Record<string, string>>,
  ): void {
    const object = this.objects.buckets.get(bucket)?.get(key);
    // S3 says that a key is absent only to who may list the bucket. A condition on s3:prefix is not met here, for a
    // request for an object has no such key.
    if (wanted.reads && !object && this.objects.buckets.has(bucket)) {
      const arn = `arn:aws:s3:::${bucket}`;
      if (!this.access.allows(caller, 's3:ListBucket', arn)) throw this.access.denied(caller, 's3:ListBucket', arn);
    }
    if (!wanted.writes) return;
    const { headers } = request;
    if (wanted.completes) {
      const match = headers['if-match'];
      const noneMatch = headers['if-none-match'];
      if (noneMatch !== undefined && noneMatch !== '*') throw new AwsError(501, 'NotImplemented', 'If-None-Match takes only *');
      if (match !== undefined && !object) throw new AwsError(404, 'NoSuchKey', 'The specified key does not exist.');
      if ((noneMatch === '*' && object) || (match !== undefined && match.replaceAll('"', '') !== object!.etag.replaceAll('"', '')))
        throw new AwsError(412, 'PreconditionFailed', 'At least one of the pre-conditions you specified did not hold');
    }
    if (request.raw.method === 'PUT' && !wanted.copies) checkDigests(headers, (request.body as Buffer | undefined) ?? Buffer.alloc(0));
    if (query['uploadId'] !== undefined && this.objects.multipartUploads.get(query['uploadId'])?.key !== key)
      throw new AwsError(404, 'NoSuchUpload', 'The specified multipart upload does not exist.');
  }

  /** Each key is allowed, and answered, by itself. */
  private deleteObjects(request: FastifyRequest, reply: FastifyReply, caller: Caller, bucket: string): true {
    if (!this.objects.buckets.has(bucket)) throw new AwsError(404, 'NoSuchBucket', 'The specified bucket does not exist');
    const text = (request.body as Buffer).toString('utf8');
    const keys = [...text.matchAll(/<Key>([^]*?)<\/Key>/g)].map((match) => unescapeXml(match[1]!));
    if (keys.length > 1000) throw new AwsError(400, 'MalformedXML', 'The XML you provided was not well-formed or did not validate.');
    const quiet = /<Quiet>true<\/Quiet>/i.test(text);
    const answers = keys.map((key) => {
      const write = this.record(request.raw, caller, bucket, key);
      try {
        this.access.check(caller, 's3:DeleteObject', `arn:aws:s3:::${bucket}/${key}`);
      } catch (error) {
        write.status = 403;
        return `<Error><Key>${escapeXml(key)}</Key><Code>AccessDenied</Code><Message>${escapeXml((error as Error).message)}</Message></Error>`;
      }
      this.objects.deleteObject(bucket, key);
      write.status = 204;
      return quiet ? '' : `<Deleted><Key>${escapeXml(key)}</Key></Deleted>`;
    });
    this.writing.delete(request.raw);
    reply.code(200).header('content-type', 'application/xml');
    reply.send(`<?xml version="1.0" encoding="UTF-8"?><DeleteResult>${answers.join('')}</DeleteResult>`);
    return true;
  }

  private listUploads(reply: FastifyReply, bucket: string, prefix: string): true {
    const uploads = [...this.objects.multipartUploads].filter(([, upload]) => upload.bucket === bucket && upload.key.startsWith(prefix));
    const xml = uploads.map(([UploadId, { key }]) => `<Upload>${xmlOf({ Key: key, UploadId })}</Upload>`).join('');
    reply.code(200).header('content-type', 'application/xml');
    reply.send(`<ListMultipartUploadsResult><Bucket>${bucket}</Bucket><IsTruncated>false</IsTruncated>${xml}</ListMultipartUploadsResult>`);
    return true;
  }

  private setting(request: FastifyRequest, reply: FastifyReply, bucket: string, setting: string): true {
    if (!this.objects.buckets.has(bucket)) throw new AwsError(404, 'NoSuchBucket', 'The specified bucket does not exist');
    const name = `${bucket}?${setting}`;
    reply.header('content-type', 'application/xml');
    if (setting === 'location') {
      reply.send(`<LocationConstraint>${this.region === 'us-east-1' ? '' : this.region}</LocationConstraint>`);
    } else if (request.raw.method === 'GET') {
      const kept = this.settings.get(name);
      if (!kept) throw new AwsError(404, SETTINGS[setting]!, `The bucket has no ${setting}`);
      reply.send(kept);
    } else {
      if (request.raw.method === 'PUT') this.settings.set(name, request.body as Buffer);
      else this.settings.delete(name);
      reply.code(request.raw.method === 'PUT' ? 200 : 204).send();
    }
    return true;
  }

  private messaging(request: FastifyRequest, { caller, service }: Call): false {
    const body = request.body as Record<string, string>;
    if (service === 'sns') {
      const { Action = '', TopicArn = '*' } = body;
      this.access.check(caller, `sns:${Action}`, TopicArn);
      if (Action === 'Publish' && this.topics.getTopic(TopicArn)) this.note(caller, body);
      return false;
    }
    const action = String(request.headers['x-amz-target'])
      .replace('AmazonSQS.', '')
      .replace(/Batch$/, '');
    const name = body['QueueName'] ?? body['QueueUrl']?.split('/').at(-1) ?? '*';
    this.access.check(caller, `sqs:${action}`, `arn:aws:sqs:${this.region}:${this.account}:${name}`);
    return false;
  }

  /** Notes a message by the parameters of a Publish. */
  private note(caller: Caller, parameters: Readonly<Record<string, string>>): void {
    const attributes: Record<string, string> = {};
    for (let i = 1; parameters[`MessageAttributes.entry.${i}.Name`] !== undefined; i++)
      attributes[parameters[`MessageAttributes.entry.${i}.Name`]!] = parameters[`MessageAttributes.entry.${i}.Value.StringValue`] ?? '';
    this.journal.notifications.push({
      at: Date.now(),
      principal: caller.principal,
      topic: parameters['TopicArn']!,
      subject: parameters['Subject'],
      message: parameters['Message']!,
      attributes,
    });
  }
}

const DIGESTS: Readonly<Record<string, (body: Buffer) => string>> = {
  'content-md5': (body) => createHash('md5').update(body).digest('base64'),
  'x-amz-checksum-sha1': (body) => createHash('sha1').update(body).digest('base64'),
  'x-amz-checksum-sha256': (body) => createHash('sha256').update(body).digest('base64'),
  'x-amz-checksum-crc32': (body) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(crc32(body));
    return bytes.toString('base64');
  },
};

function checkDigests(headers: IncomingMessage['headers'], sent: Buffer): void {
  let body = sent;
  let given: Record<string, unknown> = headers;
  if (headers['content-encoding']?.includes('aws-chunked')) {
    const decoded = decodeAwsChunked(sent);
    body = decoded.body;
    given = { ...headers, ...decoded.trailers };
  }
  const signed = given['x-amz-content-sha256'];
  if (typeof signed === 'string' && /^[0-9a-f]{64}$/.test(signed) && signed !== createHash('sha256').update(sent).digest('hex'))
    throw new AwsError(400, 'XAmzContentSHA256Mismatch', "The provided 'x-amz-content-sha256' header does not match what was computed.");
  for (const header of Object.keys(given).filter((name) => name === 'content-md5' || name.startsWith('x-amz-checksum-'))) {
    if (header === 'x-amz-checksum-type' || header === 'x-amz-checksum-algorithm') continue;
    const digest = DIGESTS[header];
    if (!digest) throw new AwsError(501, 'NotImplemented', `${header}: the emulator cannot check it`);
    if (digest(body) !== given[header])
      throw new AwsError(400, 'BadDigest', `The ${header} you specified did not match the calculated checksum.`);
  }
}
