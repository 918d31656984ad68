import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { AwsError } from './aws-error.ts';
import type { Caller, Callers } from './callers.ts';
import { drawFault, type Faults } from './faults.ts';
import { PROTOCOLS, sendError } from './protocols.ts';
import type { Random } from './random.ts';
import { objectOf } from './s3-requests.ts';
import { signedBy } from './signature.ts';
import type { Storage } from './storage.ts';

export interface Service {
  handle(request: IncomingMessage, response: ServerResponse, caller: Caller): Promise<void>;
}

export interface FrontOptions {
  readonly callers: Callers;
  readonly storage: Storage;
  /** All but those of the storage, by the name they have in a signature. */
  readonly services: Readonly<Record<string, Service>>;
  readonly faults: () => Faults;
  readonly random: Random;
}

/** The one endpoint: it reads from the signature for which service a request is, and who sends it. */
export class Front {
  private readonly server: Server;
  private options: FrontOptions | undefined;

  constructor() {
    this.server = createServer((request, response) => void this.receive(request, response));
    this.server.keepAliveTimeout = 60_000;
    this.server.requestTimeout = 0;
  }

  /** Answers with the port; until `serve` no request is answered. */
  async listen(port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, '127.0.0.1', resolve);
    });
    return (this.server.address() as AddressInfo).port;
  }

  serve(options: FrontOptions): void {
    this.options = options;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const signed = signedBy(request);
    const service = signed?.service ?? 's3';
    const protocol = PROTOCOLS[service] ?? 'rest-xml';
    try {
      const { callers, storage, services, faults, random } = this.options!;
      if (!signed) throw new AwsError(403, 'AccessDenied', 'Access Denied'); // what S3 says to who does not sign
      const caller = callers.of(request, protocol, signed);
      if (service !== 's3' && service !== 'sqs' && service !== 'sns') {
        const found = services[service];
        if (!found) throw new AwsError(501, 'NotImplemented', `${service}: the emulator has no such service`);
        return await found.handle(request, response, caller);
      }
      if (service !== 'sns' && caller.kind === 'role') {
        const { error, reset, milliseconds } = drawFault(
          service,
          faults()[service] ?? {},
          service === 's3' ? objectOf(request.url!).key : '',
          random,
        );
        if (milliseconds !== undefined) await setTimeout(milliseconds);
        if (error || reset === 'before') {
          if (service === 's3') storage.refused(request, caller, error?.status ?? 0);
          if (error) throw error;
          return void request.socket.resetAndDestroy();
        }
        if (reset === 'after') loseAnswer(request, response);
      }
      storage.handle(request, response, { caller, service });
    } catch (error) {
      if (!(error instanceof AwsError)) console.error(error);
      const known = error instanceof AwsError ? error : new AwsError(500, 'InternalFailure', String(error));
      sendError(response, protocol, known, request.method === 'HEAD');
    }
  }
}

/** The service does what it is asked; the connection is reset instead of an answer. */
function loseAnswer(request: IncomingMessage, response: ServerResponse): void {
  response.writeHead = () => response;
  response.write = () => true;
  response.end = () => {
    request.socket.resetAndDestroy();
    return response;
  };
}
