import * as vscode from 'vscode';
import type { Account } from '../../engine/aws/deploy/account.ts';
import type { ResourceEvent } from '../../engine/aws/deploy/events.ts';
import type { Services } from '../services.ts';

/** The progress of something that is done to a stack: shown, and logged in full. */
export interface Steps {
  step(text: string): void;
  readonly log: vscode.LogOutputChannel;
}

/** Does something with the user's account, with progress that can be cancelled. */
export async function withAccount<R>(
  { cloud, log }: Services,
  title: string,
  use: (account: Account, steps: Steps) => Promise<R>,
): Promise<R> {
  const { Account } = await import('../../engine/aws/deploy/account.ts');
  return vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title, cancellable: true },
    async (progress, cancelled) => {
      const stop = new AbortController();
      cancelled.onCancellationRequested(() => {
        progress.report({ message: vscode.l10n.t('stopping …') });
        stop.abort();
      });
      const steps: Steps = {
        log,
        step: (text) => {
          log.info(text);
          if (!stop.signal.aborted) progress.report({ message: text });
        },
      };
      const account = await Account.open(cloud.target(cloud.stack), stop.signal);
      try {
        return await use(account, steps);
      } finally {
        account.close();
      }
    },
  );
}

/** "Worker: CREATE_IN_PROGRESS" */
export const eventText = ({ resource, status, reason }: ResourceEvent): string =>
  `${resource}: ${status}${reason === undefined ? '' : ` (${reason})`}`;
