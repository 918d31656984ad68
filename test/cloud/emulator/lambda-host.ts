import { randomUUID } from 'node:crypto';
import { AwsError } from './aws-error.ts';
import type { Callers, Caller } from './callers.ts';
import type { Journal } from './journal.ts';
import { wildcard } from './policy.ts';
import type { Random } from './random.ts';
import { Sandbox, type Result } from './sandbox.ts';

/** Runs functions: each sandbox is a process, used again while it is warm. */

export interface FunctionCode {
  /** Where the bundle was unzipped. */
  readonly folder: string;
  readonly handler: string;
  /** MB. */
  readonly memory: number;
  /** Seconds, as the template has it. */
  readonly timeout: number;
  /** Milliseconds after which it is stopped here. */
  readonly scaledTimeout: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly role: Caller;
}

interface LambdaFunction {
  readonly name: string;
  readonly arn: string;
  /** "$LATEST", "1", "2" … */
  readonly versions: Map<string, FunctionCode>;
  readonly aliases: Map<string, string>;
  published: number;
  /** Sandboxes at once; undefined: as many as the account may have. */
  reserved: number | undefined;
  asynchronous: AsyncConfig;
  readonly counts: { -readonly [name in keyof FunctionCounts]: FunctionCounts[name] };
  readonly sandboxes: Set<Warm>;
  readonly lines: string[];
}

interface Warm {
  readonly sandbox: Sandbox;
  readonly code: FunctionCode;
  busy: boolean;
}

/** What becomes of asynchronous invocations. */
export interface AsyncConfig {
  /** Tries after the first. */
  readonly retries: number;
  /** Called with what could not be done. */
  readonly onFailure?: (record: unknown) => void;
}

/** Lets a service of AWS invoke a function: see AWS::Lambda::Permission. */
export interface Permission {
  /** Of the function, with its qualifier. */
  readonly arn: string;
  readonly principal: string;
  /** May have wildcards. */
  readonly sourceArn: string | undefined;
}

export interface FunctionCounts {
  readonly invocations: number;
  readonly coldStarts: number;
  readonly errors: number;
  readonly timeouts: number;
  readonly throttles: number;
  /** Sandboxes that were busy at once. */
  readonly most: number;
}

export interface Answer extends Result {
  readonly id: string;
  readonly version: string;
}

export interface LambdaHostOptions {
  readonly region: string;
  readonly account: string;
  readonly endpoint: string;
  readonly scale: number;
  /** Sandboxes of one function at once. */
  readonly concurrency: number;
}

/** Lines of a function's log that are kept. */
const MOST_LINES = 20_000;

/** Lambda tries an asynchronous invocation again after one minute, then after two. */
const RETRY_MS = 60_000;

export class LambdaHost {
  /** By their ids. */
  readonly permissions = new Map<string, Permission>();
  private readonly functions = new Map<string, LambdaFunction>();
  private readonly options: LambdaHostOptions;
  private readonly callers: Callers;
  private readonly journal: Journal;
  private readonly random: Random;
  private readonly timers = new Set<NodeJS.Timeout>();
  private stopped = false;

  constructor(options: LambdaHostOptions, callers: Callers, journal: Journal, random: Random) {
    this.options = options;
    this.callers = callers;
    this.journal = journal;
    this.random = random;
  }

  arnOf(name: string): string {
    return `arn:aws:lambda:${this.options.region}:${this.options.account}:function:${name}`;
  }

  create(name: string, code: FunctionCode, reserved: number | undefined): void {
    if (this.functions.has(name)) throw new AwsError(409, 'ResourceConflictException', `Function already exist: ${name}`);
    this.functions.set(name, {
      name,
      arn: this.arnOf(name),
      versions: new Map([['$LATEST', code]]),
      aliases: new Map(),
      published: 0,
      reserved,
      asynchronous: { retries: 2 },
      counts: { invocations: 0, coldStarts: 0, errors: 0, timeouts: 0, throttles: 0, most: 0 },
      sandboxes: new Set(),
      lines: [],
    });
  }

