import { type Command, InvalidArgumentError, Option } from 'commander';
import { jobId } from '../job/task.ts';
import type { Installation } from './installation.ts';
import { CORPORA, placeOf, targetOf } from './places.ts';
import { UsageError } from './usage-error.ts';

/** The commands about jobs, on this machine and in the cloud. */

/** Runs an action as main.ts does: with its exit code. */
type Does = <A extends unknown[]>(action: (...args: A) => number | Promise<number>) => (...args: A) => Promise<void>;

const JOB = 'a job in the cloud by its id, or a job on this machine by its folder';
const CLOUD_JOB = 'the id of a job in the cloud';

/** How many jobs `list` shows of a stack. */
const LIST_LIMIT = 20;

function wholeNumber(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('It has to be a whole number from 1.');
  return Number(text);
}

function ulid(text: string): string {
  if (!jobId.safeParse(text).success) throw new InvalidArgumentError('It has to be a ULID: 26 digits and letters, without I, L, O and U.');
  return text;
}

/** Adds the options that name an account and the stack in it. */
const inAccount = (command: Command): Command =>
  command
    .optionsGroup('Cloud:')
    .option('--profile <name>', 'the AWS profile to use (default: AWS_PROFILE, else "default")')
    .option('--region <region>', 'the AWS region of the stack (default: that of the environment or the profile)')
    .option('--endpoint <url>', 'another endpoint for all AWS services, such as that of an emulator')
    .option('--stack <name>', 'the name of the stack (default mailwright)');

const onStack = (command: Command): Command =>
  inAccount(command).option('--function <name>', "the coordinator to call, by ARN or name, in place of the stack's");

const target = (text: string): Option => new Option('--target <where>', text).choices(['aws', 'local']);
const eitherTarget = (): Option =>
  target('aws: in the cloud; local: on this machine (default: as the argument and the other options have it)');

