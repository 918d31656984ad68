import { fork, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface SandboxOptions {
  /** Where the bundle was unzipped. */
  readonly folder: string;
  /** MB. */
  readonly memory: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly onLine: (line: string) => void;
}

export interface Invocation {
  readonly id: string;
  readonly arn: string;
  /** JSON. */
  readonly event: string;
  /** Milliseconds, as the cloud's clock goes. */
  readonly timeout: number;
  /** The time-out as the function was given it: seconds. Only for words. */
  readonly seconds: number;
}

export interface Result {
  /** JSON: what the handler answered, or the error. */
  readonly payload: string;
  readonly error?: string;
  readonly timedOut?: boolean;
  readonly log: readonly string[];
}

/** MB. Lambda counts all of the process, and so do we; but what is resident of Node's own program file, some 50 MB, counts here and not there. */
const BASE_MEMORY = 48;
const LOOK_AT_MEMORY_MS = 100;
const PAGE = 4096;

const RUNTIME = fileURLToPath(new URL('runtime.mjs', import.meta.url));

interface FromRuntime {
  readonly ready?: true;
  /** The handler could not be loaded. */
  readonly broken?: true;
  readonly id?: string;
  readonly payload?: string;
  readonly error?: string;
}

/** A process that runs one invocation of a function at a time, again and again, until it is stopped for time, for memory, or from outside. */
export class Sandbox {
  /** It cannot be used any more: the process has ended or will. */
  dead = false;
  private readonly child: ChildProcess;
  private readonly ready: Promise<void>;
  private readonly closed: Promise<void>;
  private readonly watch: NodeJS.Timeout;
  private readonly options: SandboxOptions;
  private log: string[] = [];
  private onMessage: (message: FromRuntime) => void = () => undefined;
  private onEnd: (line: string) => void = () => undefined;
  private onExit: (how: string) => void = () => undefined;

  constructor(options: SandboxOptions) {
    this.options = options;
    this.child = fork(RUNTIME, {
      cwd: options.folder,
      env: { ...options.environment },
      execArgv: [`--max-old-space-size=${Math.max(64, Math.floor(options.memory * 0.9))}`],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [this.child.stdout!, this.child.stderr!])
      createInterface({ input: stream }).on('line', (line) => {
        this.log.push(line);
        this.onEnd(line);
        options.onLine(line);
      });
    this.ready = new Promise((resolve) => {
      this.child.on('message', (message: FromRuntime) => {
        if (message.broken) this.dead = true; // Lambda starts a new one the next time, too
        if (message.ready) resolve();
        else this.onMessage(message);
      });
      this.child.once('exit', () => resolve());
    });
    this.closed = new Promise((resolve) => {
      this.child.on('error', () => undefined); // it could not be started or told something: it is closed, too
      // 'close' comes after all of its output, 'exit' may come before.
      this.child.once('close', (code, signal) => {
        clearInterval(this.watch);
        this.dead = true;
        this.onExit(signal === null ? `exit status ${code}` : 'signal: killed');
        resolve();
      });
    });
    this.watch = setInterval(() => this.lookAtMemory(), LOOK_AT_MEMORY_MS);
  }

  async invoke({ id, arn, event, timeout, seconds }: Invocation): Promise<Result> {
    await this.ready;
    return new Promise((resolve) => {
      this.log = [];
      let done: Omit<Result, 'log'> | undefined;
      let ended = false;
      const settle = (result: Omit<Result, 'log'>): void => {
        clearTimeout(timer);
        this.onMessage = this.onEnd = this.onExit = () => undefined;
        resolve({ ...result, log: this.log });
      };
      const failed = (errorType: string, errorMessage: string): Omit<Result, 'log'> => ({
        error: 'Unhandled',
        payload: JSON.stringify({ errorType, errorMessage: `RequestId: ${id} Error: ${errorMessage}` }),
      });
      const timer = setTimeout(() => {
        this.kill();
        settle({ ...failed('Sandbox.Timedout', `Task timed out after ${seconds.toFixed(2)} seconds`), timedOut: true });
      }, timeout);
      this.onMessage = ({ payload, error }) => {
        done = { payload: payload!, ...(error !== undefined && { error }) };
        if (ended) settle(done);
      };
      // The answer and the log come by different ways: an invocation is over when both are here.
      this.onEnd = (line) => {
        if (line !== `END RequestId: ${id}`) return;
        ended = true;
        if (done) settle(done);
      };
      this.onExit = (how) => settle(done ?? failed('Runtime.ExitError', `Runtime exited with error: ${how}`));
      if (this.child.exitCode !== null || this.child.signalCode !== null || !this.child.connected) {
        void this.closed.then(() => settle(failed('Runtime.ExitError', 'Runtime exited without providing a reason')));
        return;
      }
      this.child.send({ id, arn, event, deadline: Date.now() + timeout });
    });
  }

  /** Stops it at once, whatever it does. */
  kill(): void {
    this.dead = true;
    this.child.kill('SIGKILL');
  }

  async stop(): Promise<void> {
    this.kill();
    await this.closed;
  }

  /** Where there is no /proc only V8's own limit holds. */
  private lookAtMemory(): void {
    try {
      const resident = Number(readFileSync(`/proc/${this.child.pid}/statm`, 'utf8').split(' ')[1]) * PAGE;
      if (resident > (this.options.memory + BASE_MEMORY) * 1024 * 1024) this.kill();
    } catch {
      // It has just ended.
    }
  }
}
