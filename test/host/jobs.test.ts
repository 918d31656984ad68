import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { Ended, TrackedJob } from '../../src/extension/jobs/job.ts';
import type { Services } from '../../src/extension/services.ts';
import type { Outcome } from '../../src/job/records.ts';
import { parseSpec } from '../../src/job/spec.ts';
import { until } from './support.ts';

/** Jobs in the real extension host: commands, tree and documents of a job on this machine. */
describe('jobs in the editor', function () {
  this.timeout(120_000);
  let services: Services;
  let folder: string;
  const configuration = (): vscode.WorkspaceConfiguration => vscode.workspace.getConfiguration('mailwright');

  before(async () => {
    const extension = vscode.extensions.getExtension<Services>('mailwright.mailwright');
    assert.ok(extension, 'not installed');
    services = await extension.activate();
    folder = mkdtempSync(join(tmpdir(), 'mailwright-host-'));
    await configuration().update('corpora.folder', folder, vscode.ConfigurationTarget.Global);
  });
  after(async () => {
    for (const { job } of services.jobs.list()) await services.jobs.remove(job);
    await configuration().update('corpora.folder', undefined, vscode.ConfigurationTarget.Global);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  const start = (messages: number): Promise<TrackedJob> =>
    services.jobs.start({ spec: parseSpec({ messages, execution: { workers: 1 } }), target: 'local', base: folder });

  /** How a job has ended, once it has; where it has to, with this outcome. */
  const endOf = async (id: string, outcome?: Outcome): Promise<Ended> =>
    (await until(
      () => services.jobs.get(id)?.ended,
      (ended) => ended !== undefined && (outcome === undefined || ended.outcome === outcome),
      60,
    ))!;

  it('go into the folder of the setting, and leave documents that can be opened', async () => {
    const { job: id, where } = await start(600);
    assert.ok(where.target === 'local' && where.folder === join(folder, id));
    assert.equal((await endOf(id)).outcome, 'succeeded');

    await vscode.commands.executeCommand('mailwright.showManifest', id);
    const manifest = vscode.window.activeTextEditor!.document;
    assert.equal(manifest.uri.toString(), `mailwright:/job/${id}/manifest.json`);
    assert.equal((JSON.parse(manifest.getText()) as { readonly messages: number }).messages, 600);

    const [sample] = await services.jobs.samples(id);
    const bytes = await vscode.workspace.fs.readFile(vscode.Uri.parse(`mailwright:/job/${id}/${sample!.key}`));
    assert.match(Buffer.from(bytes).toString('latin1'), /^From: /m);
  });

  it('are known by id to the commands of a row', async () => {
    const [job] = services.jobs.list();
    await vscode.commands.executeCommand('mailwright.copyId', { kind: 'job', job: job!.job });
    assert.equal(await vscode.env.clipboard.readText(), job!.job);
  });

  it('are cancelled and made whole by commands', async () => {
    const { job: id } = await start(20_000);
    await vscode.commands.executeCommand('mailwright.cancel', id);
    assert.equal((await endOf(id)).outcome, 'cancelled');
    await vscode.commands.executeCommand('mailwright.retry', id);
    await endOf(id, 'succeeded');
  });

  it('have a file each in global storage, and a claim of the one notification', () => {
    const storage = join(services.context.globalStorageUri.fsPath, 'jobs');
    for (const { job, ended } of services.jobs.list())
      for (const name of [`${job}.json`, `${job}.notified-${ended!.attempt}`]) assert.ok(existsSync(join(storage, name)), name);
  });
});
