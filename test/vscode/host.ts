import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bundleSuite, type HostSuite } from './in-host/bundle.ts';
import { runInBrowser } from './in-host/in-browser.ts';
import { desktopVSCode, runOnDesktop } from './in-host/on-desktop.ts';
import type { HostLine } from './in-host/results.ts';
import { VSIX } from './places.ts';
import { Session } from './session.ts';
import { makeWorkspace } from './workspace.ts';

/**
 * Runs test/host inside an extension host where the .vsix is installed: of the desktop VS Code that VSCODE_PATH names, else
 * of the browser one. MAILWRIGHT_VERBOSE=1 shows what VS Code logs.
 *
 *   node test/vscode/host.ts [--grep words]
 */

/** Milliseconds for one test, and for all of them with VS Code's start. */
const TEST_TIMEOUT = 30_000;
const SUITE_TIMEOUT = 300_000;

const say = (text: string): void => console.error(`mailwright: ${text}`);

async function inBrowser(suite: HostSuite, workspace: string): Promise<number> {
  const session = await Session.start({}, say);
  try {
    return await runInBrowser(session, suite, workspace, SUITE_TIMEOUT);
  } finally {
    await session.close();
  }
}

/** Prints the results as mocha would, and leaves the counts for run.mjs. */
function report({ results }: HostSuite): void {
  const text = existsSync(results) ? readFileSync(results, 'utf8') : '';
  const lines = text.split('\n').filter(Boolean).map((line) => JSON.parse(line) as HostLine); // prettier-ignore
  let parents = '';
  for (const line of lines) {
    if (line.kind === 'end') continue;
    const path = line.title.slice(0, -1);
    if (path.join('\n') !== parents) console.log(`\n  ${path.join(' › ')}`);
    parents = path.join('\n');
    const sign = { pass: '✔', pending: '-', fail: '✘' }[line.kind];
    console.log(`    ${sign} ${line.title.at(-1)}${line.kind === 'pass' && line.ms > 1000 ? ` (${line.ms} ms)` : ''}`);
    if (line.kind === 'fail') console.log(line.error.replaceAll(/^/gm, '        '));
  }
  const count = (kind: HostLine['kind']): number => lines.filter((line) => line.kind === kind).length;
  const end = lines.find((line) => line.kind === 'end');
  if (!end) console.log('\n  it did not come to its end');
  else console.log(`\n  ${end.passes} passing, ${count('fail')} failing in VS Code ${end.vscode}, Node ${end.node}`);
  const counts = process.env.MAILWRIGHT_COUNTS;
  if (counts !== undefined)
    appendFileSync(counts, `${JSON.stringify({ passes: count('pass'), failures: count('fail') || (end ? 0 : 1) })}\n`);
}

const { values } = parseArgs({ options: { grep: { type: 'string' } } });
const folder = mkdtempSync(join(tmpdir(), 'mailwright-host-'));
try {
  const workspace = makeWorkspace(join(folder, 'workspace'));
  const suite = await bundleSuite({ timeout: TEST_TIMEOUT, ...(values.grep !== undefined && { grep: values.grep }) });
  const desktop = desktopVSCode();
  const code = await (desktop === undefined ? inBrowser(suite, workspace) : runOnDesktop(desktop, suite, VSIX, workspace));
  report(suite);
  process.exitCode = code;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
