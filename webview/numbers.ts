import { t } from './l10n.ts';

/** Numbers as the pages show them; counts as the command line does. */

export { count } from '../src/job/count.ts';

/** Decimal units, as disks and networks are sold: "1.5 MB". */
export function bytes(n: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const unit = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, n)) / 3)));
  const value = n / 1000 ** unit;
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

export function duration(seconds: number): string {
  if (seconds < 10) return t('{0} s', seconds.toFixed(1));
  if (seconds < 120) return t('{0} s', Math.round(seconds));
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? t('{0} min', minutes) : t('{0} h {1} min', Math.floor(minutes / 60), minutes % 60);
}

export const dollars = (n: number): string =>
  n > 0 && n < 0.01 ? t('under $0.01') : `$${n.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
