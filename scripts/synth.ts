import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FUNCTIONS, type FunctionName } from '../infra/names.ts';
import { makeTemplate } from '../infra/template.ts';
import { GENERATOR_VERSION } from '../src/corpus/version.ts';
import { bundle, packFiles } from './bundle.ts';

/**
 * Writes what `mailwright deploy` deploys: the template, the functions' code, and what is what. It needs neither an
 * account nor a network.
 *
 *   node scripts/synth.ts [folder, otherwise dist/infra]
 */

/** infra.json. Paths are relative to it. */
export interface InfraRecord {
  readonly version: string;
  readonly generator: string;
  readonly template: { readonly file: string; readonly sha256: string };
  /** One zip for all functions. */
  readonly code: { readonly file: string; readonly sha256: string; readonly key: string };
  readonly functions: Readonly<Record<FunctionName, { readonly handler: string; readonly clients: readonly string[] }>>;
}

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const sha256 = (data: Uint8Array | string): string => createHash('sha256').update(data).digest('hex');
const kilobytes = (bytes: number): string => `${Math.ceil(bytes / 1000).toLocaleString('en')} kB`;

/** Synthesizes into a folder, which it empties first; throws where cdk-nag or the validator find something. */
export async function synth(folder: string, say: (line: string) => void, sources = join(ROOT, 'lambda')): Promise<InfraRecord> {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  const made = await bundle(sources, FUNCTIONS, version, packFiles(join(ROOT, 'packs')));
  const functions = {} as Record<FunctionName, InfraRecord['functions'][FunctionName]>;
  for (const name of FUNCTIONS) {
    const { handler, bytes, clients } = made.functions[name];
    functions[name] = { handler, clients };
    say(`${name.padEnd(12)} ${kilobytes(bytes)} of code; ${clients.join(', ') || 'no SDK client'}`);
  }
  const hash = sha256(made.zip);
  const code = { file: 'functions.zip', sha256: hash, key: `functions/${hash}.zip` };
  say(`${'all of it'.padEnd(12)} ${kilobytes(made.zip.length)} zipped`);

  const { text, problems } = makeTemplate({ version, code: code.key });
  if (problems.length > 0) throw new Error(`the template is not in order:\n  ${problems.join('\n  ')}`);
  say(`template     ${kilobytes(text.length)}; cdk-nag and CloudFormation's validator find nothing`);

  const record: InfraRecord = {
    version,
    generator: GENERATOR_VERSION,
    template: { file: 'template.json', sha256: sha256(text) },
    code,
    functions,
  };
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, code.file), made.zip);
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
