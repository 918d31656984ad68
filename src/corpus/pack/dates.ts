import { ByDay, DAY, dateOf, weekdayOf } from '../calendar.ts';
import { type Run, runOf, runsOf } from '../mime/bytes.ts';
import type { Common } from './schema.ts';

/** Days and times as a language writes them. Each is put together once: a corpus has few days, and a day few minutes. */
export class Dates {
  readonly weekdays: readonly Run[];
  readonly months: readonly Run[];
  readonly quarters: readonly Run[];
  private readonly calendar: Common['calendar'];
  private readonly longDates: ByDay<Run>;
  private readonly shortDates: ByDay<Run>;
  private readonly times: (Run | undefined)[] = [];

  constructor(calendar: Common['calendar']) {
    this.calendar = calendar;
    this.weekdays = runsOf(calendar.weekdays);
    this.months = runsOf(calendar.months);
    this.quarters = runsOf([1, 2, 3, 4].map((q) => calendar.quarter.replace('{q}', String(q))));
    this.longDates = new ByDay((day) => runOf(longDate(day, calendar)));
    this.shortDates = new ByDay((day) => runOf(dayAndMonth(day, calendar)));
  }

  /** "Tuesday, 4 March 2025", of a day since 1970-01-01. */
  longDate(day: number): Run {
    return this.longDates.of(day);
  }

  /** "4 March". */
  dayAndMonth(day: number): Run {
    return this.shortDates.of(day);
  }

  /** "09:12", of seconds since the epoch on a local clock. */
  time(local: number): Run {
    const minute = Math.floor((local - Math.floor(local / DAY) * DAY) / 60);
    return (this.times[minute] ??= runOf(this.calendar.time.replace('{h}', pad(Math.floor(minute / 60))).replace('{m}', pad(minute % 60))));
  }
}

const pad = (n: number): string => (n < 10 ? `0${n}` : String(n));

function longDate(day: number, { weekdays, months, longDate }: Common['calendar']): string {
  const date = dateOf(day);
  return longDate
    .replace('{weekday}', weekdays[weekdayOf(day)]!)
    .replace('{d}', String(date.day))
    .replace('{month}', months[date.month - 1]!)
    .replace('{year}', String(date.year));
}

export function dayAndMonth(day: number, calendar: Common['calendar']): string {
  const date = dateOf(day);
  return calendar.date.replace('{d}', String(date.day)).replace('{month}', calendar.months[date.month - 1]!);
}
