import * as vscode from 'vscode';
import type { TrackedJob } from '../jobs/job.ts';
import { statusOf } from '../jobs/reducer.ts';
import type { Texts } from '../jobs/texts.ts';
import type { Services } from '../services.ts';
import { uriOf } from '../uris.ts';
import { choose, registerJobCommand } from './job-commands.ts';

/** Opens what a finished job has left. */
export function registerOpening(services: Services, texts: Texts): vscode.Disposable {
  const { t } = vscode.l10n;
  const isWhole = (job: TrackedJob): boolean => statusOf(job) === 'succeeded';
  const isKept = (job: TrackedJob): boolean => isWhole(job) && job.summary.layout !== 'none';
  const open = async (job: string, key: string): Promise<void> =>
    void (await vscode.commands.executeCommand('vscode.open', uriOf(job, key), { preview: false }));
  return vscode.Disposable.from(
    registerJobCommand(services, texts, {
      command: 'mailwright.openMessage',
      ask: t('Open a message of which job?'),
      suits: isWhole,
      none: t('There is no complete corpus yet.'),
      does: async (job) => {
        const key = await pickMessage(services, texts, job);
        if (key !== undefined) await open(job.job, key);
      },
    }),
    // Without asking which: what a notification offers. The most telling one is a planted one.
    registerJobCommand(services, texts, {
      command: 'mailwright.openSample',
      ask: t('Open a message of which job?'),
      suits: isWhole,
      none: t('There is no complete corpus yet.'),
      does: async ({ job }) => {
        const planted = await services.jobs.planted(job);
        const sample = planted.find(({ label }) => label === 'positive') ?? (await services.jobs.samples(job, [0]))[0];
        await open(job, sample!.key);
      },
    }),
    registerJobCommand(services, texts, {
      command: 'mailwright.showManifest',
      ask: t('Show the manifest of which job?'),
      suits: isWhole,
      none: t('There is no complete corpus yet.'),
      does: ({ job }) => open(job, 'manifest.json'),
    }),
    registerJobCommand(services, texts, {
      command: 'mailwright.showTruth',
      ask: t('Show the ground truth of which job?'),
      suits: isKept,
      none: t('There is no complete corpus with ground truth yet.'),
      does: async ({ job, summary }) => {
        const { ARCS } = await import('../../job/plan.ts');
        if (summary.layout !== 'none') return open(job, ARCS);
        void vscode.window.showInformationMessage(t('Job {0} keeps neither messages nor ground truth: that is the layout none.', job));
      },
    }),
  );
}

/** Some samples and planted ones, or any other by its index. */
async function pickMessage({ jobs }: Services, texts: Texts, { job, summary }: TrackedJob): Promise<string | undefined> {
  const { t } = vscode.l10n;
  const items = async (): Promise<(vscode.QuickPickItem & { readonly key?: string })[]> => {
    const [samples, planted] = await Promise.all([jobs.samples(job), jobs.planted(job)]);
    return [
      ...planted.map((message) => ({ label: t('Message {0}', message.index), description: texts.planted(message), key: message.key })),
      ...samples.map(({ index, key }) => ({ label: t('Message {0}', index), description: key, key })),
      { label: t('Another, by its index …') },
    ];
  };
  return choose(items(), { placeholder: t('Open which message?') }, async ({ key }) => {
    if (key !== undefined) return key;
    const last = summary.messages - 1;
    const index = await vscode.window.showInputBox({
      prompt: t('The index of the message, from 0 to {0}', last),
      validateInput: (text) => (/^\d+$/.test(text.trim()) && Number(text) <= last ? undefined : t('A whole number from 0 to {0}', last)),
    });
    return index === undefined ? undefined : (await jobs.samples(job, [Number(index)]))[0]?.key;
  });
}
