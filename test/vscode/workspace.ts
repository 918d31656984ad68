import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const README = `This folder shows what Mailwright does in VS Code.

- smoke.mailwright.json: a job file. Above its first line: Preview, Estimate, Run.
- benchmark.mailwright.yaml: another one, with scenarios in it.
`;

const SMOKE = `${JSON.stringify({ seed: 'smoke', messages: 1000 }, undefined, 2)}\n`;

const BENCHMARK = `# 20,000 messages, one in five hundred of them a positive; as many look like one and are not.
seed: benchmark
messages: 20000
scenarios:
  - scenario: all
    rate: 0.2
`;

/** Makes a folder to open, with job files in it. */
export function makeWorkspace(folder: string): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'README.txt'), README);
  writeFileSync(join(folder, 'smoke.mailwright.json'), SMOKE);
  writeFileSync(join(folder, 'benchmark.mailwright.yaml'), BENCHMARK);
  return folder;
}
