import { appendFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Mocha from 'mocha';
import { version } from 'vscode';
import type { HostPlan, HostLine } from './results.ts';

/** Runs mocha inside the extension host: VS Code calls `run` where extensionTestsPath names this file, built and beside its tests. */
export function run(): Promise<void> {
  const plan = JSON.parse(readFileSync(join(__dirname, 'plan.json'), 'utf8')) as HostPlan;
  const tell = (line: HostLine): void => appendFileSync(join(__dirname, 'results.jsonl'), `${JSON.stringify(line)}\n`);
  const mocha = new Mocha({ ui: 'bdd', timeout: plan.timeout, color: false, ...(plan.grep !== undefined && { grep: plan.grep }) });
  mocha.reporter(class extends Mocha.reporters.Base {}); // says nothing: results go into the file
  for (const file of readdirSync(__dirname)
    .filter((name) => name.endsWith('.test.cjs'))
    .sort())
    mocha.addFile(join(__dirname, file));
  return new Promise((resolve, reject) => {
    const runner = mocha.run((failures) => {
      const { passes = 0, pending = 0, duration = 0 } = runner.stats ?? {};
      tell({ kind: 'end', vscode: version, node: process.version, passes, failures, pending, duration });
      if (failures > 0) reject(new Error(`${failures} failed`));
      else resolve();
    });
    runner.on('pass', (test) => tell({ kind: 'pass', title: test.titlePath(), ms: test.duration ?? 0 }));
    runner.on('pending', (test) => tell({ kind: 'pending', title: test.titlePath() }));
    runner.on('fail', (test, error: Error) => tell({ kind: 'fail', title: test.titlePath(), error: error.stack ?? String(error) }));
  });
}
