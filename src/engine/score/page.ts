import { createHash } from 'node:crypto';
import type { FlaggedNearMiss, Listed, OtherFalse } from '../../job/scoring/score.ts';
import { DIMENSIONS, type Figures, LEVELS } from '../../job/scoring/tally.ts';
import type { UnitReference } from '../../job/scoring/units.ts';
import { count } from '../../job/count.ts';
import {
  alertRows,
  boundsText,
  densityTexts,
  DIMENSION_NAMES,
  f1Text,
  intervalText,
  LEVEL_NAMES,
  partsOf,
  policyCells,
  ratioText,
  rowsText,
  shareText,
  wrongOf,
} from './figures.ts';
import { html, Markup } from './markup.ts';
import { dotPlot } from './plots.ts';
import type { Problem } from './problems.ts';
import type { ScoreReport } from './report.ts';
import { STYLE } from './style.ts';

/** How many things of a list the page shows. */
export const MOST_SHOWN = 500;

/** What a place that shows the page puts where a message is named by its key, and where a line of a file is. */
export interface Links {
  message(key: string): string | Markup;
  line(text: string, problem: Problem): string | Markup;
}

const PLAIN: Links = { message: (key) => key, line: (text) => text };

/**
 * The score as one page of HTML that loads nothing and runs nothing: its content security policy allows its own style, by
 * its hash, and nothing else.
 */
