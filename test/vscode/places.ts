import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/[/\\]$/, '');

/** What is fetched once and kept. */
export const CACHE = join(ROOT, '.cache/vscode');

/** What `npm run package` makes. */
export const VSIX = join(ROOT, 'dist/mailwright.vsix');

export const EXTENSION = 'mailwright.mailwright';
