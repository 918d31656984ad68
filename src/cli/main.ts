#!/usr/bin/env node
import { fileURLToPath } from 'node:url';
import { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { PACK_FILES, packJsonSchema } from '../corpus/pack/json-schema.ts';
import { EVASIONS } from '../corpus/pack/scenario.ts';
import { PackError } from '../corpus/pack/source.ts';
import { GENERATOR_VERSION } from '../corpus/version.ts';
import { EngineError, type EngineErrorCode } from '../engine/error.ts';
import { USUAL_STACK } from '../job/cost.ts';
import { jobSpecJsonSchema, SpecError } from '../job/spec.ts';
import { Interrupted } from './ask.ts';
import type { Installation } from './installation.ts';
import { addJobCommands } from './jobs.ts';
import { CORPORA } from './places.ts';
import { UsageError } from './usage-error.ts';

/**
 * The `mailwright` command. Exit codes: 0 done, 1 failed or partial, 2 bad input, 130 interrupted and resumable. What a
 * command does is loaded when it is called.
 */

declare const MAILWRIGHT_VERSION: string;

const here = (path: string): URL => new URL(path, import.meta.url);
const installation: Installation = {
  packs: fileURLToPath(here('./packs')),
  worker: here('./worker.mjs'),
  command: fileURLToPath(import.meta.url),
};

let exitCode = 0;
const does =
  <A extends unknown[]>(action: (...args: A) => number | Promise<number>) =>
  async (...args: A): Promise<void> => {
    exitCode = await action(...args);
  };

const program = new Command('mailwright')
  .description('Makes synthetic e-mail corpora for testing communications-surveillance systems.')
  .version(`${MAILWRIGHT_VERSION} (generator ${GENERATOR_VERSION})`)
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'mailwright: ')) })
  .showSuggestionAfterError()
  .addHelpText(
    'after',
    `\nExamples:\n  mailwright generate                               10,000 messages, all defaults\n  mailwright generate job.mailwright.json --out big  what a job spec asks for, into the folder big\n  mailwright generate --out big                      go on with what was interrupted there\n  mailwright preview --index 42                      one message, without making the others\n  mailwright verify big                              check every byte\n  mailwright start job.mailwright.json               the same corpus, made in the cloud on your AWS account\n`,
  );

const SPEC = 'a job spec, JSON or YAML; "-" reads standard input; none means all defaults';

program
  .command('generate')
  .description('make a corpus on this machine, or go on with one')
  .argument('[spec]', SPEC)
  .option('-n, --messages <count>', 'how many messages (default 10,000)')
  .option('-s, --seed <seed>', 'another seed, another corpus (default 1)')
  .option('-o, --out <folder>', `the folder of this job (default ${CORPORA}/<job id>); one that was interrupted goes on`)
  .option('-w, --workers <count>', 'worker threads (default: up to one a processor, by the size of the job)')
  .option('-l, --layout <layout>', 'eml: a file a message; zip or mbox: a file a shard; none: only measure (default eml)')
  .option('--truth <lines>', 'arcs: ground truth for the messages of arcs; all: for every message (default arcs)')
  .option('--truth-format <formats>', 'csv, parquet or csv,parquet: the ground truth in these as well')
  .option('--detach', 'leave it running by itself and return at once')
  .option('--json', 'report as JSON lines, for programs')
  .action(does(async (spec, options) => (await import('./generate.ts')).generate(spec, options, installation)));

program
  .command('preview')
  .description('print one message of a corpus, without making the others; or one arc of a scenario')
  .argument('[spec]', SPEC)
  .option('-i, --index <n>', 'which message, from 0', (text) => {
    if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It has to be a whole number from 0.');
    return Number(text);
  })
  .option('--scenario <id>', 'instead of one message, an arc of this scenario')
  .option('--evasion <level>', `at this level of the evasion ladder: ${EVASIONS.join(', ')} (default explicit)`)
  .option('--near-miss', 'a harmless look-alike of it')
  .option('-n, --messages <count>', 'how many messages the corpus has')
  .option('-s, --seed <seed>', 'the seed of the corpus')
  .action(does(async (spec, options) => (await import('./preview.ts')).preview(spec, options, installation)));

