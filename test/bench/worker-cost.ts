import { hash } from 'node:crypto';
import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GENERATOR_VERSION } from '../../src/corpus/version.ts';
import { Archive } from '../../src/engine/archive.ts';
import { Putter } from '../../src/engine/aws/put/putter.ts';
import { loadPacks } from '../../src/engine/packs.ts';
import { ShardMaker } from '../../src/engine/shard.ts';
import { sha256Of } from '../../src/job/digest.ts';
import { planOf } from '../../src/job/plan.ts';
import { parseSpec } from '../../src/job/spec.ts';

/**
 * `node test/bench/worker-cost.ts`: what a message costs a worker of the cloud, in seconds of a processor: what MEASURED of
 * src/job/prices.ts says. Each figure is made at two sizes, which gives what a message costs and what a byte of it costs.
 * Puts go over TLS to a server in a process of its own, whose work is not counted; it needs the command `openssl`.
 */

const PACKS = fileURLToPath(new URL('../../dist/packs', import.meta.url));
const ROUNDS = 9;
/** Job specs of short messages, and of those that are usual. */
const SHORT = { traffic: { overrides: { length: 50 } }, content: { html: 0, attachments: 0 } };
const USUAL = {};

/** Other work on the machine only adds. */
const best = (rounds: readonly number[]): number => Math.min(...rounds);

/** Seconds of a processor that a piece of work takes, its threads included. */
async function seconds(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

interface Figure {
  readonly bytes: number;
  readonly seconds: number;
}

/** A line through two sizes: seconds a piece, seconds a byte. */
function line(small: Figure, large: Figure): { readonly piece: number; readonly byte: number } {
  const byte = (large.seconds - small.seconds) / (large.bytes - small.bytes);
  return { piece: small.seconds - byte * small.bytes, byte };
}

async function measure(): Promise<void> {
  process.stdout.write(`Node ${process.versions.node}, ${cpus().length} processors (${cpus()[0]?.model ?? 'unknown'})\n`);
  for (const layout of ['eml', 'zip', 'mbox'] as const) {
    const [short, usual] = [await making(layout, SHORT), await making(layout, USUAL)];
    report(`make ${layout}`, short, usual);
    process.stdout.write(`  ${usual.kept.toFixed(3)} bytes are left of one; ${usual.begin.toFixed(2)} s to begin\n`);
  }
  const folder = mkdtempSync(join(tmpdir(), 'mailwright-cost-'));
  try {
    certify(folder);
    const [small, large] = (await putting(folder)) as [Figure, Figure];
    report('put', small, large);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function report(name: string, small: Figure, large: Figure): void {
  const { piece, byte } = line(small, large);
  process.stdout.write(
    `${name.padEnd(10)} ${(small.seconds * 1e6).toFixed(1)} µs at ${Math.round(small.bytes)} bytes, ${(large.seconds * 1e6).toFixed(1)} µs at ${Math.round(large.bytes)}: ` +
      `${(piece * 1e6).toFixed(1)} µs each and ${(byte * 1e9).toFixed(2)} ns a byte\n`,
  );
}

/** A message of a spec: made, hashed, its truth told, and copied or put into an archive. */
async function making(layout: 'eml' | 'zip' | 'mbox', input: object): Promise<Figure & { readonly kept: number; readonly begin: number }> {
  const spec = parseSpec({ messages: 1_000_000, ...input, delivery: { layout } });
  const { packs, records } = loadPacks(spec, PACKS, '.');
  const plan = planOf(spec);
  let maker!: ShardMaker;
  const begin = await seconds(() => {
    const record = { job: '', created: '', generator: GENERATOR_VERSION, content: '', spec, packs: records, plan };
    maker = new ShardMaker(record, packs);
  });
  let written = 0;
  const write = (bytes: Uint8Array): void => {
    hash('sha256', bytes, 'hex'); // of the part, and of the whole
    hash('sha256', bytes, 'hex');
    written += bytes.length;
  };
  const sum = { messages: 0, bytes: 0 };
  const rounds: number[] = [];
  for (let round = -1; round < ROUNDS; round++) {
    const archive = layout === 'eml' ? undefined : new Archive(layout, write);
    const made = { messages: 0, bytes: 0 };
    const took = await seconds(() => {
      const shard = maker.make(((round + 1) * 31) % plan.shards, ({ id, bytes, letter: { turn } }) => {
        if (archive) archive.put(id, bytes, turn.instant, turn.author.address);
        else written += Uint8Array.from(bytes).length;
      });
      for (const block of shard) {
        made.messages += block.messages;
        made.bytes += block.bytes;
      }
      archive?.end();
    });
    sum.messages += made.messages;
    sum.bytes += made.bytes;
    if (round >= 0) rounds.push(took / made.messages);
  }
  return { bytes: sum.bytes / sum.messages, seconds: best(rounds), kept: written / sum.bytes, begin };
}

function certify(folder: string): void {
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '1',
      '-subj',
      '/CN=127.0.0.1',
      '-addext',
      'subjectAltName=IP:127.0.0.1',
    ].concat(['-keyout', key, '-out', certificate]),
    { stdio: 'ignore' },
  );
}

const answer = <T>(child: ChildProcess): Promise<T> =>
  new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as T));
    child.once('exit', (code) => reject(new Error(`the process of a measurement ended with ${code}`)));
  });

/** Puts of two sizes, in a process that trusts the server's certificate. */
async function putting(folder: string): Promise<Figure[]> {
  const program = fileURLToPath(import.meta.url);
  const server = fork(program, ['serve', folder]);
  try {
    const port = await answer<number>(server);
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: join(folder, 'certificate.pem') };
    return await answer<Figure[]>(fork(program, ['put', String(port)], { env }));
  } finally {
    server.kill();
  }
}

/** Takes whatever is put, and keeps nothing. */
function serve(folder: string): void {
  const server = createServer(
    { key: readFileSync(join(folder, 'key.pem')), cert: readFileSync(join(folder, 'certificate.pem')) },
    (request, response) => {
      request.resume().once('end', () => response.writeHead(200, { etag: '"0"' }).end());
    },
  );
  server.listen(0, '127.0.0.1', () => process.send!((server.address() as { port: number }).port));
}

async function put(port: number): Promise<void> {
  const putter = new Putter({
    bucket: 'bucket',
    region: 'us-east-1',
    endpoint: `https://127.0.0.1:${port}`,
    credentials: async () => ({ accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example', sessionToken: 'x'.repeat(800) }),
  });
  const figures: Figure[] = [];
  for (const [bytes, count] of [
    [4_096, 4_000],
    [65_536, 1_000],
  ] as const) {
    const body = Buffer.alloc(bytes, 'mail ');
    const sha256 = sha256Of(body);
    const rounds: number[] = [];
    for (let round = -1; round < ROUNDS; round++) {
      const took = await seconds(async () => {
        for (let i = 0; i < count; i++)
          await putter.put({ key: `corpora/01M857KJV0Q7NEKQQ6Y7WW07P5/messages/00/${i}.eml`, body, sha256, contentType: 'message/rfc822' });
        await putter.drain();
      });
      if (round >= 0) rounds.push(took / count);
    }
    figures.push({ bytes, seconds: best(rounds) });
  }
  await putter.close();
  process.send!(figures);
  process.disconnect();
}

const [role, ...rest] = process.argv.slice(2);
if (role === 'serve') serve(rest[0]!);
else if (role === 'put') await put(Number(rest[0]));
else await measure();
