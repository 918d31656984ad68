import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { nagFindings, problemsOf, validatorFindings } from './checks.ts';
import { MailwrightStack } from './stack.ts';

/** What a template needs to know beforehand. */
export interface TemplateInput {
  /** Of Mailwright. */
  readonly version: string;
  /** The key of the functions' code in the bucket of the code. */
  readonly code: string;
}

export interface Template {
  /** JSON, as CloudFormation takes it. */
  readonly text: string;
  /** What cdk-nag and the validator have against it. */
  readonly problems: readonly string[];
}

/** Synthesizes the stack, and checks it. The same input gives the same text. */
export function makeTemplate({ version, code }: TemplateInput): Template {
  const outdir = mkdtempSync(join(tmpdir(), 'mailwright-synth-'));
  try {
    const app = new App({ outdir, analyticsReporting: false, treeMetadata: false, builtinCloudFormationValidation: false });
    const stack = new MailwrightStack(app, version, code);
    const { templateFullPath } = app.synth().getStackArtifact(stack.artifactId);
    return {
      text: `${JSON.stringify(JSON.parse(readFileSync(templateFullPath, 'utf8')), undefined, 2)}\n`,
      problems: problemsOf([...nagFindings(app, stack), ...validatorFindings(app, stack, templateFullPath)]),
    };
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}
