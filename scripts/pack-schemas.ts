import { writeFileSync } from 'node:fs';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { PACK_FILES, packJsonSchema } from '../src/corpus/pack/json-schema.ts';

/** Writes packs/<file>.schema.json, for the completion of pack files in editors: `node scripts/pack-schemas.ts`. */

/** By path from the project's folder, the text of each schema. */
export const packSchemas = (): Map<string, string> =>
  new Map(PACK_FILES.map((file) => [`packs/${file}.schema.json`, `${JSON.stringify(packJsonSchema(file), undefined, 2)}\n`]));

if (argv[1] === fileURLToPath(import.meta.url))
  for (const [path, text] of packSchemas()) writeFileSync(new URL(`../${path}`, import.meta.url), text);
