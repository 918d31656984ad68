import { fork } from 'node:child_process';
import { hash } from 'node:crypto';
import { once } from 'node:events';
import { Agent, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { Putter } from '../../src/engine/aws/put/putter.ts';
import type { Figures } from './cases.ts';
import { inTurns } from './turns.ts';

/**
 * `node test/bench/put.ts`: what a put costs its sender, against the SDK's PutObject. Both sides send the same bodies to the
 * same server over plain HTTP: key, headers, signature, and SHA-256 of the body included. The server is a process of its own, and so is each
 * side in each of its turns.
 */

const WARM_MS = 3000;
const MEASURED_MS = 3000;
const BODY = 5 << 10;
const BUCKET = 'mailwright-bench';
const REGION = 'eu-west-1';
/** Of the length of a Lambda's. */
const CREDENTIALS = { accessKeyId: 'ASIABENCHBENCHBENCHB', secretAccessKey: 'b'.repeat(40), sessionToken: 't'.repeat(700) };

type Send = (key: string, body: Uint8Array) => Promise<unknown>;

/** The sides: what sends one, and how many callers it takes to keep it busy. */
const SIDES: Readonly<Record<string, (endpoint: string) => { readonly send: Send; readonly callers: number }>> = {
  ours(endpoint) {
    const putter = new Putter({ bucket: BUCKET, region: REGION, endpoint, credentials: () => Promise.resolve(CREDENTIALS) });
    return { callers: 1, send: (key, body) => putter.put({ key, body, sha256: hash('sha256', body), contentType: 'message/rfc822' }) };
  },

  sdk(endpoint) {
    const callers = 64; // 16 and 256 cost the same
    const requestHandler = { httpAgent: new Agent({ keepAlive: true, maxSockets: callers }) };
    const s3 = new S3Client({ region: REGION, endpoint, forcePathStyle: true, credentials: CREDENTIALS, requestHandler });
    const send: Send = (Key, Body) => {
      const ChecksumSHA256 = hash('sha256', Body, 'base64');
      return s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body, ContentType: 'message/rfc822', ChecksumSHA256 }));
    };
    return { callers, send };
  },
};

/** Puts by one side, from this process: a second, microseconds of its CPU for each, and a second of CPU. */
async function measure(side: string, endpoint: string): Promise<Figures> {
  const { send, callers } = SIDES[side]!(endpoint);
  const ids = Array.from({ length: 4096 }, (_, i) => hash('sha256', `${i}`).slice(0, 26));
  const bodies = Array.from({ length: 64 }, (_, i) => Buffer.alloc(BODY, `${i} `));
  let sent = 0;
  const sendFor = async (ms: number): Promise<void> => {
    const end = performance.now() + ms;
    const caller = async (): Promise<void> => {
      while (performance.now() < end) {
        const id = ids[sent % ids.length]!;
        await send(`corpora/01JQ8ZW3V5T7Y9B1D3F5H7K9MN/messages/${id.slice(0, 2)}/${id}.eml`, bodies[sent++ % bodies.length]!);
      }
    };
    await Promise.all(Array.from({ length: callers }, caller));
  };
  await sendFor(WARM_MS);
  sent = 0;
  const before = process.cpuUsage();
  await sendFor(MEASURED_MS);
  const { user, system } = process.cpuUsage(before);
  return { perSecond: (sent * 1000) / MEASURED_MS, cpu: (user + system) / sent, perCore: (sent * 1e6) / (user + system) };
}

/** Answers as S3 does, and keeps nothing. */
function serve(): void {
  const headers = {
    'content-length': '0',
    etag: '"d41d8cd98f00b204e9800998ecf8427e"',
    server: 'AmazonS3',
    'x-amz-checksum-sha256': '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=',
    'x-amz-id-2': 'i'.repeat(76),
    'x-amz-request-id': 'REQUESTREQUEST00',
    'x-amz-server-side-encryption': 'AES256',
  };
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    request.resume().on('end', () => response.writeHead(200, headers).end());
  });
  server.listen(0, '127.0.0.1', () => process.send!((server.address() as AddressInfo).port));
  process.once('disconnect', () => process.exit());
}

/** Both sides in turn: the median of each figure, and the median of the ratios of puts a second of CPU. */
export async function comparePuts(): Promise<{ ours: Figures; sdk: Figures; ratio: number }> {
  const server = fork(import.meta.filename, ['server']);
  try {
    const [port] = (await once(server, 'message')) as [number];
    const side = (name: string): string[] => [import.meta.filename, name, `http://127.0.0.1:${port}`];
    const { a: ours, b: sdk, ratio } = await inTurns(side('ours'), side('sdk'), 'perCore');
    return { ours, sdk, ratio };
  } finally {
    server.disconnect();
  }
}

/** The comparison in lines to print. */
export function putLines({ ours, sdk, ratio }: Awaited<ReturnType<typeof comparePuts>>): string[] {
  const line = (name: string, { perCore, cpu }: Figures): string =>
    `  ${name.padEnd(36)}${Math.round(perCore!).toLocaleString('en')}/s a core, ${Math.round(cpu!).toLocaleString('en')} µs of CPU each`;
  return [
    `Puts of ${BODY.toLocaleString('en')} bytes over HTTP: key, headers, signature and SHA-256 included`,
    line('Mailwright', ours),
    line('PutObject of the AWS SDK', sdk),
    `  ${'ratio'.padEnd(36)}${ratio.toFixed(1)} ×`,
  ];
}

if (process.argv[1] === import.meta.filename) {
  const [side, endpoint] = process.argv.slice(2);
  if (side === 'server') serve();
  else if (side === undefined) process.stdout.write(putLines(await comparePuts()).join('\n') + '\n');
  else {
    process.stdout.write(JSON.stringify(await measure(side, endpoint!)));
    process.exit();
  }
}
