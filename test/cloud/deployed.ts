import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest, OutcomeRecord, Progress } from '../../src/job/records.ts';
import { PROJECT, type Result, run as runCommand, type Running, start as startCommand } from '../e2e/support.ts';
import { type Cloud, type CloudOptions, type Login, startCloud } from './emulator/cloud.ts';

/** A cloud with the stack deployed into it by the command itself, and commands run against it as a user runs them. */
export class Stack {
  readonly cloud: Cloud;
  readonly bucket: string;

  private constructor(cloud: Cloud, bucket: string) {
    this.cloud = cloud;
    this.bucket = bucket;
  }

  /** `parameters` are those of the template, "Name=value". */
  static async deployed(options: CloudOptions, parameters: readonly string[] = []): Promise<Stack> {
    assert.ok(existsSync(join(PROJECT, 'dist/infra/template.json')), 'there is no stack to deploy: npm run synth');
    const cloud = await startCloud(options);
    const args = ['deploy', '--yes', '--json', ...parameters.flatMap((parameter) => ['--parameter', parameter])];
    const { code, stdout, stderr } = await runCommand(args, { env: environmentOf(cloud, 'admin') });
    assert.equal(code, 0, stderr + stdout);
    const bucket = cloud.buckets.find((name) => !name.startsWith('mailwright-artifacts'));
    assert.ok(bucket, 'the stack has a bucket');
    return new Stack(cloud, bucket);
  }

  run(args: readonly string[], login: Login = 'user'): Promise<Result> {
    return runCommand(args, { env: environmentOf(this.cloud, login) });
  }

  start(args: readonly string[], login: Login = 'user'): Running {
    return startCommand(args, { env: environmentOf(this.cloud, login) });
  }

  /** Runs a command that has to end well; answers with its lines of JSON. */
  async json(args: readonly string[], login: Login = 'user'): Promise<Record<string, unknown>[]> {
    const { code, stdout, stderr } = await this.run([...args, '--json'], login);
    assert.equal(code, 0, `mailwright ${args.join(' ')}: ${stderr}${stdout}`);
    return linesOf(stdout);
  }

  record<T>(job: string, key: string): T | undefined {
    const found = this.cloud.object(this.bucket, `corpora/${job}/${key}`);
    return found && (JSON.parse(found.toString()) as T);
  }

  progress(job: string): Progress | undefined {
    return this.record(job, 'progress.json');
  }

  outcome(job: string, attempt: number): OutcomeRecord | undefined {
    return this.record(job, `attempts/${attempt}/outcome.json`);
  }

  manifest(job: string): Manifest | undefined {
    return this.record(job, 'manifest.json');
  }

  /** Keys of a job, without its prefix. */
  keys(job: string, folder = ''): string[] {
    return this.cloud.keys(this.bucket, `corpora/${job}/${folder}`).map((key) => key.slice(`corpora/${job}/`.length));
  }
}

export const linesOf = (text: string): Record<string, unknown>[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);

/** No login of this machine may get in the way. */
const environmentOf = (cloud: Cloud, login: Login): Record<string, string> => ({
  AWS_CONFIG_FILE: '/nonexistent',
  AWS_SHARED_CREDENTIALS_FILE: '/nonexistent',
  AWS_EC2_METADATA_DISABLED: 'true',
  ...cloud.environment(login),
});
