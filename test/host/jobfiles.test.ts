import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { Services } from '../../src/extension/services.ts';
import { until } from './support.ts';

/** Job files and messages as documents, in a real extension host. */

const SPEC = { messages: 600, organisation: { employees: 40, desks: [{ id: 'fx' }] }, content: { languages: { en: 1 } } };
const folder = (): vscode.Uri => vscode.workspace.workspaceFolders![0]!.uri;

async function opened(name: string, text: string): Promise<vscode.TextEditor> {
  const uri = vscode.Uri.joinPath(folder(), name);
  await vscode.workspace.fs.writeFile(uri, Buffer.from(text));
  // As a user opens it: a document that an extension opens is kept for minutes after its editor was closed.
  await vscode.commands.executeCommand('vscode.open', uri, { preview: false });
  return until(
    () => vscode.window.activeTextEditor,
    (editor) => editor?.document.uri.toString() === uri.toString(),
  ) as Promise<vscode.TextEditor>;
}

async function replaced(editor: vscode.TextEditor, text: string): Promise<void> {
  const { document } = editor;
  const all = new vscode.Range(document.positionAt(0), document.positionAt(document.getText().length));
  assert.ok(await editor.edit((edit) => edit.replace(all, text)));
}

const problemsOf = ({ document }: vscode.TextEditor): string[] =>
  vscode.languages
    .getDiagnostics(document.uri)
    .filter(({ source }) => source === 'Mailwright')
    .map(({ range, message }) => `<${document.getText(range)}> ${message}`);

/** A file with the cursor at "|". */
async function openedAt(name: string, marked: string): Promise<{ readonly uri: vscode.Uri; readonly position: vscode.Position }> {
  const { document } = await opened(name, marked.replace('|', ''));
  return { uri: document.uri, position: document.positionAt(marked.indexOf('|')) };
}

async function offered(name: string, marked: string): Promise<vscode.CompletionItem[]> {
  const { uri, position } = await openedAt(name, marked);
  const { items } = await vscode.commands.executeCommand<vscode.CompletionList>('vscode.executeCompletionItemProvider', uri, position);
  return items.filter(({ kind }) => kind !== vscode.CompletionItemKind.Text);
}

const labelOf = ({ label }: vscode.CompletionItem): string => (typeof label === 'string' ? label : label.label);

