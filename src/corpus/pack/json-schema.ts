import * as z from 'zod';
import { scenarioSchema } from './scenario.ts';
import { commonSchema, deskSchema, packSchema } from './schema.ts';

/** The files of a pack. */
const FILES = { pack: packSchema, common: commonSchema, desk: deskSchema, scenario: scenarioSchema } as const;

export const PACK_FILES = Object.keys(FILES) as readonly (keyof typeof FILES)[];

/** The JSON schema of a file of a pack, for editors. What one field demands of another is checked by `pack lint` alone. */
export function packJsonSchema(file: keyof typeof FILES): Record<string, unknown> {
  return z.toJSONSchema(FILES[file], { io: 'input', target: 'draft-7' }) as Record<string, unknown>;
}
