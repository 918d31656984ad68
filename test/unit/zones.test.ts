import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Zone, ZONE_NAMES, zoneKnownFrom } from '../../src/corpus/zones.ts';
import { holds } from './support.ts';

const HOUR = 3600;
const END = Date.UTC(2038, 0, 1) / 1000;
const MONTH = 28 * 24 * HOUR;

/** What this Node's own time zone data says: seconds east of UTC. */
function offsetsOf(zone: string): (instant: number) => number {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset', year: 'numeric' });
  return (instant) => {
    const [, sign, hours, minutes] = /GMT(?:([+-])(\d\d):(\d\d))?$/.exec(format.format(instant * 1000))!;
    return sign === undefined ? 0 : (sign === '-' ? -1 : 1) * (Number(hours) * HOUR + Number(minutes) * 60);
  };
}

/** The instants at which a zone changes its offset, to the second. */
function turnsOf(offset: (instant: number) => number, from: number): number[] {
  const turns: number[] = [];
  let before = offset(from);
  for (let month = from; month < END; month += MONTH) {
    let [low, high] = [month, month + MONTH];
    const after = offset(high);
    if (before !== after) {
      while (high - low > 1) {
        const middle = Math.floor((low + high) / 2);
        if (offset(middle) === before) low = middle;
        else high = middle;
      }
      turns.push(high);
    }
    before = after;
  }
  return turns;
}

describe('time zones', () => {
  it('are those an office may be in, and no others', () => {
    assert.ok(ZONE_NAMES.length > 40);
    assert.throws(() => new Zone('Mars/Olympus'), /no rules for time zone Mars\/Olympus/);
  });

  for (const name of ZONE_NAMES)
    it(`${name} is as in the machine's own data, to 2037`, () => {
      const zone = new Zone(name);
      const intl = offsetsOf(name);
      const from = zoneKnownFrom(name);
      const agree = (instant: number): void => assert.equal(zone.offset(instant), intl(instant), new Date(instant * 1000).toISOString());
      for (let instant = from; instant < END; instant += MONTH) agree(instant);
      // Every hour of the two days around each turn, and its two sides to the second.
      for (const turn of turnsOf(intl, from))
        for (let hour = -24; hour <= 24; hour++) for (const second of hour === 0 ? [-1, 0, 1] : [0]) agree(turn + hour * HOUR + second);
      // And where we turn, the machine does.
      for (const turn of turnsOf((instant) => zone.offset(instant), from)) {
        agree(turn - 1);
        agree(turn);
      }
    });

  it('turn a local time into the instant at which clocks show it, in a gap the hour after', () => {
    const years = fc.integer({ min: 2011 * 12, max: 2037 * 12 });
    for (const name of ZONE_NAMES) {
      const zone = new Zone(name);
      const shown = (instant: number): number => instant + zone.offset(instant);
      const checkAt = (local: number): void => {
        const instant = zone.instant(local);
        const late = shown(instant) - local;
        // Where no instant shows this local time, clocks jump over it: then they show an hour more.
        const exists = [-HOUR, 0, HOUR].some((shift) => shown(instant + shift) === local);
        assert.equal(late, exists ? 0 : HOUR, `${name} ${new Date(local * 1000).toISOString()}`);
      };
      holds(
        fc.property(years, fc.nat(30 * 24 * 4), (months, quarter) =>
          checkAt(Date.UTC(Math.floor(months / 12), months % 12, 1) / 1000 + quarter * 900),
        ),
        20,
      );
      const turns = turnsOf((instant) => zone.offset(instant), Date.UTC(2024, 0, 1) / 1000);
      for (const turn of turns.slice(0, 4)) for (let half = -8; half <= 8; half++) checkAt(shown(turn) + half * 1800);
    }
  });

  it('do not depend on what was asked before', () => {
    const instants = [2001, 2006, 2007, 2025, 2037, 2007].flatMap((year) => [0, 3, 6, 10].map((month) => Date.UTC(year, month, 15) / 1000));
    const asked = new Zone('America/New_York');
    for (const instant of [...instants, ...instants.toReversed()])
      assert.equal(asked.offset(instant), new Zone('America/New_York').offset(instant));
  });
});
