import * as vscode from 'vscode';
import * as z from 'zod';
import type { Description } from '../../job/calls.ts';
import { jobSpecSchema, parseSpec, SpecError } from '../../job/spec.ts';
import type { Estimated, NewCorpusCalls, NewCorpusEvents, Snapshot, Target } from '../../protocol/new-corpus.ts';
import { inEditor, isCancellation, wantsLogin } from '../error-words.ts';
import { baseOf } from '../jobfiles/files.ts';
import { Figures } from '../jobs/figures.ts';
import type { Source } from '../preview/corpora.ts';
import { previewsOf } from '../preview/previews.ts';
import type { Services } from '../services.ts';
import { targetSetting } from '../settings.ts';
import { type Handlers, openChannel } from './channel.ts';
import { consentsToCloud } from './consent.ts';
import { estimatedOf, impossible } from './estimated.ts';
import { knownIn } from './known.ts';
import { Latest } from './latest.ts';
import { newCorpusPage } from './new-corpus-page.ts';
import { pageFiles } from './page-files.ts';
import { freshNonce } from './webview-page.ts';

/** Shows the form in its view, and answers its calls for as long as the view is there. */
export function showNewCorpus(services: Services, view: vscode.WebviewView): void {
  const { cloud, log } = services;
  const { webview } = view;
  const host = new NewCorpusHost(services, (snapshot) => channel.tell('snapshot', snapshot));
  const files = pageFiles(services, webview, 'new-corpus');
  const channel = openChannel<NewCorpusCalls, NewCorpusEvents>({
    webview,
    handlers: host.handlers,
    failed: (call, error) => {
      if (isCancellation(error)) return;
      log.warn(`New Corpus, ${call}: ${String(error)}`);
      // The page says what is wrong; only here can something be done about it.
      if (call === 'run' && wantsLogin(error)) services.show(error);
    },
  });
  const disposables = [channel, cloud.onDidChange(() => void host.askStack())];
  view.onDidDispose(() => disposables.forEach((one) => void one.dispose()));
  webview.html = newCorpusPage({
    ...files,
    nonce: freshNonce(),
    title: vscode.l10n.t('New Corpus'),
    bundle: vscode.l10n.bundle,
  });
}

/** Where the draft is kept in the workspace's memento. */
const DRAFT = 'mailwright.newCorpus.draft';

const draft = z.record(z.string(), z.unknown());
const target = z.enum(['local', 'aws']);
const nothing = z.undefined();
const kept = z.object({ draft, target });

class NewCorpusHost {
  private readonly services: Services;
  private readonly tell: (snapshot: Snapshot) => void;
  private readonly estimates = new Latest();
  private readonly figures = new Figures(vscode.env.language);
  private readonly words = {
    t: (text: string, ...values: string[]): string => vscode.l10n.t(text, ...values),
    count: (n: number): string => this.figures.count(n),
    dollars: (n: number): string => this.figures.dollars(n),
  };
  private known: Promise<Snapshot['known']> | undefined;
  private stack: Description | undefined;
  private trouble: string | undefined;
  private asked = 0;

  readonly handlers: Handlers<NewCorpusCalls> = {
    load: {
      argument: nothing,
      answer: () => {
        if (this.kept().target === 'aws' && !this.stack) void this.askStack();
        return this.snapshot();
      },
    },
    draft: {
      argument: kept,
      answer: async (made) => {
        const before = this.kept().target;
        await this.services.context.workspaceState.update(DRAFT, made);
        if (made.target === 'aws' && before !== 'aws') void this.askStack();
        return undefined;
      },
    },
    estimate: { argument: kept, answer: (asked) => worded(() => this.estimate(asked.draft, asked.target)) },
    preview: {
      argument: z.object({ draft, index: z.number().int().nonnegative() }),
      answer: async ({ draft: spec, index }) =>
        void (await vscode.commands.executeCommand('mailwright.previewMessage', { spec, base: baseOf(undefined), index })),
    },
    save: { argument: z.object({ draft }), answer: (asked) => worded(() => save(draft.parse(asked.draft))) },
    run: { argument: kept, answer: (asked) => worded(() => this.run(asked.draft, asked.target)) },
    pickProfile: { argument: nothing, answer: () => command('mailwright.selectProfile') },
    pickRegion: { argument: nothing, answer: () => command('mailwright.selectRegion') },
    deploy: { argument: nothing, answer: () => command('mailwright.deploy') },
  };

