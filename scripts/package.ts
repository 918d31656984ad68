import { readFileSync, rmSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createVSIX } from '@vscode/vsce';
import { unzipSync } from 'fflate';

/**
 * Makes dist/mailwright.vsix of what is in dist/ and what .vscodeignore lets through.
 *
 *   node scripts/package.ts
 */

const MOST_BYTES = 5_000_000;
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const VSIX = 'dist/mailwright.vsix';

process.chdir(ROOT);
rmSync(VSIX, { force: true });
await createVSIX({
  packagePath: VSIX,
  dependencies: false, // all is bundled
  allowMissingRepository: true,
  rewriteRelativeLinks: false,
});
const { size } = statSync(VSIX);
const files = Object.entries(unzipSync(readFileSync(VSIX)));
const inside = files.reduce((total, [, bytes]) => total + bytes.length, 0);
const kilobytes = (bytes: number): string => `${Math.ceil(bytes / 1000).toLocaleString('en')} kB`;
console.error(`mailwright: ${VSIX}: ${kilobytes(size)}, ${files.length} files of ${kilobytes(inside)}`);
if (size > MOST_BYTES) {
  console.error(`mailwright: that is over ${kilobytes(MOST_BYTES)}, the most it may have`);
  process.exitCode = 1;
}
