import { open } from 'node:fs/promises';
import * as vscode from 'vscode';
import type { MailFiles } from './mail-files.ts';

/** Beyond this a file that cannot be read in pieces is not read at all. */
const MOST_WHOLE = 256 << 20;

/** The files around a message, in the file system that its URI is of. */
export function filesAround(uri: vscode.Uri): MailFiles {
  const at = (path: string): vscode.Uri => uri.with(path === uri.path ? {} : { path, query: '', fragment: '' });
  return {
    start: (path, most) => (uri.scheme === 'file' ? startOfFile(at(path).fsPath, most) : startOf(at(path), most)),
    async names(folder, most) {
      const entries = await vscode.workspace.fs.readDirectory(at(folder));
      return entries.length > most ? undefined : entries.filter(([, type]) => type & vscode.FileType.File).map(([name]) => name);
    },
  };
}

async function startOfFile(path: string, most: number): Promise<{ readonly bytes: Uint8Array; readonly size: number }> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const bytes = Buffer.alloc(Math.min(size, most));
    let read = 0;
    while (read < bytes.length) {
      const { bytesRead } = await file.read(bytes, read, bytes.length - read, read);
      if (bytesRead === 0) break;
      read += bytesRead;
    }
    return { bytes: bytes.subarray(0, read), size };
  } finally {
    await file.close();
  }
}

async function startOf(uri: vscode.Uri, most: number): Promise<{ readonly bytes: Uint8Array; readonly size: number }> {
  const { size } = await vscode.workspace.fs.stat(uri);
  if (size > MOST_WHOLE)
    throw new Error(vscode.l10n.t('{0} has {1} MB: the preview reads files of up to {2} MB.', uri.path, size >> 20, MOST_WHOLE >> 20));
  const bytes = await vscode.workspace.fs.readFile(uri);
  return { bytes: bytes.subarray(0, most), size: bytes.length };
}
