import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as vscode from 'vscode';
import type { ScoreReport } from '../../engine/score/report.ts';
import { SpecError } from '../../job/spec.ts';
import type { Services } from '../services.ts';
import { askColumn } from './ask.ts';
import { type Scored, shortened, type Subject } from './reports.ts';
import type { Reading } from './score-call.ts';
import { scoreInThread, UnknownColumn } from './scoring.ts';
import { truthOf } from './subject.ts';

/** Scores, with its progress in a notification; asks which column holds what is not found. Undefined: the user thought better of it. */
export async function runScore(services: Services, subject: Subject, reading: Reading): Promise<Scored | undefined> {
  for (let tried = reading; ;)
    try {
      return { subject, reading: tried, report: shortened(await withProgress(services, subject, tried)) };
    } catch (error) {
      if (!(error instanceof UnknownColumn) || error.columns.length === 0) throw inOwnWords(error);
      const column = await askColumn(error);
      if (column === undefined) return undefined;
      tried = { ...tried, map: { ...tried.map, [error.field]: column } };
    }
}

/** Ends only when the work has: a score that was cancelled leaves no thread behind. */
function withProgress(services: Services, subject: Subject, reading: Reading): Promise<ScoreReport> {
  const { t } = vscode.l10n;
  const { folder, packs } = services.installation;
  const title = t('Scoring {0}', basename(reading.alerts));
  return Promise.resolve(
    vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title, cancellable: true },
      async (progress, cancelled) => {
        const stop = new AbortController();
        const listening = cancelled.onCancellationRequested(() => stop.abort());
        let done = 0;
        try {
          const { truth, pieces } = await truthOf(services, subject, stop.signal);
          return await scoreInThread({
            thread: pathToFileURL(join(folder, 'score.mjs')),
            data: { truth, reading, packs },
            pieces,
            signal: stop.signal,
            step: ({ doing, part }) => {
              const now = doing === 'truth' ? part * 50 : 50 + part * 50;
              const percent = `${Math.floor(part * 100)} %`;
              progress.report({
                increment: Math.max(0, now - done),
                message: doing === 'truth' ? t('{0} of the ground truth', percent) : t('{0} of the alerts without truth', percent),
              });
              done = Math.max(done, now);
            },
          });
        } finally {
          listening.dispose();
        }
      },
    ),
  );
}

/** The scorer names what is wrong by the options of the command line, which mean nothing here: the file is named anyway. */
function inOwnWords(error: unknown): unknown {
  if (error instanceof UnknownColumn) return new SpecError([{ path: '', message: error.message.replace(/^--\w+: /, '') }]);
  if (!(error instanceof SpecError)) return error;
  return new SpecError(error.problems.map(({ path, message }) => ({ path: path.startsWith('--') ? '' : path, message })));
}
