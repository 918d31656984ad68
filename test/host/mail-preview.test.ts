import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';

const MAIL =
  'Subject: hello\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n' +
  '--b\r\n\r\nhello\r\n--b\r\nContent-Type: text/csv; name=figures.csv\r\nContent-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\nYSxi\r\n--b--\r\n';

describe('Mail Preview', () => {
  let folder = '';
  let uri: vscode.Uri;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mailwright-mail-'));
    writeFileSync(join(folder, 'mail.eml'), MAIL);
    uri = vscode.Uri.file(join(folder, 'mail.eml'));
    await vscode.extensions.getExtension('mailwright.mailwright')!.activate();
  });
  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    rmSync(folder, { recursive: true, force: true });
  });

  const inputs = (): readonly unknown[] => vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs.map(({ input }) => input));

  it('opens a message that is open as text to its side', async () => {
    await vscode.window.showTextDocument(uri);
    await vscode.commands.executeCommand('mailwright.openPreviewToSide');
    const custom = inputs().find((input) => input instanceof vscode.TabInputCustom);
    assert.equal(custom?.viewType, 'mailwright.mailPreview');
    assert.equal(custom.uri.toString(), uri.toString());
    assert.equal(vscode.window.tabGroups.all.length, 2);
  });

  it('has attachments as files to be read, and only read', async () => {
    const part = vscode.Uri.from({ scheme: 'mailwright-part', path: '/2/figures.csv', query: uri.toString() });
    assert.equal(Buffer.from(await vscode.workspace.fs.readFile(part)).toString(), 'a,b');
    const { size, permissions } = await vscode.workspace.fs.stat(part);
    assert.deepEqual([size, permissions], [3, vscode.FilePermission.Readonly]);
    await assert.rejects(async () => vscode.workspace.fs.writeFile(part, new Uint8Array()));
    await assert.rejects(async () => vscode.workspace.fs.readFile(part.with({ path: '/9/x' })));
  });
});
