import { Connections } from './connections.ts';
import { Credentials, type Identity, type IdentityProvider } from './credentials.ts';
import { type Answer, Exchange, headerOf, type Receiver, type Request } from './exchange.ts';
import { type Aim, errorOf, type Fault, faultOfAnswer, faultOfError, lateError } from './fault.ts';
import { encodeKey, Signer } from './sign.ts';
import { Window } from './window.ts';

export interface PutterOptions {
  readonly bucket: string;
  readonly region: string;
  /** Of something other than AWS's own S3; the bucket is then the first part of the path. */
  readonly endpoint?: string | undefined;
  readonly credentials: IdentityProvider;
  /** Requests in flight at most; 256. */
  readonly inFlight?: number;
  /** Bytes that are taken before `put` asks to wait; 64 MiB. */
  readonly bytesInFlight?: number;
  /** Aborted, it stops. */
  readonly signal?: AbortSignal;
  /** In ms since the epoch; nothing is begun after it. Without it, throttling and a broken network are sat out for ever. */
  readonly deadline?: number;
  /** S3 may be silent for this long, in ms; 10 s. */
  readonly timeout?: number;
  /** From 0 up to 1: the share of a back-off that is waited. */
  readonly random?: () => number;
}

export interface Put {
  readonly key: string;
  /** Must stay as it is until it has arrived. */
  readonly body: Uint8Array;
  /** In hex. */
  readonly sha256: string;
  readonly contentType: string;
}

export interface PutStats {
  /** Puts that have arrived, parts of uploads among them, and their bytes. */
  readonly puts: number;
  readonly bytes: number;
  /** Tries after a first one. */
  readonly retries: number;
  /** Answers that asked for less. */
  readonly throttles: number;
  /** Requests that may be in flight now. */
  readonly window: number;
}

/** Before a second try, then doubled until the longest; in ms. Full jitter: any part of it is waited. */
const BACK_OFF = 50;
const LONGEST_BACK_OFF = 5000;
/** Tries of what S3 answers with an error of its own. */
const STUBBORN = 12;

const NOW = Promise.resolve();

/** Puts objects into a bucket with many requests in flight, as fast as S3 takes them. */
export class Putter implements Receiver {
  private readonly options: PutterOptions;
  private readonly base: string;
  private readonly inFlight: number;
  private readonly bytesInFlight: number;
  private readonly deadline: number;
  private readonly random: () => number;
  private readonly connections: Connections;
  private readonly signer: Signer;
  private readonly credentials: Credentials;
  private readonly window: Window;
  private readonly counts = { puts: 0, bytes: 0, retries: 0, throttles: 0 };
  /** Taken and not yet over: all of them, and those that wait for the window or for their back-off. */
  private taken = 0;
  private takenBytes = 0;
  private readonly ready: Exchange[] = [];
  private readonly backingOff = new Map<Exchange, NodeJS.Timeout>();
  private sent = 0;
  /** S3's clock less ours, in ms. */
  private skew = 0;
  private fetching = false;
  private failure: Error | undefined;
  private stopped: Promise<void> | undefined;
  private roomAwaited: PromiseWithResolvers<undefined> | undefined;
  private emptyAwaited: PromiseWithResolvers<undefined> | undefined;

  constructor(options: PutterOptions) {
    const { bucket, region, endpoint, signal, timeout = 10_000 } = options;
    this.options = options;
    this.inFlight = options.inFlight ?? 256;
    this.bytesInFlight = options.bytesInFlight ?? 64 << 20;
    this.deadline = options.deadline ?? Infinity;
    this.random = options.random ?? Math.random;
    const url = new URL(endpoint ?? `https://${bucket}.s3.${region}.amazonaws.com`);
    this.base = endpoint === undefined ? '/' : `${url.pathname.replace(/\/$/, '')}/${bucket}/`;
    this.connections = new Connections(url.origin, timeout);
    this.signer = new Signer(region, url.host);
    this.credentials = new Credentials(options.credentials);
    this.window = new Window(this.inFlight);
    if (signal?.aborted) this.aborted();
    else signal?.addEventListener('abort', this.aborted);
  }

