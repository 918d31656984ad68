import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Answer } from '../../src/job/calls.ts';
import { bodyOf } from './emulator/protocols.ts';

/** What the tests of the client of AWS need: a loopback server that answers as the services do, and a home of its own. */

export interface Received {
  readonly service: string;
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** Of the credentials it is signed with. */
  readonly accessKeyId: string | undefined;
}

export interface Answered {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: string | Uint8Array;
  /** The connection breaks off after so many bytes of the body. */
  readonly cutAt?: number;
}

/** S3 and Lambda as far as a client needs them; any other answer can be put in their place. */
export class FakeAws {
  readonly objects = new Map<string, Uint8Array>();
  readonly received: Received[] = [];
  /** Looked at first; undefined lets the usual answer through. */
  before: (request: Received) => Answered | undefined | Promise<Answered | undefined> = () => undefined;
  /** What the coordinator answers to a call. */
  coordinator: (call: Record<string, unknown>) => Answer<unknown> = () => ({ ok: false, error: { code: 'INTERNAL', message: 'unasked' } });
  private readonly server: Server;

  constructor() {
    this.server = createServer((request, response) => void this.answer(request, response));
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  put(key: string, value: unknown): void {
    this.objects.set(key, value instanceof Uint8Array ? value : Buffer.from(JSON.stringify(value)));
  }

  /** Keys of the objects that were asked for, in order. */
  get keys(): string[] {
    return this.received.filter(({ service }) => service === 's3').map(({ path }) => path.slice(1));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const scope = /Credential=([^/]+)\/\d+\/[^/]+\/([^/]+)\//.exec(request.headers.authorization ?? '');
    const received: Received = {
      service: scope?.[2] ?? 'unsigned',
      accessKeyId: scope?.[1],
      method: request.method!,
      path: decodeURIComponent(request.url!.split('?')[0]!),
      headers: request.headers,
      body: (await bodyOf(request)).toString('utf8'),
    };
    this.received.push(received);
    const { status = 200, headers = {}, body = '', cutAt } = (await this.before(received)) ?? this.usual(received);
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    response.writeHead(status, { ...headers, ...(status !== 304 && { 'content-length': bytes.length }) });
    if (cutAt === undefined) response.end(bytes);
    else response.write(bytes.subarray(0, cutAt), () => request.socket.destroy());
  }

  private usual({ service, path, headers, body }: Received): Answered {
    if (service === 'lambda') return { body: JSON.stringify(this.coordinator(JSON.parse(body) as Record<string, unknown>)) };
    const object = this.objects.get(path.slice(1));
    if (!object) return s3Error(403, 'AccessDenied', 'Access Denied');
    const etag = `"${createHash('md5').update(object).digest('hex')}"`;
    if (headers['if-none-match'] === etag) return { status: 304, headers: { etag } };
    const range = /bytes=(\d+)-(\d+)/.exec(headers.range ?? '');
    if (!range) return { headers: { etag }, body: object };
    const [from, to] = [Number(range[1]), Math.min(Number(range[2]), object.length - 1)];
    if (from >= object.length) return s3Error(416, 'InvalidRange', 'The requested range is not satisfiable');
    return {
      status: 206,
      headers: { etag, 'content-range': `bytes ${from}-${to}/${object.length}` },
      body: object.subarray(from, to + 1),
    };
  }
}

/** An error as S3 words it. */
export const s3Error = (status: number, code: string, message: string): Answered => ({
  status,
  headers: { 'content-type': 'application/xml' },
  body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>`,
});

/** An error as Lambda words it (REST, JSON). */
export const lambdaError = (status: number, type: string, message: string): Answered => ({
  status,
  headers: { 'content-type': 'application/json', 'x-amzn-errortype': `${type}:http://internal.amazon.com/coral/` },
  body: JSON.stringify({ Type: 'User', Message: message, message }),
});

/** An error as STS words it (query, XML). */
export const stsError = (status: number, code: string, message: string): Answered => ({
  status,
  headers: { 'content-type': 'text/xml' },
  body: `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>1</RequestId></ErrorResponse>`,
});

/** The role was taken on. */
export const assumed = (accessKeyId: string): Answered => ({
  headers: { 'content-type': 'text/xml' },
  body: `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><AssumedRoleUser><AssumedRoleId>A:b</AssumedRoleId><Arn>arn:aws:sts::123456789012:assumed-role/r/b</Arn></AssumedRoleUser><Credentials><AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`,
});

/** A home of a user without anything of AWS in it or in the environment, until `restore`. */
export class Home {
  readonly path = mkdtempSync(join(tmpdir(), 'mailwright-home-'));
  private readonly before = { ...process.env };

  constructor() {
    for (const name of Object.keys(process.env)) if (/^AWS_|_PROXY$/i.test(name)) Reflect.deleteProperty(process.env, name);
    Object.assign(process.env, { HOME: this.path, AWS_EC2_METADATA_DISABLED: 'true' });
  }

  /** Writes ~/.aws/config. */
  config(text: string): void {
    this.file('.aws/config', text);
  }

  file(name: string, text: string): void {
    mkdirSync(dirname(join(this.path, name)), { recursive: true });
    writeFileSync(join(this.path, name), text);
  }

  restore(): void {
    for (const name of Object.keys(process.env)) if (!(name in this.before)) Reflect.deleteProperty(process.env, name);
    Object.assign(process.env, this.before);
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Profile "user", with keys, in Ireland. */
export const USER = '[profile user]\nregion = eu-west-1\naws_access_key_id = AKIAUSER\naws_secret_access_key = hidden-secret\n';

/** How something went wrong. */
export async function failureOf(promise: Promise<unknown>): Promise<Error & { readonly code?: string }> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error('it did not fail');
}
