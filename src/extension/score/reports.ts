import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Listed } from '../../job/scoring/score.ts';
import { MOST_SHOWN } from '../../engine/score/page.ts';
import type { ScoreReport } from '../../engine/score/report.ts';
import type { Reading } from './score-call.ts';

/** What alerts are scored against: a job of the list, or the folder of any other corpus. */
export type Subject = { readonly kind: 'job'; readonly job: string } | { readonly kind: 'folder'; readonly folder: string };

/** A report, and what it was made of. */
export interface Scored {
  readonly subject: Subject;
  readonly reading: Reading;
  /** Its lists as long as the page shows them. */
  readonly report: ScoreReport;
}

/** Raised whenever what a file holds gets another shape. */
const FORMAT = 1;
/** Reports that can be shown again. */
const MOST = 20;

const ID = /^[0-9a-f-]{36}$/;

/** Reports in a folder, a file each: the latest ones, so that an editor with one can be shown again after a reload. */
export class Reports {
  private readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Answers with the id of the report. */
  async keep(scored: Scored): Promise<string> {
    const id = randomUUID();
    await mkdir(this.folder, { recursive: true });
    await writeFile(this.path(id), JSON.stringify({ format: FORMAT, ...scored }));
    await this.prune();
    return id;
  }

  /** Undefined where it is not there any more, or another version wrote it. */
  async get(id: string): Promise<Scored | undefined> {
    if (!ID.test(id)) return undefined;
    try {
      const { format, ...scored } = JSON.parse(await readFile(this.path(id), 'utf8')) as Scored & { readonly format: unknown };
      return format === FORMAT ? scored : undefined;
    } catch {
      return undefined;
    }
  }

  private async prune(): Promise<void> {
    const names = await readdir(this.folder);
    if (names.length <= MOST) return;
    const files = await Promise.all(
      names.map(async (name) => {
        const path = join(this.folder, name);
        const stats = await stat(path).catch(() => undefined); // another window may just have removed it
        return { path, time: stats?.mtimeMs ?? 0 };
      }),
    );
    const old = files.sort((a, b) => b.time - a.time).slice(MOST);
    await Promise.all(old.map(({ path }) => rm(path, { force: true })));
  }

  private path(id: string): string {
    return join(this.folder, `${id}.json`);
  }
}

const cut = <T>({ count, items }: Listed<T>): Listed<T> => ({ count, items: items.slice(0, MOST_SHOWN) });

/** A report with its lists as long as the page shows them: of millions of alerts there may be a hundred thousand things in them. */
export function shortened(report: ScoreReport): ScoreReport {
  const { policies, missed, nearMissesFlagged, otherFalse, unknown, unverifiable, baseline } = report;
  return {
    ...report,
    policies: cut(policies),
    missed: cut(missed),
    nearMissesFlagged: cut(nearMissesFlagged),
    otherFalse: cut(otherFalse),
    unknown: cut(unknown),
    unverifiable: cut(unverifiable),
    baseline: baseline && {
      ...baseline,
      lost: cut(baseline.lost),
      gained: cut(baseline.gained),
      nearMissesNew: cut(baseline.nearMissesNew),
      nearMissesGone: cut(baseline.nearMissesGone),
    },
  };
}

/** The keys of all messages that a report names. */
export function keysIn({ missed, nearMissesFlagged, otherFalse, baseline }: ScoreReport): Set<string> {
  const lists = [missed, nearMissesFlagged, otherFalse];
  const compared = baseline ? [baseline.lost, baseline.gained, baseline.nearMissesNew, baseline.nearMissesGone] : [];
  return new Set([...lists, ...compared].flatMap(({ items }) => items.map(({ key }) => key)));
}
