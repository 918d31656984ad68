import type { Client, Dispatcher } from 'undici';
import type { Identity } from './credentials.ts';
import type { Fault } from './fault.ts';

/** A request to S3. */
export interface Request {
  readonly method: 'PUT' | 'POST' | 'DELETE';
  readonly key: string;
  /** Percent-encoded, with names in order and without "?"; empty where there is none. */
  readonly query: string;
  readonly contentType: string;
  readonly body: Uint8Array;
  /** Of the body, in hex. */
  readonly sha256: string;
  /** S3 keeps the SHA-256 with the object. */
  readonly checksum: boolean;
  /** Whether a refusal with this code means that it is done; `lost`: an earlier try may have done it. */
  readonly done?: (code: string, lost: boolean) => boolean;
}

export interface Answer {
  readonly status: number;
  /** Name, value, name, value, as they came. */
  readonly headers: readonly Buffer[];
  readonly text: string;
}

/** A header of an answer, by its name in lower case. */
export function headerOf({ headers }: Answer, name: string): string | undefined {
  const i = headers.findIndex((part, at) => at % 2 === 0 && part.toString().toLowerCase() === name);
  return i < 0 ? undefined : headers[i + 1]!.toString();
}

/** Who is told of what comes back. */
export interface Receiver {
  answered(exchange: Exchange, answer: Answer): void;
  broken(exchange: Exchange, error: Error): void;
}

/**
 * A request on its way, through all its tries; and the handler of what undici has to tell of it. Of the older kind: for the
 * newer one undici takes apart the headers of every answer, a twelfth of what a put costs.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly request: Request;
  /** Percent-encoded. */
  readonly path: string;
  /** Called once, when it is over. */
  readonly settle: ((outcome: Answer | Error) => void) | undefined;
  /** Tries that failed, and those among them that S3 answered with an error of its own. */
  tries = 0;
  stubborn = 0;
  /** A try may have arrived, though there was no good answer. */
  lost = false;
  /** The latest failure. */
  fault: Fault | undefined;
  /** Its credentials were refused once. */
  refused = false;
  /** The latest try's: what it was signed with, the era of the window, the connection. */
  identity: Identity | undefined;
  era = 0;
  client: Client | undefined;
  private readonly receiver: Receiver;
  private status = 0;
  private headers: readonly Buffer[] = [];
  private text = '';

  constructor(request: Request, path: string, receiver: Receiver, settle?: (outcome: Answer | Error) => void) {
    this.request = request;
    this.path = path;
    this.receiver = receiver;
    this.settle = settle;
  }

  onConnect(): void {
    this.text = '';
  }

  onHeaders(status: number, headers: readonly Buffer[]): boolean {
    this.status = status;
    this.headers = headers;
    return true;
  }

  onData(chunk: Buffer): boolean {
    this.text += chunk.toString();
    return true;
  }

  onComplete(): void {
    this.receiver.answered(this, { status: this.status, headers: this.headers, text: this.text });
  }

  onError(error: Error): void {
    this.receiver.broken(this, error);
  }
}
