import type { Score } from '../../job/scoring/score.ts';
import type { Field } from './columns.ts';
import type { Problem } from './problems.ts';

/** What `mailwright score --json` writes: the score, what it was made of, and what to know about it. */
export interface ScoreReport extends Score {
  readonly files: {
    readonly truth: string;
    readonly alerts: string;
    readonly baseline: string | null;
    /** The job whose job.json was at hand. */
    readonly job: string | null;
  };
  /** The column of the alerts file that each field was read from. */
  readonly columns: Partial<Record<Field, string>>;
  readonly threshold: number | null;
  /** Sentences on what limits the figures. */
  readonly notes: readonly string[];
  /** Lines that could not be read: the first of them, and how many. */
  readonly problems: { readonly count: number; readonly first: readonly Problem[] };
}
