import type { Pack } from '../corpus/pack/schema.ts';
import type { Manifest, Outcome, PackRecord, Progress } from '../job/records.ts';
import type { JobSpec } from '../job/spec.ts';

/** Who carries a job out. The local engine is one; the same plan, records and digest hold for every other. */
export interface JobEngine {
  /** Starts a job, or takes up one that was stopped; answers once progress can be read. */
  start(request: StartRequest): Promise<RunningJob>;
}

export interface StartRequest {
  readonly spec: JobSpec;
  readonly packs: readonly Pack[];
  readonly packRecords: readonly PackRecord[];
  /** The job's id, used where the job is new. */
  readonly job: string;
  /** Where the job goes: for the local engine, its folder. */
  readonly where: string;
}

export interface RunningJob {
  readonly job: string;
  readonly where: string;
  /** Messages that were there already when this run took the job up. */
  readonly resumed: number;
  /** The latest progress; `listener` is called with each new one. */
  onProgress(listener: (progress: Progress) => void): void;
  /** Asks it to stop; what is finished stays, and starting again goes on from there. */
  interrupt(): void;
  /** How it ended; rejects with an EngineError where it had to stop for a reason a user can mend. */
  readonly ended: Promise<Ending>;
}

export type Ending =
  | { readonly status: 'succeeded'; readonly manifest: Manifest; /** It had been complete before. */ readonly already: boolean }
  | { readonly status: Exclude<Outcome, 'succeeded'>; readonly missing: readonly number[]; readonly error: string | undefined }
  | { readonly status: 'interrupted'; readonly progress: Progress };
