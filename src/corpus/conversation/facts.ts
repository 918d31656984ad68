import { DAY, dateOf, weekdayOf, workingDay } from '../calendar.ts';
import type { Bytes, Run } from '../mime/bytes.ts';
import type { CompiledFact } from '../pack/compile.ts';
import type { Dates } from '../pack/dates.ts';
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
  readonly dates: Dates;
  /** Local time of the start, as if it were UTC. */
  readonly local: number;
  /** The same of when the last of it is said: what is to come comes after. */
  readonly until: number;
  /** The employee whose colleagues are talked about. */
  readonly insider: Person;
  readonly starter: Person;
  readonly addressee: Person;
}

/** Draws a fact and writes it, in the language of the conversation. Answers with what is on it: see Lines. */
export function drawFact(out: Bytes, fact: CompiledFact, context: FactContext, stream: Stream): number {
  switch (fact.kind) {
    case 'words':
      return put(out, stream.pick(fact.words));
    case 'number':
      return writeNumber(out, drawNumber(fact, stream), fact.digits, context.calendar);
    case 'code': {
      const from = out.length;
      for (let i = 0; i < fact.pattern.length; i++) {
        const c = fact.pattern.charCodeAt(i);
        out.byte(c === 35 ? 48 + stream.under(10) : c === 64 ? 65 + stream.under(26) : c);
      }
      return out.marks(from);
    }
    case 'named':
      return drawNamed(out, fact.name, context, stream);
  }
}

function put(out: Bytes, run: Run): number {
  out.put(run);
  return run.marks;
}

/** In units of its last digit. */
export function drawNumber(fact: CompiledFact & { kind: 'number' }, stream: Stream): number {
  return fact.min + fact.step * stream.under(Math.floor((fact.max - fact.min) / fact.step) + 1);
}

function drawNamed(out: Bytes, name: (CompiledFact & { kind: 'named' })['name'], context: FactContext, stream: Stream): number {
  const { dates, world, local, until } = context;
  const today = Math.floor(local / DAY);
  const ahead = Math.floor(until / DAY);
  switch (name) {
    case 'company':
      return put(out, world.issuer(stream));
    case 'person':
      return put(out, bystander(context, stream, -1).said[2]!);
    case 'first':
      return put(out, bystander(context, stream, context.insider.desk).said[0]!);
    case 'city':
      return put(out, world.city(stream, context.language));
    case 'day':
      return put(out, dates.weekdays[weekdayOf(workingDay(ahead, 1 + stream.under(5)))]!);
    case 'pastday':
      return put(out, dates.weekdays[weekdayOf(workingDay(today, -1 - stream.under(5)))]!);
    case 'date':
      return put(out, dates.dayAndMonth(workingDay(ahead, 1 + stream.under(12))));
    case 'pastdate':
      return put(out, dates.dayAndMonth(workingDay(today, -1 - stream.under(15))));
    case 'month':
      return put(out, dates.months[dateOf(ahead).month % 12]!);
    case 'lastmonth':
      return put(out, dates.months[(dateOf(today).month + 10) % 12]!);
    case 'quarter':
      return put(out, dates.quarters[quarterOf(today)]!);
    case 'lastquarter':
      return put(out, dates.quarters[(quarterOf(today) + 3) % 4]!);
    case 'year':
      out.utf8(String(dateOf(today).year));
      return 0;
    case 'time': {
      // Later the same day, where that is still in office hours.
      const now = Math.floor((local - today * DAY) / 3600);
      const from = now >= 8 && now < 15 ? now + 1 : 8;
      const hour = stream.between(from, 17);
      return put(out, dates.time(hour * 3600 + stream.under(2) * 1800));
    }
  }
}

const quarterOf = (day: number): number => Math.floor((dateOf(day).month - 1) / 3);

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

/** Writes the same as bytes. Answers with what is on it. */
function writeNumber(out: Bytes, units: number, digits: number, calendar: Calendar): number {
  // Small whole numbers, as most are.
  if (digits === 0 && units >= 0 && units < 1000) {
    out.reserve(3);
    if (units >= 100) out.array[out.length++] = 48 + ((units / 100) | 0);
    if (units >= 10) out.array[out.length++] = 48 + (((units / 10) | 0) % 10);
    out.array[out.length++] = 48 + (units % 10);
    return 0;
  }
  const from = out.length;
  out.utf8(formatNumber(units, digits, calendar));
  return out.marks(from);
}
