import { DAY, dateOf, daysOf, weekdayOf } from './calendar.ts';

/**
 * Zone rules, shipped as data so that a Date never depends on a machine's tz database. Each zone has a standard offset and
 * a daylight-saving rule as in tzdata 2025b, taken to stay in force; a zone that changed them since 2000 is listed by eras
 * or starts later. Tests hold them to the machine's own data where that agrees.
 */

/** Month, which Sunday (5 is the last), and seconds after midnight: local standard time, or UTC for the EU. */
interface Turn {
  readonly month: number;
  readonly sunday: number;
  readonly at: number;
}
interface Rule {
  readonly utc: boolean;
  readonly begin: Turn;
  readonly end: Turn;
}

const turn = (month: number, sunday: number, at: number): Turn => ({ month, sunday, at });

/** `end` of a rule in local time is counted in standard time too (so 02:00 daylight time is 01:00 here). */
const RULES = {
  eu: { utc: true, begin: turn(3, 5, 3600), end: turn(10, 5, 3600) },
  us: { utc: false, begin: turn(3, 2, 7200), end: turn(11, 1, 3600) },
  us2000: { utc: false, begin: turn(4, 1, 7200), end: turn(10, 5, 3600) },
  au: { utc: false, begin: turn(10, 1, 7200), end: turn(4, 1, 7200) },
  nz: { utc: false, begin: turn(9, 5, 7200), end: turn(4, 1, 7200) },
} satisfies Record<string, Rule>;

type RuleName = keyof typeof RULES;

/** From an instant on: offset in minutes, rule. The first era reaches back to 2000. */
type Era = readonly [from: number, minutes: number, rule?: RuleName];

const since = (year: number): number => daysOf(year, 1, 1) * DAY;
const us = (minutes: number): readonly Era[] => [
  [since(2000), minutes, 'us2000'],
  [since(2007), minutes, 'us'],
];
const eu = (minutes: number): readonly Era[] => [[since(2000), minutes, 'eu']];
const fixed = (minutes: number): readonly Era[] => [[since(2000), minutes]];

const ZONES: Readonly<Record<string, readonly Era[]>> = {
  UTC: fixed(0),
  'Europe/London': eu(0),
  'Europe/Dublin': eu(0),
  'Europe/Lisbon': eu(0),
  'Europe/Berlin': eu(60),
  'Europe/Vienna': eu(60),
  'Europe/Zurich': eu(60),
  'Europe/Paris': eu(60),
  'Europe/Brussels': eu(60),
  'Europe/Luxembourg': eu(60),
  'Europe/Amsterdam': eu(60),
  'Europe/Madrid': eu(60),
  'Europe/Rome': eu(60),
  'Europe/Stockholm': eu(60),
  'Europe/Oslo': eu(60),
  'Europe/Copenhagen': eu(60),
  'Europe/Prague': eu(60),
  'Europe/Budapest': eu(60),
  'Europe/Warsaw': eu(60),
  'Europe/Athens': eu(120),
  'Europe/Helsinki': eu(120),
  'Europe/Kyiv': eu(120),
  'America/New_York': us(-300),
  'America/Toronto': us(-300),
  'America/Chicago': us(-360),
  'America/Denver': us(-420),
  'America/Los_Angeles': us(-480),
  'America/Phoenix': fixed(-420),
  'America/Bogota': fixed(-300),
  'Asia/Tokyo': fixed(540),
  'Asia/Seoul': fixed(540),
  'Asia/Shanghai': fixed(480),
  'Asia/Hong_Kong': fixed(480),
  'Asia/Singapore': fixed(480),
  'Asia/Manila': fixed(480),
  'Asia/Bangkok': fixed(420),
  'Asia/Jakarta': fixed(420),
  'Asia/Kolkata': fixed(330),
  'Asia/Dubai': fixed(240),
  'Asia/Riyadh': fixed(180),
  'Australia/Sydney': [[since(2008), 600, 'au']],
  'Australia/Brisbane': fixed(600),
  'Australia/Perth': [[since(2010), 480]],
  'Pacific/Auckland': [[since(2008), 720, 'nz']],
  'Africa/Johannesburg': fixed(120),
  'Africa/Lagos': fixed(60),
};

export const ZONE_NAMES: readonly string[] = Object.keys(ZONES);

/** The first instant from which a zone's rules here are right. */
export function zoneKnownFrom(zone: string): number {
  return ZONES[zone]![0]![0];
}

function instantOf(t: Turn, year: number): number {
  const last = t.sunday === 5;
  const anchor = last ? daysOf(year, t.month + 1, 1) - 7 : daysOf(year, t.month, 1) + 7 * (t.sunday - 1);
  return (anchor + 6 - weekdayOf(anchor)) * DAY + t.at;
}

/** A zone's offset from UTC at any instant since its rules are known. */
export class Zone {
  private readonly eras: readonly Era[];
  /** The turning points of the year last asked for, of one rule, and the local seconds between which it lies. */
  private rule: Rule | undefined;
  private from = 0;
  private until = 0;
  private begin = 0;
  private end = 0;

  constructor(name: string) {
    const eras = ZONES[name];
    if (!eras) throw new RangeError(`no rules for time zone ${name}`);
    this.eras = eras;
  }

  /** Seconds east of UTC at an instant. */
  offset(instant: number): number {
    let era = this.eras[0]!;
    for (let i = 1; i < this.eras.length && this.eras[i]![0] <= instant; i++) era = this.eras[i]!;
    const standard = era[1] * 60;
    if (era[2] === undefined) return standard;
    const rule: Rule = RULES[era[2]];
    const local = instant + (rule.utc ? 0 : standard);
    if (local < this.from || local >= this.until || rule !== this.rule) this.turn(local, rule);
    const { begin, end } = this;
    const summer = begin < end ? local >= begin && local < end : local >= begin || local < end;
    return summer ? standard + 3600 : standard;
  }

  /** The instant at which a zone's clocks show a local time, given as if it were UTC; in a gap, the hour after. */
  instant(local: number): number {
    const guess = local - this.offset(local);
    const instant = local - this.offset(guess);
    // West of Greenwich the guess falls before a gap, and clocks would show the hour before.
    const shown = instant + this.offset(instant);
    return shown < local ? instant + local - shown : instant;
  }

  private turn(local: number, rule: Rule): void {
    const { year } = dateOf(Math.floor(local / DAY));
    this.rule = rule;
    this.from = daysOf(year, 1, 1) * DAY;
    this.until = daysOf(year + 1, 1, 1) * DAY;
    this.begin = instantOf(rule.begin, year);
    this.end = instantOf(rule.end, year);
  }
}