describe('job files', () => {
  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  after(async () => {
    for (const [name] of await vscode.workspace.fs.readDirectory(folder()))
      if (name.startsWith('host-test')) await vscode.workspace.fs.delete(vscode.Uri.joinPath(folder(), name));
  });

  it('in JSON have their problems at their fields, while they are written', async () => {
    const editor = await opened('host-test-a.mailwright.json', '{\n\t"messages": 0,\n\t"delivery": { "layuot": "zip" }\n}\n');
    const found = await until(
      () => problemsOf(editor),
      (list) => list.length === 2,
    );
    assert.match(found[0]!, /^<0> messages: 0 will not do: at least 1/);
    assert.match(found[1]!, /^<"layuot"> delivery\.layuot: no such field/);
    await replaced(editor, '{ "messages": 5 }');
    await until(
      () => problemsOf(editor),
      (list) => list.length === 0,
    );
  });

  it('in YAML have theirs too, those of syntax among them', async () => {
    const editor = await opened('host-test-b.mailwright.yaml', 'messages: 1\r\nperiod:\r\n  start: 2025-13-01\r\n');
    const [problem] = await until(
      () => problemsOf(editor),
      (list) => list.length === 1,
    );
    assert.match(problem!, /^<2025-13-01> period\.start: /);
    await replaced(editor, 'messages: [1\n');
    await until(
      () => problemsOf(editor).join(),
      (text) => text.includes('must be sufficiently indented'),
    );
  });

  it('have those that only packs know, and none once they are closed', async () => {
    const editor = await opened('host-test-c.mailwright.yaml', 'content:\n  languages: { fr: 1 }\n');
    const found = await until(
      () => problemsOf(editor),
      (list) => list.length > 0,
    );
    assert.match(found[0]!, /^<1> content\.languages\.fr: no pack for this language/);
    const { uri } = editor.document;
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    await until(
      () => vscode.languages.getDiagnostics(uri).length,
      (count) => count === 0,
    );
  });

  it('are left alone where they are none', async () => {
    const editor = await opened('host-test.json', '{ "messages": 0 }');
    await sleep(600);
    assert.deepEqual(problemsOf(editor), []);
  });

  it('have Preview, Estimate and Run above them', async () => {
    for (const name of ['host-test-d.mailwright.yaml', 'host-test-d.mailwright.yml', 'host-test-d.mailwright.json']) {
      const { document } = await opened(name, '{}');
      const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', document.uri);
      assert.deepEqual(
        lenses.map(({ command }) => command?.command),
        ['mailwright.previewMessage', 'mailwright.estimate', 'mailwright.runJobFile'],
      );
    }
  });

  it('in YAML are completed from the schema', async () => {
    const fields = await offered('host-test-e.mailwright.yaml', 'period:\n  |\n');
    assert.deepEqual(fields.map(labelOf).slice(0, 2), ['start', 'end']);
    const values = await offered('host-test-f.mailwright.yaml', 'delivery:\n  layout: |\n');
    assert.deepEqual(values.map(labelOf).slice(0, 4), ['eml', 'zip', 'mbox', 'none']);
    assert.equal((values[1]!.documentation as vscode.MarkdownString).value.replaceAll('&nbsp;', ' '), 'a file a shard');
  });

  it('in YAML tell what a field is', async () => {
    const { uri, position } = await openedAt('host-test-g.mailwright.yaml', 'delivery:\n  lay|out: zip\n');
    const [hover] = await vscode.commands.executeCommand<vscode.Hover[]>('vscode.executeHoverProvider', uri, position);
    const text = hover!.contents.map((content) => (content as vscode.MarkdownString).value.replaceAll('&nbsp;', ' ')).join('');
    assert.match(text, /\*\*layout\*\*/);
    assert.match(text, /a file a message/);
  });

  it('in JSON are completed by VS Code, from the same schema', async () => {
    const labels = await until(
      async () => (await offered('host-test-h.mailwright.json', '{ "|" }')).map(labelOf),
      (list) => list.includes('messages'),
    );
    assert.ok(labels.includes('organisation'));
  });

  it('are judged once: VS Code itself says nothing of a value', async () => {
    const { document } = await opened('host-test-i.mailwright.json', '{ "messages": 0, "nonsense": 1 }');
    await until(
      () => vscode.languages.getDiagnostics(document.uri).length,
      (count) => count >= 2,
    );
    await sleep(1000);
    assert.deepEqual(
      vscode.languages.getDiagnostics(document.uri).map(({ source }) => source),
      ['Mailwright', 'Mailwright'],
    );
  });
});

