import * as vscode from 'vscode';
import { Figures } from '../jobs/figures.ts';
import { registerNotifications } from '../jobs/notifications.ts';
import { registerStatusBar } from '../jobs/status-bar.ts';
import { Texts } from '../jobs/texts.ts';
import type { Services } from '../services.ts';
import { registerJobsTree } from '../views/jobs-tree.ts';
import { registerActions } from './actions.ts';
import { registerDownload } from './download.ts';
import { registerFind } from './find.ts';
import { registerOpening } from './opening.ts';
import { registerRemoval } from './removal.ts';

/** All about jobs: the tree, the status bar, notifications, commands. */
export function registerJobs(services: Services): vscode.Disposable {
  const { jobs, cloud } = services;
  const texts = new Texts(vscode.l10n.t, new Figures(vscode.env.language));
  return vscode.Disposable.from(
    registerNotifications(services, texts),
    registerStatusBar(services, texts),
    registerJobsTree(services, texts),
    registerActions(services, texts),
    registerOpening(services, texts),
    registerRemoval(services, texts),
    registerFind(services, texts),
    registerDownload(services, texts),
    cloud.onDidChange(() => jobs.refresh()),
    // What was missed, by whatever watches files, or while this machine was asleep, is seen now.
    vscode.window.onDidChangeWindowState(({ focused }) => {
      if (focused) jobs.refresh();
    }),
  );
}
