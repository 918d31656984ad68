import type { Scenario } from '../pack/scenario.ts';
import { type Stream, Weights } from '../random.ts';

/**
 * Where the phases of a thread stand among its messages. In ordinary mail, what matters may be said first, last or between:
 * so it is here, as far as the others that are written then lead from one phase to the next.
 */

type Phase = Pick<Scenario['phases'][number], 'from' | 'to' | 'kind'>;

/** The two take turns: then one answers the other. Where they do not, somebody writes twice. */
const EASY = 8;
const TWICE = 8;

/**
 * How much rather the phases stand late, the more so in short threads: what is only quoted comes first, and threads
 * without others have no choice. Together the places are those of ordinary mail.
 */
const LATE = 500;

/** The messages of its phases, of those from `first` to `count` − 1; `opens` keeps the first phase first. */
export function orderOf(phases: readonly Phase[], first: number, count: number, opens: boolean, stream: Stream): number[] {
  const orders: number[][] = [];
  const weights: number[] = [];
  const late = Math.round(LATE / (count * count * count));
  const extend = (at: readonly number[], weight: number): void => {
    const i = at.length;
    if (i === phases.length) {
      orders.push([...at]);
      weights.push(weight * (EASY + late * (at[0]! - first + at[i - 1]! - first - i + 1)));
      return;
    }
    const from = i === 0 ? first : at[i - 1]! + 1;
    const to = i === 0 && opens ? first : count - (phases.length - i);
    for (let m = from; m <= to; m++) {
      const ease = i === 0 ? EASY : easeOf(phases[i - 1]!, phases[i]!, m - from);
      if (ease > 0) extend([...at, m], weight * ease);
    }
  };
  extend([], 1);
  return orders[new Weights(weights).draw(stream)]!;
}

function easeOf(before: Phase, after: Phase, between: number): number {
  if (between === 0) return EASY;
  const same = after.from === before.from && after.to === before.to;
  const back = after.from === before.to && after.to === before.from;
  if ((!same && !back) || after.kind === 'forward') return 0;
  return (between % 2 === 0) === back ? EASY : TWICE;
}
