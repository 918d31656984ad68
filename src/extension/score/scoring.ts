import { Worker } from 'node:worker_threads';
import type { Field } from '../../engine/score/columns.ts';
import type { ScoreReport } from '../../engine/score/report.ts';
import { errorOf } from '../preview/generation.ts';
import type { Handed, ScoreData, Step, Told } from './score-call.ts';

export interface ScoringOptions {
  /** The module of the thread. */
  readonly thread: URL;
  readonly data: ScoreData;
  /** What is handed on to the thread, where its truth is not in a folder. */
  readonly pieces?: AsyncIterator<Handed, void> | undefined;
  readonly signal: AbortSignal;
  step(step: Step): void;
}

/** No column of an alerts file is known to hold what is needed: the user may say which one does. */
export class UnknownColumn extends Error {
  readonly file: string;
  readonly columns: readonly string[];
  readonly field: Field;

  constructor({ message, file, columns, field }: Extract<Told, { readonly kind: 'missing' }>) {
    super(message);
    this.name = 'UnknownColumn';
    this.file = file;
    this.columns = columns;
    this.field = field;
  }
}

/** Scores in a thread of its own. Rejects with the signal's reason where it was aborted: the thread is ended then, wherever it is. */
export async function scoreInThread({ thread, data, pieces, signal, step }: ScoringOptions): Promise<ScoreReport> {
  signal.throwIfAborted();
  const worker = new Worker(thread, { workerData: data, stdout: true, stderr: true });
  let stop = (): void => {};
  try {
    return await new Promise<ScoreReport>((resolve, reject) => {
      stop = () => reject(signal.reason as Error);
      signal.addEventListener('abort', stop, { once: true });
      const handOn = async (): Promise<void> => {
        const next = await pieces?.next();
        const piece: Handed = next?.value ?? { bytes: new Uint8Array(), last: true };
        worker.postMessage(piece);
      };
      worker.on('message', (told: Told) => {
        switch (told.kind) {
          case 'next':
            return void handOn().catch(reject);
          case 'step':
            return step(told.step);
          case 'done':
            return resolve(told.report);
          case 'missing':
            return reject(new UnknownColumn(told));
          case 'failed':
            // Decided here and now: the thread ends while its error is being made.
            return resolve(errorOf(told.error).then((error) => Promise.reject(error)));
        }
      });
      worker.on('error', reject);
      worker.on('messageerror', reject);
      worker.on('exit', (code) => reject(new Error(`The thread that scores ended by itself (exit code ${code}).`)));
    });
  } finally {
    signal.removeEventListener('abort', stop);
    pieces?.return?.()?.catch(() => {}); // what it was about to say is of no interest any more
    await worker.terminate();
  }
}
