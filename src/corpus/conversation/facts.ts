import { type CivilDate, DAY, dateOf, weekdayOf, workingDay } from '../calendar.ts';
import type { Bytes } from '../mime/bytes.ts';
import type { FactKind } from '../pack/facts.ts';
import type { Common } from '../pack/schema.ts';
import type { Stream } from '../random.ts';
import type { Person } from '../world/person.ts';
import type { World } from '../world/world.ts';

type Calendar = Common['calendar'];

/** What facts are drawn against: the day the conversation starts, and the people around it. */
export interface FactContext {
  readonly world: World;
  readonly language: string;
  readonly calendar: Calendar;
  readonly lists: Readonly<Record<string, readonly string[]>>;
  /** Local time of the start, as if it were UTC. */
  readonly local: number;
  readonly date: CivilDate;
  /** The employee whose colleagues are talked about. */
  readonly insider: Person;
  readonly starter: Person;
  readonly addressee: Person;
}

/** Draws a fact and writes it, in the language of the conversation. */
export function drawFact(out: Bytes, fact: FactKind, context: FactContext, stream: Stream): void {
  switch (fact.kind) {
    case 'oneOf':
      return out.utf8(stream.pick(fact.options));
    case 'list':
      return out.utf8(stream.pick(context.lists[fact.list]!));
    case 'number':
      return out.utf8(formatNumber(drawNumber(fact, stream), fact.digits, context.calendar));
    case 'code':
      for (let i = 0; i < fact.pattern.length; i++) {
        const c = fact.pattern.charCodeAt(i);
        out.byte(c === 35 ? 48 + stream.under(10) : c === 64 ? 65 + stream.under(26) : c);
      }
      return;
    case 'named':
      return drawNamed(out, fact.name, context, stream);
  }
}

/** In units of its last digit. */
export function drawNumber(fact: FactKind & { kind: 'number' }, stream: Stream): number {
  return fact.min + fact.step * stream.under(Math.floor((fact.max - fact.min) / fact.step) + 1);
}

function drawNamed(out: Bytes, name: (FactKind & { kind: 'named' })['name'], context: FactContext, stream: Stream): void {
  const { calendar, world, local } = context;
  const today = Math.floor(local / DAY);
  const { month, year } = context.date;
  const quarter = Math.floor((month - 1) / 3);
  switch (name) {
    case 'company':
      return out.put(world.issuer(stream));
    case 'person':
      return out.put(bystander(context, stream, -1).said[2]!);
    case 'first':
      return out.put(bystander(context, stream, context.insider.desk).said[0]!);
    case 'city':
      return out.utf8(world.city(stream, context.language));
    case 'day':
      return out.utf8(calendar.weekdays[weekdayOf(workingDay(today, 1 + stream.under(5)))]!);
    case 'pastday':
      return out.utf8(calendar.weekdays[weekdayOf(workingDay(today, -1 - stream.under(5)))]!);
    case 'date':
      return out.utf8(dayAndMonth(workingDay(today, 1 + stream.under(12)), calendar));
    case 'pastdate':
      return out.utf8(dayAndMonth(workingDay(today, -1 - stream.under(15)), calendar));
    case 'month':
      return out.utf8(calendar.months[month % 12]!);
    case 'lastmonth':
      return out.utf8(calendar.months[(month + 10) % 12]!);
    case 'quarter':
      return out.utf8(calendar.quarter.replace('{q}', String(quarter + 1)));
    case 'lastquarter':
      return out.utf8(calendar.quarter.replace('{q}', String(((quarter + 3) % 4) + 1)));
    case 'year':
      return out.utf8(String(year));
    case 'time': {
      // Later the same day, where that is still in office hours.
      const now = Math.floor((local - today * DAY) / 3600);
      const from = now >= 8 && now < 15 ? now + 1 : 8;
      return out.utf8(formatTime(stream.between(from, 17), stream.under(2) * 30, calendar));
    }
  }
}

/** A colleague who neither writes nor is written to first, where the firm is large enough to have one. */
function bystander({ world, insider, starter, addressee }: FactContext, stream: Stream, desk: number): Person {
  let person = world.contact(insider, stream, desk);
  for (
    let tries = 0;
    tries < 6 && (person.first === insider.first || person.first === starter.first || person.first === addressee.first);
    tries++
  )
    person = world.contact(insider, stream, desk);
  return person;
}

export function dayAndMonth(day: number, calendar: Calendar): string {
  const date = dateOf(day);
  return calendar.date.replace('{d}', String(date.day)).replace('{month}', calendar.months[date.month - 1]!);
}

/** "Tuesday, 4 March 2025", kept by language: a corpus has few days. */
const LONG_DATES = new WeakMap<Calendar, Map<number, string>>();

export function longDate(day: number, calendar: Calendar): string {
  let known = LONG_DATES.get(calendar);
  if (!known || known.size > 5000) LONG_DATES.set(calendar, (known = new Map()));
  let text = known.get(day);
  if (text === undefined) {
    const date = dateOf(day);
    text = calendar.longDate
      .replace('{weekday}', calendar.weekdays[weekdayOf(day)]!)
      .replace('{d}', String(date.day))
      .replace('{month}', calendar.months[date.month - 1]!)
      .replace('{year}', String(date.year));
    known.set(day, text);
  }
  return text;
}

export function formatTime(hour: number, minute: number, calendar: Calendar): string {
  const pad = (n: number): string => (n < 10 ? `0${n}` : String(n));
  return calendar.time.replace('{h}', pad(hour)).replace('{m}', pad(minute));
}

/** A number given in units of its last digit, with the marks of a language: 1,250 or 1.250, 1.05 or 1,05. */
export function formatNumber(units: number, digits: number, calendar: Calendar): string {
  const negative = units < 0;
  let text = String(Math.abs(units)).padStart(digits + 1, '0');
  let fraction = '';
  if (digits > 0) {
    fraction = calendar.decimal + text.slice(-digits);
    text = text.slice(0, -digits);
  }
  let grouped = '';
  for (let i = text.length; i > 0; i -= 3)
    grouped = text.slice(Math.max(0, i - 3), i) + (grouped === '' ? '' : calendar.thousands + grouped);
  return (negative ? '-' : '') + grouped + fraction;
}
