import { homedir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as vscode from 'vscode';
import type { MailPreviewCalls, MailPreviewEvents } from '../../protocol/mail-preview.ts';
import { registerCommand } from '../commands/job-commands.ts';
import type { Services } from '../services.ts';
import { openChannel } from '../views/channel.ts';
import { pageFiles } from '../views/page-files.ts';
import { folderOf, nameOf } from './mail-files.ts';
import { MailParts, PART_SCHEME, partUri } from './mail-parts.ts';
import type { MailActions, MailSession } from './mail-session.ts';
import { filesAround } from './mail-uris.ts';
import type { MailParser } from './parse-mail.ts';

export const MAIL_PREVIEW = 'mailwright.mailPreview';

/** Mail Preview: the custom editor for every .eml, its attachments as files, and the command that opens it to the side. */
export function registerMailPreview(services: Services): vscode.Disposable {
  let parser: Promise<MailParser> | undefined;
  const parserOf = (): Promise<MailParser> =>
    (parser ??= import('./parse-mail.ts').then(
      ({ MailParser }) => new MailParser({ script: pathToFileURL(join(services.installation.folder, 'parser.mjs')) }),
    ));
  return vscode.Disposable.from(
    vscode.window.registerCustomEditorProvider(MAIL_PREVIEW, new MailPreview(services, parserOf), {
      supportsMultipleEditorsPerDocument: true,
    }),
    vscode.workspace.registerFileSystemProvider(PART_SCHEME, new MailParts(parserOf), { isReadonly: true, isCaseSensitive: true }),
    registerCommand(services, 'mailwright.openPreviewToSide', async (chosen) => {
      const uri = chosen instanceof vscode.Uri ? chosen : messageInView();
      if (!uri) throw new Error(vscode.l10n.t('Open a message (an .eml file) first.'));
      await vscode.commands.executeCommand('vscode.openWith', uri, MAIL_PREVIEW, vscode.ViewColumn.Beside);
    }),
  );
}

/** The message in the active editor, of whatever kind. */
function messageInView(): vscode.Uri | undefined {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  const known = input instanceof vscode.TabInputText || input instanceof vscode.TabInputCustom;
  return known && /\.eml$/i.test(input.uri.path) ? input.uri : undefined;
}

interface MailDocument extends vscode.CustomDocument {
  readonly session: MailSession;
  /** The file has changed. */
  readonly onDidChange: vscode.Event<void>;
}

class MailPreview implements vscode.CustomReadonlyEditorProvider<MailDocument> {
  private readonly services: Services;
  private readonly parser: () => Promise<MailParser>;

  constructor(services: Services, parser: () => Promise<MailParser>) {
    this.services = services;
    this.parser = parser;
  }

  async openCustomDocument(uri: vscode.Uri): Promise<MailDocument> {
    const [{ MailSession }, { contextOf }, parser] = await Promise.all([
      import('./mail-session.ts'),
      import('./mail-context.ts'),
      this.parser(),
    ]);
    const files = filesAround(uri);
    const session = new MailSession({
      path: uri.path,
      files,
      parser,
      context: () => contextOf(files, uri.scheme, uri.path),
      l10n: vscode.l10n,
    });
    const changed = new vscode.EventEmitter<void>();
    const watching = uri.scheme === 'file' ? watch(uri, () => (session.forget(), changed.fire())) : undefined;
    return {
      uri,
      session,
      onDidChange: changed.event,
      dispose: () => vscode.Disposable.from(session, changed, ...(watching ? [watching] : [])).dispose(),
    };
  }

  async resolveCustomEditor(document: MailDocument, panel: vscode.WebviewPanel): Promise<void> {
    const { log, show } = this.services;
    const [{ mailHandlers }, { mailPage }] = await Promise.all([import('./mail-session.ts'), import('./mail-page.ts')]);
    const { webview } = panel;
    const files = pageFiles(this.services, webview, 'mail-preview');
    const channel = openChannel<MailPreviewCalls, MailPreviewEvents>({
      webview,
      handlers: mailHandlers(document.session, actionsFor(document.uri, panel), vscode.l10n),
      failed: (call, error) =>
        call === 'load' || call === 'raw' || call === 'thread' ? log.error(`Mail Preview, ${call}: ${String(error)}`) : show(error),
    });
    const changes = document.onDidChange(() => channel.tell('changed', null));
    panel.onDidDispose(() => vscode.Disposable.from(channel, changes).dispose());
    webview.html = mailPage({ ...files, texts: vscode.l10n.bundle });
  }
}

function watch(uri: vscode.Uri, changed: () => void): vscode.Disposable {
  const pattern = new vscode.RelativePattern(uri.with({ path: folderOf(uri.path) }), escaped(nameOf(uri.path)));
  const watcher = vscode.workspace.createFileSystemWatcher(pattern, true, false, true);
  return vscode.Disposable.from(watcher, watcher.onDidChange(changed));
}

/** A name as a glob that stands for itself. */
const escaped = (name: string): string => name.replace(/[[\]{}*?]/g, '[$&]');

function actionsFor(uri: vscode.Uri, panel: vscode.WebviewPanel): MailActions {
  const { l10n } = vscode;
  const column = (): vscode.ViewColumn => panel.viewColumn ?? vscode.ViewColumn.Active;
  return {
    async go(path) {
      await vscode.commands.executeCommand('vscode.openWith', uri.with({ path }), MAIL_PREVIEW, { viewColumn: column(), preview: true });
    },
    async save(name, bytes) {
      const home = vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file(homedir());
      const target = await vscode.window.showSaveDialog({
        defaultUri: vscode.Uri.joinPath(home, name),
        saveLabel: l10n.t('Save Attachment'),
      });
      if (target) await vscode.workspace.fs.writeFile(target, bytes);
    },
    async open(part, name, type) {
      const target = partUri(uri, part, name);
      if (type.startsWith('image/') && type !== 'image/svg+xml') await vscode.commands.executeCommand('vscode.open', target, column());
      // As text, or as a message: no other editor is trusted with what a stranger sent.
      else await vscode.commands.executeCommand('vscode.openWith', target, type === 'message/rfc822' ? MAIL_PREVIEW : 'default', column());
    },
    async link(url) {
      const open = l10n.t('Open');
      const copy = l10n.t('Copy');
      const chosen = await vscode.window.showWarningMessage(
        l10n.t('Open this link from the message?'),
        { modal: true, detail: l10n.t('It leads to:\n\n{0}', url) },
        open,
        copy,
      );
      if (chosen === open) await vscode.env.openExternal(vscode.Uri.parse(url, true));
      if (chosen === copy) await vscode.env.clipboard.writeText(url);
    },
    async openText() {
      await vscode.commands.executeCommand('vscode.openWith', uri, 'default', column());
    },
  };
}
