import * as vscode from 'vscode';
import { registerCommand } from '../commands/job-commands.ts';
import type { Services } from '../services.ts';
import { deployStack } from './deploy.ts';
import { destroyStack } from './destroy.ts';
import { pickProfile, pickRegion } from './pickers.ts';
import { signIn } from './sign-in.ts';

/** The commands about the user's AWS account and its stack. */
export function registerAws(services: Services): vscode.Disposable {
  const { cloud } = services;
  return vscode.Disposable.from(
    registerCommand(services, 'mailwright.selectProfile', () => pickProfile(cloud)),
    registerCommand(services, 'mailwright.selectRegion', () => pickRegion(cloud)),
    registerCommand(services, 'mailwright.signIn', () => signIn(cloud)),
    registerCommand(services, 'mailwright.deploy', () => deployStack(services)),
    registerCommand(services, 'mailwright.destroy', () => destroyStack(services)),
  );
}
