import * as vscode from 'vscode';
import type { Services } from '../services.ts';
import { registerCommands } from './commands.ts';
import { Diagnostics } from './diagnostics.ts';
import { JOB_FILES } from './format.ts';
import { lenses } from './lenses.ts';
import { completion, hover } from './yaml.ts';

/** Job files, *.mailwright.json and *.mailwright.yaml: what is wrong with them, help while they are written, and what can be done with them. */
export function registerJobFiles(services: Services): vscode.Disposable {
  const { languages } = vscode;
  const any = { pattern: JOB_FILES };
  const yaml = { pattern: '**/*.mailwright.{yaml,yml}' };
  return vscode.Disposable.from(
    new Diagnostics(services),
    registerCommands(services),
    languages.registerCodeLensProvider(any, lenses),
    languages.registerCompletionItemProvider(yaml, completion, ' '),
    languages.registerHoverProvider(yaml, hover),
  );
}
