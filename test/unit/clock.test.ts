import assert from 'node:assert/strict';
import fc from 'fast-check';
import { DAY, parseDay, weekdayOf } from '../../src/corpus/calendar.ts';
import { Clock } from '../../src/corpus/clock.ts';
import type { Turn } from '../../src/corpus/conversation/conversation.ts';
import { PROFILES } from '../../src/corpus/profiles/index.ts';
import { root, Stream, Weights } from '../../src/corpus/random.ts';
import { Zone, ZONE_NAMES } from '../../src/corpus/zones.ts';
import { smallGeneratorOf, holds, specOf } from './support.ts';

const profile = PROFILES['bank-2025'];

/** The day of an instant on the clocks of a zone. */
const dayIn = (zone: Zone, instant: number): number => Math.floor((instant + zone.offset(instant)) / DAY);

describe('clock', () => {
  const first = parseDay('2011-01-01')!;
  const text = (day: number): string => new Date(day * DAY * 1000).toISOString().slice(0, 10);

  it('keeps every start in the period, on the clock of its writer, and every reply before its last second', () => {
    holds(
      fc.property(
        fc.nat(20 * 365),
        fc.oneof(fc.constantFrom(0, 0, 1, 2), fc.nat(400)),
        fc.constantFrom(...ZONE_NAMES),
        fc.array(fc.constantFrom(...ZONE_NAMES), { minLength: 1, maxLength: 150, size: 'max' }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.string(),
        (start, length, name, others, when, seed) => {
          const clock = new Clock({ start: text(first + start), end: text(first + start + length) }, profile);
          const zone = new Zone(name);
          const stream = new Stream(root(seed));
          const size = others.length;
          const begun = clock.begin(when, zone, size, stream);
          const day = dayIn(zone, begun);
          assert.ok(day >= first + start && day <= first + start + length, `${text(day)} is in the period`);
          const last = clock.last(zone);
          assert.equal(dayIn(zone, last), first + start + length);
          assert.equal(dayIn(zone, last + 1), first + start + length + 1);
          let at = begun;
          for (let m = 1; m < size; m++) {
            const next = clock.reply(at, new Zone(others[m]!), size - 1 - m, last, stream);
            assert.ok(Number.isInteger(next));
            assert.ok(next > at, 'a reply comes after what it answers');
            assert.ok(next <= last, 'and before the period ends');
            at = next;
          }
        },
      ),
      400,
    );
  });

  it('leaves room for the replies of those who start in the last hour', () => {
    const late = new Clock(
      { start: '2025-03-14', end: '2025-03-14' },
      { ...profile, hours: new Weights([...Array<number>(23).fill(0), 1]) },
    );
    const zone = new Zone('Europe/London');
    for (const size of [1, 2, 30, 150])
      for (let seed = 0; seed < 40; seed++) {
        const stream = new Stream(root(`${seed}`));
        let at = late.begin(0.5, zone, size, stream);
        for (let m = 1; m < size; m++) {
          const next = late.reply(at, zone, size - 1 - m, late.last(zone), stream);
          assert.ok(next > at && next <= late.last(zone));
          at = next;
        }
        assert.equal(dayIn(zone, at), parseDay('2025-03-14'));
      }
  });

  it('starts later the later its place in the period', () => {
    const clock = new Clock({ start: '2025-01-06', end: '2025-06-27' }, profile);
    const zone = new Zone('Europe/Berlin');
    const stream = new Stream(root('order'));
    const days = Array.from({ length: 500 }, (_, i) => dayIn(zone, clock.begin(i / 500, zone, 1, stream)));
    days.forEach((day, i) => assert.ok(i === 0 || day >= days[i - 1]!));
    assert.equal(days[0], parseDay('2025-01-06'));
    assert.equal(days.at(-1), parseDay('2025-06-27'));
  });

  it('keeps the hours and the weekdays of the profile', () => {
    const clock = new Clock({ start: '2025-01-06', end: '2025-12-28' }, profile);
    const zone = new Zone('America/New_York');
    const stream = new Stream(root('hours'));
    let [weekend, day] = [0, 0];
    for (let i = 0; i < 20_000; i++) {
      const instant = clock.begin(i / 20_000, zone, 1, stream);
      if (weekdayOf(dayIn(zone, instant)) > 4) weekend++;
      const hour = Math.floor((instant + zone.offset(instant)) / 3600) % 24;
      if (hour >= 8 && hour < 18) day++;
    }
    assert.ok(weekend > 200 && weekend < 600, `${weekend / 200} % at the weekend`);
    assert.ok(day > 15_000 && day < 19_000, `${day / 200} % in office hours`);
  });
});

describe('dates of conversations', () => {
  const input = { messages: 256 * 8, period: { start: '2025-03-24', end: '2025-04-04' } };
  const { period, organisation } = specOf(input);
  const [start, end] = [parseDay(period.start)!, parseDay(period.end)!];
  const zones = organisation.offices.map((office) => new Zone(office.zone));
  const conversations: (readonly Turn[])[] = [];

  before(() => {
    const generator = smallGeneratorOf(input);
    for (let block = 0; block < 8; block++)
      generator.block(block, ({ conversation }) => {
        if (conversations.at(-1) !== conversation.turns) conversations.push(conversation.turns);
      });
  });

  it('lie in the period: starts on the clock of who writes, replies before the end on that clock', () => {
    for (const turns of conversations) {
      const zone = zones[turns[0]!.author.office]!;
      const day = dayIn(zone, turns[0]!.instant);
      assert.ok(day >= start && day <= end);
      for (const turn of turns) assert.ok(dayIn(zone, turn.instant) <= end);
    }
  });

  it('carry the offset of their author', () => {
    for (const turn of conversations.flat()) assert.equal(turn.offset, zones[turn.author.office]!.offset(turn.instant));
  });

  it('of an answer come after those of what it answers', () => {
    const answers = conversations.flat().filter((turn) => turn.parent);
    assert.ok(answers.length > 400);
    for (const turn of answers) assert.ok(turn.instant > turn.parent!.instant);
  });

  it('never decrease', () => {
    for (const turns of conversations)
      turns.forEach((turn, i) =>
        assert.ok(i === 0 || turn.instant >= turns[i - 1]!.instant, `message ${turn.index} is dated before the one that precedes it`),
      );
  });
});
