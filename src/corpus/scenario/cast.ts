import { type Cast, gatherer, type Stage } from '../conversation/conversation.ts';
import type { Stream } from '../random.ts';
import type { Person } from '../world/person.ts';
import { type OutsideKind, PEOPLE_A_FIRM, skewed } from '../world/world.ts';

/** People of an arc who take the leading parts in a thread. */
export interface Leads {
  readonly insider: Person;
  readonly starter: Person;
  readonly target: Person;
  /** Where one of them is at an outside firm: of which kind, and its number. */
  readonly outside: { readonly kind: OutsideKind; readonly firm: number } | undefined;
  /** Nobody else is written to. Otherwise there are as many others as ordinary mail has, where it has any. */
  readonly alone: boolean;
  /** People who must not be among them. */
  readonly apart: readonly Person[];
}

/** An opening to several people is drawn as ordinary mail's, until it is one. */
const MOST_TRIES = 60;

/** At an outside firm no more are written to. */
const MOST_OUTSIDE = 4;

/** Finds the people of an arc's thread: its leads, and colleagues of theirs. */
export function castFor({ world, profile }: Stage, leads: Leads, tag: string, stream: Stream): Cast {
  const { insider, starter, target, outside, alone, apart } = leads;
  const to = [target];
  const cc: Person[] = [];
  const bcc: Person[] = [];
  if (alone) return { insider, starter, to, cc, bcc };
  const gather = gatherer([starter, target, ...apart]);
  const us = (): Person => world.contact(insider, stream, insider.desk);
  const them = outside ? (): Person => world.outsider(outside.kind, outside.firm, skewed(stream, PEOPLE_A_FIRM), tag) : us;
  let wanted = 1;
  let copied = 0;
  for (let tries = 0; wanted + copied < 2 && tries < MOST_TRIES; tries++) {
    wanted = 1 + profile.recipients.draw(stream);
    copied = profile.copied.draw(stream);
  }
  gather(to, outside ? Math.min(wanted, MOST_OUTSIDE) : wanted, starter === insider ? them : us);
  gather(cc, copied, stream.percent(70) ? us : them);
  if (starter === insider && stream.percent(profile.blind)) gather(bcc, 1, us);
  return { insider, starter, to, cc, bcc };
}
