import type { Description } from '../../job/calls.ts';
import type { SpecProblem } from '../../job/spec.ts';
import type { Estimated, Target } from '../../protocol/new-corpus.ts';
import type { Figures } from '../preview/corpora.ts';

/** What the page is told of an estimate. */

/** vscode.l10n.t, and numbers as the user reads them. */
export interface EstimateWords {
  t(text: string, ...values: string[]): string;
  count(n: number): string;
  dollars(n: number): string;
}

/** `stack` is what the user's own allows, where it has said so. */
export function estimatedOf(
  { local, cloud, truth }: Figures,
  target: Target,
  stack: Pick<Description, 'limits'> | undefined,
  words: EstimateWords,
): Estimated {
  const { messages, bytes } = local;
  const { objects, seconds, usd } =
    target === 'aws'
      ? { objects: cloud.objects, seconds: cloud.cost.seconds, usd: cloud.cost.total }
      : { objects: local.objects, seconds: local.seconds, usd: undefined };
  const problems = target === 'aws' && stack ? overLimits(messages, cloud.cost.total, stack, words) : [];
  return { messages, objects, bytes, seconds, usd, ...truth, problems };
}

/** Of a draft that no corpus can be made of. */
export const impossible = (problems: readonly SpecProblem[]): Estimated => ({
  messages: 0,
  objects: 0,
  bytes: 0,
  seconds: 0,
  usd: undefined,
  positives: 0,
  nearMisses: 0,
  arcs: 0,
  problems,
});

function overLimits(
  messages: number,
  cost: number,
  { limits }: Pick<Description, 'limits'>,
  { t, count, dollars }: EstimateWords,
): readonly SpecProblem[] {
  return [
    ...(messages > limits.messages
      ? [{ path: 'messages', message: t('{0}: the stack makes at most {1} in a job', count(messages), count(limits.messages)) }]
      : []),
    ...(cost > limits.cost
      ? [{ path: '', message: t('It would cost about {0}, and the stack allows {1} for a job', dollars(cost), dollars(limits.cost)) }]
      : []),
  ];
}
