import { dirname, join } from 'node:path';
import { DEFAULT_STACK } from '../../engine/aws/client/target.ts';
import type { Identity } from '../../engine/aws/deploy/account.ts';
import { readBundle } from '../../engine/aws/deploy/bundle.ts';
import type { Change } from '../../engine/aws/deploy/change-set.ts';
import { deploy as deployStack, type Deployed, type DeployNews, type DeployQuestion } from '../../engine/aws/deploy/deploy.ts';
import { consents } from '../ask.ts';
import type { Installation } from '../installation.ts';
import { bytes, table } from '../output.ts';
import { type StackOptions, stackText } from '../places.ts';
import { UsageError } from '../usage-error.ts';
import { withAccount } from './account.ts';
import { say } from '../watch.ts';
import { eventLine, isRepeated, stackIn, tell } from './stack-output.ts';

export interface DeployOptions extends StackOptions {
  /** "Name=value" */
  readonly parameter?: readonly string[];
  /** A mail address. */
  readonly notify?: string;
  readonly yes?: boolean;
  readonly json?: boolean;
}

/** `mailwright deploy`: sets up a stack, or brings it up to date. Answers with the exit code. */
export async function deploy(options: DeployOptions, installation: Installation): Promise<number> {
  const bundle = readBundle(join(dirname(installation.command), 'infra'));
  const parameters = parametersOf(options);
  const { stack = DEFAULT_STACK } = options;
  return withAccount(options, async (account) => {
    const { identity } = account;
    if (options.json) say({ event: 'account', ...identity, stack });
    else tell(`Mailwright ${bundle.version} (generator ${bundle.generator}) to ${stackIn(stack, identity)}`);
    const deployed = await deployStack(account, {
      bundle,
      stack,
      parameters,
      consent: (question) => consents(questionText(question, identity), options.yes),
      report: options.json ? say : show,
    });
    if (options.json) say({ event: 'ended', ...deployed });
    else process.stdout.write(summary(deployed, options, stack));
    return { created: 0, updated: 0, unchanged: 0, declined: 1, interrupted: 130 }[deployed.status];
  });
}

function parametersOf({ parameter = [], notify }: DeployOptions): Record<string, string> {
  const given = parameter.map((text): [string, string] => {
    const [, name, value] = /^(\w+)=(.*)$/s.exec(text) ?? [];
    if (name === undefined || value === undefined)
      throw new UsageError(`--parameter ${text}: it has to be the name of a parameter, "=" and its value, such as Concurrency=16`);
    return [name, value];
  });
  return { ...Object.fromEntries(given), ...(notify !== undefined && { NotifyEmail: notify }) };
}

function questionText(question: DeployQuestion, identity: Identity): string {
  switch (question.about) {
    case 'failed stack':
      return `The first creation of the stack ${question.stack} failed (${question.status}). Delete what is left of it, and begin anew?`;
    case 'changes': {
      const dangers = question.changes.filter(({ danger }) => danger !== undefined).length;
      return `Make these changes in account ${identity.account}, ${identity.region}${dangers > 0 ? ', DANGER and all' : ''}?`;
    }
  }
}

function show(news: DeployNews): void {
  if (news.event === 'resource' && isRepeated(news)) return;
  tell(newsText(news));
}

function newsText(news: DeployNews): string {
  switch (news.event) {
    case 'bucket':
      return `${news.made ? 'Made' : 'Found'} the bucket ${news.bucket}, which code is deployed from`;
    case 'artifact':
      return `${news.already ? 'There already' : 'Uploaded'}: ${news.key} (${bytes(news.bytes)})`;
    case 'changes':
      return changesText(news.changes);
    case 'resource':
      return eventLine(news);
  }
}

function changesText(changes: readonly Change[]): string {
  if (changes.length === 0) return '\nNo resource changes, only parameters or outputs.';
  const rows = changes.map(({ action, replacement, resource, type }) => [
    replacement === 'True' ? 'Replace' : replacement === 'Conditional' ? 'Modify or replace' : action,
    resource,
    type,
  ]);
  const dangers = changes.flatMap(({ resource, danger }) => (danger === undefined ? [] : [`DANGER  ${resource}: ${danger}`]));
  return ['', table([['CHANGE', 'RESOURCE', 'TYPE'], ...rows]), ...dangers].join('\n');
}

function summary(deployed: Deployed, options: DeployOptions, stack: string): string {
  switch (deployed.status) {
    case 'declined':
      return 'Nothing was changed.\n';
    case 'interrupted':
      return deployed.goesOn
        ? `\nInterrupted. CloudFormation goes on making the stack ${stack}: mailwright deploy${stackText(options)} tells later how that ended, mailwright destroy${stackText(options)} removes it.\n`
        : `\nInterrupted. The stack ${stack} is as it was.\n`;
    default:
      return [
        '',
        {
          created: `The stack ${stack} is there.`,
          updated: `The stack ${stack} has been updated.`,
          unchanged: `The stack ${stack} is up to date.`,
        }[deployed.status],
        ...(options.notify && deployed.status !== 'unchanged'
          ? [`${options.notify} gets mail that asks to confirm: without that, it gets no other.`]
          : []),
        table(Object.entries(deployed.outputs)),
        `Next: mailwright start --messages 1000${stackText(options)}`,
        '',
      ].join('\n');
  }
}
