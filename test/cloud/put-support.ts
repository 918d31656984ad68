import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Putter, type PutterOptions } from '../../src/engine/aws/put/putter.ts';

/** What the tests of putting need: an S3 of a few lines, on loopback. */

export interface Arrival {
  readonly method: string;
  /** As it was sent: path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly socket: Socket;
}

/** `reset`: the connection is cut; `nothing`: no answer at all. */
export type Reply = { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string } | 'reset' | 'nothing';

export const OK: Reply = { status: 200, headers: { etag: '"etag"' } };
export const refusal = (status: number, code: string, rest = ''): Reply => ({
  status,
  body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>It is ${code}</Message>${rest}</Error>`,
});
export const SLOW_DOWN = refusal(503, 'SlowDown');

export class LoopbackS3 {
  readonly arrivals: Arrival[] = [];
  /** Says what each request is answered with. */
  reply: (arrival: Arrival) => Reply | Promise<Reply> = () => OK;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private seen: (() => void)[] = [];

  private constructor() {
    this.server = createServer((request, response) => {
      const pieces: Buffer[] = [];
      request.on('error', () => {}); // cut by the other side
      request.on('data', (piece: Buffer) => pieces.push(piece));
      request.on('end', () => {
        const { method, url, headers, socket } = request;
        void this.arrive({ method: method!, url: url!, headers, body: Buffer.concat(pieces), socket }, response);
      });
    });
    this.server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
  }

  static async start(): Promise<LoopbackS3> {
    const s3 = new LoopbackS3();
    await once(s3.server.listen(0, '127.0.0.1'), 'listening');
    return s3;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Resolves once so many requests have arrived. */
  async arrived(count: number): Promise<void> {
    while (this.arrivals.length < count) await new Promise<void>((resolve) => this.seen.push(resolve));
  }

  /** Cuts the connections that nothing is asked on, as S3 does after a while. */
  hangUp(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  /** Takes no more connections; resolves once all are closed by the other side. */
  closed(): Promise<void> {
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  async stop(): Promise<void> {
    const closed = this.closed();
    this.server.closeAllConnections();
    await closed;
  }

  private async arrive(arrival: Arrival, response: ServerResponse): Promise<void> {
    this.arrivals.push(arrival);
    const reply = this.reply(arrival);
    const seen = this.seen;
    this.seen = [];
    for (const resolve of seen) resolve();
    const said = await reply;
    if (said === 'reset') arrival.socket.resetAndDestroy();
    else if (said !== 'nothing') response.writeHead(said.status, said.headers).end(said.body);
  }
}

export const BUCKET = 'corpora-bucket';
export const REGION = 'eu-central-1';
export const CREDENTIALS = {
  accessKeyId: 'ASIAEXAMPLEEXAMPLE01',
  secretAccessKey: 'secretsecretsecretsecretsecretsecretsecr',
  sessionToken: 'token/token+token==',
};

/** A putter that does not wait between tries. */
export const putterTo = (s3: LoopbackS3, options: Partial<PutterOptions> = {}): Putter =>
  new Putter({
    bucket: BUCKET,
    region: REGION,
    endpoint: s3.endpoint,
    credentials: () => Promise.resolve(CREDENTIALS),
    random: () => 0,
    ...options,
  });