export function addJobCommands(program: Command, does: Does, installation: Installation, spec: string): void {
  onStack(
    program
      .command('start')
      .description('make a corpus in the cloud, on your own AWS account')
      .argument('[spec]', spec)
      .option('-n, --messages <count>', 'how many messages (default 10,000)')
      .option('-s, --seed <seed>', 'another seed, another corpus (default 1)')
      .option('-l, --layout <layout>', 'eml: an object a message; zip or mbox: an object a shard; none: only measure (default eml)')
      .option('--truth <lines>', 'arcs: ground truth for the messages of arcs; all: for every message (default arcs)')
      .option('--truth-format <formats>', 'csv, parquet or csv,parquet: the ground truth in these as well')
      .option('--id <ulid>', 'the id of the job (default: a new one); started twice with one id, there is one job', ulid)
      .option('--detach', 'do not follow it: return as soon as it is started')
      .option('--json', 'report as JSON lines, for programs')
      .addOption(target('aws: in the cloud; local: on this machine, as generate does').default('aws')),
  ).action(
    does(async (file, options) => {
      // The option has a default: only what is typed beside it can contradict it.
      if (targetOf(options) === 'local') return (await import('./generate.ts')).generate(file, options, installation);
      return (await import('./aws/start.ts')).start(file, options, installation);
    }),
  );

  onStack(
    program
      .command('status')
      .description('how a job is doing; or, without one, what a stack in the cloud allows')
      .argument('[job]', JOB)
      .option('-f, --follow', 'show how it goes on until it has ended')
      .option('--json', 'as JSON; with --follow as JSON lines')
      .addOption(eitherTarget()),
  ).action(
    does(async (job, options) => {
      if (job === undefined) {
        if (targetOf(options) !== 'aws') throw new UsageError(`Name a job: ${JOB}. \`mailwright status --target aws\` shows the stack.`);
        if (options.follow) throw new UsageError('--follow needs a job to follow.');
        return (await import('./aws/status.ts')).stackStatus(options);
      }
      const place = placeOf(job, options);
      if (place.target === 'aws') return (await import('./aws/status.ts')).status(place.job, options);
      if (options.follow) return (await import('./local/follow.ts')).follow(place.folder, options);
      return (await import('./local/status.ts')).status(place.folder, options);
    }),
  );

  onStack(
    program
      .command('list')
      .description('the jobs in a folder of jobs; or, with --target aws, those of a stack in the cloud, newest first')
      .argument('[folder]', `where the jobs are (default ${CORPORA})`)
      .option('--limit <count>', `how many (default: all of a folder, ${LIST_LIMIT} of a stack)`, wholeNumber)
      .option('--json', 'as JSON')
      .addOption(target('aws: in the cloud; local: on this machine (default local, or aws with an option that names a stack)')),
  ).action(
    does(async (folder, options) => {
      if (targetOf(options) !== 'aws') return (await import('./list.ts')).list(folder ?? CORPORA, options.limit, options);
      if (folder !== undefined) throw new UsageError(`${folder}: a folder is on this machine. Leave it out to list the jobs of a stack.`);
      return (await import('./aws/list.ts')).list(options.limit ?? LIST_LIMIT, options);
    }),
  );

  onStack(
    program
      .command('cancel')
      .description('ask a job that is running to stop; what is finished stays')
      .argument('<job>', JOB)
      .addOption(eitherTarget()),
  ).action(
    does(async (job, options) => {
      const place = placeOf(job, options);
      return place.target === 'aws'
        ? (await import('./aws/cancel.ts')).cancel(place.job, options)
        : (await import('./local/cancel.ts')).cancel(place.folder);
    }),
  );

  onStack(
    program
      .command('retry')
      .description('make what a job is missing that was cancelled, interrupted or ended incomplete')
      .argument('<job>', JOB)
      .option('--detach', 'return as soon as it goes on')
      .option('--json', 'report as JSON lines, for programs')
      .addOption(eitherTarget()),
  ).action(
    does(async (job, options) => {
      const place = placeOf(job, options);
      if (place.target === 'aws') return (await import('./aws/retry.ts')).retry(place.job, options);
      (await import('./local/job.ts')).jobIn(place.folder); // else a new job would be made there
      return (await import('./generate.ts')).generate(undefined, { ...options, out: place.folder }, installation);
    }),
  );

  onStack(
    program
      .command('delete')
      .description('delete a job and all that it made')
      .argument('<job>', JOB)
      .option('-y, --yes', 'do not ask')
      .addOption(eitherTarget()),
  ).action(
    does(async (job, options) => {
      const place = placeOf(job, options);
      return place.target === 'aws'
        ? (await import('./aws/delete.ts')).remove(place.job, options)
        : (await import('./local/delete.ts')).remove(place.folder, options);
    }),
  );

  onStack(
    program
      .command('pull')
      .description('fetch a corpus from the cloud, or a part of it; goes on where it was stopped')
      .argument('<job>', CLOUD_JOB)
      .option('-o, --out <folder>', `the folder it goes into (default ${CORPORA}/<job id>)`)
      .option('--first <count>', 'only the shards that hold the first so many messages', wholeNumber)
      .option('--no-messages', 'only the ground truth, and the record of the job')
      .option('--json', 'report as JSON lines, for programs'),
  ).action(
    does(async (job, options) => {
      const place = placeOf(job, { ...options, target: 'aws' });
      if (place.target === 'local') throw new UsageError(`${job} is on this machine already.`);
      return (await import('./aws/pull.ts')).pull(place.job, options);
    }),
  );

  inAccount(
    program
      .command('deploy')
      .description('set up the stack on your AWS account, or bring it up to date')
      .option('--parameter <Name=value...>', 'set parameters of the stack; those not named stay as they are')
      .option('--notify <mail>', 'send mail to this address when a job has ended')
      .option('-y, --yes', 'do not ask before changing anything')
      .option('--json', 'report as JSON lines, for programs'),
  ).action(does(async (options) => (await import('./aws/deploy.ts')).deploy(options, installation)));

  inAccount(
    program
      .command('destroy')
      .description('remove the stack from your AWS account')
      .option('--delete-corpora', 'delete the corpora that are there, too: without this, corpora stand in the way')
      .option('-y, --yes', 'do not ask')
      .option('--json', 'report as JSON lines, for programs'),
  ).action(does(async (options) => (await import('./aws/destroy.ts')).destroy(options)));
}
