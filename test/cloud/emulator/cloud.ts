import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Access, type Denial } from './access.ts';
import { Callers, type Caller, type Credentials } from './callers.ts';
import { CloudFormationApi } from './cloudformation/api.ts';
import type { Faults } from './faults.ts';
import { Front } from './front.ts';
import { HttpApis } from './http-apis.ts';
import { Journal, type Metric, type Notification, type Write } from './journal.ts';
import { LambdaApi } from './lambda-api.ts';
import { LambdaHost, type FunctionCounts } from './lambda-host.ts';
import { seeded } from './random.ts';
import { Rules } from './rules.ts';
import type { Services } from './services.ts';
import { StateMachines, type Execution } from './state-machines.ts';
import { StatesApi } from './states-api.ts';
import { Storage } from './storage.ts';
import { StsApi } from './sts-api.ts';

/** The account that everything is in. fauxqs knows no other. */
const ACCOUNT = '000000000000';

export interface CloudOptions {
  /** Time goes so many times as fast: times of the clockwork, time-outs and waits are divided by it. */
  readonly scale?: number;
  /** Of the faults, and of who is killed. */
  readonly seed?: number;
  /** 0: any that is free. */
  readonly port?: number;
  readonly region?: string;
  /** Sandboxes of one function at once. */
  readonly concurrency?: number;
}

export type Login = 'user' | 'admin';

/** The parts of AWS that Mailwright uses, on one loopback port. */
export class Cloud {
  readonly endpoint: string;
  readonly region: string;
  readonly account = ACCOUNT;
  readonly scale: number;
  /** What goes wrong from now on, for the calls of the deployed functions. */
  faults: Faults = {};
  /** Resources of templates that cannot be made or changed, by their logical id: the reason. */
  readonly broken: Map<string, string>;
  /** Resources of templates whose making or change does not end before what is promised here, by their logical id. */
  readonly held: Map<string, Promise<void>>;
  private readonly front: Front;
  private readonly services: Services;
  private readonly cloudFormation: CloudFormationApi;
  private readonly journal: Journal;
  private readonly logins = new Map<Login, Credentials>();
  private readonly random: () => number;

  private constructor(front: Front, port: number, options: CloudOptions) {
    this.front = front;
    this.endpoint = `http://127.0.0.1:${port}`;
    this.region = options.region ?? 'eu-central-1';
    this.scale = options.scale ?? 1;
    const seed = options.seed ?? 1;
    this.random = seeded(seed);
    const { region, account, scale, endpoint } = this;
    const journal = (this.journal = new Journal());
    const access = new Access();
    const callers = new Callers(seeded(seed + 1));
    const storage = new Storage(access, journal, region, account);
    const lambda = new LambdaHost(
      { region, account, endpoint, scale, concurrency: options.concurrency ?? 4 },
      callers,
      journal,
      seeded(seed + 2),
    );
    const rules = new Rules({ region, account }, lambda);
    const machines = new StateMachines({ region, account, scale, onChange: (execution) => rules.tell(execution) }, lambda, storage, access);
    const httpApis = new HttpApis(lambda, access, region, account);
    const faults = (): Faults => this.faults;
    this.services = {
      region,
      account,
      endpoint,
      scale,
      folder: mkdtempSync(join(tmpdir(), 'mailwright-cloud-')),
      access,
      callers,
      storage,
      lambda,
      eventSources: new Map(),
      machines,
      rules,
      httpApis,
      faults,
      random: seeded(seed + 3),
    };
    process.once('exit', this.clean);
    this.cloudFormation = new CloudFormationApi(this.services);
    this.broken = this.cloudFormation.broken;
    this.held = this.cloudFormation.held;
    for (const login of ['user', 'admin'] as const) this.renew(login);
    front.serve({
      callers,
      storage,
      services: {
        lambda: new LambdaApi(lambda, access),
        states: new StatesApi(machines, access),
        sts: new StsApi(account, callers, access),
        cloudformation: this.cloudFormation,
        'execute-api': httpApis,
      },
      faults,
      random: this.random,
    });
  }

  static async start(options: CloudOptions): Promise<Cloud> {
    const front = new Front();
    const port = await front.listen(options.port ?? 0);
    const cloud = new Cloud(front, port, options);
    await cloud.services.storage.ready();
    return cloud;
  }

  /** What the environment of a process needs to call this cloud. */
  environment(login: Login): Record<string, string> {
    const { accessKeyId, secretAccessKey } = this.logins.get(login)!;
    return {
      AWS_ENDPOINT_URL: this.endpoint,
      AWS_REGION: this.region,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    };
  }

  /**
   * Writes AWS config and credentials files into a folder, with the profiles mailwright-user, mailwright-admin,
   * mailwright-process (a credential process) and mailwright-role (assumes a role), the last two as the user. Answers with
   * what the environment needs to find them. Called again it writes the keys of now.
   */
  writeProfiles(folder: string): Record<string, string> {
    mkdirSync(folder, { recursive: true });
    const config = join(folder, 'config');
    const credentials = join(folder, 'credentials');
    const program = join(folder, 'credential-process.mjs');
    const user = this.logins.get('user')!;
    const common = `region = ${this.region}\nendpoint_url = ${this.endpoint}\n`;
    const keys = ({ accessKeyId, secretAccessKey }: Credentials): string =>
      `aws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`;
    const answer = { Version: 1, AccessKeyId: user.accessKeyId, SecretAccessKey: user.secretAccessKey };
    writeFileSync(program, `process.stdout.write(${JSON.stringify(JSON.stringify(answer))});\n`, { mode: 0o600 });
    writeFileSync(
      config,
      [
        `[profile mailwright-user]\n${common}`,
        `[profile mailwright-admin]\n${common}`,
        `[profile mailwright-process]\n${common}credential_process = "${process.execPath}" "${program}"\n`,
        `[profile mailwright-role]\n${common}role_arn = arn:aws:iam::${ACCOUNT}:role/mailwright-user\nsource_profile = mailwright-user\n`,
      ].join('\n'),
    );
    writeFileSync(credentials, `[mailwright-user]\n${keys(user)}\n[mailwright-admin]\n${keys(this.logins.get('admin')!)}`, { mode: 0o600 });
    return { AWS_CONFIG_FILE: config, AWS_SHARED_CREDENTIALS_FILE: credentials };
  }

