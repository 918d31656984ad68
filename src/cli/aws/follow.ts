import type { AwsEngine, CloudJob } from '../../engine/aws/client/engine.ts';
import type { Ending } from '../../engine/engine.ts';
import type { Place } from '../../job/calls.ts';
import { attemptFolder } from '../../job/plan.ts';
import type { Manifest } from '../../job/records.ts';
import { aboutDollars, count } from '../output.ts';
import { stackText, type StackOptions } from '../places.ts';
import { corpusText } from '../summary.ts';
import { exitCodeOf, say, watch } from '../watch.ts';

export interface FollowOptions extends StackOptions {
  readonly json?: boolean;
  readonly detach?: boolean;
}

export const addressOf = ({ bucket, prefix }: Place): string => `s3://${bucket}/${prefix}`;

/** A command about a job, as a user would type it. */
export const commandFor = (command: string, job: string, options: StackOptions, more = ''): string =>
  `mailwright ${command} ${job}${more}${stackText(options)}`;

/** Tells of a job that was begun in the cloud, and shows how it goes on until it has ended; or returns at once. Answers with the exit code. */
export async function follow(engine: AwsEngine, job: CloudJob, options: FollowOptions): Promise<number> {
  const where = addressOf(job.place);
  const { started } = job;
  if (options.json)
    say({
      event: options.detach ? 'detached' : 'started',
      job: job.job,
      where,
      resumed: job.resumed,
      ...(started && { attempt: started.attempt, cost: started.cost, expires: started.expires, already: started.already }),
    });
  else {
    process.stderr.write(`Job ${job.job}${started ? `: ${count(started.plan.messages)} messages into` : ', in'} ${where}\n`);
    if (started)
      process.stderr.write(`Costs ${aboutDollars(started.cost)}. The corpus will be deleted on ${started.expires.slice(0, 10)}.\n`);
    if (started?.already) process.stderr.write('It had been started before: nothing new was begun.\n');
  }
  if (options.detach) {
    job.interrupt();
    await job.ended;
    if (!options.json) process.stdout.write(`${started?.already ? '' : 'The job goes on in the cloud.\n'}${wayOn(job.job, options)}`);
    return 0;
  }

  let attempt = started?.attempt ?? 1;
  job.onProgress((progress) => (attempt = progress.attempt));
  job.onTrouble(({ message }) =>
    process.stderr.write(
      `${process.stderr.isTTY ? '\n' : ''}mailwright: ${message}\nmailwright: the job goes on, and so does following it\n`,
    ),
  );
  const ending = await watch(job, options.json);
  if (options.json) say({ event: 'ended', ...ending });
  else process.stdout.write(await endingText(engine, job, ending, attempt, options));
  return exitCodeOf(ending);
}

const wayOn = (job: string, options: StackOptions): string =>
  [
    `Follow     ${commandFor('status', job, options, ' --follow')}`,
    `Cancel     ${commandFor('cancel', job, options)}`,
    `Fetch      ${commandFor('pull', job, options)}   (once it has ended)`,
    '',
  ].join('\n');

async function endingText(engine: AwsEngine, job: CloudJob, ending: Ending, attempt: number, options: StackOptions): Promise<string> {
  switch (ending.status) {
    case 'succeeded':
      return succeededText(engine, job, ending.manifest, ending.already, options);
    case 'interrupted':
      return `\nNo longer following, after ${count(ending.progress.messages)} of ${count(ending.progress.of)} messages. The job goes on in the cloud.\n${wayOn(job.job, options)}`;
    case 'cancelled':
      return `\nCancelled, with ${count(ending.missing.length)} shard(s) not made. What is finished stays; this makes the rest:\n  ${commandFor('retry', job.job, options)}\n`;
    default: {
      const failures = `${addressOf(job.place)}${attemptFolder(attempt)}/failures/`;
      const reason = ending.error === undefined ? '' : `${ending.error}\n`;
      return `\n${ending.status === 'failed' ? 'Failed' : 'Incomplete'}: ${count(ending.missing.length)} shard(s) could not be made. The last error of each is in ${failures}\n${reason}This makes only those again:\n  ${commandFor('retry', job.job, options)}\n`;
    }
  }
}

async function succeededText(
  engine: AwsEngine,
  job: CloudJob,
  manifest: Manifest,
  already: boolean,
  options: StackOptions,
): Promise<string> {
  const kept = manifest.layout !== 'none';
  // The corpus is complete, whether examples can be named or not.
  const samples = kept ? await engine.samples(job.place, 3).catch(() => []) : [];
  const seconds = (Date.parse(manifest.finished) - Date.parse(manifest.started)) / 1000;
  return corpusText({
    manifest,
    already,
    // A later attempt made only what was left, and does not know how much that was.
    ...(!already && manifest.attempt === 1 && { made: { messages: manifest.messages, seconds } }),
    place: ['Place', addressOf(job.place)],
    next: kept ? [['Fetch', commandFor('pull', job.job, options)]] : [],
    samples: samples.map(({ uri }) => uri),
  });
}
