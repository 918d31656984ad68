import * as vscode from 'vscode';
import { filesAround } from './mail-uris.ts';
import type { MailParser } from './parse-mail.ts';
import { ReadOnlyFiles } from './read-only-files.ts';
import { Recent, RECENT_BYTES, UNCHANGED_MS } from './recent.ts';

/**
 * Attachments as files, to be read only: mailwright-part:/<part>/<name>?<URI of the message>. Each is decoded when it is
 * read; nothing is written anywhere, and VS Code opens them, never another program.
 */

export const PART_SCHEME = 'mailwright-part';

export const partUri = (message: vscode.Uri, part: string, name: string): vscode.Uri =>
  vscode.Uri.from({ scheme: PART_SCHEME, path: `/${part}/${name}`, query: message.toString() });

export class MailParts extends ReadOnlyFiles {
  private readonly parser: () => Promise<MailParser>;
  private readonly recent = new Recent(RECENT_BYTES);

  constructor(parser: () => Promise<MailParser>) {
    super();
    this.parser = parser;
  }

  async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    const { length: size } = await this.content(uri);
    return { type: vscode.FileType.File, ctime: 0, mtime: 0, size, permissions: vscode.FilePermission.Readonly };
  }

  readFile(uri: vscode.Uri): Promise<Uint8Array> {
    return this.content(uri);
  }

  private async content(uri: vscode.Uri): Promise<Uint8Array> {
    const key = uri.toString();
    const known = this.recent.get(key, performance.now());
    if (known) return known;
    const content = await this.read(uri);
    this.recent.put(key, content, performance.now() + UNCHANGED_MS); // the message may change
    return content;
  }

  private async read(uri: vscode.Uri): Promise<Uint8Array> {
    const part = /^\/([\d.]+)\//.exec(uri.path)?.[1];
    if (part === undefined || uri.query === '') throw vscode.FileSystemError.FileNotFound(uri);
    const message = vscode.Uri.parse(uri.query, true);
    const [parser, { MAIL_LIMITS }] = await Promise.all([this.parser(), import('./mail-limits.ts')]);
    const { bytes } = await filesAround(message).start(message.path, MAIL_LIMITS.file);
    const content = await parser.part(bytes, part);
    if (!content) throw vscode.FileSystemError.FileNotFound(uri);
    return content;
  }
}
