import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decide, outcomeOf, type Sight } from '../../src/job/supervise.ts';
import { executionName, executionOf } from '../../src/job/task.ts';
import { TIMES, timesSchema } from '../../src/job/times.ts';

const JOB = '01JDQ0000000000000000000AB';

const sight = (over: Partial<Sight> = {}): Sight => ({
  now: 1_000_000,
  started: 1_000_000,
  news: 1_000_000,
  missing: [3],
  failed: new Set(),
  made: 9,
  marker: undefined,
  ...over,
});
const after = (seconds: number): number => 1_000_000 + seconds * 1000;

describe('the clockwork of a job in the cloud', () => {
  it('keeps the ratios that make it safe', () => {
    timesSchema.parse(TIMES);
    assert.ok(TIMES.workerTimeout >= 3 * TIMES.shard, 'a shard ends well within the time-out');
    assert.ok(TIMES.visibility >= 6 * TIMES.workerTimeout, 'Lambda asks for six time-outs');
    assert.ok(TIMES.lease > TIMES.visibility + TIMES.workerTimeout, 'a message could have come back and been worked on');
    assert.ok(TIMES.receives >= 3);
    assert.ok(TIMES.cancelPoll < TIMES.grace);
  });

  it('keeps an execution far below its 25,000 events, whatever the job takes', () => {
    let looks = 0;
    for (let now = 0; now < TIMES.deadline; looks++) {
      const decision = decide(sight({ now: after(now), news: after(now) }), TIMES);
      assert.equal(decision.next, 'wait');
      now += decision.next === 'wait' ? decision.seconds : 0;
    }
    // State entered and exited, task scheduled, started and succeeded, choice, wait: some ten events a look.
    assert.ok(looks * 12 < 25_000, `${looks} looks`);
  });
});

describe('what the supervisor decides', () => {
  it('finishes at once when nothing is missing, marker or not', () => {
    assert.deepEqual(decide(sight({ missing: [] }), TIMES), { next: 'finish' });
    assert.deepEqual(decide(sight({ missing: [], marker: { by: 'user', at: after(0) } }), TIMES), { next: 'finish' });
    assert.equal(outcomeOf({ missing: [], made: 9, marker: { by: 'user', at: 0 } }), 'succeeded');
  });

  it('closes when all that is missing was given up, and only then', () => {
    const two = { missing: [3, 5] };
    assert.equal(decide(sight({ ...two, failed: new Set([3]) }), TIMES).next, 'wait');
    assert.deepEqual(decide(sight({ ...two, failed: new Set([3, 5]) }), TIMES), {
      next: 'close',
      reason: '2 shard(s) failed, all others are made',
    });
  });

  it('waits, once closed, until the last worker has been stopped', () => {
    const closed = { marker: { by: 'user' as const, at: after(0) } };
    const all = TIMES.workerTimeout + TIMES.grace + 1;
    assert.deepEqual(decide(sight({ ...closed, now: after(0) }), TIMES), { next: 'wait', seconds: TIMES.longestWait });
    assert.deepEqual(decide(sight({ ...closed, now: after(all - 7) }), TIMES), { next: 'wait', seconds: 7 });
    assert.deepEqual(decide(sight({ ...closed, now: after(all) }), TIMES), { next: 'finish' });
  });

  it('sends what must have been lost again: not what was given up', () => {
    const lost = sight({ missing: [3, 5], failed: new Set([5]), now: after(TIMES.lease), news: after(0) });
    assert.deepEqual(decide(lost, TIMES), { next: 'resend', shards: [3] });
  });

  it('closes an attempt that has gone on for too long', () => {
    assert.equal(decide(sight({ now: after(TIMES.deadline), news: after(TIMES.deadline - 1) }), TIMES).next, 'close');
  });

  it('names the outcome', () => {
    const marker = { by: 'supervisor', at: 0 } as const;
    assert.equal(outcomeOf({ missing: [1], made: 0, marker }), 'failed');
    assert.equal(outcomeOf({ missing: [1], made: 1, marker }), 'partial');
    assert.equal(outcomeOf({ missing: [1], made: 1, marker: { by: 'user', at: 0 } }), 'cancelled');
  });
});

describe('the names of executions', () => {
  it('say which attempt of which job, and which rescue', () => {
    for (const execution of [
      { job: JOB, attempt: 1 },
      { job: JOB, attempt: 12, rescue: 3 },
    ])
      assert.deepEqual(executionOf(executionName(execution)), execution);
  });

  it('of others are nobody', () => {
    for (const name of ['', 'test', `${JOB}`, `${JOB}-x`, `${JOB}-1-2`, `x${JOB}-1`]) assert.equal(executionOf(name), undefined);
  });
});

/** A cloud in small: seconds pass, workers come and go, messages are lost, doubled, hidden; the supervisor looks on. */
interface Weather {
  readonly shards: number;
  readonly poison: readonly number[];
  /** Chances in percent, drawn from `dice`. */
  readonly lost: number;
  readonly killed: number;
  readonly doubled: number;
  readonly cancelAt: number | undefined;
  readonly dice: readonly number[];
}

interface Message {
  readonly shard: number;
  visibleAt: number;
  receives: number;
}

