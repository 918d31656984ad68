import { statusOf } from '../../engine/local/list.ts';
import { asPath, shown } from '../paths.ts';
import { stateText } from '../state.ts';
import { jobIn } from './job.ts';

/** `mailwright status <folder>`: how a job on this machine is doing. */
export function status(path: string, options: { readonly json?: boolean }): number {
  const { folder, record } = jobIn(path);
  const { job, created, plan } = record;
  const progress = folder.progress();
  const manifest = folder.manifest();
  const outcome = progress && folder.outcome(progress.attempt);
  const now = statusOf(progress, new Date());
  if (options.json) {
    const state = {
      job,
      where: path,
      status: now,
      created,
      plan,
      progress: progress ?? null,
      outcome: outcome ?? null,
      manifest: manifest ?? null,
    };
    process.stdout.write(JSON.stringify(state, undefined, 2) + '\n');
    return 0;
  }
  const next =
    now === 'running'
      ? ([
          ['Follow', `mailwright status ${asPath(path)} --follow`],
          ['Cancel', `mailwright cancel ${asPath(path)}`],
        ] as const)
      : now === 'succeeded'
        ? ([['Check', `mailwright verify ${asPath(path)}`]] as const)
        : ([['Go on', `mailwright retry ${asPath(path)}`]] as const);
  process.stdout.write(
    stateText({ job, created, status: now, place: ['Folder', shown(path)], of: plan.messages, progress, outcome, manifest, next }),
  );
  return 0;
}
