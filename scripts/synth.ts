import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FUNCTIONS, type FunctionName } from '../infra/names.ts';
import { makeTemplate } from '../infra/template.ts';
import { GENERATOR_VERSION } from '../src/corpus/version.ts';
import { bundle, type Bundle, packFiles } from './bundle.ts';

/**
 * Writes what `mailwright deploy` deploys: the template, the functions' bundles, and what is what. It needs neither an
 * account nor a network.
 *
 *   node scripts/synth.ts [folder, otherwise dist/infra]
 */

/** infra.json. Paths are relative to it. */
export interface InfraRecord {
  readonly version: string;
  readonly generator: string;
  readonly template: { readonly file: string; readonly sha256: string };
  readonly functions: Readonly<
    Record<FunctionName, { readonly file: string; readonly sha256: string; readonly key: string; readonly clients: readonly string[] }>
  >;
}

/** These read the built-in packs. */
const WITH_PACKS: readonly FunctionName[] = ['coordinator', 'worker'];

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const sha256 = (data: Uint8Array | string): string => createHash('sha256').update(data).digest('hex');
const kilobytes = (bytes: number): string => `${Math.ceil(bytes / 1000).toLocaleString('en')} kB`;

/** Synthesizes into a folder, which it empties first; throws where cdk-nag or the validator find something. */
export async function synth(folder: string, say: (line: string) => void, sources = join(ROOT, 'lambda')): Promise<InfraRecord> {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  const packs = packFiles(join(ROOT, 'packs'));
  const bundles = {} as Record<FunctionName, Bundle>;
  const functions = {} as Record<FunctionName, InfraRecord['functions'][FunctionName]>;
  for (const name of FUNCTIONS) {
    const made = await bundle(sources, name, version, WITH_PACKS.includes(name) ? packs : {});
    const hash = sha256(made.zip);
    bundles[name] = made;
    functions[name] = { file: `functions/${name}.zip`, sha256: hash, key: `functions/${hash}.zip`, clients: made.clients };
    say(
      `${name.padEnd(12)} ${kilobytes(made.bytes)} of code, ${kilobytes(made.zip.length)} zipped; ${made.clients.join(', ') || 'no SDK client'}`,
    );
  }

  const keys = Object.fromEntries(FUNCTIONS.map((name) => [name, functions[name].key])) as Record<FunctionName, string>;
  const { text, problems } = makeTemplate({ version, keys });
  if (problems.length > 0) throw new Error(`the template is not in order:\n  ${problems.join('\n  ')}`);
  say(`template     ${kilobytes(text.length)}; cdk-nag and CloudFormation's validator find nothing`);

  const record: InfraRecord = {
    version,
    generator: GENERATOR_VERSION,
    template: { file: 'template.json', sha256: sha256(text) },
    functions,
  };
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'functions'), { recursive: true });
  for (const name of FUNCTIONS) writeFileSync(join(folder, functions[name].file), bundles[name].zip);
  writeFileSync(join(folder, record.template.file), text);
  writeFileSync(join(folder, 'infra.json'), `${JSON.stringify(record, undefined, 2)}\n`);
  return record;
}

if (import.meta.main) {
  const folder = process.argv[2] ?? join(ROOT, 'dist/infra');
  try {
    await synth(folder, console.log);
  } catch (error) {
    console.error(`mailwright: ${(error as Error).message}`);
    process.exitCode = 1;
  }
}