  get stats(): PutStats {
    return { ...this.counts, window: this.window.size };
  }

  /** Takes a put; resolves once there is room for another, rejects with the first error of any put. */
  put({ key, body, sha256, contentType }: Put): Promise<void> {
    if (!this.failure) {
      const request: Request = { method: 'PUT', key, query: '', contentType, body, sha256, checksum: true };
      this.take(new Exchange(request, this.pathOf(key), this));
    }
    return this.room();
  }

  /** Resolves once there is room in flight, rejects with the first error of any put. */
  room(): Promise<void> {
    if (this.failure) return rejected(this.failure);
    return this.hasRoom() ? NOW : (this.roomAwaited ??= promised<undefined>()).promise;
  }

  /** Resolves once all that was taken has arrived, rejects with the first error of any put. */
  drain(): Promise<void> {
    if (this.failure) return rejected(this.failure);
    return this.taken === 0 ? NOW : (this.emptyAwaited ??= promised<undefined>()).promise;
  }

  /** A request of which the caller wants the answer. It is made even after a put has failed. */
  request(request: Request): Promise<Answer> {
    if (this.stopped) return rejected(this.failure!);
    const { promise, resolve, reject } = promised<Answer>();
    this.take(new Exchange(request, this.pathOf(request.key), this, (end) => (end instanceof Error ? reject(end) : resolve(end))));
    return promise;
  }

  /** Nothing new is sent and what is in flight is cut; resolves once no request can be sent any more. */
  stop(): Promise<void> {
    return this.end(new DOMException('the puts were stopped', 'AbortError'));
  }

  /** Waits for all that was taken, or for a failure, and lets go of the connections. */
  async close(): Promise<void> {
    await this.drain().catch(() => {});
    await this.stop();
  }

  answered(exchange: Exchange, answer: Answer): void {
    this.connections.give(exchange.client!);
    const { status, text } = answer;
    const { request, lost } = exchange;
    if (status < 300 && !text.includes('<Error>')) {
      this.window.succeeded(this.sent--);
      this.settle(exchange, answer);
    } else {
      this.sent--;
      const fault = faultOfAnswer(status, text);
      if (fault.kind === 'skewed') this.skew = Date.parse(headerOf(answer, 'date') ?? '') - Date.now() || 0;
      if (request.done?.(fault.code, lost)) this.settle(exchange, answer);
      else this.failed(exchange, fault);
    }
    this.send();
  }

  broken(exchange: Exchange, error: Error): void {
    const client = exchange.client!;
    this.sent--;
    this.failed(exchange, faultOfError(error));
    // Not at once: undici is about to find the connection empty.
    queueMicrotask(() => {
      this.connections.give(client);
      this.send();
    });
  }

  private take(exchange: Exchange): void {
    this.taken++;
    this.takenBytes += exchange.request.body.length;
    this.ready.push(exchange);
    this.send();
  }

  private hasRoom(): boolean {
    return this.taken < this.inFlight && this.takenBytes < this.bytesInFlight;
  }

  /** Sends what is ready, as far as the window goes. */
  private send(): void {
    while (this.ready.length > 0 && this.sent < this.window.size) {
      const now = Date.now();
      const identity = this.credentials.current(now);
      if (identity === undefined) return this.fetch();
      const exchange = this.ready.shift()!;
      if (now >= this.deadline) this.giveUp(exchange, lateError(exchange.fault, this.aimOf(exchange)));
      else this.sendOne(exchange, identity, now + this.skew);
    }
  }

  private sendOne(exchange: Exchange, identity: Identity, now: number): void {
    const { request, path } = exchange;
    exchange.identity = identity;
    exchange.era = this.window.era;
    this.sent++;
    const headers = this.signer.headers(request, path, identity, now);
    const { method, query, body } = request;
    exchange.client = this.connections.take();
    exchange.client.dispatch({ method, path: query === '' ? path : `${path}?${query}`, headers, body }, exchange);
  }

  private fetch(): void {
    if (this.fetching) return;
    this.fetching = true;
    this.credentials.fetch().then(
      () => {
        this.fetching = false;
        this.send();
      },
      (error: Error) => {
        this.fetching = false;
        for (const exchange of this.ready.splice(0)) this.giveUp(exchange, error);
      },
    );
  }

