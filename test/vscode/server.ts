import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Installation } from './install.ts';
import { run } from './programs.ts';

/** Milliseconds that the server may take to come up: it takes one second where nothing else runs. */
const START = 60_000;
const STOP = 5000;

/** Nothing that talks to the network, nothing that moves by itself. */
const SETTINGS = {
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.autoUpdate': 'off',
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'remote.autoForwardPorts': false,
  'remote.restoreForwardedPorts': false,
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.reduceMotion': 'on',
  'chat.disableAIFeatures': true,
  'git.enabled': false,
};

export interface ServerOptions {
  /** For all that it keeps; it stays when the server ends. */
  readonly folder: string;
  /** User settings, besides the harness's. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Variables that the extension sees, such as AWS_CONFIG_FILE. */
  readonly env?: Readonly<Record<string, string>>;
  /** Otherwise any that is free. */
  readonly port?: number;
}

/** VS Code for the browser, on loopback, with a home, settings and extensions of its own. */
export class CodeServer {
  readonly folder: string;
  /** What its terminals and extensions take for the user's home. */
  readonly home: string;
  private readonly installation: Installation;
  private readonly env: NodeJS.ProcessEnv;
  private port: number;
  private child: ChildProcess | undefined;
  private address: string | undefined;

  constructor(installation: Installation, { folder, settings = {}, env = {}, port = 0 }: ServerOptions) {
    this.installation = installation;
    this.port = port;
    this.folder = folder;
    this.home = join(this.folder, 'home');
    for (const name of ['home', 'data/User', 'extensions', 'runtime']) mkdirSync(join(this.folder, name), { recursive: true });
    writeFileSync(join(this.folder, 'config.yaml'), '');
    writeFileSync(join(this.folder, 'data/User/settings.json'), JSON.stringify({ ...SETTINGS, ...settings }, undefined, 2));
    this.env = {
      PATH: process.env.PATH,
      LANG: 'C.UTF-8',
      HOME: this.home,
      XDG_CONFIG_HOME: join(this.home, '.config'),
      XDG_DATA_HOME: join(this.home, '.local/share'),
      XDG_CACHE_HOME: join(this.home, '.cache'),
      XDG_RUNTIME_DIR: join(this.folder, 'runtime'), // its sockets would pile up in the folder of temporary files
      EXTENSIONS_GALLERY: '{}', // no marketplace
      ...env,
    };
  }

  /** `host:port`. */
  get host(): string {
    if (this.address === undefined) throw new Error('the server has not been started');
    return this.address;
  }

  /** The address of a window on a folder. */
  url(workspace: string): string {
    return `http://${this.host}/?folder=${encodeURIComponent(workspace)}`;
  }

  /** Installs an extension, before or after the start. */
  async install(vsix: string): Promise<void> {
    await run(this.installation.node, [this.installation.entry, ...this.places(), '--install-extension', vsix, '--force'], {
      env: this.env,
    });
  }

  async start(): Promise<void> {
    const log = join(this.folder, 'server.log');
    const file = openSync(log, 'w');
    const { node, entry } = this.installation;
    const flags = ['telemetry', 'update-check', 'workspace-trust', 'getting-started-override', 'proxy'].map((name) => `--disable-${name}`);
    const args = [entry, '--auth', 'none', '--bind-addr', `127.0.0.1:${this.port}`, ...flags, ...this.places()];
    // A process group of its own: its extension hosts end with it.
    this.child = spawn(node, args, { env: this.env, cwd: this.home, detached: true, stdio: ['ignore', file, file] });
    closeSync(file);
    const failed = new Promise<never>((_, reject) => this.child!.once('error', reject));
    failed.catch(() => undefined);
    for (const deadline = Date.now() + START; ; await Promise.race([sleep(100), failed])) {
      const said = readFileSync(log, 'utf8');
      this.address = /HTTP server listening on http:\/\/(127\.0\.0\.1:\d+)/.exec(said)?.[1];
      if (this.address !== undefined) {
        this.port = Number(this.address.split(':')[1]); // started again, it is where its windows look for it
        return;
      }
      if (this.child.exitCode !== null || Date.now() > deadline) {
        await this.stop();
        throw new Error(`VS Code for the browser did not start:\n${said.slice(-4000)}`);
      }
    }
  }

  /** Stops it; the jobs that extensions started detached go on. */
  async stop(): Promise<void> {
    const { child } = this;
    this.child = undefined;
    this.address = undefined;
    if (child?.pid !== undefined) {
      const isThere = (): boolean => signal(child.pid!, 0);
      signal(child.pid, 'SIGTERM');
      for (const deadline = Date.now() + STOP; isThere() && Date.now() < deadline;) await sleep(50);
      if (isThere()) signal(child.pid, 'SIGKILL');
    }
  }

  /** Ends it without asking: what a crash would do. It can be started again. */
  kill(): void {
    if (this.child?.pid !== undefined) signal(this.child.pid, 'SIGKILL');
    this.child = undefined;
    this.address = undefined;
  }

  private places(): string[] {
    const { folder } = this;
    return [
      '--config',
      join(folder, 'config.yaml'),
      '--user-data-dir',
      join(folder, 'data'),
      '--extensions-dir',
      join(folder, 'extensions'),
    ];
  }
}

/** Signals a whole process group; false: there is none any more. */
function signal(group: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-group, name);
  } catch {
    return false;
  }
}
