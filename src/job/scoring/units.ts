import { hashOf, type Id, IdTable, Numbers, Texts } from './memory.ts';
import type { Profile, Profiles } from './tally.ts';
import type { ScoredLine } from './truth.ts';

const NEAR_MISS = 1;
const THREAD = 2;
/** The arc's alert_unit is this kind of unit. */
const OWN = 4;

const NONE = 0xffffffff;

/** Where a unit that an alert is due on can be found, and what it is like. Fields in the words of the truth. */
export interface UnitReference extends Profile {
  readonly unit: 'message' | 'thread' | 'person';
  /** Of its first message that is due. */
  readonly key: string;
  readonly message_id: string;
  readonly arc_id: string;
}

/**
 * The threads and the people of arcs, some hundred bytes each. A person unit is an arc: whoever sent what is due of it.
 * A thread unit is a thread of an arc, and knows its arc. Near misses have both, too.
 */
export class Units {
  private readonly numbers = new IdTable();
  private readonly kinds = new Numbers();
  private readonly arcs = new Numbers();
  private readonly profileNumbers = new Numbers();
  private readonly found = new Numbers();
  private readonly lastContexts = new Numbers();
  private readonly references = new Numbers();
  private readonly texts = new Texts();
  private readonly profiles: Profiles;

  constructor(profiles: Profiles) {
    this.profiles = profiles;
  }

  get length(): number {
    return this.kinds.length;
  }

  /** The thread unit of a line; it and that of its arc begin with the first line of theirs. */
  threadOf(line: ScoredLine, profile: number): number {
    const arc = this.unit(hashOf(line.arc_id!), 0, NONE, line, profile);
    return this.unit(hashOf(`${line.arc_id}\n${line.thread_id}`), THREAD, arc, line, profile);
  }

  /** Notes the runs that have an alert on it. */
  find(unit: number, runs: number): void {
    this.found.mark(unit, runs);
  }

  runsOf(unit: number): number {
    return this.found.get(unit);
  }

  arcOf(thread: number): number {
    return this.arcs.get(thread);
  }

  /** Whether a context is another than the one before; the messages of an arc mostly have the same. */
  hasNewContext(unit: number, context: readonly string[]): boolean {
    const hash = hashOf(context.join('\n')).lo >>> 0;
    if (this.lastContexts.get(unit) === hash) return false;
    this.lastContexts.set(unit, hash);
    return true;
  }

  isThread(unit: number): boolean {
    return (this.kinds.get(unit) & THREAD) !== 0;
  }

  isNearMiss(unit: number): boolean {
    return (this.kinds.get(unit) & NEAR_MISS) !== 0;
  }

  /** Whether alerts are due on this kind of unit of its arc. */
  isOwn(unit: number): boolean {
    return (this.kinds.get(unit) & OWN) !== 0;
  }

  profile(unit: number): number {
    return this.profileNumbers.get(unit);
  }

  reference(unit: number): UnitReference {
    const [key, message_id, arc_id] = [0, 1, 2].map((i) => this.texts.get(this.references.get(unit * 3 + i))) as [string, string, string];
    return { unit: this.isThread(unit) ? 'thread' : 'person', key, message_id, arc_id, ...this.profiles.get(this.profile(unit)) };
  }

  private unit(id: Id, kind: number, arc: number, line: ScoredLine, profile: number): number {
    const known = this.numbers.get(id);
    if (known !== undefined) {
      this.profileNumbers.set(known, this.profiles.mixed(this.profile(known), profile));
      return known;
    }
    const own = line.alert_unit === (kind === THREAD ? 'thread' : 'person');
    const nearMiss = line.label === 'near_miss';
    const unit = this.kinds.push(kind | (own ? OWN : 0) | (nearMiss ? NEAR_MISS : 0));
    this.arcs.push(arc);
    this.profileNumbers.push(profile);
    this.found.push(0);
    this.lastContexts.push(0);
    // Only these are ever named.
    for (const text of [line.key, line.message_id, line.arc_id!]) this.references.push(own && !nearMiss ? this.texts.add(text) : NONE);
    this.numbers.set(id, unit);
    return unit;
  }
}
