import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
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
const WITHOUT_PICTURES = '.cache/package/README.md';

process.chdir(ROOT);
rmSync(VSIX, { force: true });
// VS Code shows no picture of a README that does not come from an https address.
mkdirSync(dirname(WITHOUT_PICTURES), { recursive: true });
writeFileSync(WITHOUT_PICTURES, readFileSync('README.md', 'utf8').replaceAll(/^!\[.*\n\n/gm, ''));
await createVSIX({
  packagePath: VSIX,
  dependencies: false, // all is bundled
  readmePath: WITHOUT_PICTURES,
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
