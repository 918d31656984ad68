import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { isActive } from '../jobs/reducer.ts';
import type { Texts } from '../jobs/texts.ts';
import type { Services } from '../services.ts';
import { corporaSetting } from '../settings.ts';
import { registerJobCommand } from './job-commands.ts';
import { revealFolder } from './reveal.ts';

/** Download Corpus…: from the cloud into a folder. Downloading again goes on where it was stopped. */
export function registerDownload(services: Services, texts: Texts): vscode.Disposable {
  const { cloud } = services;
  const { t } = vscode.l10n;
  return registerJobCommand(services, texts, {
    command: 'mailwright.download',
    ask: t('Download the corpus of which job?'),
    suits: (job) => job.where.target === 'aws' && !isActive(job),
    none: t('There is no job on AWS that has ended.'),
    does: async ({ job, where }) => {
      if (where.target !== 'aws') return;
      const parts = [
        { label: t('The whole corpus'), description: t('messages, ground truth and records'), withoutMessages: false },
        { label: t('Ground truth only'), description: t('and the record of the job'), withoutMessages: true },
      ];
      const part = await vscode.window.showQuickPick(parts, { placeHolder: t('Download what?') });
      if (!part) return;
      const chosen = await vscode.window.showOpenDialog({
        canSelectFolders: true,
        canSelectFiles: false,
        defaultUri: vscode.Uri.file(nearest(corporaSetting())),
        openLabel: t('Download Here'),
        title: t('The corpus gets a folder of its own in this one'),
      });
      if (!chosen?.[0]) return;
      const folder = join(chosen[0].fsPath, job);
      const engine = await cloud.engine(where);
      const pulled = await vscode.window.withProgress(
        { location: vscode.ProgressLocation.Notification, title: t('Downloading the corpus'), cancellable: true },
        async (progress, cancelled) => {
          const stop = new AbortController();
          cancelled.onCancellationRequested(() => stop.abort());
          let seen = 0;
          return engine.pull(job, {
            folder,
            withoutMessages: part.withoutMessages,
            signal: stop.signal,
            onProgress: ({ messages, of }) => {
              progress.report({
                increment: of === 0 ? 0 : ((messages - seen) * 100) / of,
                message: t('{0} of {1} messages', texts.count(messages), texts.count(of)),
              });
              seen = messages;
            },
          });
        },
      );
      const open = t('Reveal Folder');
      const message = part.withoutMessages
        ? t('The ground truth is in {0}', pulled.folder)
        : t('{0} messages are in {1}', texts.count(pulled.messages), pulled.folder);
      if ((await vscode.window.showInformationMessage(message, open)) === open) await revealFolder(pulled.folder);
    },
  });
}

/** The folder itself, or what is there above it: a dialog takes nothing that is not there. */
const nearest = (folder: string): string => (existsSync(folder) || dirname(folder) === folder ? folder : nearest(dirname(folder)));
