import assert from 'node:assert/strict';
import { estimateText, type Words } from '../../src/extension/jobfiles/estimate.ts';
import { Figures } from '../../src/extension/jobs/figures.ts';
import { costOf, USUAL_STACK } from '../../src/job/cost.ts';
import { planOf } from '../../src/job/plan.ts';
import { parseSpec } from '../../src/job/spec.ts';
import { t } from './extension-support.ts';

/** What the user is told of an estimate. */

const figures = new Figures('en');
const words: Words = {
  count: (n) => figures.count(n),
  bytes: (n) => figures.bytes(n),
  duration: (seconds) => figures.duration(seconds),
  dollars: (n) => figures.dollars(n),
  t,
};

describe('an estimate', () => {
  const plan = planOf(parseSpec({ messages: 50_000 }));
  const bytes = 400_000_000;
  const cost = costOf({ ...USUAL_STACK, plan, bytes });
  const found = {
    local: { messages: 50_000, objects: 50_000, bytes, seconds: 12.4, workers: 8 },
    cloud: { objects: 50_000, cost, stack: USUAL_STACK },
    truth: { positives: 25, nearMisses: 30, arcs: 14 },
  };

  it('says size, time and cost in a sentence', () => {
    assert.match(
      estimateText('a.mailwright.json', found, words).short,
      /^a\.mailwright\.json: 50,000 messages, about 400 MB\. On this machine about 12 s; on AWS about \d+ (s|min) and \$0\.\d\d\.$/,
    );
  });

  it('says the rest in lines', () => {
    const { detail } = estimateText('a', found, words);
    for (const line of [
      'Messages: 50,000, in 50,000 files',
      'Size: about 400 MB, 8 kB a message',
      'Ground truth: 25 positive and 30 near-miss messages in 14 arcs',
      'On this machine: about 12 s, with 8 workers',
    ])
      assert.ok(detail.split('\n').includes(line), `${line}\n\n${detail}`);
    assert.match(detail, /Cost: about \$0\.\d\d, of which .+ for 30 days of storage/);
    assert.doesNotMatch(detail, /\{\d\}|undefined|NaN/);
    const { detail: none } = estimateText('a', { ...found, truth: { positives: 0, nearMisses: 0, arcs: 0 } }, words);
    assert.ok(none.includes('Ground truth: nothing planted'));
  });
});
