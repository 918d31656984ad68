import { Worker } from 'node:worker_threads';
import type { Mail } from '../../protocol/mail-preview.ts';
import { MAIL_LIMITS, type MailLimits } from './mail-limits.ts';

/** What the parser's thread is asked: the whole message, or the content of one part. */
export interface ParseTask {
  readonly bytes: Uint8Array;
  /** Of the file. */
  readonly size: number;
  readonly limits: MailLimits;
  readonly part: string | undefined;
}

export interface ParseAnswer {
  readonly mail?: Mail;
  readonly content?: Uint8Array | undefined;
}

/** Why a message could not be read. `time`, `memory`: the thread was killed. */
export class ParseError extends Error {
  readonly code: 'time' | 'memory' | 'broken' | 'stopped';

  constructor(code: ParseError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ParseError';
    this.code = code;
  }
}

export interface MailParserOptions {
  /** dist/parser.mjs. */
  readonly script: URL;
  /** Milliseconds. */
  readonly time?: number;
  /** Megabytes of heap. */
  readonly memory?: number;
  readonly limits?: MailLimits;
}

/** Reads messages, each in a thread of its own that has only so much time and memory: no message can hold up the host. */
export class MailParser {
  private readonly script: URL;
  private readonly time: number;
  private readonly memory: number;
  private readonly limits: MailLimits;

  constructor({ script, time = 10_000, memory = 256, limits = MAIL_LIMITS }: MailParserOptions) {
    this.script = script;
    this.time = time;
    this.memory = memory;
    this.limits = limits;
  }

  async read(bytes: Uint8Array, size: number, signal?: AbortSignal): Promise<Mail> {
    const { mail } = await this.run({ bytes, size, limits: this.limits, part: undefined }, signal);
    return mail!;
  }

  /** What a part holds, decoded. */
  async part(bytes: Uint8Array, part: string, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    return (await this.run({ bytes, size: bytes.length, limits: this.limits, part }, signal)).content;
  }

  private run(task: ParseTask, signal: AbortSignal | undefined): Promise<ParseAnswer> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(stopped());
      const worker = new Worker(this.script, {
        workerData: task,
        env: {},
        execArgv: [],
        // What it prints is nobody's business.
        stdout: true,
        stderr: true,
        resourceLimits: { maxOldGenerationSizeMb: this.memory, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 },
      });
      const end = (settle: () => void): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', stop);
        void worker.terminate();
        settle();
      };
      const stop = (): void => end(() => reject(stopped()));
      const timer = setTimeout(
        () => end(() => reject(new ParseError('time', `reading it took more than ${this.time / 1000} s`))),
        this.time,
      );
      signal?.addEventListener('abort', stop);
      worker.once('message', (answer: ParseAnswer) => end(() => resolve(answer)));
      worker.once('error', (error: NodeJS.ErrnoException) =>
        end(() =>
          reject(
            error.code === 'ERR_WORKER_OUT_OF_MEMORY'
              ? new ParseError('memory', `reading it took more than ${this.memory} MB of memory`, { cause: error })
              : new ParseError('broken', error.message, { cause: error }),
          ),
        ),
      );
      worker.once('exit', (code) => end(() => reject(new ParseError('broken', `the parser ended with ${code}`))));
    });
  }
}

const stopped = (): ParseError => new ParseError('stopped', 'it is no longer wanted');
