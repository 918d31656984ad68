import * as vscode from 'vscode';
import type { Status } from '../../job/records.ts';
import { addressOf, type TrackedJob } from '../jobs/job.ts';
import type { Sight, Texts } from '../jobs/texts.ts';
import { statusOf } from '../jobs/reducer.ts';
import type { Services } from '../services.ts';
import { uriOf } from '../uris.ts';

/** A row of the tree: a job, or something that it has left. */
export type Row = JobRow | PartRow;

export interface JobRow {
  readonly kind: 'job';
  readonly job: string;
}

export interface PartRow {
  readonly kind: 'messages' | 'truth' | 'failures' | 'object' | 'note';
  readonly job: string;
  readonly label: string;
  readonly icon: string;
  /** Of an object. */
  readonly key?: string;
  readonly description?: string;
  readonly command?: string;
}

const ICONS: Readonly<Record<Status, readonly [icon: string, colour?: string]>> = {
  queued: ['clock'],
  running: ['sync~spin'],
  stalled: ['warning', 'list.warningForeground'],
  succeeded: ['pass', 'testing.iconPassed'],
  partial: ['warning', 'list.warningForeground'],
  failed: ['error', 'testing.iconFailed'],
  cancelled: ['circle-slash'],
  interrupted: ['debug-pause', 'list.warningForeground'],
};

/** The view Jobs. */
export function registerJobsTree(services: Services, texts: Texts): vscode.Disposable {
  const tree = new JobsTree(services, texts);
  const view = vscode.window.createTreeView<Row>('mailwright.jobs', { treeDataProvider: tree, showCollapseAll: true });
  return vscode.Disposable.from(view, tree);
}

class JobsTree implements vscode.TreeDataProvider<Row>, vscode.Disposable {
  private readonly services: Services;
  private readonly texts: Texts;
  private readonly changed = new vscode.EventEmitter<Row | undefined>();
  private readonly listening: vscode.Disposable;
  /** One object for each job: VS Code knows a row by it. */
  private readonly rows = new Map<string, JobRow>();

  readonly onDidChangeTreeData = this.changed.event;

  constructor(services: Services, texts: Texts) {
    this.services = services;
    this.texts = texts;
    this.listening = services.jobs.onDidChange((job) => this.changed.fire(job === undefined ? undefined : this.rows.get(job)));
  }

  getTreeItem(row: Row): vscode.TreeItem {
    return row.kind === 'job' ? this.itemOf(row) : partItem(row);
  }

  async getChildren(row?: Row): Promise<Row[]> {
    const { jobs, show } = this.services;
    if (!row) {
      await jobs.ready.catch(show);
      return jobs.list().map(({ job }) => this.rowOf(job));
    }
    const job = jobs.get(row.job);
    if (!job) return [];
    const { partsOf, samplesOf, plantedOf, failuresOf, note } = await import('./job-parts.ts');
    try {
      switch (row.kind) {
        case 'job':
          return partsOf(job);
        case 'messages':
          return await samplesOf(this.services, job);
        case 'truth':
          return await plantedOf(this.services, this.texts, job);
        case 'failures':
          return await failuresOf(this.services, job);
        default:
          return [];
      }
    } catch (error) {
      return [note(job.job, error instanceof Error ? error.message : String(error), 'error')];
    }
  }

  getParent(row: Row): Row | undefined {
    return row.kind === 'job' ? undefined : this.rows.get(row.job);
  }

  rowOf(job: string): JobRow {
    const row = this.rows.get(job) ?? { kind: 'job', job };
    this.rows.set(job, row);
    return row;
  }

  dispose(): void {
    this.listening.dispose();
    this.changed.dispose();
  }

  private itemOf({ job: id }: JobRow): vscode.TreeItem {
    const { jobs } = this.services;
    const job = jobs.get(id);
    if (!job) return new vscode.TreeItem(id);
    const sight = jobs.sightOf(id);
    const status = statusOf(job);
    const item = new vscode.TreeItem(this.texts.title(job), vscode.TreeItemCollapsibleState.Collapsed);
    const [icon, colour] = ICONS[status];
    item.id = id;
    item.description = this.texts.line(job, sight);
    item.iconPath = new vscode.ThemeIcon(icon, colour === undefined ? undefined : new vscode.ThemeColor(colour));
    item.contextValue = `job ${job.where.target} ${status}`;
    item.tooltip = tooltipOf(job, this.texts.status(status), sight);
    item.accessibilityInformation = { label: this.texts.aloud(job, sight) };
    return item;
  }
}

function partItem(row: PartRow): vscode.TreeItem {
  const { kind, job, label, icon, key, description, command } = row;
  const opens = kind === 'messages' || kind === 'truth' || kind === 'failures';
  const item = new vscode.TreeItem(label, opens ? vscode.TreeItemCollapsibleState.Collapsed : vscode.TreeItemCollapsibleState.None);
  item.id = `${job} ${kind} ${key ?? label}`;
  item.iconPath = new vscode.ThemeIcon(icon);
  item.contextValue = key?.endsWith('.eml') ? 'message' : kind;
  item.tooltip = label;
  if (description !== undefined) item.description = description;
  if (key !== undefined)
    item.command =
      command === undefined
        ? { command: 'vscode.open', title: vscode.l10n.t('Open'), arguments: [uriOf(job, key)] }
        : { command, title: vscode.l10n.t('Open'), arguments: [job] };
  return item;
}

function tooltipOf({ job, where, created, expires, progress, ended }: TrackedJob, status: string, { trouble }: Sight): string {
  const lines = [
    vscode.l10n.t('Job {0}: {1}', job, status),
    addressOf(where) ?? vscode.l10n.t('AWS'),
    vscode.l10n.t('Started {0}', new Date(created).toLocaleString(vscode.env.language)),
  ];
  if (expires !== undefined) lines.push(vscode.l10n.t('Will be deleted on {0}', new Date(expires).toLocaleDateString(vscode.env.language)));
  const reason = ended?.reason ?? progress?.reason;
  if (reason !== undefined) lines.push(reason);
  if (trouble) lines.push(trouble.message);
  return lines.join('\n');
}
