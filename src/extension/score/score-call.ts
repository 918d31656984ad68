import type { ColumnMap, Field } from '../../engine/score/columns.ts';
import type { ScoreReport } from '../../engine/score/report.ts';
import type { JobRecord } from '../../job/records.ts';
import type { ThreadError } from '../preview/thread-error.ts';

/** What travels between the extension host and the thread that scores. */

/** Where the truth is: in a folder, which the thread reads itself; or elsewhere, from where the host hands it on, piece by piece. */
export type TruthPlace =
  | { readonly kind: 'folder'; readonly folder: string }
  | {
      readonly kind: 'handed';
      readonly name: string;
      readonly files: readonly string[];
      readonly job: JobRecord;
      readonly messages: number;
      readonly complete: boolean;
    };

/** How alerts are read. */
export interface Reading {
  /** Paths. */
  readonly alerts: string;
  readonly baseline?: string | undefined;
  readonly map: ColumnMap;
  readonly threshold?: number | undefined;
}

export interface ScoreData {
  readonly truth: TruthPlace;
  readonly reading: Reading;
  /** The folder of the built-in packs' JSON. */
  readonly packs: string;
}

/** What the thread is doing, and which part of it is done, from 0 to 1. */
export interface Step {
  readonly doing: 'truth' | 'alerts';
  readonly part: number;
}

/** From the thread. It asks for the next piece of what is handed on once it has done with the last. */
export type Told =
  | { readonly kind: 'next' }
  | { readonly kind: 'step'; readonly step: Step }
  | { readonly kind: 'done'; readonly report: ScoreReport }
  | {
      readonly kind: 'missing';
      readonly message: string;
      readonly file: string;
      readonly columns: readonly string[];
      readonly field: Field;
    }
  | { readonly kind: 'failed'; readonly error: ThreadError };

/** To the thread. */
export interface Handed {
  readonly bytes: Uint8Array;
  readonly last: boolean;
}
