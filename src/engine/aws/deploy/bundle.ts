import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256Of } from '../../../job/digest.ts';
import { EngineError } from '../../error.ts';

/** What a deployment is made of: the synthesized template and the code of its functions. */
export interface Bundle {
  readonly version: string;
  readonly generator: string;
  readonly template: Artifact;
  /** The names of the template's parameters. */
  readonly parameters: readonly string[];
  /** The code of all functions. */
  readonly code: Artifact;
}

/** A file to be uploaded, under a key that holds its SHA-256: another content has another key. */
export interface Artifact {
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly type: string;
}

/** infra.json, as the synthesis writes it; paths are relative to it. */
interface InfraRecord {
  readonly version: string;
  readonly generator: string;
  readonly template: FileRecord;
  readonly code: FileRecord & { readonly key: string };
}

interface FileRecord {
  readonly file: string;
  readonly sha256: string;
}

/** Reads what the synthesis left in a folder. */
export function readBundle(folder: string): Bundle {
  const path = join(folder, 'infra.json');
  const { version, generator, template, code } = parse<InfraRecord>(read(path), path);
  const bytes = checked(folder, template);
  const { Parameters = {} } = parse<{ readonly Parameters?: object }>(bytes, join(folder, template.file));
  return {
    version,
    generator,
    template: { key: `templates/${template.sha256}.json`, bytes, type: 'application/json' },
    parameters: Object.keys(Parameters),
    code: { key: code.key, bytes: checked(folder, code), type: 'application/zip' },
  };
}

const WAY_OUT = 'in a checkout of Mailwright, npm run synth.';

function read(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new EngineError('NOT_FOUND', `${path}: what is to be deployed is not there. Make it first: ${WAY_OUT}`, { cause: error });
  }
}

function checked(folder: string, { file, sha256 }: FileRecord): Uint8Array {
  const bytes = read(join(folder, file));
  if (sha256Of(bytes) !== sha256)
    throw new EngineError('CORRUPT', `${join(folder, file)} is not what infra.json says. Make both anew: ${WAY_OUT}`);
  return bytes;
}

function parse<T>(bytes: Uint8Array, path: string): T {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8')) as T;
  } catch (error) {
    throw new EngineError('CORRUPT', `${path}: not JSON. Make it anew: ${WAY_OUT}`, { cause: error });
  }
}
