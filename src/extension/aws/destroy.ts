import * as vscode from 'vscode';
import type { Identity } from '../../engine/aws/deploy/account.ts';
import type { DestroyNews, DestroyQuestion } from '../../engine/aws/deploy/destroy.ts';
import type { Services } from '../services.ts';
import { eventText, type Steps, withAccount } from './account.ts';

/** Destroy Stack: removes it and all that it holds. A modal says first what will be lost. */
export async function destroyStack(services: Services): Promise<void> {
  const { t } = vscode.l10n;
  const { destroy } = await import('../../engine/aws/deploy/destroy.ts');
  const { DEFAULT_STACK } = await import('../../engine/aws/client/target.ts');
  const stack = services.cloud.stack.stack ?? DEFAULT_STACK;
  const { status } = await withAccount(services, t('Destroying the stack {0}', stack), (account, steps) =>
    destroy(account, {
      stack,
      deleteCorpora: true, // the modal names them
      consent: (question) => consent(question, account.identity),
      report: (news) => tell(news, steps),
    }),
  );
  services.cloud.touch();
  const text = {
    destroyed: t('The stack {0} has been destroyed.', stack),
    absent: t('There is no stack {0} to destroy.', stack),
    interrupted: t('Interrupted. What was deleted is gone; destroying again goes on with the rest.'),
  };
  if (status !== 'declined') void vscode.window.showInformationMessage(text[status]);
}

async function consent({ stack, buckets, artifacts }: DestroyQuestion, { account, region }: Identity): Promise<boolean> {
  const { t } = vscode.l10n;
  const corpora = buckets.reduce((sum, { jobs }) => sum + jobs, 0);
  const lines = [
    t('Account {0}, region {1}', account, region),
    stack === undefined ? t('There is no stack of this name.') : t('The stack {0}: jobs that are running stop for good.', stack),
    ...buckets.map(({ bucket, jobs }) =>
      jobs === 0 ? t('The bucket {0}, without a corpus in it.', bucket) : t('The bucket {0} with the corpora of {1} jobs.', bucket, jobs),
    ),
    ...(artifacts === undefined ? [] : [t('The bucket {0}, which code was deployed from.', artifacts)]),
  ];
  const yes = corpora > 0 ? t('Destroy with Corpora') : t('Destroy');
  const chosen = await vscode.window.showWarningMessage(t('Destroy all of this?'), { modal: true, detail: lines.join('\n') }, yes);
  if (chosen !== yes || corpora === 0) return chosen === yes;
  // Corpora cannot be brought back: a click alone is not enough.
  const word = stack ?? '';
  const typed = await vscode.window.showInputBox({
    prompt: t('Corpora of {0} jobs will be lost. Type the name of the stack, {1}, to destroy it.', corpora, word),
    ignoreFocusOut: true,
    validateInput: (text) => (text.trim() === word ? undefined : t('Type {0}', word)),
  });
  return typed?.trim() === word;
}

function tell(news: DestroyNews, { step }: Steps): void {
  const { t } = vscode.l10n;
  switch (news.event) {
    case 'emptied':
      return step(t('{0}: {1} objects deleted', news.bucket, news.objects));
    case 'resource':
      return step(eventText(news));
    case 'artifacts':
      if (news.neededBy.length > 0) step(t('The bucket {0} stays: {1} needs it.', news.bucket, news.neededBy.join(', ')));
  }
}