  /** The login's keys have expired: every call with them fails until `renew`, and new keys. */
  expire(login: Login): void {
    this.services.callers.expire(login);
  }

  renew(login: Login): void {
    const caller: Caller = { principal: login, kind: login, arn: `arn:aws:iam::${ACCOUNT}:user/mailwright-${login}` };
    this.logins.set(login, this.services.callers.issue(caller, false));
  }

  /** Calls that a policy did not allow. */
  get denials(): readonly Denial[] {
    return this.services.access.denials;
  }

  get writes(): readonly Write[] {
    return this.journal.writes;
  }

  get notifications(): readonly Notification[] {
    return this.journal.notifications;
  }

  /** What functions wrote to their logs in the embedded metric format. */
  get metrics(): readonly Metric[] {
    return this.journal.metrics;
  }

  /** Who subscribed to topics. */
  get subscriptions(): { topic: string; protocol: string; endpoint: string }[] {
    return [...this.services.storage.topics.subscriptions.values()].map(({ topicArn, protocol, endpoint }) => ({
      topic: topicArn,
      protocol,
      endpoint,
    }));
  }

  /** Events that no target took. */
  get undelivered(): Rules['undelivered'] {
    return this.services.rules.undelivered;
  }

  /** All executions there ever were, oldest first. */
  get executions(): readonly Execution[] {
    return this.services.machines.all();
  }

  /** Names of the deployed functions. */
  get functions(): string[] {
    return this.services.lambda.names();
  }

  /** Names of all buckets. */
  get buckets(): string[] {
    return [...this.services.storage.objects.buckets.keys()];
  }

  counts(functionName: string): FunctionCounts {
    return this.services.lambda.counts(functionName);
  }

  /** Lines that a function has printed. */
  log(functionName: string): readonly string[] {
    return this.services.lambda.log(functionName);
  }

  /** Messages of a queue, by its name or a part of it: those that wait, and those that somebody has received. */
  queued(queueName: string): { waiting: number; received: number } {
    const queue = this.queue(queueName);
    return { waiting: queue.messages.length + queue.delayedMessages.length, received: queue.inflightMessages.size };
  }

  /** An object as it is stored; undefined where there is none. No permission is asked for. */
  object(bucket: string, key: string): Buffer | undefined {
    return this.services.storage.objects.buckets.get(bucket)?.get(key)?.body;
  }

  /** The keys of a bucket, in order, that begin so. */
  keys(bucket: string, prefix = ''): string[] {
    return this.services.storage.objects.listObjects(bucket, { prefix, maxKeys: Infinity }).objects.map(({ key }) => key);
  }

  /** Puts a message on a queue, as anybody with the right to send could: for poison, and for messages of old. */
  enqueue(queueName: string, body: string): void {
    this.services.storage.send(this.queue(queueName), body);
  }

  /** Delivers so many messages of a queue more, and holds the others back until `release`: a job stays in its middle. */
  hold(queueName: string, letThrough = 0): void {
    for (const source of this.sourcesOf(queueName)) source.hold(letThrough);
  }

  release(queueName: string): void {
    for (const source of this.sourcesOf(queueName)) source.release();
  }

  /** Kills one of a function's sandboxes that are at work; false where none is. */
  kill(functionName: string): boolean {
    return this.services.lambda.kill(functionName);
  }

  /** Aborts an execution by its name; false where it does not run. */
  abort(executionName: string): boolean {
    const execution = this.executions.find(({ name, status }) => name === executionName && status === 'RUNNING');
    if (execution) this.services.machines.stop(execution.arn);
    return execution !== undefined;
  }

  /** Ends everything, and removes what it left on the disk. */
  async stop(): Promise<void> {
    const { services } = this;
    await this.cloudFormation.settled();
    for (const source of services.eventSources.values()) source.stop();
    services.machines.stopAll();
    await services.lambda.stop();
    await Promise.all([...services.eventSources.values()].map((source) => source.ended()));
    await this.front.stop();
    await services.storage.stop();
    this.clean();
    process.off('exit', this.clean);
  }

  private sourcesOf(queueName: string) {
    const queue = this.queue(queueName);
    return [...this.services.eventSources.values()].filter((source) => source.queue === queue);
  }

  /** A queue by its name or a part of it. */
  private queue(queueName: string) {
    const queue = [...this.services.storage.queues.allQueues()].find(({ name }) => name.includes(queueName));
    if (!queue) throw new Error(`no queue is called ${queueName}`);
    return queue;
  }

  /** Also of a process that ends without `stop`. */
  private readonly clean = (): void => rmSync(this.services.folder, { recursive: true, force: true });
}

export const startCloud = (options: CloudOptions = {}): Promise<Cloud> => Cloud.start(options);