  constructor(services: Services, tell: (snapshot: Snapshot) => void) {
    this.services = services;
    this.tell = tell;
  }

  /** Asks the stack what it is and allows, and tells the page. Not while no corpus is to go there. */
  async askStack(): Promise<void> {
    if (this.kept().target !== 'aws') {
      this.stack = undefined;
      return;
    }
    const mine = ++this.asked;
    let [stack, trouble]: [Description | undefined, string | undefined] = [undefined, undefined];
    try {
      stack = await this.services.cloud.describe();
    } catch (error) {
      trouble = inEditor((error as Error).message);
    }
    if (mine !== this.asked) return;
    this.stack = stack;
    this.trouble = trouble;
    this.tell(await this.snapshot());
  }

  private kept(): z.output<typeof kept> {
    const found = kept.safeParse(this.services.context.workspaceState.get(DRAFT));
    if (found.success) return found.data;
    return { draft: {}, target: targetSetting() };
  }

  private async snapshot(): Promise<Snapshot> {
    this.known ??= knownIn(this.services.installation.packs);
    const { profile, region } = this.services.cloud.stack;
    const { stack, trouble } = this;
    return {
      ...this.kept(),
      known: await this.known,
      aws: {
        profile,
        region: stack?.region ?? region,
        stack: stack && { bucket: stack.bucket, expiryDays: stack.expiryDays, messages: stack.limits.messages, cost: stack.limits.cost },
        trouble,
      },
    };
  }

  private async estimate(spec: unknown, where: Target): Promise<Estimated> {
    try {
      const source = sourceOf(spec);
      const figures = await this.estimates.do(() => previewsOf(this.services).generation.estimate(source, this.stack));
      return estimatedOf(figures, where, this.stack, this.words);
    } catch (error) {
      if (error instanceof SpecError) return impossible(error.problems);
      throw error;
    }
  }

  private async run(spec: unknown, where: Target): Promise<{ readonly job: string } | undefined> {
    const source = sourceOf(spec);
    if (where === 'aws' && !(await consentsToCloud(this.services, source))) return undefined;
    const { job } = await vscode.window.withProgress({ location: { viewId: 'mailwright.jobs' } }, () =>
      this.services.jobs.start({ ...source, target: where }),
    );
    await vscode.commands.executeCommand('mailwright.jobs.focus', { preserveFocus: true });
    return { job };
  }
}

/** A draft has no folder of its own: its packs are relative to the workspace. */
const sourceOf = (spec: unknown): Source => ({ spec: parseSpec(spec), base: baseOf(undefined) });

const command = async (name: string): Promise<undefined> => void (await vscode.commands.executeCommand(name));

/** The errors of the engines speak of the command line; those that a page is told of, of the editor. */
async function worded<T>(does: () => Promise<T>): Promise<T> {
  try {
    return await does();
  } catch (error) {
    if (error instanceof Error && !isCancellation(error)) error.message = inEditor(error.message);
    throw error;
  }
}

/** Saves a draft as a job file, and opens it. */
async function save(spec: Record<string, unknown>): Promise<undefined> {
  const { t } = vscode.l10n;
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const uri = await vscode.window.showSaveDialog({
    ...(folder && { defaultUri: vscode.Uri.joinPath(folder, 'corpus.mailwright.json') }),
    filters: { [t('Job file')]: ['json'] }, // a longer ending is put behind a name that has it already
    title: t('Save as Job File'),
  });
  if (!uri) return;
  const named = uri.path.endsWith('.mailwright.json')
    ? uri
    : uri.with({ path: `${uri.path.replace(/(\.mailwright)?(\.json)?$/, '')}.mailwright.json` });
  await vscode.workspace.fs.writeFile(named, Buffer.from(`${JSON.stringify(inOrder({ version: 1, ...spec }), undefined, 2)}\n`));
  await vscode.window.showTextDocument(named);
}

/** In the order of the reference, whatever was set first. */
function inOrder(spec: Record<string, unknown>): Record<string, unknown> {
  const order = Object.keys(jobSpecSchema.shape);
  return Object.fromEntries(Object.entries(spec).sort(([a], [b]) => order.indexOf(a) - order.indexOf(b)));
}