  /** New code or settings: sandboxes of the old ones end when they are idle. */
  update(name: string, code: FunctionCode, reserved: number | undefined): void {
    const found = this.get(name);
    found.versions.set('$LATEST', code);
    found.reserved = reserved;
    this.retire(found);
  }

  delete(name: string): void {
    const found = this.functions.get(name);
    for (const { sandbox } of found?.sandboxes ?? []) sandbox.kill();
    this.functions.delete(name);
  }

  publish(name: string): string {
    const found = this.get(name);
    const version = String(++found.published);
    found.versions.set(version, found.versions.get('$LATEST')!);
    return version;
  }

  removeVersion(name: string, version: string): void {
    const found = this.functions.get(name);
    found?.versions.delete(version);
    if (found) this.retire(found);
  }

  setAlias(name: string, alias: string, version: string | undefined): void {
    const { aliases } = this.get(name);
    if (version === undefined) aliases.delete(alias);
    else aliases.set(alias, version);
  }

  setAsync(name: string, config: AsyncConfig): void {
    this.get(name).asynchronous = config;
  }

  isPermitted(arn: string, principal: string, source: string): boolean {
    return [...this.permissions.values()].some(
      (each) => each.arn === arn && each.principal === principal && (each.sourceArn === undefined || wildcard(each.sourceArn).test(source)),
    );
  }

  has(name: string): boolean {
    return this.functions.has(name);
  }

  codeOf(name: string): FunctionCode {
    return this.get(name).versions.get('$LATEST')!;
  }

  /** Sandboxes that a function may have at once. */
  limitOf(name: string): number {
    return Math.min(this.get(name).reserved ?? Infinity, this.options.concurrency);
  }

  counts(name: string): FunctionCounts {
    return { ...this.get(name).counts };
  }

  log(name: string): readonly string[] {
    return this.get(name).lines;
  }

  names(): string[] {
    return [...this.functions.keys()];
  }

  /** Kills one of a function's busy sandboxes, drawn at random; false where none is busy. */
  kill(name: string): boolean {
    const busy = [...this.get(name).sandboxes].filter((each) => each.busy && !each.sandbox.dead);
    busy[Math.floor(this.random() * busy.length)]?.sandbox.kill();
    return busy.length > 0;
  }

  /** Whether there is such a function, version or alias; throws where not. */
  resolve(name: string, qualifier = '$LATEST'): { version: string; arn: string } {
    const found = this.get(name);
    const arn = qualifier === '$LATEST' ? found.arn : `${found.arn}:${qualifier}`;
    const version = found.aliases.get(qualifier) ?? qualifier;
    if (!found.versions.has(version)) throw new AwsError(404, 'ResourceNotFoundException', `Function not found: ${arn}`);
    return { version, arn };
  }

  /** Runs a function to its end. Throws where it is not there, or all its sandboxes are busy. */
  async invoke(name: string, qualifier: string | undefined, event: string, id: string = randomUUID()): Promise<Answer> {
    const found = this.get(name);
    const { version, arn } = this.resolve(name, qualifier);
    const code = found.versions.get(version)!;
    const entry = this.sandboxFor(found, code, version);
    const { counts } = found;
    counts.invocations++;
    counts.most = Math.max(counts.most, [...found.sandboxes].filter((each) => each.busy).length);
    const result = await entry.sandbox.invoke({ id, arn, event, timeout: code.scaledTimeout, seconds: code.timeout });
    entry.busy = false;
    if (result.error !== undefined) counts.errors++;
    if (result.timedOut) counts.timeouts++;
    if (entry.sandbox.dead || ![...found.versions.values()].includes(code)) {
      entry.sandbox.kill();
      found.sandboxes.delete(entry);
    }
    return { ...result, id, version };
  }

