import { type Evasion, EVASIONS, type Scenario } from '../pack/scenario.ts';

/** What an arc looks like from outside: its threads, and which of its messages show it. Near misses have their arc's shape. */

/** One thread of an arc. */
export interface ThreadShape {
  /** Numbers of the phases told in it, in order. */
  readonly phases: readonly number[];
  /** The first of them stands before the corpus begins: it is only ever quoted. */
  readonly ghost: boolean;
}

/** Ordinary messages that may stand among them in a thread, at the most. */
const MOST_EXTRAS = 2;

/** The levels an arc of a scenario can take; `tongues` says whether there are words in a second language. */
export function levelsOf(scenario: Scenario, tongues: boolean): readonly Evasion[] {
  const first = scenario.phases[0]!;
  const written = { slang: first.slang, code: first.code, split: first.split };
  return EVASIONS.filter((level) => {
    if (scenario.without.includes(level)) return false;
    if (level === 'language') return tongues;
    if (level === 'quoted' && notesToSelf(scenario)) return false;
    return !(level in written) || written[level as keyof typeof written] !== undefined;
  });
}

/** Whether a thread of it is somebody's mail to themselves, which nobody answers and so nobody quotes. */
const notesToSelf = ({ phases, roles }: Scenario): boolean =>
  phases.some(({ kind, from, to }) => kind === 'new' && [from, to].some((id) => isSelf(roles[id]!)));

/** Whether a role is the first one's own private address. */
export const isSelf = (role: Scenario['roles'][string]): boolean => 'outside' in role && role.outside === 'self';

export function threadsOf(scenario: Scenario, evasion: Evasion): ThreadShape[] {
  const threads: number[][] = [];
  scenario.phases.forEach((phase, i) => {
    if (phase.kind === 'new') threads.push([i]);
    else threads.at(-1)!.push(i);
  });
  return threads.map((phases) => ({ phases, ghost: evasion === 'quoted' }));
}

/** Messages of a thread, without ordinary ones. A ghost is none; somebody has to quote it. */
export const messagesOf = ({ phases, ghost }: ThreadShape): number => (ghost ? Math.max(1, phases.length - 1) : phases.length);

/** What words stand in that are not in the mail itself. */
export const inFile = (evasion: Evasion): 'attachment' | 'image' | undefined =>
  evasion === 'attachment' || evasion === 'image' ? evasion : undefined;

/** Whether message m of a thread shows something, of those that tell its phases. */
export function shows(evasion: Evasion, thread: ThreadShape, m: number): boolean {
  if (inFile(evasion) !== undefined || evasion === 'quoted') return m === 0;
  return m < thread.phases.length;
}

/** Messages of an arc that are positive. */
export function positivesOf(scenario: Scenario, evasion: Evasion): number {
  return threadsOf(scenario, evasion).reduce((sum, thread) => {
    let count = 0;
    for (let m = 0; m < messagesOf(thread); m++) if (shows(evasion, thread, m)) count++;
    return sum + count;
  }, 0);
}

/** Messages of an arc at the most. */
export const mostMessagesOf = (scenario: Scenario, evasion: Evasion): number =>
  threadsOf(scenario, evasion).reduce((sum, thread) => sum + messagesOf(thread) + MOST_EXTRAS, 0);
