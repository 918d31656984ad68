import { join } from 'node:path';
import * as vscode from 'vscode';
import { registerAws } from './aws/commands.ts';
import { Cloud } from './aws/cloud.ts';
import { registerJobs } from './commands/jobs.ts';
import { showsErrors } from './errors.ts';
import { registerJobFiles } from './jobfiles/register.ts';
import { Jobs } from './jobs/jobs.ts';
import { registerMailPreview } from './preview/mail-preview.ts';
import { registerMessages } from './preview/messages.ts';
import { registerScore } from './score/register.ts';
import { installationIn, type Services } from './services.ts';
import { corporaSetting } from './settings.ts';
import { registerNewCorpus } from './views/new-corpus.ts';

export function activate(context: vscode.ExtensionContext): Services {
  const services = servicesOf(context);
  context.subscriptions.push(
    registerAws(services),
    registerJobs(services),
    registerMessages(services),
    registerMailPreview(services),
    registerNewCorpus(services),
    registerJobFiles(services),
    registerScore(services),
  );
  return services;
}

function servicesOf(context: vscode.ExtensionContext): Services {
  const log = vscode.window.createOutputChannel('Mailwright', { log: true });
  const installation = installationIn(context.extensionPath);
  const cloud = new Cloud();
  const jobs = new Jobs({
    folder: join(context.globalStorageUri.fsPath, 'jobs'),
    installation,
    engines: cloud,
    stack: () => cloud.stack,
    corpora: corporaSetting,
    log,
  });
  context.subscriptions.push(log, cloud, jobs);
  return { context, log, installation, jobs, cloud, show: showsErrors(log) };
}
