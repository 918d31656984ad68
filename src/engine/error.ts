import type { SpecProblem } from '../job/spec.ts';

export type EngineErrorCode =
  | 'OTHER_JOB'
  | 'NOT_A_JOB'
  | 'NOT_EMPTY'
  | 'LOCKED'
  | 'VERSION'
  | 'STORAGE'
  | 'WORKER'
  | 'CORRUPT'
  /** The login to the cloud is missing or has expired. */
  | 'CREDENTIALS'
  /** The login is good, but a permission is missing. */
  | 'DENIED'
  | 'NOT_FOUND'
  | 'NETWORK'
  | 'THROTTLED'
  /** The coordinator will not do it: the message is its own. */
  | 'REFUSED'
  /** A stack could not be deployed or destroyed. */
  | 'STACK'
  /** There are corpora, which destroying the stack would take along. */
  | 'CORPORA';

/** `problems`: where a job spec or a limit is what stands in the way. */
export interface EngineErrorOptions extends ErrorOptions {
  readonly problems?: readonly SpecProblem[];
}

/** An error a user can act on: what, where, the way out. `code` is stable. */
export class EngineError extends Error {
  readonly code: EngineErrorCode;
  readonly problems: readonly SpecProblem[] | undefined;

  constructor(code: EngineErrorCode, message: string, options?: EngineErrorOptions) {
    super(message, options);
    this.name = 'EngineError';
    this.code = code;
    this.problems = options?.problems;
  }
}
