/**
 * Dates by integer arithmetic: the proleptic Gregorian calendar, Unix seconds, and zone rules shipped with the generator.
 * A machine's own time zone data is never asked.
 */

export const DAY = 86400;

/** Days since 1970-01-01 of a civil date (month 1 to 12). After Howard Hinnant's days_from_civil. */
export function daysOf(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yoe = y - era * 400;
  const doy = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const doe = yoe * 365 + Math.floor(yoe / 4) - Math.floor(yoe / 100) + doy;
  return era * 146097 + doe - 719468;
}

export interface CivilDate {
  readonly year: number;
  /** 1 to 12 */
  readonly month: number;
  readonly day: number;
}

/** The civil date of a day since 1970-01-01. */
export function dateOf(days: number): CivilDate {
  const z = days + 719468;
  const era = Math.floor(z / 146097);
  const doe = z - era * 146097;
  const yoe = Math.floor((doe - Math.floor(doe / 1460) + Math.floor(doe / 36524) - Math.floor(doe / 146096)) / 365);
  const doy = doe - (365 * yoe + Math.floor(yoe / 4) - Math.floor(yoe / 100));
  const mp = Math.floor((5 * doy + 2) / 153);
  const month = mp < 10 ? mp + 3 : mp - 9;
  return { year: yoe + era * 400 + (month <= 2 ? 1 : 0), month, day: doy - Math.floor((153 * mp + 2) / 5) + 1 };
}

/** 0 is Monday, 6 is Sunday. */
export function weekdayOf(days: number): number {
  return (((days + 3) % 7) + 7) % 7;
}

/** Days since 1970-01-01 of "2025-01-31", or undefined where there is no such date. */
export function parseDay(text: string): number | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (!match) return undefined;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const days = daysOf(year, month, day);
  const back = dateOf(days);
  return back.year === year && back.month === month && back.day === day ? days : undefined;
}

/** The day `count` working days (Monday to Friday) after a day, or before it where count is negative. */
export function workingDay(from: number, count: number): number {
  let day = from;
  const step = count < 0 ? -1 : 1;
  for (let left = Math.abs(count); left > 0;) {
    day += step;
    if (weekdayOf(day) < 5) left--;
  }
  return day;
}

const TWO = Array.from({ length: 100 }, (_, n) => (n < 10 ? `0${n}` : `${n}`));

/** A number from 0 to 99 in two digits. */
export const two = (n: number): string => TWO[n]!;

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** "Tue, 04 Mar 2025 09:12:07 +0100" (RFC 5322 §3.3). `offset` is in seconds east of UTC. */
export function rfc5322Date(instant: number, offset: number): string {
  const local = instant + offset;
  return `${dayText(Math.floor(local / DAY))} ${clock(local)} ${offsetText(offset)}`;
}

/** "Tue, 04 Mar 2025" */
export function dayText(days: number): string {
  const { year, month, day } = dateOf(days);
  return `${WEEKDAYS[weekdayOf(days)]}, ${two(day)} ${MONTHS[month - 1]} ${year}`;
}

/** Something made of a day, kept: a corpus has few days and many messages. A day that falls on the place of another takes it. */
export class ByDay<T> {
  private readonly make: (day: number) => T;
  private readonly days = new Int32Array(DAYS_KEPT).fill(-1);
  private readonly made: T[] = [];

  constructor(make: (day: number) => T) {
    this.make = make;
  }

  /** What is made of a day since 1970-01-01. */
  of(day: number): T {
    const place = day & (DAYS_KEPT - 1);
    if (this.days[place] === day) return this.made[place]!;
    this.days[place] = day;
    return (this.made[place] = this.make(day));
  }
}

const DAYS_KEPT = 1024;

/** "2025-03-04T09:12:07+01:00" (RFC 3339). */
export function isoDate(instant: number, offset: number): string {
  const local = instant + offset;
  const { year, month, day } = dateOf(Math.floor(local / DAY));
  const zone = offset === 0 ? 'Z' : offsetText(offset).replace(/(..)$/, ':$1');
  return `${year}-${two(month)}-${two(day)}T${clock(local)}${zone}`;
}

function clock(local: number): string {
  const s = (local - Math.floor(local / DAY) * DAY) | 0;
  return `${TWO[(s / 3600) | 0]}:${TWO[((s / 60) | 0) % 60]}:${TWO[s % 60]}`;
}

/** "+0100" */
export function offsetText(offset: number): string {
  const minutes = Math.floor(Math.abs(offset) / 60);
  return `${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}${two(minutes % 60)}`;
}