describe('messages as documents', () => {
  let services: Services;

  const shown = (): vscode.Uri | undefined => vscode.window.activeTextEditor?.document.uri;
  const indexShown = (): string | undefined => /\/(\d+)\.eml$/.exec(shown()?.path ?? '')?.[1];

  before(async () => {
    services = (await vscode.extensions.getExtension<Services>('mailwright.mailwright')!.activate())!;
  });

  afterEach(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));

  it('are made on the spot, and read-only', async () => {
    await vscode.commands.executeCommand('mailwright.previewMessage', { spec: SPEC, index: 7 });
    const editor = vscode.window.activeTextEditor!;
    assert.equal(editor.document.uri.scheme, 'mailwright');
    assert.match(editor.document.uri.path, /^\/preview\/[0-9a-f]{64}\/7\.eml$/);
    assert.match(editor.document.getText(), /^(Received|Return-Path|From|Date|Message-ID|MIME-Version|Subject|To|[\w-]+): /);
    const bytes = await vscode.workspace.fs.readFile(editor.document.uri);
    const stat = await vscode.workspace.fs.stat(editor.document.uri);
    assert.equal(stat.size, bytes.length);
    assert.equal(stat.permissions, vscode.FilePermission.Readonly);
    await assert.rejects(async () => vscode.workspace.fs.writeFile(editor.document.uri, bytes));
    await assert.rejects(async () => vscode.workspace.fs.delete(editor.document.uri));
    const truth = JSON.parse(
      Buffer.from(
        await vscode.workspace.fs.readFile(editor.document.uri.with({ path: editor.document.uri.path.replace('.eml', '.truth.json') })),
      ).toString(),
    ) as { readonly sha256: string };
    assert.equal(truth.sha256, createHash('sha256').update(bytes).digest('hex'));
  });

  it('lead to the next and the one before, up to the ends', async () => {
    await vscode.commands.executeCommand('mailwright.previewMessage', { spec: SPEC, index: 598 });
    for (const [command, index] of [
      ['next', '599'],
      ['next', '599'],
      ['previous', '598'],
    ] as const) {
      await vscode.commands.executeCommand(`mailwright.${command}Message`);
      await until(indexShown, (found) => found === index);
    }
    assert.equal(vscode.window.tabGroups.activeTabGroup.tabs.length, 1);
  });

  it('are not there where nothing is known of them', async () => {
    const at = (path: string): vscode.Uri => vscode.Uri.from({ scheme: 'mailwright', path });
    const isMissing = (error: unknown): boolean => error instanceof vscode.FileSystemError && error.code === 'FileNotFound';
    await assert.rejects(async () => vscode.workspace.fs.readFile(at('/nothing')), isMissing);
    await assert.rejects(async () => vscode.workspace.fs.readFile(at(`/preview/${'0'.repeat(64)}/0.eml`)), /not at hand any more/);
    await assert.rejects(async () => vscode.workspace.fs.readFile(at('/job/01M8AQBBBNWRHP03C7DRG93TVX/job.json')), /not on the list/);
  });

  it('are those that jobs have left, in archives or not at all', async function () {
    this.timeout(120_000);
    const kept: string[] = [];
    for (const layout of ['zip', 'none']) {
      const { parseSpec } = await import('../../src/job/spec.ts');
      const job = await services.jobs.start({ spec: parseSpec({ ...SPEC, delivery: { layout } }), target: 'local', base: tmpdir() });
      try {
        await until(
          () => services.jobs.get(job.job)?.ended,
          (ended) => ended !== undefined,
        );
        const record = await services.jobs.record(job.job);
        const { objectIdsOf } = await import('../../src/corpus/id.ts');
        const { memberKey } = await import('../../src/job/plan.ts');
        const id = objectIdsOf(record.spec).id(300);
        const uri = vscode.Uri.from({ scheme: 'mailwright', path: `/job/${job.job}/${memberKey(record.plan, id, 300)}` });
        const bytes = await vscode.workspace.fs.readFile(uri);
        assert.equal((await vscode.workspace.fs.stat(uri)).size, bytes.length);
        kept.push(createHash('sha256').update(bytes).digest('hex'));
        const manifest = await vscode.workspace.openTextDocument(uri.with({ path: `/job/${job.job}/manifest.json` }));
        assert.equal((JSON.parse(manifest.getText()) as { messages: number }).messages, 600);
      } finally {
        const where = services.jobs.placeOf(job.job);
        await services.jobs.remove(job.job);
        if (where.target === 'local') await rm(where.folder, { recursive: true, force: true });
      }
    }
    await vscode.commands.executeCommand('mailwright.previewMessage', { spec: SPEC, index: 300 });
    const preview = await vscode.workspace.fs.readFile(shown()!);
    kept.push(createHash('sha256').update(preview).digest('hex'));
    assert.equal(new Set(kept).size, 1, kept.join('\n'));
  });
});
