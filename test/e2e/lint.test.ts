import assert from 'node:assert/strict';
import { ESLint } from 'eslint';

/** The project's own lint rules, on snippets that claim to be files of the project. */

const IMPORTS = 'mailwright/imports';
const GLOBALS = 'no-restricted-globals';
const PROPERTIES = 'no-restricted-properties';
const SYNTAX = 'no-restricted-syntax';
const NAMED_IMPORTS = 'no-restricted-imports';

/** File, snippet, the one rule that refuses it. */
type Case = readonly [file: string, code: string, rule: string];

const refused: Record<string, readonly Case[]> = {
  'arithmetic that differs between machines': [
    ['src/corpus/x.ts', 'export const x = Math.log(2);', PROPERTIES],
    ['src/corpus/x.ts', "export const x = Math['pow'](2, 3);", PROPERTIES],
    ['src/corpus/x.ts', 'export const { sin } = Math;', PROPERTIES],
    ['src/corpus/deep/x.ts', 'export const x = Math.hypot(3, 4);', PROPERTIES],
    ['src/corpus/x.ts', 'export const x = 2 ** 3;', SYNTAX],
    ['src/corpus/x.ts', 'export function f(x: number): number { x **= 2; return x; }', SYNTAX],
  ],
  'chance, clock, locale and machine in the generator': [
    ['src/corpus/x.ts', 'export const x = Math.random();', PROPERTIES],
    ['src/corpus/x.ts', 'export const x = new Date();', GLOBALS],
    ['src/corpus/x.ts', 'export const x = new Date(2026, 0, 1);', GLOBALS],
    ['src/corpus/x.ts', 'export const x = Date.now();', GLOBALS],
    ['src/corpus/x.ts', "export const x = new Intl.NumberFormat('en');", GLOBALS],
    ['src/corpus/x.ts', 'export const x = (1).toLocaleString();', PROPERTIES],
    ['src/corpus/x.ts', "export const x = 'a'.localeCompare('b');", PROPERTIES],
    ['src/corpus/x.ts', "export const x = 'ä'.normalize('NFD');", PROPERTIES],
    ['src/corpus/x.ts', 'export const x = process.pid;', GLOBALS],
    ['src/corpus/x.ts', 'setTimeout(() => undefined, 1);', GLOBALS],
    ['src/corpus/x.ts', "import { randomBytes } from 'node:crypto'; export const x = randomBytes(1);", NAMED_IMPORTS],
    ['src/corpus/x.ts', "import * as crypto from 'node:crypto'; export const x = crypto.randomUUID();", NAMED_IMPORTS],
    ['src/corpus/x.ts', 'export const x = crypto.randomUUID();', GLOBALS],
  ],
  'chance, clock and machine in src/job': [
    ['src/job/x.ts', 'export const x = Date.now();', PROPERTIES],
    ['src/job/x.ts', 'export const x = new Date();', SYNTAX],
    ['src/job/x.ts', 'export const x = Math.random();', PROPERTIES],
    ['src/job/x.ts', 'export const x = process.env;', GLOBALS],
  ],
  'modules of Node in pure folders': [
    ...['zlib', 'fs', 'fs/promises', 'os', 'http', 'https', 'http2', 'net', 'child_process'].map((name): Case => [
      'src/corpus/x.ts',
      `import 'node:${name}';`,
      IMPORTS,
    ]),
    ['src/corpus/x.ts', "import 'zlib';", IMPORTS],
    ['src/corpus/x.ts', "export const x = import('node:zlib');", IMPORTS],
    ['src/job/x.ts', "import { readFileSync } from 'node:fs'; export const x = readFileSync('x');", IMPORTS],
    ['src/job/x.ts', "import 'node:net';", IMPORTS],
  ],
  'imports against the direction': [
    ['src/corpus/x.ts', "import '../job/spec.ts';", IMPORTS],
    ['src/corpus/mime/x.ts', "import type { JobSpec } from '../../job/spec.ts'; export type X = JobSpec;", IMPORTS],
    ['src/corpus/x.ts', "export type X = import('../job/spec.ts').JobSpec;", IMPORTS],
    ['src/corpus/x.ts', "export * from '../job/spec.ts';", IMPORTS],
    ['src/corpus/x.ts', "export { planOf } from '../job/plan.ts';", IMPORTS],
    ['src/job/x.ts', "import '../engine/files.ts';", IMPORTS],
    ['src/engine/local/x.ts', "import '../../cli/output.ts';", IMPORTS],
    ['src/cli/x.ts', "import '../extension/extension.ts';", IMPORTS],
    ['src/extension/x.ts', "import '../cli/output.ts';", IMPORTS],
    ['lambda/worker/x.ts', "import '../../src/cli/output.ts';", IMPORTS],
    ['webview/x.ts', "import '../src/engine/files.ts';", IMPORTS],
    ['webview/x.ts', "import '../src/corpus/generator.ts';", IMPORTS],
    ['infra/x.ts', "import '../lambda/worker/worker.ts';", IMPORTS],
  ],
  'packages outside the folders they are kept to': [
    ['src/engine/local/x.ts', "import '@aws-sdk/client-s3';", IMPORTS],
    ['src/extension/jobs/x.ts', "import '@aws-sdk/client-lambda';", IMPORTS],
    ['src/engine/x.ts', "import 'vscode';", IMPORTS],
    ['webview/views/x.ts', "import '@vscode/webview-ui-toolkit';", IMPORTS],
  ],
  'habits we do not have': [
    ['src/cli/x.ts', 'export default 1;', SYNTAX],
    ['src/corpus/x.ts', 'const x = 1; export { x as default };', SYNTAX],
    ['src/job/x.ts', 'export default 1;', SYNTAX],
    ['src/cli/x.ts', 'export const f = (x: any): unknown => x;', '@typescript-eslint/no-explicit-any'],
    ['src/cli/x.ts', 'const x = 1;', '@typescript-eslint/no-unused-vars'],
  ],
};

