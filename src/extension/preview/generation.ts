import { Worker } from 'node:worker_threads';
import type { Stack } from '../../job/cost.ts';
import type { JobRecord } from '../../job/records.ts';
import type { SpecProblem } from '../../job/spec.ts';
import type { Checked, Figures, MadeMessage, Source } from './corpora.ts';
import type { ThreadError } from './thread-error.ts';

/** What the thread is asked, and what it answers. */
export type Ask =
  | { readonly call: 'check'; readonly source: Source }
  | { readonly call: 'message'; readonly source: Source; readonly digest: string; readonly index: number }
  | { readonly call: 'remake'; readonly record: JobRecord; readonly message: string }
  | { readonly call: 'estimate'; readonly source: Source; readonly stack: Stack | undefined };

export type Answer =
  | { readonly id: number; readonly ok: true; readonly result: unknown }
  | { readonly id: number; readonly ok: false; readonly error: ThreadError };

export interface GenerationData {
  readonly packs: string;
}

export interface GenerationOptions {
  /** The module of the thread. */
  readonly thread: URL;
  /** The folder of the built-in packs' JSON. */
  readonly packs: string;
  /** Milliseconds after which a thread without work is let go of, and after which work is given up. */
  readonly idle?: number;
  readonly longest?: number;
}

interface Waiting {
  readonly id: number;
  readonly ask: Ask;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

const IDLE_MS = 5 * 60_000;
const LONGEST_MS = 60_000;

/** Makes messages and estimates in a thread of its own, one after the other; the thread lives while there is something to do. */
export class Generation {
  private readonly options: GenerationOptions;
  private readonly queue: Waiting[] = [];
  private worker: Worker | undefined;
  private timer: NodeJS.Timeout | undefined;
  private asked = 0;
  private disposed = false;

  constructor(options: GenerationOptions) {
    this.options = options;
  }

  /** Rejects with a SpecError where the packs and the spec do not go together. */
  check(source: Source): Promise<Checked> {
    return this.ask({ call: 'check', source }) as Promise<Checked>;
  }

  message(source: Source, digest: string, index: number): Promise<MadeMessage> {
    return this.ask({ call: 'message', source, digest, index }) as Promise<MadeMessage>;
  }

  /** A message of a job that does not keep its messages. */
  remake(record: JobRecord, message: string): Promise<MadeMessage> {
    return this.ask({ call: 'remake', record, message }) as Promise<MadeMessage>;
  }

  /** Without a stack: for a usual one. */
  estimate(source: Source, stack?: Stack): Promise<Figures> {
    return this.ask({ call: 'estimate', source, stack }) as Promise<Figures>;
  }

  dispose(): void {
    this.disposed = true;
    this.stop();
  }

  private ask(ask: Ask): Promise<unknown> {
    if (this.disposed) return Promise.reject(cancelled());
    return new Promise((resolve, reject) => {
      this.queue.push({ id: this.asked++, ask, resolve, reject });
      if (this.queue.length === 1) this.next();
    });
  }

  /** Sets about the first in the queue; one at a time, so that one that takes too long can be told from those that wait for it. */
  private next(): void {
    clearTimeout(this.timer);
    const first = this.queue[0];
    if (!first) {
      this.timer = setTimeout(() => this.stop(), this.options.idle ?? IDLE_MS);
      this.timer.unref();
      return;
    }
    this.worker ??= this.started();
    const longest = this.options.longest ?? LONGEST_MS;
    this.timer = setTimeout(
      () =>
        this.fail(
          new Error(
            `Making it took over ${longest / 1000} s and was given up. Large packs of your own take long: lint them with \`mailwright pack lint\`.`,
          ),
        ),
      longest,
    );
    this.worker.postMessage({ id: first.id, ask: first.ask });
  }

  private started(): Worker {
    const data: GenerationData = { packs: this.options.packs };
    const worker = new Worker(this.options.thread, { workerData: data, stdout: true, stderr: true });
    worker.on('message', (answer: Answer) => {
      const first = this.queue[0];
      if (this.worker !== worker || first?.id !== answer.id) return;
      this.queue.shift();
      this.next();
      if (answer.ok) first.resolve(answer.result);
      else void errorOf(answer.error).then(first.reject);
    });
    const gone = (error: Error): void => {
      if (this.worker === worker) this.fail(error);
    };
    worker.on('error', gone);
    worker.on('messageerror', gone);
    worker.on('exit', (code) => gone(new Error(`The thread that makes messages ended by itself (exit code ${code}).`)));
    return worker;
  }

  /** The first in the queue has failed, and the thread with it; those behind it get a new one. */
  private fail(error: Error): void {
    const { worker } = this;
    this.worker = undefined;
    void worker?.terminate();
    this.queue.shift()?.reject(error);
    this.next();
  }

  private stop(): void {
    clearTimeout(this.timer);
    const { worker } = this;
    this.worker = undefined;
    void worker?.terminate();
    for (const { reject } of this.queue.splice(0)) reject(cancelled());
  }
}

/** An error as it was on the other side of a thread. */
export async function errorOf({ name, message, code, problems }: ThreadError): Promise<Error> {
  if (name === 'SpecError') {
    const { SpecError } = await import('../../job/spec.ts');
    return new SpecError(problems as readonly SpecProblem[]);
  }
  const error = Object.assign(new Error(message), { code });
  error.name = name;
  return error;
}

function cancelled(): Error {
  const error = new Error('The window closes.');
  error.name = 'AbortError';
  return error;
}
