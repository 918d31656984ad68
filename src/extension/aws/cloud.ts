import * as vscode from 'vscode';
import type { AwsEngine } from '../../engine/aws/client/engine.ts';
import type { Target } from '../../engine/aws/client/target.ts';
import type { Description } from '../../job/calls.ts';
import type { Engines } from '../jobs/cloud-job.ts';
import type { CloudWhere } from '../jobs/job.ts';
import { isOfStack, stackSetting } from '../settings.ts';

/** The user's AWS account: one engine for each profile, region, endpoint and stack, and the stack that the settings name. */
export class Cloud implements Engines, vscode.Disposable {
  private readonly engines = new Map<string, Promise<AwsEngine>>();
  private readonly changed = new vscode.EventEmitter<void>();
  /** Devices whose code the user would not give: to ask again is for the user to begin. */
  private readonly declined = new Set<string>();
  private readonly disposables: vscode.Disposable[] = [];

  /** The settings name another stack, or somebody has signed in. */
  readonly onDidChange = this.changed.event;

  constructor() {
    this.whenDisposed(
      this.changed,
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (isOfStack(event)) this.touch();
      }),
    );
  }

  /** The stack that the settings name. */
  get stack(): CloudWhere {
    return stackSetting();
  }

  engine(where: CloudWhere = this.stack): Promise<AwsEngine> {
    const key = keyOf(where);
    const known = this.engines.get(key);
    if (known) return known;
    const made = import('../../engine/aws/client/engine.ts').then(({ AwsEngine }) => new AwsEngine(this.target(where)));
    this.engines.set(key, made);
    made.catch(() => this.engines.delete(key));
    return made;
  }

  /** What the stack that the settings name is, and allows. */
  async describe(): Promise<Description> {
    return (await this.engine()).describe();
  }

  /** How the engine reaches a stack. */
  target({ target: _aws, place: _place, ...coordinates }: CloudWhere): Target {
    return { ...coordinates, mfa: (serial) => this.codeOf(serial) };
  }

  /** Something of the logins may be different now: whoever waits for one tries again. */
  touch(): void {
    this.declined.clear();
    this.changed.fire();
  }

  /** Disposes something along with this. */
  whenDisposed(...disposables: vscode.Disposable[]): void {
    this.disposables.push(...disposables);
  }

  dispose(): void {
    for (const disposable of this.disposables.splice(0)) disposable.dispose();
    for (const made of this.engines.values())
      made.then(
        (engine) => engine.close(),
        () => {},
      );
    this.engines.clear();
  }

  private async codeOf(serial: string): Promise<string> {
    if (this.declined.has(serial)) throw new Error(`no code of ${serial} was given`);
    const code = await vscode.window.showInputBox({
      title: vscode.l10n.t('Sign in to AWS'),
      prompt: vscode.l10n.t('MFA code of {0}', serial),
      ignoreFocusOut: true,
      validateInput: (value) => (/^\d{6}$/.test(value.trim()) ? undefined : vscode.l10n.t('Six digits')),
    });
    if (code !== undefined) return code.trim();
    this.declined.add(serial);
    throw new Error(`no code of ${serial} was given`);
  }
}

const keyOf = ({ profile, region, endpoint, stack, function: called }: CloudWhere): string =>
  JSON.stringify([profile, region, endpoint, stack, called]);
