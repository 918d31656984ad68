import { count } from '../job/count.ts';
import type { TruthCounts } from '../job/records.ts';

/** Numbers as people read them, the same on every machine. */

export { count };

/** "1,000 of 2,000", or "2,000" where all are there. */
export const messagesText = ({ messages, of }: { readonly messages: number; readonly of: number }): string =>
  messages === of ? count(of) : `${count(messages)} of ${count(of)}`;

/** Bytes in decimal units: 1.5 MB is 1,500,000. */
export function bytes(n: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = n;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** US dollars: "$12.30"; what is under a cent says so. */
export function dollars(n: number): string {
  if (n > 0 && n < 0.01) return 'under $0.01';
  const [whole, cents] = n.toFixed(2).split('.');
  return `$${count(Number(whole))}.${cents}`;
}

/** "about $12.30", "under $0.01" */
export const aboutDollars = (n: number): string => `${n > 0 && n < 0.01 ? '' : 'about '}${dollars(n)}`;

/** "12 positive and 12 near-miss messages in 8 arcs" */
export function truthText({ positives, nearMisses, arcs }: Omit<TruthCounts, 'lines'>): string {
  if (arcs === 0) return 'nothing planted';
  return `${count(positives)} positive and ${count(nearMisses)} near-miss messages in ${count(arcs)} arcs`;
}

/** Rows as columns, the last one as long as it is. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return (
    rows
      .map((row) =>
        row
          .map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i]!)))
          .join('  ')
          .trimEnd(),
      )
      .join('\n') + '\n'
  );
}
