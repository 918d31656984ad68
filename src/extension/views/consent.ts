import * as vscode from 'vscode';
import { Figures } from '../jobs/figures.ts';
import type { Source } from '../preview/corpora.ts';
import { previewsOf } from '../preview/previews.ts';
import type { Services } from '../services.ts';

/** Asks before a corpus is made on AWS: says where it goes, what it will cost, and when it will be deleted. */
export async function consentsToCloud(services: Services, source: Source): Promise<boolean> {
  const { t } = vscode.l10n;
  const title = t('Asking the stack');
  const [stack, { cloud }] = await vscode.window.withProgress({ location: { viewId: 'mailwright.newCorpus' }, title }, async () => {
    const described = await services.cloud.describe();
    return [described, await previewsOf(services).generation.estimate(source, described)] as const;
  });
  const figures = new Figures(vscode.env.language);
  const expires = new Date(Date.now() + stack.expiryDays * 86_400_000).toLocaleDateString(vscode.env.language, { dateStyle: 'long' });
  const run = t('Run');
  const chosen = await vscode.window.showWarningMessage(
    t('Make {0} messages on AWS?', figures.count(source.spec.messages)),
    {
      modal: true,
      detail: [
        t('They go to s3://{0}/{1} in {2}.', stack.bucket, stack.prefix, stack.region),
        t('It will cost about {0} and take about {1}.', figures.dollars(cloud.cost.total), figures.duration(cloud.cost.seconds)),
        t('The corpus will be deleted after {0} days, on {1}.', stack.expiryDays, expires),
      ].join('\n'),
    },
    run,
  );
  return chosen === run;
}
