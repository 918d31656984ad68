import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { registerCommand } from '../commands/job-commands.ts';
import { inEditor } from '../error-words.ts';
import type { Where } from '../jobs/job.ts';
import type { Services } from '../services.ts';
import { memberOf, type Place, placeOf, previewPath, SCHEME, unkeptOf } from './place.ts';
import { type Previews, previewsOf } from './previews.ts';
import { ReadOnlyFiles } from './read-only-files.ts';
import { Recent, RECENT_BYTES, UNCHANGED_MS } from './recent.ts';

/** Messages and other files of corpora as documents of VS Code, of the scheme `mailwright`: to be read, never written. */
export function registerMessages(services: Services): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.workspace.registerFileSystemProvider(SCHEME, new CorpusFiles(services), { isReadonly: true, isCaseSensitive: true }),
    registerCommand(services, 'mailwright.previousMessage', () => step(services, -1)),
    registerCommand(services, 'mailwright.nextMessage', () => step(services, 1)),
  );
}

class CorpusFiles extends ReadOnlyFiles {
  private readonly services: Services;
  private readonly previews: Previews;
  private readonly recent = new Recent(RECENT_BYTES);
  private archive: { readonly path: string; readonly bytes: Promise<Uint8Array> } | undefined;

  constructor(services: Services) {
    super();
    this.services = services;
    this.previews = previewsOf(services);
  }

  async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    const place = this.place(uri);
    const fixed = { ctime: 0, mtime: 0, permissions: vscode.FilePermission.Readonly };
    if (place.kind === 'folder') return { ...fixed, type: vscode.FileType.Directory, size: 0 };
    const own = await this.ownFile(place);
    if (own)
      return {
        type: vscode.FileType.File,
        ctime: own.ctimeMs,
        mtime: own.mtimeMs,
        size: own.size,
        permissions: vscode.FilePermission.Readonly,
      };
    return { ...fixed, type: vscode.FileType.File, size: (await this.bytes(uri, place)).length };
  }

  async readFile(uri: vscode.Uri): Promise<Uint8Array> {
    const place = this.place(uri);
    if (place.kind === 'folder') throw vscode.FileSystemError.FileIsADirectory(uri);
    return this.bytes(uri, place);
  }

  override readDirectory(uri: vscode.Uri): [string, vscode.FileType][] {
    // There may be a hundred million messages, and to list a bucket takes a permission that nobody needs.
    return this.place(uri).kind === 'folder' ? [] : super.readDirectory(uri);
  }

  private place(uri: vscode.Uri): Place {
    const place = placeOf(uri.path);
    if (!place) throw vscode.FileSystemError.FileNotFound(uri);
    return place;
  }

  /** The file itself, where it is one on this machine: its size is known without reading it. */
  private async ownFile(place: Place): Promise<{ size: number; mtimeMs: number; ctimeMs: number } | undefined> {
    if (place.kind !== 'job' || memberOf(place.key) || unkeptOf(place.key)) return undefined;
    const where = await this.whereOf(place.job);
    return where?.target === 'local' ? stat(join(where.folder, place.key)).catch(() => undefined) : undefined;
  }

  private async whereOf(job: string): Promise<Where | undefined> {
    await this.services.jobs.ready;
    return this.services.jobs.get(job)?.where;
  }

  private async bytes(uri: vscode.Uri, place: Exclude<Place, { readonly kind: 'folder' }>): Promise<Uint8Array> {
    const known = this.recent.get(uri.path, performance.now());
    if (known) return known;
    try {
      const bytes = await this.read(place);
      const fixed = place.kind === 'preview' || (place.kind === 'job' && place.key.endsWith('.eml'));
      this.recent.put(uri.path, bytes, fixed ? Infinity : performance.now() + UNCHANGED_MS);
      return bytes;
    } catch (error) {
      throw this.errorOf(error, uri);
    }
  }

  private async read(place: Exclude<Place, { readonly kind: 'folder' }>): Promise<Uint8Array> {
    switch (place.kind) {
      case 'preview': {
        const source = await this.previews.specs.get(place.digest);
        if (!source)
          throw new Error(
            vscode.l10n.t('The job spec of this preview is not at hand any more. Preview the message again, from its job file.'),
          );
        const { bytes, truth } = await this.previews.generation.message(source, place.digest, place.index);
        return place.part === 'message' ? bytes : Buffer.from(JSON.stringify(truth));
      }
      case 'job':
        return this.ofJob(place.job, place.key);
    }
  }

  private async ofJob(job: string, key: string): Promise<Uint8Array> {
    const { jobs } = this.services;
    if (!(await this.whereOf(job))) throw new Error(vscode.l10n.t('Job {0} is not on the list any more.', job));
    const unkept = unkeptOf(key);
    if (unkept !== undefined) return (await this.previews.generation.remake(await jobs.record(job), unkept)).bytes;
    const member = memberOf(key);
    if (!member) return jobs.read(job, key);
    const [record, archive, { memberIn }, { positionIn }] = await Promise.all([
      jobs.record(job),
      this.archiveOf(job, member.archive),
      import('./archive-member.ts'),
      import('./position.ts'),
    ]);
    const position = positionIn(record, member.archive, member.id);
    const bytes = position === undefined ? undefined : memberIn(archive, member.layout, member.id, position);
    if (!bytes) throw new Error(vscode.l10n.t('{0} has no message {1}.', member.archive, member.id));
    return bytes;
  }

  /** The last archive is kept: whoever reads one message of it may read the next. */
  private archiveOf(job: string, key: string): Promise<Uint8Array> {
    const path = `${job}/${key}`;
    if (this.archive?.path === path) return this.archive.bytes;
    const bytes = this.services.jobs.read(job, key);
    this.archive = { path, bytes };
    bytes.catch(() => {
      if (this.archive?.bytes === bytes) this.archive = undefined;
    });
    return bytes;
  }

  /** VS Code shows these in the place of the document. */
  private errorOf(error: unknown, uri: vscode.Uri): Error {
    if (error instanceof vscode.FileSystemError) return error;
    const { message, code } = error as Error & { readonly code?: string };
    this.services.log.warn(`${uri.toString()}: ${message}`);
    const words = inEditor(message);
    return code === 'DENIED'
      ? vscode.FileSystemError.NoPermissions(words)
      : code === 'NOT_FOUND'
        ? vscode.FileSystemError.FileNotFound(words)
        : vscode.FileSystemError.Unavailable(words);
  }
}

/** Opens the message before or behind the one that is shown, in the same editor. */
async function step(services: Services, by: 1 | -1): Promise<void> {
  const group = vscode.window.tabGroups.activeTabGroup;
  const input = group.activeTab?.input;
  if (!(input instanceof vscode.TabInputText || input instanceof vscode.TabInputCustom)) return;
  const place = input.uri.scheme === SCHEME ? placeOf(input.uri.path) : undefined;
  if (place?.kind !== 'preview') return;
  const last = ((await previewsOf(services).specs.get(place.digest))?.spec.messages ?? Infinity) - 1;
  const index = place.index + by;
  if (index < 0 || index > last) {
    vscode.window.setStatusBarMessage(
      index < 0 ? vscode.l10n.t('This is the first message') : vscode.l10n.t('This is the last message'),
      3000,
    );
    return;
  }
  const uri = input.uri.with({ path: previewPath(place.digest, index) });
  const options = { viewColumn: group.viewColumn, preview: true };
  if (input instanceof vscode.TabInputCustom) await vscode.commands.executeCommand('vscode.openWith', uri, input.viewType, options);
  else await vscode.window.showTextDocument(uri, options);
}
