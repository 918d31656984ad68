import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as vscode from 'vscode';
import type { Cloud } from './aws/cloud.ts';
import type { Jobs } from './jobs/jobs.ts';

/** Where the parts of this installation are. */
export interface Installation {
  /** dist/ */
  readonly folder: string;
  /** Built-in packs, one JSON a pack. */
  readonly packs: string;
  /** The command line program, as a file that Node runs. */
  readonly command: string;
  /** The module of a worker thread of the local engine. */
  readonly worker: URL;
  /** The template of the stack, and its functions. */
  readonly infra: string;
}

/** What the features of the extension share. */
export interface Services {
  readonly context: vscode.ExtensionContext;
  readonly log: vscode.LogOutputChannel;
  readonly installation: Installation;
  readonly jobs: Jobs;
  readonly cloud: Cloud;
  /** The one place that shows errors. */
  readonly show: (error: unknown) => void;
}

export function installationIn(extension: string): Installation {
  const folder = join(extension, 'dist');
  return {
    folder,
    packs: join(folder, 'packs'),
    command: join(folder, 'mailwright.mjs'),
    worker: pathToFileURL(join(folder, 'worker.mjs')),
    infra: join(folder, 'infra'),
  };
}