const passed: readonly (readonly [file: string, code: string])[] = [
  ['src/corpus/x.ts', 'export const x = Math.floor(Math.sqrt(2)) + Math.imul(3, 4);'],
  ['src/corpus/x.ts', "import { createHash } from 'node:crypto'; import { z } from 'zod'; export const x = [createHash, z];"],
  ['src/corpus/mime/x.ts', "import '../random.ts'; import './bytes.ts';"],
  ['src/job/x.ts', "import '../corpus/block.ts'; export const x = Date.parse('2026-01-01');"],
  ['src/engine/aws/x.ts', "import '../../job/plan.ts'; import '../../corpus/block.ts'; import '@aws-sdk/client-s3'; import 'node:fs';"],
  ['src/cli/x.ts', "import '../engine/engine.ts'; import '../job/plan.ts'; export const x = Math.log(Date.now()) ** 2;"],
  [
    'src/extension/aws/x.ts',
    "import 'vscode'; import '@aws-sdk/credential-providers'; import '../../protocol/form.ts'; import '../../engine/engine.ts';",
  ],
  ['lambda/worker/x.ts', "import '@aws-sdk/client-s3'; import '../../src/engine/engine.ts';"],
  ['webview/x.ts', "import '../src/job/spec.ts'; import '../src/protocol/form.ts'; import './controls/button.ts';"],
  ['webview/controls/x.ts', "import '@vscode/webview-ui-toolkit';"],
  ['test/unit/x.ts', "import '../../src/engine/files.ts'; import '@aws-sdk/client-s3'; export default Math.random();"],
];

describe('lint', () => {
  const eslint = new ESLint();
  const complaints = async (file: string, code: string): Promise<string[]> => {
    const [result] = await eslint.lintText(code, { filePath: file });
    return result!.messages.map((message) => message.ruleId ?? message.message);
  };

  for (const [what, cases] of Object.entries(refused)) {
    describe(`refuses ${what}`, () => {
      for (const [file, code, rule] of cases)
        it(`${file}: ${code}`, async () => assert.deepEqual([...new Set(await complaints(file, code))], [rule]));
    });
  }
  describe('lets pass', () => {
    for (const [file, code] of passed) it(`${file}: ${code}`, async () => assert.deepEqual(await complaints(file, code), []));
  });
});
