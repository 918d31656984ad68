import { availableParallelism } from 'node:os';
import { objectIdsOf } from '../../corpus/id.ts';
import { Generator } from '../../corpus/generator.ts';
import type { TruthLine } from '../../corpus/truth/line.ts';
import { PackError } from '../../corpus/pack/source.ts';
import { GENERATOR_VERSION } from '../../corpus/version.ts';
import { EngineError } from '../../engine/error.ts';
import { type LoadedPacks, type OwnPack, packsOf, readPackFolder, reloadPacks } from '../../engine/packs.ts';
import { type Cost, costOf, type Stack, USUAL_STACK } from '../../job/cost.ts';
import { sha256Of } from '../../job/digest.ts';
import { type Estimate, estimateOf, sampleOf, truthBytesOf } from '../../job/estimate.ts';
import { mostBlocks } from '../../job/pace.ts';
import { memberKey, planOf, threadsFor } from '../../job/plan.ts';
import { contentDigest, type JobRecord } from '../../job/records.ts';
import { type JobSpec, SpecError } from '../../job/spec.ts';
import { TIMES } from '../../job/times.ts';
import { resolve } from 'node:path';

/** A job spec, and the folder that its packs are relative to. */
export interface Source {
  readonly spec: JobSpec;
  readonly base: string;
}

/** What loading its packs says of a corpus. */
export interface Checked {
  /** Of all that the messages depend on. */
  readonly digest: string;
  readonly messages: number;
}

export interface MadeMessage {
  readonly bytes: Uint8Array;
  readonly truth: TruthLine;
}

export interface Figures {
  /** On this machine. */
  readonly local: Estimate & { readonly workers: number };
  /** On the stack. */
  readonly cloud: { readonly objects: number; readonly cost: Cost; readonly stack: Stack };
  readonly truth: { readonly positives: number; readonly nearMisses: number; readonly arcs: number };
}

/** Blocks that are made to judge the rest by: some 4,000 messages. */
const SAMPLE_BLOCKS = 16;

interface Corpus {
  readonly digest: string;
  readonly generator: Generator;
}

/** Makes parts of corpora: slow to begin with one (its packs are compiled), quick to go on with the same. */
export class Corpora {
  private readonly builtin: string;
  private last: Corpus | undefined;

  /** `builtin` is the folder of the built-in packs' JSON. */
  constructor(builtin: string) {
    this.builtin = builtin;
  }

  /** Throws a SpecError where the packs and the spec do not go together. */
  check(source: Source): Checked {
    return { digest: digestOf(source.spec, loaded(source, this.builtin)), messages: source.spec.messages };
  }

  /** Message `index` of a corpus whose digest was told before. */
  message(source: Source, digest: string, index: number): MadeMessage {
    if (this.last?.digest !== digest) {
      const packs = loaded(source, this.builtin);
      if (digestOf(source.spec, packs) !== digest)
        throw new EngineError(
          'NOT_FOUND',
          'The packs, or Mailwright itself, are not the ones this preview was made with. Preview the message again.',
        );
      this.last = { digest, generator: new Generator(source.spec, packs.packs, 'all') };
    }
    return made(this.last.generator, source.spec, index);
  }

  /** Message `id` of a job, made again: the very bytes that the job has made. */
  remake(record: JobRecord, id: string): MadeMessage {
    const { spec, packs, content, generator: version } = record;
    const index = objectIdsOf(spec).index(id, spec.messages);
    if (index === undefined) throw new EngineError('NOT_FOUND', `No message of job ${record.job} has the id ${id}.`);
    if (version !== GENERATOR_VERSION)
      throw new EngineError(
        'VERSION',
        `Job ${record.job} was made by generator version ${version}, and this is version ${GENERATOR_VERSION}: its messages are not kept, and cannot be made again here.`,
      );
    if (this.last?.digest !== content)
      this.last = { digest: content, generator: new Generator(spec, reloadPacks(packs, this.builtin), 'all') };
    return made(this.last.generator, spec, index);
  }

  /** Size and time, and in the cloud the cost, by making a sample here. */
  estimate(source: Source, stack: Stack = USUAL_STACK): Figures {
    const { spec } = source;
    const plan = planOf(spec);
    const generator = new Generator(spec, loaded(source, this.builtin).packs, spec.delivery.truth.lines);
    const workers = threadsFor(spec, availableParallelism());
    const sample = sampleOf(generator, plan.blocks, SAMPLE_BLOCKS, () => performance.now());
    const local = estimateOf(plan, sample, workers);
    const { positives, nearMissMessages: nearMisses, arcs, nearMisses: nearArcs } = generator.placement;
    const truth = { positives, nearMisses, arcs: arcs + nearArcs };
    const cloudPlan = planOf(spec, mostBlocks(spec.delivery.layout, stack.concurrency, TIMES));
    const { objects } = estimateOf(cloudPlan, sample, workers);
    const cost = costOf({ ...stack, plan: cloudPlan, bytes: local.bytes, truthBytes: truthBytesOf(spec, truth) });
    return { local: { ...local, workers }, cloud: { objects, cost, stack }, truth };
  }
}

const digestOf = (spec: JobSpec, { records }: LoadedPacks): string => contentDigest(spec, records, GENERATOR_VERSION);

function made(generator: Generator, spec: JobSpec, index: number): MadeMessage {
  const { bytes, id, truth } = generator.message(index);
  return { bytes, truth: { key: memberKey(planOf(spec), id, index), sha256: sha256Of(bytes), ...truth! } };
}

/** The packs of a source; what is wrong with one is a problem of the field that names it. */
function loaded({ spec, base }: Source, builtin: string): LoadedPacks {
  const own: OwnPack[] = [];
  spec.content.packs.forEach((name, i) => {
    at(i, () => own.push({ name, source: readPackFolder(resolve(base, name)) }));
  });
  try {
    return packsOf(spec, builtin, own);
  } catch (error) {
    if (!(error instanceof PackError)) throw error;
    const i = own.findIndex(({ name }) => error.message.startsWith(`${name}: `));
    return at(i, () => {
      throw error;
    });
  }
}

function at<T>(i: number, does: () => T): T {
  try {
    return does();
  } catch (error) {
    if (!(error instanceof PackError) && (error as NodeJS.ErrnoException).code === undefined) throw error;
    throw new SpecError([{ path: i < 0 ? 'content.packs' : `content.packs[${i}]`, message: (error as Error).message }]);
  }
}