export function scorePage(report: ScoreReport): string {
  const { files } = report;
  const policy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'`;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <title>Score of ${files.alerts}</title>
        ${new Markup(`<style>${STYLE}</style>`)}
      </head>
      <body>
        ${scoreBody(report, PLAIN)}
      </body>
    </html> `.text;
}

/** What the page shows, for a place with a style of its own. */
export function scoreBody(report: ScoreReport, links: Links): Markup {
  const { files, levels } = report;
  return html`<main>
    <header>
      <p class="mark">Mailwright</p>
      <h1>${files.alerts}</h1>
      <p class="about">Scored against ${files.truth}${files.job === null ? '' : `, job ${files.job}`}. ${sizeText(report)}</p>
    </header>
    ${cards(report)} ${notes(report)} ${comparison(report, links)}
    <section>
      <h2>By level</h2>
      <p class="about">At the level of the alert unit every arc counts where its own truth says an alert is due.</p>
      ${figuresTable(
        'level',
        LEVELS.map((level) => ({ name: LEVEL_NAMES[level], figures: levels[level] })),
      )}
    </section>
    ${evasionPlot(report)} ${scenarioPlot(report)} ${parts(report)} ${alertsSection(report)} ${lists(report, links)}
    ${problems(report, links)}
    <footer>Shares are given with their Wilson 95 % intervals. F1 is the harmonic mean of precision and recall.</footer>
  </main>`;
}

function sizeText({ messages, truth }: ScoreReport): string {
  const all = messages === null ? '' : `${count(messages)} messages; `;
  return `${all}an alert is due on ${count(truth.required)}, ${count(truth.nearMisses)} are near misses.`;
}

function cards({ levels, alerts }: ScoreReport): Markup {
  const { recall, precision, f1, nearMissRate, ...counts } = levels.alertUnit;
  const card = (name: string, value: string, detail: string, colour = ''): Markup =>
    html`<div class="card ${colour}">
      <h2>${name}</h2>
      <p class="value">${value}</p>
      <p class="detail">${detail}</p>
    </div>`;
  const both = (...details: string[]): string => details.filter((detail) => detail !== '').join(' · ');
  const flagged = ratioText(counts.nearMissesFlagged, counts.nearMisses);
  const density = densityTexts(alerts.per10000);
  return html`<div class="cards">
    ${card('Recall', shareText(recall), both(boundsText(recall), ratioText(counts.found, counts.units)), 'recall')}
    ${card('Precision', shareText(precision), both(boundsText(precision), `${count(wrongOf(levels.alertUnit))} false`), 'precision')}
    ${card('F1', f1Text(f1), 'of the two')} ${card('Near misses flagged', shareText(nearMissRate), both(boundsText(nearMissRate), flagged))}
    ${card('Alerts in 10,000', density.value, both(density.bounds, `${count(alerts.messages - alerts.unknown)} in all`))}
  </div>`;
}

function notes({ notes: all }: ScoreReport): Markup {
  return all.length === 0 ? html`` : html`<section class="notes">${all.map((note) => html`<p>Note: ${note}</p>`)}</section>`;
}

function comparison({ alerts, baseline, files, levels }: ScoreReport, links: Links): Markup {
  if (!baseline) return html``;
  const before = baseline.levels.alertUnit;
  const now = levels.alertUnit;
  const rows = [
    ['Recall', intervalText(before.recall), intervalText(now.recall)],
    ['Precision', intervalText(before.precision), intervalText(now.precision)],
    ['F1', f1Text(before.f1), f1Text(now.f1)],
    ['Near misses flagged', count(before.nearMissesFlagged), count(now.nearMissesFlagged)],
    ['Messages alerted on', count(baseline.alerts.messages), count(alerts.messages)],
  ];
  return html`<section>
    <h2>Against ${files.baseline!}</h2>
    ${table(['', 'Baseline', 'Now'], rows)} ${list('Lost: found by the baseline only', baseline.lost, UNIT_HEAD, unitCells(links))}
    ${list('Gained: not found by the baseline', baseline.gained, UNIT_HEAD, unitCells(links))}
    ${list('Near misses newly flagged', baseline.nearMissesNew, NEAR_MISS_HEAD, nearMissCells(links))}
    ${list('Near misses no longer flagged', baseline.nearMissesGone, NEAR_MISS_HEAD, nearMissCells(links))}
  </section>`;
}

function evasionPlot(report: ScoreReport): Markup {
  const rows = partsOf(report, 'evasion').filter(({ figures }) => figures.units > 0);
  if (rows.length === 0) return html``;
  const title = 'Recall by evasion level';
  return html`<section>
    <h2>${title}</h2>
    <p class="about">With 95 % intervals; the ladder from plain words down.</p>
    ${dotPlot(
      title,
      [{ name: 'recall', colour: 'recall' }],
      rows.map(({ name, figures }) => ({ name, detail: ratioText(figures.found, figures.units), shares: [figures.recall] })),
    )}
  </section>`;
}

function scenarioPlot(report: ScoreReport): Markup {
  const rows = partsOf(report, 'scenario').filter(({ figures }) => figures.units + figures.nearMisses > 0);
  if (rows.length === 0) return html``;
  const title = 'Recall and precision by scenario';
  return html`<section>
    <h2>${title}</h2>
    <p class="about">
      <span class="key recall"></span> recall <span class="key precision"></span> precision, where false are the near misses of the
      scenario: ordinary mail belongs to none.
    </p>
    ${dotPlot(
      title,
      [
        { name: 'recall', colour: 'recall' },
        { name: 'precision', colour: 'precision' },
      ],
      rows.map(({ name, figures }) => ({
        name,
        detail: `${ratioText(figures.found, figures.units)}, ${count(wrongOf(figures))} false`,
        shares: [figures.recall, figures.precision],
      })),
    )}
  </section>`;
}

function parts(report: ScoreReport): Markup {
  return html`<section>
    ${DIMENSIONS.map(
      (dimension) =>
        html`<details>
          <summary>By ${DIMENSION_NAMES[dimension]}</summary>
          ${figuresTable(DIMENSION_NAMES[dimension], partsOf(report, dimension))}
        </details>`,
    )}
  </section>`;
}

function alertsSection({ alerts, policies }: ScoreReport): Markup {
  const head = ['Policy', 'Messages', 'Due', 'Allowed', 'Near misses', 'Other false', 'Precision'];
  return html`<section>
    <h2>What the alerts are about</h2>
    <p class="about">${count(alerts.messages)} messages, in ${rowsText(alerts)}.</p>
    ${table(
      [],
      alertRows(alerts).map(([label, n]) => [label, count(n)]),
      'narrow',
    )}
    ${list('By policy', policies, head, policyCells)}
  </section>`;
}

function lists(report: ScoreReport, links: Links): Markup {
  return html`<section>
    ${list('Missed', report.missed, UNIT_HEAD, unitCells(links))}
    ${list('Near misses flagged', report.nearMissesFlagged, NEAR_MISS_HEAD, nearMissCells(links))}
    ${list('Other false alerts', report.otherFalse, OTHER_FALSE_HEAD, otherFalseCells(links))}
    ${list('Unknown: not of this corpus', report.unknown, ['Alert'], (name) => [name])}
    ${list('Unverifiable: no truth, and no job.json', report.unverifiable, ['Alert'], (name) => [name])}
  </section>`;
}

function problems({ problems: { count: all, first } }: ScoreReport, links: Links): Markup {
  if (all === 0) return html``;
  return html`<section>
    <h2>Lines that could not be read: ${count(all)}</h2>
    <ul>
      ${first.map((one) => html`<li>${links.line(`${one.file}:${one.line}`, one)}: ${one.problem}</li>`)}
    </ul>
    ${more(all - first.length)}
  </section>`;
}

const UNIT_HEAD = ['Key', 'Unit', 'Scenario', 'Evasion', 'Language', 'Shape', 'Arc'];
const unitCells =
  ({ message }: Links) =>
  (u: UnitReference): Cells => [message(u.key), u.unit, u.scenario, u.evasion, u.language, u.shape, u.arc_id];

const NEAR_MISS_HEAD = ['Key', 'Scenario', 'Near miss', 'Language', 'Shape', 'Arc'];
const nearMissCells =
  ({ message }: Links) =>
  (m: FlaggedNearMiss): Cells => [message(m.key), m.scenario, m.near_miss, m.language, m.shape, m.arc_id];

const OTHER_FALSE_HEAD = ['Key', 'Language', 'Shape', 'Message-ID'];
const otherFalseCells =
  ({ message }: Links) =>
  (m: OtherFalse): Cells => [message(m.key), m.language, m.shape, m.message_id];

type Cells = readonly (string | Markup | null)[];

/** A list that opens. */
function list<T>(title: string, all: Listed<T>, head: readonly string[], cells: (item: T) => Cells): Markup {
  const shown = all.items.slice(0, MOST_SHOWN);
  return html`<details>
    <summary>${title} <span class="count">${count(all.count)}</span></summary>
    ${all.count === 0 ? html`<p class="about">None.</p>` : table(head, shown.map(cells), 'list')} ${more(all.count - shown.length)}
  </details>`;
}

const more = (rest: number): Markup => (rest > 0 ? html`<p class="about">… and ${count(rest)} more.</p>` : html``);

function figuresTable(title: string, rows: readonly { readonly name: string; readonly figures: Figures }[]): Markup {
  return table(
    [title, 'Due', 'Found', 'Missed', 'Near misses flagged', 'Other false', 'Recall', 'Precision', 'F1'],
    rows.map(({ name, figures: f }) => [
      name,
      ...[f.units, f.found, f.missed].map(count),
      ratioText(f.nearMissesFlagged, f.nearMisses),
      count(f.otherFalse),
      intervalText(f.recall),
      intervalText(f.precision),
      f1Text(f.f1),
    ]),
  );
}

function table(head: readonly string[], rows: readonly Cells[], kind = ''): Markup {
  const top = html`<thead>
    <tr>
      ${head.map((name) => (name === '' ? html`<td></td>` : html`<th scope="col">${name}</th>`))}
    </tr>
  </thead>`;
  return html`<div class="scroll" tabindex="0">
    <table class="${kind}">
      ${head.length > 0 ? top : html``}
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${row.map((cell, i) => (i === 0 ? html`<th scope="row">${cell ?? '–'}</th>` : html`<td>${cell ?? '–'}</td>`))}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
