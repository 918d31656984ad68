import type { Share } from '../../job/scoring/interval.ts';
import { intervalText } from './figures.ts';
import { html, type Markup } from './markup.ts';

/** Plots as SVG: shares as dots on a scale from 0 to 100 %, with their intervals as lines. Colours come from the page's style. */

export interface Series {
  readonly name: string;
  /** Which of the page's colours. */
  readonly colour: 'recall' | 'precision';
}

export interface PlotRow {
  readonly name: string;
  /** What stands behind the name: the number of cases. */
  readonly detail: string;
  /** One a series; null where there is no case. */
  readonly shares: readonly (Share | null)[];
}

const WIDTH = 820;
const LEFT = 200;
const RIGHT = 24;
const TOP = 14;
const BOTTOM = 26;
/** Height of a series in a row; between rows; and of a row at least, for it has two lines of text. */
const LANE = 15;
const GAP = 15;
const LEAST = 37;

export function dotPlot(title: string, series: readonly Series[], rows: readonly PlotRow[]): Markup {
  const rowHeight = Math.max(LEAST, series.length * LANE + GAP);
  const bottom = TOP + rows.length * rowHeight;
  const marks = [0, 0.25, 0.5, 0.75, 1];
  return html`<div class="scroll" tabindex="0">
    <svg viewBox="0 0 ${WIDTH} ${bottom + BOTTOM}" role="img" aria-label="${title}">
      ${marks.map(
        (mark) =>
          html`<g>
            <path class="grid" d="M${x(mark)} ${TOP}V${bottom}" />
            <text class="tick" x="${x(mark)}" y="${bottom + 17}">${mark * 100} %</text>
          </g>`,
      )}
      ${rows.map((row, i) => plotRow(row, series, TOP + i * rowHeight, rowHeight))}
    </svg>
  </div>`;
}

const x = (share: number): number => Math.round((LEFT + share * (WIDTH - LEFT - RIGHT)) * 10) / 10;

function plotRow(row: PlotRow, series: readonly Series[], top: number, height: number): Markup {
  const middle = top + height / 2;
  const lane = (i: number): number => middle + (i - (series.length - 1) / 2) * LANE;
  return html`<g>
    <text class="name" x="${LEFT - 14}" y="${middle - 1}">${short(row.name)}</text>
    <text class="detail" x="${LEFT - 14}" y="${middle + 12}">${row.detail}</text>
    ${row.shares.map((share, i) => dot(share, series[i]!, lane(i), row.name))}
  </g>`;
}

function dot(share: Share | null, { name, colour }: Series, y: number, row: string): Markup {
  if (!share) return html``;
  const [low, high] = [x(share.low), x(share.high)];
  return html`<g class="${colour}">
    <title>${row}: ${name} ${intervalText(share)}</title>
    <path d="M${low} ${y}H${high}M${low} ${y - 4}v8M${high} ${y - 4}v8" />
    <circle cx="${x(share.value)}" cy="${y}" r="5" />
  </g>`;
}

const LONGEST_NAME = 28;
const short = (name: string): string => (name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name);