interface Working {
  readonly message: Message;
  readonly from: number;
  /** When it ends, and whether its shard is made then. */
  readonly until: number;
  readonly makes: boolean;
  readonly dies: boolean;
}

function live(weather: Weather): { outcome: string; missing: number[]; putsAfter: number; seconds: number } {
  const { shards, poison, dice } = weather;
  let rolled = 0;
  const roll = (percent: number): boolean => dice[rolled++ % dice.length]! < percent;
  const times = TIMES;
  let queue: Message[] = [];
  let working: Working[] = [];
  const made = new Set<number>();
  const failed = new Set<number>();
  let marker: { by: 'user' | 'supervisor'; at: number } | undefined;
  let news = 0;
  let seen = 0;
  let nextLook = times.shortestWait;
  let ended: { outcome: string; missing: number[]; at: number } | undefined;
  let putsAfter = 0;
  const send = (shard: number): void => {
    if (!roll(weather.lost)) queue.push({ shard, visibleAt: 0, receives: 0 });
    if (roll(weather.doubled)) queue.push({ shard, visibleAt: 0, receives: 0 });
  };
  for (let shard = 0; shard < shards; shard++) send(shard);

  for (let now = 0; ; now++) {
    assert.ok(now < 3 * times.deadline, 'it never ends');
    if (weather.cancelAt === now && !ended) marker ??= { by: 'user', at: now };
    for (const worker of working.filter(({ until }) => until <= now)) {
      if (worker.dies) continue; // stopped by Lambda: its message shows itself again
      queue = queue.filter((message) => message !== worker.message || !worker.makes);
      if (worker.makes) {
        made.add(worker.message.shard);
        if (ended && ended.outcome !== 'succeeded') putsAfter++;
      } else if (worker.message.receives >= times.receives && !marker) failed.add(worker.message.shard);
    }
    working = working.filter(({ until }) => until > now);
    for (const message of queue.filter(({ visibleAt }) => visibleAt <= now)) {
      if (working.length >= 4) break;
      if (message.receives >= times.receives) {
        failed.add(message.shard);
        queue = queue.filter((other) => other !== message);
        continue;
      }
      message.receives++;
      message.visibleAt = now + times.visibility;
      if (marker || made.has(message.shard)) {
        queue = queue.filter((other) => other !== message);
        continue;
      }
      const dies = roll(weather.killed);
      const makes = !dies && !poison.includes(message.shard);
      const takes = dies || roll(20) ? times.workerTimeout : times.shard / 2;
      if (!makes && !dies) message.visibleAt = now + takes + 1;
      working.push({ message, from: now, until: now + takes, makes, dies });
    }
    if (ended) {
      if (now > ended.at + 2 * times.visibility) return { ...ended, putsAfter, seconds: ended.at };
      continue;
    }
    if (now < nextLook) continue;
    const missing = Array.from({ length: shards }, (_, shard) => shard).filter((shard) => !made.has(shard));
    if (made.size + failed.size !== seen) {
      seen = made.size + failed.size;
      news = now;
    }
    const view: Sight = {
      now: now * 1000,
      started: 0,
      news: news * 1000,
      missing,
      failed,
      made: made.size,
      marker: marker && { ...marker, at: marker.at * 1000 },
    };
    const decision = decide(view, times);
    nextLook = now + times.shortestWait;
    if (decision.next === 'finish') ended = { outcome: outcomeOf(view), missing, at: now };
    if (decision.next === 'close') marker ??= { by: 'supervisor', at: now };
    if (decision.next === 'wait') nextLook = now + Math.max(1, Math.ceil(decision.seconds));
    if (decision.next === 'resend') {
      decision.shards.forEach(send);
      news = now;
    }
  }
}

describe('an attempt, whatever happens to it', () => {
  const percent = fc.integer({ min: 0, max: 60 });
  const weathers: fc.Arbitrary<Weather> = fc.record({
    shards: fc.integer({ min: 1, max: 12 }),
    poison: fc.array(fc.integer({ min: 0, max: 11 }), { maxLength: 2 }),
    lost: percent,
    killed: percent,
    doubled: percent,
    cancelAt: fc.option(fc.integer({ min: 0, max: 600 }), { nil: undefined }),
    dice: fc.array(fc.integer({ min: 0, max: 99 }), { minLength: 20, maxLength: 60 }),
  });

  it('ends, and nothing is put after an outcome that is not the whole', () => {
    fc.assert(
      fc.property(weathers, (weather) => {
        const { outcome, missing, putsAfter } = live(weather);
        assert.equal(putsAfter, 0);
        assert.equal(outcome === 'succeeded', missing.length === 0);
        if (weather.cancelAt === undefined) assert.notEqual(outcome, 'cancelled');
      }),
      { numRuns: 60 },
    );
  });

  it('becomes whole where messages are only lost or doubled', () => {
    fc.assert(
      fc.property(weathers, (weather) => {
        assert.equal(
          live({
            ...weather,
            poison: [],
            killed: 0,
            cancelAt: undefined,
            lost: Math.min(40, weather.lost),
            dice: [...weather.dice, 99, 50],
          }).outcome,
          'succeeded',
        );
      }),
      { numRuns: 40 },
    );
  });
});
