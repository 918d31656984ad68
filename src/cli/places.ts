import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { jobId } from '../job/task.ts';
import { quoted } from './paths.ts';
import { UsageError } from './usage-error.ts';

/** Where corpora go unless --out says otherwise: a folder a job. */
export const CORPORA = 'corpora';

/** Where a job is carried out: in the cloud by a stack, or on this machine in a folder. */
export type Where = 'aws' | 'local';

/** The options that name a stack, and the account it is in. */
export interface StackOptions {
  readonly profile?: string;
  readonly region?: string;
  readonly endpoint?: string;
  readonly stack?: string;
  /** The function to call, in place of the stack's. */
  readonly function?: string;
}

export interface PlaceOptions extends StackOptions {
  readonly target?: Where;
}

const STACK_OPTIONS = ['profile', 'region', 'endpoint', 'stack', 'function'] as const;

/** Where the options say that the job is; undefined where they leave it open. */
export function targetOf(options: PlaceOptions): Where | undefined {
  const named = STACK_OPTIONS.find((name) => options[name] !== undefined);
  if (named === undefined) return options.target;
  if (options.target === 'local')
    throw new UsageError(`--${named} speaks of a stack in the cloud, and --target local of this machine: leave one out.`);
  return 'aws';
}

/** The options that name the stack, as a user would type them again: "" or " --profile bank". */
export function stackText(options: StackOptions): string {
  return STACK_OPTIONS.filter((name) => options[name] !== undefined)
    .map((name) => ` --${name} ${quoted(options[name]!)}`)
    .join('');
}

export type JobPlace = { readonly target: 'local'; readonly folder: string } | { readonly target: 'aws'; readonly job: string };

/** Where the job is that an argument names: a folder on this machine, or the id of a job in the cloud. */
export function placeOf(argument: string, options: PlaceOptions): JobPlace {
  const target = targetOf(options);
  const isId = jobId.safeParse(argument).success;
  const here = { target: 'local', folder: resolve(argument) } as const;
  if (target === 'local') return here;
  if (target === 'aws') {
    if (isId) return { target, job: argument };
    throw new UsageError(
      `${argument} is not the id of a job in the cloud: that is a ULID, 26 letters and digits. \`mailwright list --target aws\` shows them.`,
    );
  }
  if (existsSync(join(argument, 'job.json')) || /[/\\]/.test(argument)) return here;
  if (isId) return { target: 'aws', job: argument };
  throw new UsageError(
    `${argument} is neither a job's folder (there is no job.json in it) nor the id of a job in the cloud (a ULID, 26 letters and digits). \`mailwright list\` shows the jobs on this machine, \`mailwright list --target aws\` those in the cloud.`,
  );
}
