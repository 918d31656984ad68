import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Ended, TrackedJob } from '../../src/extension/jobs/job.ts';
import { attemptOf, isActive, isOpen, merge, type News, reduce, statusOf } from '../../src/extension/jobs/reducer.ts';
import { OUTCOMES, type Progress } from '../../src/job/records.ts';
import { ended, history, progress, tracked } from './extension-support.ts';

const newsOf = (told: Progress | Ended): News =>
  'outcome' in told ? { about: 'ended', ended: told } : { about: 'progress', progress: told };

const after = (news: readonly (Progress | Ended)[], job = tracked()): TrackedJob => news.map(newsOf).reduce(reduce, job);

const outcome = fc.constantFrom(...OUTCOMES);
const attempt = fc.record({ steps: fc.nat(5), end: outcome });
/** A true history; its last attempt may be going on. */
const histories = fc
  .tuple(
    fc.array(attempt, { maxLength: 3 }),
    fc.record({ steps: fc.integer({ min: 1, max: 5 }), end: fc.option(outcome, { nil: undefined }) }),
  )
  .map(([before, last]) => history([...before, last]));

/** As some window saw it: late, twice, with gaps, out of order. */
const seen = (told: readonly (Progress | Ended)[]): fc.Arbitrary<(Progress | Ended)[]> =>
  fc.array(fc.constantFrom(...told), { maxLength: 40 });

describe('what is known of a job', () => {
  it('never goes backwards: attempts and sequences only grow, and what has ended stays so until another attempt', () => {
    fc.assert(
      fc.property(
        histories.chain((told) => seen(told)),
        (news) => {
          let job = tracked();
          for (const one of news) {
            const next = reduce(job, newsOf(one));
            assert.ok(attemptOf(next) >= attemptOf(job));
            if (job.progress && next.progress) {
              assert.ok(next.progress.attempt >= job.progress.attempt);
              assert.ok(next.progress.sequence >= job.progress.sequence);
            }
            if (job.ended && next.ended !== job.ended) assert.ok(attemptOf(next) > job.ended.attempt);
            if (attemptOf(next) === attemptOf(job) && OUTCOMES.some((one) => one === statusOf(job)))
              assert.equal(statusOf(next), statusOf(job));
            job = next;
          }
        },
      ),
    );
  });

  it('does not depend on the order of the news, nor on hearing them twice', () => {
    fc.assert(
      fc.property(
        histories.chain((told) => fc.tuple(fc.constant(told), fc.shuffledSubarray([...told, ...told], { minLength: told.length * 2 }))),
        ([told, shuffled]) => assert.deepEqual(after(shuffled), after(told)),
      ),
    );
  });

  it('is the same in two windows once each has read what the other wrote', () => {
    fc.assert(
      fc.property(
        histories.chain((told) => fc.tuple(seen(told), seen(told))),
        ([one, other]) => {
          const [a, b] = [after(one), after(other)];
          const merged = merge(a, b);
          assert.deepEqual(merge(b, a), merged);
          assert.equal(merge(merged, a), merged, 'nothing new, nothing changed');
          assert.equal(merge(merged, b), merged);
        },
      ),
    );
  });

  it('takes a job without a heartbeat for interrupted until it moves again', () => {
    const silent = after([progress({ sequence: 4 }), progress({ sequence: 4, status: 'interrupted' })]);
    assert.equal(statusOf(silent), 'interrupted');
    assert.equal(statusOf(after([progress({ sequence: 4 })], silent)), 'interrupted');
    assert.equal(statusOf(after([progress({ sequence: 5 })], silent)), 'running');
    assert.ok(isOpen(silent) && !isActive(silent));
  });

  it('goes on with the attempt that a retry begins, whose first word has no sequence yet', () => {
    const failed = after(history([{ steps: 3, end: 'failed' }]));
    const retried = after([progress({ attempt: 2, sequence: 0, status: 'queued' })], failed);
    assert.equal(statusOf(retried), 'queued');
    assert.equal(retried.ended, undefined);
    assert.equal(statusOf(after([ended('failed')], retried)), 'queued', 'the old outcome, read late');
  });

  it('keeps where a job is in the cloud, once that is known', () => {
    const place = { bucket: 'b', prefix: 'corpora/x/', region: 'eu-central-1' };
    const job = tracked({ where: { target: 'aws', profile: 'bank' } });
    const placed = reduce(job, { about: 'place', place, cost: 0.31 });
    assert.deepEqual(placed.where, { target: 'aws', profile: 'bank', place });
    assert.equal(placed.cost, 0.31);
    assert.equal(reduce(placed, { about: 'place', place: { ...place, bucket: 'other' } }), placed);
    assert.deepEqual(merge(job, placed), placed);
  });
});