  /** A try has failed: there is another, or it is over. */
  private failed(exchange: Exchange, fault: Fault): void {
    exchange.tries++;
    exchange.fault = fault;
    if (this.stopped) return this.giveUp(exchange, this.failure!);
    if (fault.kind === 'transient' || fault.kind === 'stubborn') exchange.lost = true;
    switch (fault.kind) {
      case 'throttled':
        this.counts.throttles++;
        this.window.throttled(exchange.era);
        return this.backOff(exchange);
      case 'transient':
        return this.backOff(exchange);
      case 'stubborn':
      case 'skewed':
        if (++exchange.stubborn < STUBBORN) return this.backOff(exchange);
        break;
      case 'expired':
        this.credentials.refused(exchange.identity!);
        if (exchange.refused) break;
        exchange.refused = true;
        this.counts.retries++;
        this.ready.push(exchange);
        return;
      case 'refused':
    }
    this.giveUp(exchange, errorOf(fault, this.aimOf(exchange)));
  }

  private backOff(exchange: Exchange): void {
    const delay = this.random() * Math.min(LONGEST_BACK_OFF, BACK_OFF * 2 ** (exchange.tries - 1));
    if (Date.now() + delay >= this.deadline) return this.giveUp(exchange, lateError(exchange.fault, this.aimOf(exchange)));
    const again = (): void => {
      this.backingOff.delete(exchange);
      this.counts.retries++;
      this.ready.push(exchange);
      this.send();
    };
    this.backingOff.set(exchange, setTimeout(again, delay));
  }

  private giveUp(exchange: Exchange, error: Error): void {
    this.fail(error);
    this.settle(exchange, error);
  }

  /** The first error stands; what waits to be sent never is. */
  private fail(error: Error): void {
    if (this.failure) return;
    this.failure = error;
    this.roomAwaited?.reject(error);
    this.emptyAwaited?.reject(error);
    for (const timer of this.backingOff.values()) clearTimeout(timer);
    const dropped = [...this.ready.splice(0), ...this.backingOff.keys()];
    this.backingOff.clear();
    for (const exchange of dropped) this.settle(exchange, error);
  }

  private settle(exchange: Exchange, outcome: Answer | Error): void {
    const { method, body } = exchange.request;
    this.taken--;
    this.takenBytes -= body.length;
    if (method === 'PUT' && !(outcome instanceof Error)) {
      this.counts.puts++;
      this.counts.bytes += body.length;
    }
    exchange.settle?.(outcome);
    if (this.roomAwaited && this.hasRoom()) {
      this.roomAwaited.resolve(undefined);
      this.roomAwaited = undefined;
    }
    if (this.emptyAwaited && this.taken === 0) {
      this.emptyAwaited.resolve(undefined);
      this.emptyAwaited = undefined;
    }
  }

  private readonly aborted = (): void => {
    const reason: unknown = this.options.signal!.reason;
    void this.end(reason instanceof Error ? reason : new DOMException(String(reason), 'AbortError'));
  };

  private end(error: Error): Promise<void> {
    if (this.stopped) return this.stopped;
    const { promise, resolve } = promised<undefined>();
    this.stopped = promise;
    this.options.signal?.removeEventListener('abort', this.aborted);
    this.fail(error);
    void this.connections.destroy().then(() => resolve(undefined));
    return promise;
  }

  private pathOf(key: string): string {
    return this.base + encodeKey(key);
  }

  private aimOf({ request: { method, key } }: Exchange): Aim {
    const { bucket, region } = this.options;
    return { bucket, region, key, permission: method === 'DELETE' ? 's3:AbortMultipartUpload' : 's3:PutObject' };
  }
}

/** A promise to be settled from outside. Its rejection may find nobody waiting: `drain` rejects as well. */
function promised<T>(): PromiseWithResolvers<T> {
  const made = Promise.withResolvers<T>();
  made.promise.catch(() => {});
  return made;
}

function rejected(error: Error): Promise<never> {
  const { promise, reject } = promised<never>();
  reject(error);
  return promise;
}
