import * as vscode from 'vscode';
import { MAIL_LIMITS } from './mail-limits.ts';
import { filesAround } from './mail-uris.ts';
import type { MailParser } from './parse-mail.ts';

/**
 * Attachments as files, to be read only: mailwright-part:/<part>/<name>?<URI of the message>. Each is decoded when it is
 * read; nothing is written anywhere, and VS Code opens them, never another program.
 */

export const PART_SCHEME = 'mailwright-part';

export const partUri = (message: vscode.Uri, part: string, name: string): vscode.Uri =>
  vscode.Uri.from({ scheme: PART_SCHEME, path: `/${part}/${name}`, query: message.toString() });

/** Contents that are kept: VS Code asks for the size, then for the bytes. */
const MOST_KEPT = 4;

export class MailParts implements vscode.FileSystemProvider {
  private readonly parser: () => Promise<MailParser>;
  private readonly kept = new Map<string, Promise<Uint8Array>>();
  readonly onDidChangeFile: vscode.Event<vscode.FileChangeEvent[]> = () => new vscode.Disposable(() => undefined);

  constructor(parser: () => Promise<MailParser>) {
    this.parser = parser;
  }

  async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    const { length: size } = await this.content(uri);
    return { type: vscode.FileType.File, ctime: 0, mtime: 0, size, permissions: vscode.FilePermission.Readonly };
  }

  readFile(uri: vscode.Uri): Promise<Uint8Array> {
    return this.content(uri);
  }

  watch(): vscode.Disposable {
    return new vscode.Disposable(() => undefined);
  }

  readDirectory(uri: vscode.Uri): never {
    throw vscode.FileSystemError.FileNotADirectory(uri);
  }

  createDirectory(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  writeFile(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  delete(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  rename(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  private content(uri: vscode.Uri): Promise<Uint8Array> {
    const key = uri.toString();
    const known = this.kept.get(key);
    if (known) return known;
    const content = this.read(uri);
    this.kept.set(key, content);
    content.catch(() => this.kept.delete(key));
    for (const old of [...this.kept.keys()].slice(0, -MOST_KEPT)) this.kept.delete(old);
    return content;
  }

  private async read(uri: vscode.Uri): Promise<Uint8Array> {
    const part = /^\/([\d.]+)\//.exec(uri.path)?.[1];
    if (part === undefined || uri.query === '') throw vscode.FileSystemError.FileNotFound(uri);
    const message = vscode.Uri.parse(uri.query, true);
    const { bytes } = await filesAround(message).start(message.path, MAIL_LIMITS.file);
    const content = await (await this.parser()).part(bytes, part);
    if (!content) throw vscode.FileSystemError.FileNotFound(uri);
    return content;
  }
}
