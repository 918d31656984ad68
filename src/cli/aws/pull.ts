import { join, resolve } from 'node:path';
import type { PullRequest, Pulled } from '../../engine/aws/client/pull.ts';
import { bytes, count } from '../output.ts';
import { asPath, shown } from '../paths.ts';
import { CORPORA, type StackOptions } from '../places.ts';
import { meter } from '../progress-bar.ts';
import { onInterrupt } from '../signals.ts';
import { say } from '../watch.ts';
import { withEngine } from './connect.ts';
import { commandFor } from './follow.ts';

export interface PullOptions extends StackOptions {
  readonly out?: string;
  readonly first?: number;
  /** False with --no-messages. */
  readonly messages: boolean;
  readonly json?: boolean;
}

/** `mailwright pull <job>`: fetches a corpus, or a part of it, from the cloud into a folder. */
export function pull(job: string, options: PullOptions): Promise<number> {
  const folder = resolve(options.out ?? join(CORPORA, job));
  const bar = options.json ? undefined : meter();
  const stop = new AbortController();
  const request: PullRequest = {
    folder,
    ...(options.first !== undefined && { first: options.first }),
    withoutMessages: !options.messages,
    signal: stop.signal,
    onProgress: (progress) => (bar ? bar.show(progress) : say({ event: 'progress', ...progress })),
  };
  return withEngine(options, async (engine) => {
    if (options.json) say({ event: 'started', job, where: folder });
    else process.stderr.write(`Job ${job} into ${shown(folder)}\n`);
    const goOn = onInterrupt(() => stop.abort());
    let pulled: Pulled;
    try {
      pulled = await engine.pull(job, request);
    } catch (error) {
      if (!stop.signal.aborted) throw error;
      bar?.stop();
      if (options.json) say({ event: 'ended', status: 'interrupted' });
      else process.stdout.write(`\nInterrupted. What is there stays; the same command goes on:\n  ${again(job, folder, options)}\n`);
      return 130;
    } finally {
      bar?.stop();
      goOn();
    }
    const complete = isComplete(pulled, options);
    if (options.json) say({ event: 'ended', status: complete ? 'succeeded' : 'partial', ...pulled });
    else process.stdout.write(pulledText(pulled, complete));
    return complete ? 0 : 1;
  });
}

/** Whether all is here that was asked for. */
const isComplete = ({ whole, messages }: Pulled, options: PullOptions): boolean =>
  whole || !options.messages || (options.first !== undefined && messages >= options.first);

const again = (job: string, folder: string, options: PullOptions): string =>
  commandFor(
    'pull',
    job,
    options,
    ` --out ${asPath(folder)}${options.first === undefined ? '' : ` --first ${options.first}`}${options.messages ? '' : ' --no-messages'}`,
  );

function pulledText({ folder, messages, bytes: size, whole, digest }: Pulled, complete: boolean): string {
  return [
    '',
    whole
      ? 'Done: every byte is as the receipts have it.'
      : complete
        ? 'Done: this is the part that was asked for.'
        : 'The corpus is not complete in the cloud: this is what there is of it.',
    `Messages   ${count(messages)}`,
    `Bytes      ${bytes(size)}`,
    ...(digest === undefined ? [] : [`Digest     ${digest}`]),
    `Folder     ${shown(folder)}`,
    ...(complete ? [] : [`Go on      mailwright retry ${asPath(folder)}/   (makes the rest on this machine)`]),
    '',
  ].join('\n');
}
