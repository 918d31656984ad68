import * as vscode from 'vscode';
import type { Identity } from '../../engine/aws/deploy/account.ts';
import type { Change } from '../../engine/aws/deploy/change-set.ts';
import type { Deployed, DeployNews, DeployQuestion } from '../../engine/aws/deploy/deploy.ts';
import type { Services } from '../services.ts';
import { eventText, type Steps, withAccount } from './account.ts';

/** Deploy Stack: sets up the stack that the settings name, or brings it up to date. What would change is shown first. */
export async function deployStack(services: Services): Promise<void> {
  const { t } = vscode.l10n;
  const { cloud, installation } = services;
  const { readBundle } = await import('../../engine/aws/deploy/bundle.ts');
  const { deploy } = await import('../../engine/aws/deploy/deploy.ts');
  const { DEFAULT_STACK } = await import('../../engine/aws/client/target.ts');
  const bundle = readBundle(installation.infra);
  const stack = cloud.stack.stack ?? DEFAULT_STACK;
  const deployed = await withAccount(services, t('Deploying the stack {0}', stack), (account, steps) => {
    steps.step(t('account {0}, {1}', account.identity.account, account.identity.region));
    return deploy(account, {
      bundle,
      stack,
      parameters: {},
      consent: (question) => consent(question, account.identity, stack),
      report: (news) => tell(news, steps),
    });
  });
  cloud.touch();
  await ended(deployed, stack);
}

async function consent(question: DeployQuestion, { account, region }: Identity, stack: string): Promise<boolean> {
  const { t } = vscode.l10n;
  if (question.about === 'failed stack') {
    const yes = t('Delete It and Deploy');
    const message = t('The first creation of the stack {0} failed ({1}).', question.stack, question.status);
    return (
      (await vscode.window.showWarningMessage(
        message,
        { modal: true, detail: t('What is left of it is deleted before it is made anew.') },
        yes,
      )) === yes
    );
  }
  const { changes } = question;
  const dangers = changes.filter(({ danger }) => danger !== undefined);
  const yes = t('Deploy');
  const show = t('Show Changes');
  const detail = [
    t('Account {0}, region {1}', account, region),
    countsOf(changes),
    ...dangers.map(({ resource, danger }) => t('Danger: {0}: {1}', resource, danger!)),
  ].join('\n');
  for (;;) {
    const ask = dangers.length > 0 ? vscode.window.showWarningMessage : vscode.window.showInformationMessage;
    const chosen = await ask(t('Make these changes to the stack {0}?', stack), { modal: true, detail }, yes, show);
    if (chosen !== show) return chosen === yes;
    if (await list(changes, yes)) return true;
  }
}

function countsOf(changes: readonly Change[]): string {
  const { t } = vscode.l10n;
  if (changes.length === 0) return t('No resource changes, only parameters or outputs.');
  const counts = new Map<string, number>();
  for (const change of changes) counts.set(actionOf(change), (counts.get(actionOf(change)) ?? 0) + 1);
  return [...counts].map(([action, count]) => `${action}: ${count}`).join(', ');
}

/** CloudFormation's own words. */
const actionOf = ({ action, replacement }: Change): string =>
  replacement === 'True' ? 'Replace' : replacement === 'Conditional' ? 'Modify or replace' : action;

/** The whole change set, to be searched; answers whether it is to be made. */
async function list(changes: readonly Change[], yes: string): Promise<boolean> {
  const rows = changes.map((change) => ({
    label: change.resource,
    description: `${actionOf(change)} · ${change.type}`,
    ...(change.danger !== undefined && { detail: `$(warning) ${change.danger}` }),
    consents: false,
  }));
  const items = [{ label: `$(rocket) ${yes}`, description: '', consents: true }, ...rows];
  const chosen = await vscode.window.showQuickPick(items, {
    placeHolder: vscode.l10n.t('{0} changes; Escape goes back', changes.length),
    matchOnDescription: true,
    ignoreFocusOut: true,
  });
  return chosen?.consents ?? false;
}

function tell(news: DeployNews, { step, log }: Steps): void {
  const { t } = vscode.l10n;
  switch (news.event) {
    case 'bucket':
      return step(news.made ? t('made the bucket {0}', news.bucket) : t('found the bucket {0}', news.bucket));
    case 'artifact':
      return step(news.already ? t('there already: {0}', news.key) : t('uploaded {0}', news.key));
    case 'changes':
      for (const change of news.changes)
        log.info(`${actionOf(change)} ${change.resource} (${change.type})${change.danger === undefined ? '' : `: ${change.danger}`}`);
      return step(t('{0} changes', news.changes.length));
    case 'resource':
      return step(eventText(news));
  }
}

async function ended(deployed: Deployed, stack: string): Promise<void> {
  const { t } = vscode.l10n;
  switch (deployed.status) {
    case 'declined':
      return;
    case 'interrupted':
      await vscode.window.showWarningMessage(
        deployed.goesOn
          ? t('CloudFormation goes on making the stack {0}. Deploying again tells how that ended; destroying removes it.', stack)
          : t('Interrupted. The stack {0} is as it was.', stack),
      );
      return;
    default: {
      const text = {
        created: t('The stack {0} is there.', stack),
        updated: t('The stack {0} has been updated.', stack),
        unchanged: t('The stack {0} is up to date.', stack),
      };
      const next = t('New Corpus');
      if ((await vscode.window.showInformationMessage(text[deployed.status], next)) === next)
        await vscode.commands.executeCommand('mailwright.newCorpus.focus');
    }
  }
}