  /** Takes an invocation and answers its id at once; tries again where it fails. */
  invokeAsync(name: string, qualifier: string | undefined, event: string): string {
    this.resolve(name, qualifier);
    const id = randomUUID();
    const attempt = async (tries: number): Promise<void> => {
      if (this.stopped || !this.functions.has(name)) return;
      let answer: Answer;
      try {
        answer = await this.invoke(name, qualifier, event, id);
      } catch {
        return this.later(200, () => attempt(tries)); // throttled: not a try
      }
      if (answer.error === undefined || this.stopped || !this.functions.has(name)) return;
      const { retries, onFailure } = this.get(name).asynchronous;
      if (tries <= retries) return this.later((RETRY_MS * tries) / this.options.scale, () => attempt(tries + 1));
      onFailure?.({
        version: '1.0',
        timestamp: new Date().toISOString(),
        requestContext: { requestId: id, functionArn: this.arnOf(name), condition: 'RetriesExhausted', approximateInvokeCount: tries },
        requestPayload: JSON.parse(event),
        responseContext: { statusCode: 200, executedVersion: answer.version, functionError: answer.error },
        responsePayload: JSON.parse(answer.payload),
      });
    };
    void attempt(1);
    return id;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    for (const timer of this.timers) clearTimeout(timer);
    await Promise.all([...this.functions.values()].flatMap(({ sandboxes }) => [...sandboxes].map(({ sandbox }) => sandbox.stop())));
  }

  private later(milliseconds: number, does: () => Promise<void>): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      void does();
    }, milliseconds);
    this.timers.add(timer);
  }

  private get(name: string): LambdaFunction {
    const found = this.functions.get(name);
    if (!found) throw new AwsError(404, 'ResourceNotFoundException', `Function not found: ${this.arnOf(name)}`);
    return found;
  }

  private retire(found: LambdaFunction): void {
    const current = new Set(found.versions.values());
    for (const entry of found.sandboxes) {
      if (entry.busy || current.has(entry.code)) continue;
      entry.sandbox.kill();
      found.sandboxes.delete(entry);
    }
  }

  /** A warm sandbox, or a new one; it is busy from now on. */
  private sandboxFor(found: LambdaFunction, code: FunctionCode, version: string): Warm {
    for (const entry of found.sandboxes) if (entry.sandbox.dead && !entry.busy) found.sandboxes.delete(entry);
    for (const entry of found.sandboxes)
      if (!entry.busy && entry.code === code) {
        entry.busy = true;
        return entry;
      }
    const busy = [...found.sandboxes].filter((entry) => entry.busy).length;
    if (this.stopped || busy >= this.limitOf(found.name)) {
      found.counts.throttles++;
      throw new AwsError(429, 'TooManyRequestsException', 'Rate Exceeded.');
    }
    found.counts.coldStarts++;
    const sandbox = new Sandbox({
      folder: code.folder,
      memory: code.memory,
      environment: this.environment(found, code, version),
      onLine: (line) => {
        found.lines.push(line);
        if (found.lines.length > MOST_LINES) found.lines.shift();
        this.journal.readMetrics(found.name, line);
      },
    });
    const entry = { sandbox, code, busy: true };
    found.sandboxes.add(entry);
    return entry;
  }

  private environment(found: LambdaFunction, code: FunctionCode, version: string): Record<string, string> {
    const credentials = this.callers.issue(code.role, true);
    const { region, endpoint } = this.options;
    return {
      TZ: ':UTC',
      LANG: 'en_US.UTF-8',
      ...code.environment,
      _HANDLER: code.handler,
      LAMBDA_TASK_ROOT: code.folder,
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_SESSION_TOKEN: credentials.sessionToken!,
      AWS_LAMBDA_FUNCTION_NAME: found.name,
      AWS_LAMBDA_FUNCTION_VERSION: version,
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(code.memory),
      AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${found.name}`,
      AWS_LAMBDA_LOG_STREAM_NAME: `emulator/[${version}]${randomUUID().replaceAll('-', '')}`,
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    };
  }
}
