import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { Services } from '../services.ts';
import { uriOf } from '../uris.ts';
import type { Scored, Subject } from './reports.ts';
import type { Handed, TruthPlace } from './score-call.ts';

/** Where the truth of a subject is; of a job in the cloud also its pieces, as they come. */
export async function truthOf(
  { jobs, cloud }: Services,
  subject: Subject,
  signal: AbortSignal,
): Promise<{ readonly truth: TruthPlace; readonly pieces?: AsyncIterator<Handed, void> }> {
  if (subject.kind === 'folder') return { truth: subject };
  const where = jobs.placeOf(subject.job);
  if (where.target === 'local') return { truth: { kind: 'folder', folder: where.folder } };
  const { uri, job, messages, complete, files, pieces } = await (await cloud.engine(where)).truth(subject.job, signal);
  return { truth: { kind: 'handed', name: uri, files, job, messages, complete }, pieces };
}

/** A message of what was scored, as a document. */
export async function messageIn({ jobs }: Services, { subject, report }: Scored, key: string): Promise<vscode.Uri> {
  await jobs.ready;
  if (subject.kind === 'folder') {
    const path = join(subject.folder, key);
    if (existsSync(path)) return vscode.Uri.file(path);
  }
  const job = subject.kind === 'job' ? subject.job : report.files.job;
  if (job !== null && jobs.get(job)) return uriOf(job, key);
  throw new Error(
    subject.kind === 'job'
      ? vscode.l10n.t('Job {0} is not on the list any more. Mailwright: Find Jobs on the Stack brings back one on AWS.', subject.job)
      : vscode.l10n.t(
          '{0} is no file in {1}. Messages in archives can be opened of jobs that are on the list, and this one is not.',
          key,
          subject.folder,
        ),
  );
}
