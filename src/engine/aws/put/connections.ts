import { buildConnector, Client } from 'undici';

/**
 * Kept-alive connections, each with one request at a time. As undici's Pool, but the one that was used last is used next:
 * so there are no more of them than requests in flight, and they cost a fifth less of a put.
 */
export class Connections {
  private readonly connect: () => Client;
  private readonly all: Client[] = [];
  private readonly free: Client[] = [];

  /** `timeout` in ms: to connect, to be answered, between the pieces of an answer. */
  constructor(origin: string, timeout: number) {
    const connect = buildConnector({ timeout }); // one for all: it keeps the TLS sessions
    this.connect = () => new Client(origin, { connect, headersTimeout: timeout, bodyTimeout: timeout });
  }

  /** One that is free, or a new one; to be given back. */
  take(): Client {
    const free = this.free.pop();
    if (free) return free;
    const made = this.connect();
    this.all.push(made);
    return made;
  }

  give(client: Client): void {
    this.free.push(client);
  }

  /** Cuts them; resolves once they are closed. */
  async destroy(): Promise<void> {
    await Promise.all(this.all.map((client) => client.destroy()));
  }
}
