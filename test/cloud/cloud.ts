import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startCloud } from './emulator/cloud.ts';

/**
 * Starts the embedded cloud and says how to use it; Ctrl-C ends it, and nothing is left.
 *
 *   npm run cloud [-- --port 4566] [--scale 20] [--concurrency 4] [--deploy]
 */

const COMMAND = fileURLToPath(new URL('../../dist/mailwright.mjs', import.meta.url));

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    scale: { type: 'string', default: '1' },
    concurrency: { type: 'string', default: '4' },
    deploy: { type: 'boolean', default: false },
  },
});

function number(name: 'port' | 'scale' | 'concurrency', least: number): number {
  const value = Number(values[name]);
  if (!(value >= least)) throw new Error(`--${name} ${values[name]}: it has to be a number, ${least} or more`);
  return value;
}

/** Runs a command of Mailwright; answers with its exit code. */
function mailwright(args: readonly string[], environment: Readonly<Record<string, string>>): Promise<number | null> {
  if (!existsSync(COMMAND)) throw new Error(`${COMMAND} is not there: build it first (npm run build)`);
  const child = spawn(process.execPath, [COMMAND, ...args], { stdio: 'inherit', env: { ...process.env, ...environment } });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code));
  });
}

const exports = (environment: Readonly<Record<string, string>>): string =>
  Object.entries(environment)
    .map(([name, value]) => `  export ${name}='${value}'`)
    .join('\n');

async function main(): Promise<void> {
  // Heard from the start on: whatever has begun is ended.
  const ended = new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, resolve);
  });
  const cloud = await startCloud({ port: number('port', 0), scale: number('scale', 1), concurrency: number('concurrency', 1) });
  const folder = mkdtempSync(join(tmpdir(), 'mailwright-profiles-'));
  try {
    const profiles = cloud.writeProfiles(folder);
    console.log(`The embedded cloud is at ${cloud.endpoint}. Its profiles:

${exports(profiles)}

  mailwright-admin may do everything; mailwright-user, mailwright-process and mailwright-role may use what is deployed.
  Whoever knows nothing of profiles takes this environment instead:

${exports(cloud.environment('user'))}
`);
    if (values.deploy) {
      const code = await Promise.race([
        mailwright(['deploy', '--yes', '--profile', 'mailwright-admin'], profiles),
        ended.then(() => undefined),
      ]);
      if (code === undefined) return;
      if (code !== 0) {
        process.exitCode = 1;
        return;
      }
    } else console.log('  mailwright deploy --yes --profile mailwright-admin');
    console.log('  mailwright start SPEC --profile mailwright-user\n\nCtrl-C ends it.');
    await ended;
  } finally {
    await cloud.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

try {
  await main();
} catch (error) {
  console.error(`mailwright: ${(error as Error).message}`);
  process.exitCode = 1;
}
