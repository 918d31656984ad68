import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  DAY,
  dateOf,
  dayText,
  daysOf,
  isoDate,
  offsetText,
  parseDay,
  rfc5322Date,
  weekdayOf,
  workingDay,
} from '../../src/corpus/calendar.ts';
import { holds } from './support.ts';

const FIRST = Date.UTC(1990, 0, 1) / 1000 / DAY;
const LAST = Date.UTC(2100, 11, 31) / 1000 / DAY;
const days = fc.integer({ min: FIRST, max: LAST });

describe('calendar', () => {
  it('agrees with Date.UTC on every day from 1990 to 2100', () => {
    for (let day = FIRST; day <= LAST; day++) {
      const date = new Date(day * DAY * 1000);
      const [year, month, dayOfMonth] = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()];
      assert.equal(daysOf(year, month, dayOfMonth), day);
      assert.deepEqual(dateOf(day), { year, month, day: dayOfMonth });
      assert.equal(weekdayOf(day), (date.getUTCDay() + 6) % 7);
      assert.equal(parseDay(date.toISOString().slice(0, 10)), day);
    }
  });

  it('knows days before 1970 too', () => {
    assert.equal(daysOf(1969, 12, 31), -1);
    assert.deepEqual(dateOf(-1), { year: 1969, month: 12, day: 31 });
    assert.equal(weekdayOf(-1), 2, 'a Wednesday');
  });

  it('refuses dates that do not exist or are written in another way', () => {
    for (const text of [
      '2025-02-29',
      '2100-02-29',
      '2025-04-31',
      '2025-13-01',
      '2025-00-10',
      '2025-01-00',
      '2025-1-1',
      '25-01-01',
      '2025/01/01',
      ' 2025-01-01',
      '2025-01-01 ',
      '2025-01-01T00:00:00Z',
      '',
      'today',
    ])
      assert.equal(parseDay(text), undefined, JSON.stringify(text));
    assert.notEqual(parseDay('2024-02-29'), undefined);
    assert.notEqual(parseDay('2000-02-29'), undefined);
  });

  it('counts working days, on and back', () => {
    holds(
      fc.property(days, fc.integer({ min: -15, max: 15 }), (from, count) => {
        const to = workingDay(from, count);
        if (count === 0) return assert.equal(to, from);
        assert.ok(weekdayOf(to) < 5, 'a Monday to Friday');
        const [low, high] = count > 0 ? [from + 1, to] : [to, from - 1];
        let working = 0;
        for (let day = low; day <= high; day++) if (weekdayOf(day) < 5) working++;
        assert.equal(working, Math.abs(count));
      }),
    );
  });

  it('writes dates as Date does, on the clock of an offset', () => {
    // Offsets in quarters of an hour, from 12 hours west to 14 hours east.
    holds(
      fc.property(fc.integer({ min: FIRST * DAY, max: LAST * DAY }), fc.integer({ min: -48, max: 56 }), (instant, quarters) => {
        const offset = quarters * 900;
        const local = new Date((instant + offset) * 1000);
        assert.equal(rfc5322Date(instant, offset), local.toUTCString().replace('GMT', offsetText(offset)));
        assert.equal(dayText(Math.floor((instant + offset) / DAY)), local.toUTCString().slice(0, 16));
        assert.equal(Date.parse(rfc5322Date(instant, offset)), instant * 1000);
        assert.equal(Date.parse(isoDate(instant, offset)), instant * 1000);
        assert.equal(isoDate(instant, offset).slice(0, 19), local.toISOString().slice(0, 19));
      }),
      500,
    );
  });

  it('writes offsets in hours and minutes', () => {
    const cases: readonly (readonly [number, string])[] = [
      [0, '+0000'],
      [3600, '+0100'],
      [19800, '+0530'],
      [-12600, '-0330'],
      [-18000, '-0500'],
      [46800, '+1300'],
    ];
    for (const [offset, text] of cases) assert.equal(offsetText(offset), text);
    assert.equal(isoDate(0, 0), '1970-01-01T00:00:00Z');
    assert.equal(isoDate(0, -12600), '1969-12-31T20:30:00-03:30');
  });
});
