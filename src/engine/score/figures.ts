import type { Share } from '../../job/scoring/interval.ts';
import type { AlertCounts, PolicyFigures } from '../../job/scoring/score.ts';
import type { Dimension, Figures, Level } from '../../job/scoring/tally.ts';
import { count } from '../../job/count.ts';
import type { ScoreReport } from './report.ts';

/** Figures as people read them, on the terminal and on the page. */

const NOTHING = '–';

/** "87.5", of 0.875: a percentage without its sign. */
export const percent = (value: number): string => (value * 100).toFixed(1);

/** "87.5 %"; a dash where there is nothing to have a share of. */
export const shareText = (share: Share | null): string => (share ? `${percent(share.value)} %` : NOTHING);

/** "64.0–96.5": the bounds of the interval. */
export const boundsText = (share: Share | null): string => (share ? `${percent(share.low)}–${percent(share.high)}` : '');

export const intervalText = (share: Share | null): string => (share ? `${shareText(share)} (${boundsText(share)})` : NOTHING);

/** "0.912"; a dash where there is none. */
export const f1Text = (f1: number | null): string => (f1 === null ? NOTHING : f1.toFixed(3));

export const ratioText = (part: number, whole: number): string => (whole === 0 ? NOTHING : `${count(part)} of ${count(whole)}`);

/** "3.10" and "2.40–4.00" of 10,000 messages; a dash and nothing where there is none. */
export function densityTexts(per10000: Share | null): { readonly value: string; readonly bounds: string } {
  if (!per10000) return { value: NOTHING, bounds: '' };
  const digits = per10000.value < 10 ? 2 : 1;
  const text = (value: number): string => value.toFixed(digits);
  return { value: text(per10000.value), bounds: `${text(per10000.low)}–${text(per10000.high)}` };
}

/** "3.10 (2.40–4.00)" of 10,000 messages. */
export function densityText(per10000: Share | null): string {
  const { value, bounds } = densityTexts(per10000);
  return per10000 ? `${value} (${bounds})` : value;
}

/** Everything that was flagged and should not have been. */
export const wrongOf = (figures: Figures): number => figures.nearMissesFlagged + figures.otherFalse;

/** The row of a policy: its name, what it alerted on, and its precision. */
export const policyCells = (p: PolicyFigures): string[] => [
  p.policy,
  ...[p.messages, p.required, p.allowed, p.nearMisses, p.otherFalse].map(count),
  intervalText(p.precision),
];

export const LEVEL_NAMES: Readonly<Record<Level, string>> = {
  alertUnit: 'alert unit',
  message: 'message',
  thread: 'thread',
  person: 'person',
};

export const DIMENSION_NAMES: Readonly<Record<Dimension, string>> = {
  scenario: 'scenario',
  family: 'family',
  evasion: 'evasion',
  language: 'language',
  shape: 'MIME shape',
};

/** What mail has that is in no arc, or whose features nobody told. */
const NO_VALUE: Readonly<Record<Dimension, string>> = {
  scenario: 'no scenario',
  family: 'no scenario',
  evasion: 'no scenario',
  language: 'not known',
  shape: 'not known',
};

const valueText = (dimension: Dimension, value: string | null): string => value ?? NO_VALUE[dimension];

/** The figures of each part of a dimension, at the headline level; without the parts that have nothing there. */
export const partsOf = (report: ScoreReport, dimension: Dimension): { name: string; figures: Figures }[] =>
  report.by[dimension]
    .map(({ value, levels }) => ({ name: valueText(dimension, value), figures: levels.alertUnit }))
    .filter(({ figures }) => figures.units + figures.nearMisses + figures.otherFalse > 0);

/** What the alerts are about, as label and number; what is zero and no surprise is left out. */
export function alertRows(alerts: AlertCounts): [label: string, count: number][] {
  const rows: [string, number, always?: boolean][] = [
    ['due', alerts.required, true],
    ['allowed: neither for nor against', alerts.allowed],
    ['near misses', alerts.nearMisses, true],
    ['other false alerts', alerts.otherFalse, true],
    ['unknown: not of this corpus', alerts.unknown],
    ['unverifiable: no truth, no job.json', alerts.unverifiable],
  ];
  return rows.filter(([, n, always]) => always || n > 0).map(([label, n]) => [label, n]);
}

/** "4,000 rows, 12 of them duplicates; 30 below the threshold" */
export function rowsText(alerts: AlertCounts): string {
  const duplicates = alerts.duplicates > 0 ? `, ${count(alerts.duplicates)} of them duplicates` : '';
  const below = alerts.belowThreshold > 0 ? `; ${count(alerts.belowThreshold)} below the threshold` : '';
  return `${count(alerts.rows)} rows${duplicates}${below}`;
}
