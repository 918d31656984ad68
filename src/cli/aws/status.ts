import type { Description } from '../../job/calls.ts';
import { count, dollars } from '../output.ts';
import type { StackOptions } from '../places.ts';
import { stateText } from '../state.ts';
import { withEngine } from './connect.ts';
import { addressOf, commandFor, follow } from './follow.ts';

export interface StatusOptions extends StackOptions {
  readonly json?: boolean;
  readonly follow?: boolean;
}

/** `mailwright status <job>`: how a job in the cloud is doing, now or until it has ended. */
export function status(job: string, options: StatusOptions): Promise<number> {
  return withEngine(options, async (engine) => {
    if (options.follow) return follow(engine, await engine.follow(job), options);
    const state = await engine.status(job);
    if (options.json) {
      process.stdout.write(JSON.stringify(state, undefined, 2) + '\n');
      return 0;
    }
    const { created, place, plan, progress, outcome, manifest } = state;
    process.stdout.write(
      stateText({
        job,
        created,
        status: progress.status,
        place: ['Place', addressOf(place)],
        of: plan.messages,
        progress,
        outcome: outcome ?? undefined,
        manifest: manifest ?? undefined,
        next: manifest
          ? [['Fetch', commandFor('pull', job, options)]]
          : outcome
            ? [['Go on', commandFor('retry', job, options)]]
            : [
                ['Follow', commandFor('status', job, options, ' --follow')],
                ['Cancel', commandFor('cancel', job, options)],
              ],
      }),
    );
    return 0;
  });
}

/** `mailwright status --target aws`: what a stack is and allows. */
export function stackStatus(options: StatusOptions): Promise<number> {
  return withEngine(options, async (engine) => {
    const found = await engine.describe();
    process.stdout.write(options.json ? JSON.stringify(found, undefined, 2) + '\n' : stackLines(found));
    return 0;
  });
}

function stackLines({
  version,
  generator,
  region,
  bucket,
  prefix,
  topic,
  limits,
  concurrency,
  workerMemory,
  expiryDays,
}: Description): string {
  return [
    `Version    ${version} (generator ${generator})`,
    `Region     ${region}`,
    `Corpora    s3://${bucket}/${prefix}`,
    `Kept       ${expiryDays} days`,
    `Workers    ${count(concurrency)} at once, with ${count(workerMemory)} MB each`,
    `A job      up to ${count(limits.messages)} messages, ${dollars(limits.cost)}, ${count(limits.shards)} shards`,
    `Topic      ${topic}`,
    '',
  ].join('\n');
}