program
  .command('estimate')
  .description('how many files and bytes a corpus will have, how long it will take, and what it will cost in the cloud')
  .argument('[spec]', SPEC)
  .option('-n, --messages <count>', 'how many messages')
  .option('-s, --seed <seed>', 'the seed of the corpus')
  .option('-w, --workers <count>', 'worker threads')
  .option('-l, --layout <layout>', 'eml, zip, mbox or none')
  .addOption(new Option('--target <where>', 'local: made on this machine; aws: in the cloud (default local)').choices(['local', 'aws']))
  .option('--concurrency <count>', `workers at once, with --target aws (default ${USUAL_STACK.concurrency})`)
  .option('--json', 'as JSON')
  .action(does(async (spec, options) => (await import('./estimate.ts')).estimate(spec, options, installation)));

addJobCommands(program, does, installation, SPEC);

program
  .command('verify')
  .description('check every byte of a corpus against its receipts and manifest')
  .argument('<folder>', 'the folder of a job')
  .option('--json', 'as JSON')
  .action(does(async (folder, options) => (await import('./verify.ts')).verifyFolder(folder, options, installation)));

program
  .command('score')
  .description('what the alerts of a surveillance system found of the ground truth')
  .requiredOption('-t, --truth <path>', 'a corpus, its truth/, or one .jsonl file of it')
  .requiredOption('-a, --alerts <file>', 'the alerts, CSV or JSON lines: message_id or key; person, score, policy')
  .option('-b, --baseline <file>', 'other alerts to compare with: what was lost, what was gained')
  .option('-m, --map <field=column>', 'what a column holds, such as message_id=MsgID,person=Employee', (text, all: string[] = []) => [
    ...all,
    text,
  ])
  .option('--threshold <score>', 'leave out alerts with a lower score')
  .option('--job <path>', 'job.json or the folder it is in, to tell false alerts from unknown ones (default: that of the corpus)')
  .option('-n, --messages <count>', 'how many messages the corpus has (default: what its records say)')
  .option('--html <file>', 'write a page with plots, too')
  .option('--json', 'as JSON')
  .action(does(async (options) => (await import('./score/score.ts')).score(options, installation)));

program
  .command('schema')
  .description('print the JSON schema of a job spec, or of a file of a pack, for editors')
  .addArgument(new Argument('[what]', 'of what').choices(['job', ...PACK_FILES]).default('job'))
  .action(
    does((what: 'job' | (typeof PACK_FILES)[number]) => {
      const schema = what === 'job' ? jobSpecJsonSchema() : packJsonSchema(what);
      process.stdout.write(JSON.stringify(schema, undefined, 2) + '\n');
      return 0;
    }),
  );

const pack = program.command('pack').description('for authors of packs');
pack
  .command('lint')
  .description('check a pack: errors as a job would find them, and advice')
  .argument('<folder>', 'the folder of the pack')
  .action(does(async (folder) => (await import('./pack.ts')).packLint(folder)));

/** The errors that speak of what was asked for, not of how it went. */
const BAD_INPUT: ReadonlySet<EngineErrorCode> = new Set(['OTHER_JOB', 'NOT_A_JOB', 'NOT_EMPTY', 'NOT_FOUND', 'REFUSED', 'VERSION']);

/** Says what went wrong, and answers with the exit code. */
function explain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const lines = (text: string): string =>
    text
      .split('\n')
      .map((line) => `mailwright: ${line}\n`)
      .join('');
  if (error instanceof SpecError || error instanceof PackError || error instanceof UsageError) {
    process.stderr.write(lines(error.message));
    return 2;
  }
  if (error instanceof EngineError) {
    process.stderr.write(lines(error.message));
    return BAD_INPUT.has(error.code) ? 2 : 1;
  }
  if (error instanceof Interrupted) return 130;
  process.stderr.write(lines(`unexpected: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`));
  return 1;
}

// A reader that closes early (`| head`) is no failure of ours.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });

try {
  await program.parseAsync(process.argv.slice(2), { from: 'user' }); // under Electron commander would count otherwise
} catch (error) {
  exitCode = explain(error);
}
process.exitCode = exitCode;
