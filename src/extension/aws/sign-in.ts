import * as vscode from 'vscode';
import type { ProfileSummary } from '../../engine/aws/client/profiles.ts';
import { inEditor } from '../error-words.ts';
import type { Cloud } from './cloud.ts';

/** Sign In: in a terminal where the AWS command line does that; else it says how this profile's login is renewed. */
export async function signIn(cloud: Cloud): Promise<void> {
  const { ProfileFiles } = await import('../../engine/aws/client/profiles.ts');
  const { renewal } = await import('../../engine/aws/client/errors.ts');
  const profile = cloud.stack.profile ?? process.env['AWS_PROFILE'];
  const name = profile ?? 'default';
  const login = (await ProfileFiles.read()).root(name);
  cloud.touch(); // a code that was declined may be asked for again
  const command = commandFor(login);
  if (command) return inTerminal(cloud, command);
  const again = vscode.l10n.t('Try Again');
  const another = vscode.l10n.t('Select AWS Profile');
  const message = inEditor(renewal({ ...(login || profile !== undefined ? { profile: name } : {}), login }));
  const chosen = await vscode.window.showInformationMessage(message, again, another);
  if (chosen === again) cloud.touch();
  else if (chosen === another) await vscode.commands.executeCommand('mailwright.selectProfile');
}

function commandFor(login: ProfileSummary | undefined): string[] | undefined {
  switch (login?.kind) {
    case 'sso':
      return ['sso', 'login', '--profile', login.name];
    case 'login':
      return ['login', '--profile', login.name];
    default:
      return undefined;
  }
}

/** The program is run itself, not typed into a shell, so that the name of a profile is nothing but a name. */
function inTerminal(cloud: Cloud, args: string[]): void {
  const terminal = vscode.window.createTerminal({ name: vscode.l10n.t('Sign in to AWS'), shellPath: 'aws', shellArgs: args });
  const closing = vscode.window.onDidCloseTerminal((closed) => {
    if (closed !== terminal) return;
    closing.dispose();
    cloud.touch();
  });
  cloud.whenDisposed(closing);
  terminal.show();
}
