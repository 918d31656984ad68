import type { Share } from './interval.ts';
import type { Dimension, Figures, Level, Part, Profile } from './tally.ts';
import type { UnitReference } from './units.ts';

/** What scoring finds: the report that `mailwright score --json` writes, but for the files. */
export interface Score {
  /** Messages of the corpus; null where nobody said. */
  readonly messages: number | null;
  /** Lines of truth, and how many of them are due `required`, `allowed`, or near misses. */
  readonly truth: TruthCounts;
  readonly alerts: AlertCounts;
  readonly levels: Readonly<Record<Level, Figures>>;
  readonly by: Readonly<Record<Dimension, readonly Part[]>>;
  /** Empty where no alert names one. */
  readonly policies: Listed<PolicyFigures>;
  /** Units that an alert was due on, each as its arc's alert_unit has it, and that have none. */
  readonly missed: Listed<UnitReference>;
  readonly nearMissesFlagged: Listed<FlaggedNearMiss>;
  /** Messages alerted on that are neither due nor a near miss. */
  readonly otherFalse: Listed<OtherFalse>;
  /** What alerts call messages that are not of this corpus. */
  readonly unknown: Listed<string>;
  /** What they call messages that have no truth, where no job.json says whether they are of this corpus. */
  readonly unverifiable: Listed<string>;
  readonly baseline: Comparison | null;
}

/** What another alerts file found, and where the two differ. */
export interface Comparison {
  readonly alerts: AlertCounts;
  readonly levels: Readonly<Record<Level, Figures>>;
  /** Units that the baseline found and the alerts did not, and the other way round. */
  readonly lost: Listed<UnitReference>;
  readonly gained: Listed<UnitReference>;
  readonly nearMissesNew: Listed<FlaggedNearMiss>;
  readonly nearMissesGone: Listed<FlaggedNearMiss>;
}

export interface TruthCounts {
  readonly lines: number;
  readonly required: number;
  readonly allowed: number;
  readonly nearMisses: number;
}

/** Alerts, counted in messages: one that several rows name is one. */
export interface AlertCounts {
  /** Rows that could be read; those below the threshold apart. */
  readonly rows: number;
  readonly belowThreshold: number;
  /** Rows that name a message which a row before them named. */
  readonly duplicates: number;
  readonly messages: number;
  /** What those messages are; they add up to `messages`. */
  readonly required: number;
  readonly allowed: number;
  readonly nearMisses: number;
  readonly otherFalse: number;
  readonly unknown: number;
  readonly unverifiable: number;
  /** Messages alerted on, but for the unknown, of 10,000 messages. */
  readonly per10000: Share | null;
}

/** A policy of the system under test: the messages it alerted on, and what they are. */
export interface PolicyFigures {
  readonly policy: string;
  readonly messages: number;
  readonly required: number;
  readonly allowed: number;
  readonly nearMisses: number;
  readonly otherFalse: number;
  /** required of required, nearMisses and otherFalse. */
  readonly precision: Share | null;
}

/** Fields in the words of the truth. */
export interface FlaggedNearMiss extends Profile {
  readonly key: string;
  readonly message_id: string;
  readonly arc_id: string;
  readonly near_miss: string | null;
}

export interface OtherFalse {
  readonly key: string;
  /** These are null where there is no line of truth, and the message could not be made again: then job.json gave the key. */
  readonly message_id: string | null;
  readonly language: string | null;
  readonly shape: string | null;
}

/** How many things a list names; the rest it counts. */
export const MOST_LISTED = 10_000;

/** Things in the order they were found, the first so many of them, and how many there were. */
export interface Listed<T> {
  readonly count: number;
  readonly items: readonly T[];
}

/** Such a list, as it grows. */
export class List<T> implements Listed<T> {
  count = 0;
  readonly items: T[] = [];

  add(item: T): void {
    this.count++;
    if (this.items.length < MOST_LISTED) this.items.push(item);
  }
}
