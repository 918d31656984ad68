import { parentPort, workerData } from 'node:worker_threads';
import { MissingColumn } from '../../engine/score/columns.ts';
import { type Progress, scoreAlerts } from '../../engine/score/score.ts';
import { findTruth, type Truth } from '../../engine/score/truth-files.ts';
import { threadErrorOf } from '../preview/thread-error.ts';
import type { Handed, ScoreData, Step, Told, TruthPlace } from './score-call.ts';

/** The thread that scores: a large truth takes minutes, in which the extension host has other things to do. */

const port = parentPort!;
const tell = (told: Told): void => port.postMessage(told);

/** Milliseconds between two tellings of progress. */
const TELL_MS = 200;

function truthAt(place: TruthPlace): Truth {
  if (place.kind === 'folder') return findTruth(place.folder, undefined);
  const { name, files, job, messages, complete } = place;
  return { name, files: files.map((file) => ({ name: file, chunks: handed })), size: undefined, job, messages, complete };
}

/** The next file that the host hands on. */
async function* handed(): AsyncGenerator<Uint8Array, void> {
  for (let last = false; !last;) {
    const piece = await new Promise<Handed>((resolve) => {
      port.once('message', resolve);
      tell({ kind: 'next' });
    });
    yield piece.bytes;
    last = piece.last;
  }
}

function progress(): Progress {
  let told = 0;
  const step = (doing: Step['doing']) => (done: number, of: number) => {
    const now = performance.now();
    if (now - told < TELL_MS) return;
    told = now;
    tell({ kind: 'step', step: { doing, part: of === 0 ? 1 : done / of } });
  };
  return { truth: step('truth'), alerts: step('alerts') };
}

async function score({ truth, reading, packs }: ScoreData): Promise<Told> {
  try {
    const { alerts, baseline, map, threshold } = reading;
    const report = await scoreAlerts({ truth: truthAt(truth), alerts, baseline, map, threshold, messages: undefined }, packs, progress());
    return { kind: 'done', report };
  } catch (error) {
    if (error instanceof MissingColumn) {
      const { message, file, columns, field } = error;
      return { kind: 'missing', message, file, columns, field };
    }
    return { kind: 'failed', error: threadErrorOf(error) };
  }
}

tell(await score(workerData as ScoreData));
port.close();
