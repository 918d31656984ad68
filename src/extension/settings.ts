import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import * as vscode from 'vscode';
import type { CloudWhere, Where } from './jobs/job.ts';

/** The settings of the extension, by their keys. */
const SECTION = 'mailwright';
const CORPORA = 'corpora.folder';
const TARGET = 'target';
export const PROFILE = 'aws.profile';
export const REGION = 'aws.region';
const STACK = { profile: PROFILE, region: REGION, endpoint: 'aws.endpoint', stack: 'aws.stack', function: 'aws.function' } as const;

const text = (key: string): string | undefined => vscode.workspace.getConfiguration(SECTION).get<string>(key)?.trim() || undefined;

/** The stack that new jobs go to. What is not set is found where the AWS command line finds it. */
export const stackSetting = (): CloudWhere => ({
  target: 'aws',
  ...Object.fromEntries(Object.entries(STACK).flatMap(([name, key]) => (text(key) === undefined ? [] : [[name, text(key)]]))),
});

/** Where new jobs are carried out. */
export const targetSetting = (): Where['target'] => (text(TARGET) === 'aws' ? 'aws' : 'local');

/** The folder that new corpora go into. */
export function corporaSetting(): string {
  const set = (text(CORPORA) ?? '~/Mailwright').replace(/^~(?=$|[/\\])/, homedir());
  return isAbsolute(set) ? set : join(homedir(), set);
}

/** Sets one where it is set already: in the workspace, or else for the user. */
export async function set(key: string, value: string | undefined): Promise<void> {
  const configuration = vscode.workspace.getConfiguration(SECTION);
  const isOfWorkspace = configuration.inspect(key)?.workspaceValue !== undefined;
  await configuration.update(key, value, isOfWorkspace ? vscode.ConfigurationTarget.Workspace : vscode.ConfigurationTarget.Global);
}

/** Whether a change is one of the settings that name the stack. */
export const isOfStack = (event: vscode.ConfigurationChangeEvent): boolean =>
  Object.values(STACK).some((key) => event.affectsConfiguration(`${SECTION}.${key}`));
