import type { Comparison, FlaggedNearMiss, Listed, OtherFalse } from '../../job/scoring/score.ts';
import { DIMENSIONS, type Figures, LEVELS } from '../../job/scoring/tally.ts';
import type { UnitReference } from '../../job/scoring/units.ts';
import { count, table } from '../output.ts';
import {
  alertRows,
  densityText,
  DIMENSION_NAMES,
  f1Text,
  intervalText,
  LEVEL_NAMES,
  partsOf,
  policyCells,
  ratioText,
  rowsText,
  wrongOf,
} from '../../engine/score/figures.ts';
import type { ScoreReport } from '../../engine/score/report.ts';

/** How many things of a list a terminal shows. */
const MOST_SHOWN = 10;

/** The score as a text for a terminal. */
export function scoreText(report: ScoreReport): string {
  const { alerts, files, levels } = report;
  const headline = levels.alertUnit;
  const sections = [
    `${files.alerts} against ${files.truth}\n`,
    table([
      ['Precision', intervalText(headline.precision), `${count(headline.found)} found, ${count(wrongOf(headline))} false`],
      ['Recall', intervalText(headline.recall), `${ratioText(headline.found, headline.units)} found, each where its alert is due`],
      ['F1', f1Text(headline.f1), ''],
      ['Near misses', intervalText(headline.nearMissRate), `${ratioText(headline.nearMissesFlagged, headline.nearMisses)} flagged`],
      ['Alerts', densityText(alerts.per10000), 'in 10,000 messages'],
    ]),
    figuresTable(
      'LEVEL',
      LEVELS.map((level) => ({ name: LEVEL_NAMES[level], figures: levels[level] })),
    ),
    ...DIMENSIONS.map((dimension) => figuresTable(DIMENSION_NAMES[dimension].toUpperCase(), partsOf(report, dimension))),
    table([
      ['ALERTED ON', count(alerts.messages), `messages, in ${rowsText(alerts)}`],
      ...alertRows(alerts).map(([label, n]) => [label, count(n), '']),
    ]),
    policiesTable(report),
    ...(report.baseline ? comparison(report.baseline, files.baseline!, headline) : []),
    list('Missed', report.missed, unitRow, UNIT_HEAD),
    list('Near misses flagged', report.nearMissesFlagged, nearMissRow, NEAR_MISS_HEAD),
    list('Other false alerts', report.otherFalse, otherFalseRow, OTHER_FALSE_HEAD),
    list('Unknown: not of this corpus', report.unknown, (name) => [name], ['ALERT']),
    list('Unverifiable', report.unverifiable, (name) => [name], ['ALERT']),
    problems(report),
    report.notes.map((note) => `Note: ${note}\n`).join(''),
  ];
  return sections.filter((section) => section !== '').join('\n');
}

function figuresTable(head: string, rows: readonly { readonly name: string; readonly figures: Figures }[]): string {
  if (rows.length === 0) return '';
  return table([
    [head, 'DUE', 'FOUND', 'MISSED', 'NEAR MISSES FLAGGED', 'OTHER FALSE', 'F1', 'RECALL', 'PRECISION'],
    ...rows.map(({ name, figures }) => [
      name,
      count(figures.units),
      count(figures.found),
      count(figures.missed),
      ratioText(figures.nearMissesFlagged, figures.nearMisses),
      count(figures.otherFalse),
      f1Text(figures.f1),
      intervalText(figures.recall),
      intervalText(figures.precision),
    ]),
  ]);
}

function policiesTable({ policies }: ScoreReport): string {
  if (policies.count === 0) return '';
  const shown = policies.items.slice(0, MOST_SHOWN);
  return (
    table([['POLICY', 'MESSAGES', 'DUE', 'ALLOWED', 'NEAR MISSES', 'OTHER FALSE', 'PRECISION'], ...shown.map(policyCells)]) +
    more(policies.count - shown.length)
  );
}

function comparison(baseline: Comparison, file: string, now: Figures): string[] {
  const before = baseline.levels.alertUnit;
  return [
    table([
      [`AGAINST ${file}`, 'BASELINE', 'NOW'],
      ['Precision', intervalText(before.precision), intervalText(now.precision)],
      ['Recall', intervalText(before.recall), intervalText(now.recall)],
      ['F1', f1Text(before.f1), f1Text(now.f1)],
      ['Near misses flagged', count(before.nearMissesFlagged), count(now.nearMissesFlagged)],
      ['Lost', '', count(baseline.lost.count)],
      ['Gained', '', count(baseline.gained.count)],
      ['Near misses newly flagged', '', count(baseline.nearMissesNew.count)],
      ['Near misses no longer flagged', '', count(baseline.nearMissesGone.count)],
    ]),
    list('Lost', baseline.lost, unitRow, UNIT_HEAD),
    list('Gained', baseline.gained, unitRow, UNIT_HEAD),
    list('Near misses newly flagged', baseline.nearMissesNew, nearMissRow, NEAR_MISS_HEAD),
    list('Near misses no longer flagged', baseline.nearMissesGone, nearMissRow, NEAR_MISS_HEAD),
  ];
}

const UNIT_HEAD = ['UNIT', 'SCENARIO', 'EVASION', 'LANGUAGE', 'ARC', 'KEY'];
const unitRow = (unit: UnitReference): string[] => [
  unit.unit,
  unit.scenario ?? '',
  unit.evasion ?? '',
  unit.language ?? '',
  unit.arc_id,
  unit.key,
];

const NEAR_MISS_HEAD = ['SCENARIO', 'NEAR MISS', 'LANGUAGE', 'ARC', 'KEY'];
const nearMissRow = (message: FlaggedNearMiss): string[] => [
  message.scenario ?? '',
  message.near_miss ?? '',
  message.language ?? '',
  message.arc_id,
  message.key,
];

const OTHER_FALSE_HEAD = ['LANGUAGE', 'SHAPE', 'KEY', 'MESSAGE-ID'];
const otherFalseRow = (message: OtherFalse): string[] => [
  message.language ?? '',
  message.shape ?? '',
  message.key,
  message.message_id ?? '',
];

function list<T>(title: string, all: Listed<T>, row: (item: T) => string[], head: string[]): string {
  if (all.count === 0) return '';
  const shown = all.items.slice(0, MOST_SHOWN).map(row);
  return `${title}: ${count(all.count)}\n${table([head, ...shown])}${more(all.count - shown.length)}`;
}

const more = (rest: number): string => (rest > 0 ? `… and ${count(rest)} more: --json and --html have them\n` : '');

function problems({ problems: { count: all, first } }: ScoreReport): string {
  if (all === 0) return '';
  const shown = first.map(({ file, line, problem }) => `  ${file}:${line}: ${problem}\n`).join('');
  const rest = all > first.length ? `  … and ${count(all - first.length)} more\n` : '';
  return `Lines that could not be read: ${count(all)}\n${shown}${rest}`;
}
