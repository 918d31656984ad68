import { PRICES } from '../../job/prices.ts';
import type { Figures as Estimated } from '../preview/corpora.ts';

/** Numbers as the user reads them. */
export interface Words {
  readonly count: (n: number) => string;
  readonly bytes: (n: number) => string;
  readonly duration: (seconds: number) => string;
  readonly dollars: (n: number) => string;
  readonly t: (text: string, ...values: string[]) => string;
}

export interface EstimateText {
  readonly short: string;
  readonly detail: string;
}

/** What an estimate says: in a sentence, and in all its parts. */
export function estimateText(
  name: string,
  { local, cloud, truth }: Estimated,
  { count, bytes, duration, dollars, t }: Words,
): EstimateText {
  const { cost, stack } = cloud;
  const storage = cost.items.find(({ unit }) => unit === PRICES.s3Storage.unit)!.usd;
  return {
    short: t(
      '{0}: {1} messages, about {2}. On this machine about {3}; on AWS about {4} and {5}.',
      name,
      count(local.messages),
      bytes(local.bytes),
      duration(local.seconds),
      duration(cost.seconds),
      dollars(cost.total),
    ),
    detail: [
      t('Messages: {0}, in {1} files', count(local.messages), count(local.objects)),
      t('Size: about {0}, {1} a message', bytes(local.bytes), bytes(local.bytes / local.messages)),
      truth.arcs === 0
        ? t('Ground truth: nothing planted')
        : t(
            'Ground truth: {0} positive and {1} near-miss messages in {2} arcs',
            count(truth.positives),
            count(truth.nearMisses),
            count(truth.arcs),
          ),
      '',
      t('On this machine: about {0}, with {1} workers', duration(local.seconds), count(local.workers)),
      '',
      t('On AWS: about {0}, with {1} workers', duration(cost.seconds), count(cost.workers)),
      t('Cost: about {0}, of which {1} for {2} days of storage', dollars(cost.total), dollars(storage), count(stack.expiryDays)),
      t('Download of all of it: {0} more', dollars(cost.pull.total)),
      t('List prices, for a stack with the usual settings; your stack and region may differ.'),
    ].join('\n'),
  };
}
