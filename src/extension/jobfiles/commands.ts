import * as vscode from 'vscode';
import { registerCommand } from '../commands/job-commands.ts';
import { Figures } from '../jobs/figures.ts';
import { previewsOf } from '../preview/previews.ts';
import type { Services } from '../services.ts';
import { targetSetting } from '../settings.ts';
import { previewUri } from '../uris.ts';
import { baseOf } from './files.ts';
import { type ChosenSpec, chosenFile, specOfFile } from './job-file.ts';

/** What other features give mailwright.previewMessage in the place of a file: a job spec as it was written, and which message where that is known. */
export interface PreviewRequest {
  readonly spec: unknown;
  readonly base?: string;
  readonly index?: number;
}

/** The commands of job files. Each takes the URI of one; else it is about the active editor's, or one that the user picks. */
export function registerCommands(services: Services): vscode.Disposable {
  /** The index that was last asked for, of each file. */
  const indices = new Map<string, number>();
  const withFile = async (given: unknown, does: (spec: ChosenSpec, uri: vscode.Uri) => Promise<void>): Promise<void> => {
    const uri = await chosenFile(given);
    if (uri) await does(await specOfFile(uri), uri);
  };
  return vscode.Disposable.from(
    registerCommand(services, 'mailwright.previewMessage', async (given) => {
      if (isRequest(given)) {
        const spec = await specOfRequest(given);
        return preview(services, spec, async () => given.index ?? askIndex(spec, 0));
      }
      await withFile(given, (spec, uri) =>
        preview(services, spec, async () => {
          const key = uri.toString();
          const index = await askIndex(spec, indices.get(key) ?? 0);
          if (index !== undefined) indices.set(key, index);
          return index;
        }),
      );
    }),
    registerCommand(services, 'mailwright.estimate', (given) => withFile(given, (spec, uri) => estimate(services, spec, uri))),
    registerCommand(services, 'mailwright.runJobFile', (given) => withFile(given, (spec) => run(services, spec))),
  );
}

const isRequest = (given: unknown): given is PreviewRequest =>
  typeof given === 'object' && given !== null && !(given instanceof vscode.Uri) && 'spec' in given;

async function specOfRequest({ spec, base = baseOf(undefined) }: PreviewRequest): Promise<ChosenSpec> {
  const { parseSpec } = await import('../../job/spec.ts');
  return { spec: parseSpec(spec), base, name: vscode.l10n.t('New Corpus') };
}

/** Shows that something is being done, below; opening a window for a second would be worse than nothing. */
const working = <T>(title: string, does: () => Promise<T>): Thenable<T> =>
  vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title }, does);

/** `which` answers with the index of the message; undefined: the user thought better of it. */
async function preview(services: Services, { spec, base }: ChosenSpec, which: () => Promise<number | undefined>): Promise<void> {
  const { generation, specs } = previewsOf(services);
  const checking = generation.check({ spec, base }); // begins while the user thinks
  checking.catch(() => {});
  const index = await which();
  if (index === undefined) return;
  const uri = await working(vscode.l10n.t('Making message {0}', index), async () => {
    const { digest } = await checking;
    specs.remember(digest, { spec, base });
    const made = previewUri(digest, index);
    await vscode.workspace.fs.stat(made);
    return made;
  });
  await vscode.window.showTextDocument(uri, { preview: true });
}

async function askIndex({ name, spec: { messages } }: ChosenSpec, suggested: number): Promise<number | undefined> {
  const figures = new Figures(vscode.env.language);
  const wrong = vscode.l10n.t('A whole number from 0 to {0}', figures.count(messages - 1));
  const indexOf = (text: string): number | undefined => {
    const plain = text.trim().replaceAll(/[,_ ]/g, '');
    return /^\d{1,9}$/.test(plain) && Number(plain) < messages ? Number(plain) : undefined;
  };
  const given = await vscode.window.showInputBox({
    title: vscode.l10n.t('Preview a message of {0}', name),
    prompt: wrong,
    value: String(Math.min(suggested, messages - 1)),
    validateInput: (text) => (indexOf(text) === undefined ? wrong : undefined),
  });
  return given === undefined ? undefined : indexOf(given);
}

async function estimate(services: Services, { spec, base, name }: ChosenSpec, uri: vscode.Uri): Promise<void> {
  const found = await working(vscode.l10n.t('Estimating {0}', name), () => previewsOf(services).generation.estimate({ spec, base }));
  const { estimateText } = await import('./estimate.ts');
  const figures = new Figures(vscode.env.language);
  const { short, detail } = estimateText(name, found, {
    count: (n) => figures.count(n),
    bytes: (n) => figures.bytes(n),
    duration: (seconds) => figures.duration(seconds),
    dollars: (n) => figures.dollars(n),
    t: (text, ...values) => vscode.l10n.t(text, ...values),
  });
  services.log.info(`${short}\n${detail}`);
  void offer(short, detail, uri).catch(services.show);
}

/** A message that waits for nobody. */
async function offer(short: string, detail: string, uri: vscode.Uri): Promise<void> {
  const run = vscode.l10n.t('Run');
  const details = vscode.l10n.t('Details');
  const chosen = await vscode.window.showInformationMessage(short, details, run);
  const then = chosen === details ? await vscode.window.showInformationMessage(short, { modal: true, detail }, run) : chosen;
  if (then === run) await vscode.commands.executeCommand('mailwright.runJobFile', uri);
}

/** Starts the job where new jobs go; in the cloud, the user first sees what that means. */
async function run(services: Services, { spec, base, name }: ChosenSpec): Promise<void> {
  const target = targetSetting();
  if (target === 'aws') {
    const { consentsToCloud } = await import('../views/consent.ts');
    if (!(await consentsToCloud(services, { spec, base }))) return;
  }
  await vscode.window.withProgress({ location: { viewId: 'mailwright.jobs' } }, () =>
    working(vscode.l10n.t('Starting {0}', name), () => services.jobs.start({ spec, target, base })),
  );
  await vscode.commands.executeCommand('mailwright.jobs.focus');
}
