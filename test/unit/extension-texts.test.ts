import assert from 'node:assert/strict';
import { inEditor, isCancellation, isExpected } from '../../src/extension/error-words.ts';
import { Figures } from '../../src/extension/jobs/figures.ts';
import type { TrackedJob } from '../../src/extension/jobs/job.ts';
import { Texts } from '../../src/extension/jobs/texts.ts';
import { Pace } from '../../src/extension/jobs/times.ts';
import { EngineError } from '../../src/engine/error.ts';
import { storageError } from '../../src/engine/files.ts';
import { ended, progress, t, tracked } from './extension-support.ts';

describe('what is said of a job', () => {
  const texts = new Texts(t, new Figures('en'));
  const told = (job: TrackedJob): string => texts.ended(job, job.ended!);

  it('is, once it has ended, what came of it', () => {
    assert.equal(told(tracked({ ended: ended('succeeded', { seconds: 8.2 }) })), 'Corpus ready: 50,000 messages, 212 MB in 8 s');
    assert.equal(told(tracked({ ended: ended('succeeded', { attempt: 2 }) })), 'Corpus ready: 50,000 messages, 212 MB');
    assert.equal(
      told(tracked({ ended: ended('partial', { reason: 'the disk is full\n  at write' }) })),
      'Corpus incomplete: 12,000 of 50,000 messages; shards not made: 3. the disk is full',
    );
    assert.equal(told(tracked({ ended: ended('failed') })), 'Corpus failed: none of its 50,000 messages could be made.');
    assert.equal(told(tracked({ ended: ended('cancelled') })), 'Corpus cancelled: 12,000 of 50,000 messages are there.');
  });

  it('is in its row how far it is, how fast, how long yet, and what it costs', () => {
    const pace = new Pace();
    pace.see(progress({ heartbeat: '2026-01-05T10:00:00.000Z', messages: 10_000 }));
    const now = progress({ heartbeat: '2026-01-05T10:00:02.000Z', messages: 20_000, sequence: 5 });
    pace.see(now);
    assert.equal(texts.line(tracked({ progress: now, cost: 0.314 }), { pace }), '40 % · 5,000/s · 6 s left · about $0.31');
    assert.equal(texts.line(tracked({ progress: now }), { pace, cancelling: true }), 'cancelling · 5,000/s · 6 s left');
    assert.equal(texts.line(tracked({ progress: now }), { trouble: new Error('x') }), '40 % · cannot be read now');
    assert.equal(texts.line(tracked(), {}), 'queued');
    assert.equal(texts.line(tracked({ progress: { ...now, status: 'stalled' } }), { pace }), 'stalled · 40 %');
    assert.equal(texts.line(tracked({ progress: now, ended: ended('succeeded') }), {}), 'ready · 212 MB');
    assert.equal(texts.aloud(tracked({ ended: ended('succeeded') }), {}), '50,000 messages, on this machine, ready, 212 MB');
  });

  it('is in the status bar what goes on, and nothing when nothing does', () => {
    const running = tracked({ progress: progress({ messages: 25_000 }) });
    assert.equal(texts.bar([running, tracked({ ended: ended('succeeded') })]), 'Corpus 50 %');
    assert.equal(texts.bar([running, running, tracked()]), '3 corpora 33 %');
    assert.equal(texts.bar([tracked({ ended: ended('failed') })]), undefined);
  });
});

describe('figures', () => {
  const figures = new Figures('en');
  it('are short, and never more than there is', () => {
    assert.deepEqual(
      [0, 999, 1_500, 212_000_000, 3.2e12, 5e16].map((n) => figures.bytes(n)),
      ['0 B', '999 B', '1.5 kB', '212 MB', '3.2 TB', '50,000 TB'],
    );
    assert.deepEqual(
      [0.2, 8.2, 119, 180, 7_260, 7_200].map((n) => figures.duration(n)),
      ['1 s', '8 s', '119 s', '3 min', '2 h 1 min', '2 h'],
    );
    assert.equal(figures.percent(999_999, 1_000_000), '99 %');
    assert.equal(figures.dollars(0.001), '< $0.01');
  });
  it('follow the language', () => assert.equal(new Figures('de').count(50_000), '50.000'));
});

describe('the pace of a job', () => {
  it('is told by what the job itself reports, and begins anew with an attempt', () => {
    const pace = new Pace();
    const at = (seconds: number, messages: number, attempt = 1): void =>
      pace.see(progress({ heartbeat: new Date(Date.UTC(2026, 0, 5) + seconds * 1000).toISOString(), messages, attempt }));
    at(0, 0);
    assert.equal(pace.rate, undefined);
    at(0, 500);
    at(10, 1_000);
    assert.equal(pace.rate, 100);
    for (let second = 11; second <= 60; second++) at(second, 1_000 + (second - 10) * 1_000);
    assert.equal(pace.rate, 1_000, 'the beginning is forgotten');
    at(61, 10, 2);
    assert.equal(pace.rate, undefined);
  });
});

describe('errors in the editor', () => {
  it('speak of its settings and commands', () => {
    assert.equal(
      inEditor('No AWS region: neither AWS_REGION nor profile x names one. Name the one the stack is in with --region.'),
      'No AWS region: neither AWS_REGION nor profile x names one. Choose the one the stack is in: Mailwright: Select Region.',
    );
    assert.equal(
      inEditor('Is it another --region, --profile or --stack? Not yet deployed: mailwright deploy.'),
      'Is it another mailwright.aws.region, mailwright.aws.profile or mailwright.aws.stack? Not yet deployed: Mailwright: Deploy Stack.',
    );
    assert.equal(
      inEditor(storageError(Object.assign(new Error(), { code: 'ENOTDIR' }), '/x').message),
      '/x: a part of that path is a file: choose another folder in the setting mailwright.corpora.folder (ENOTDIR)',
    );
    assert.equal(inEditor('Sign in again: aws sso login --profile bank'), 'Sign in again: aws sso login --profile bank');
  });
  it('are told apart from ours, and from nothing', () => {
    assert.ok(isExpected(new EngineError('STORAGE', 'full')));
    assert.ok(!isExpected(new TypeError('x')));
    assert.ok(isCancellation(new DOMException('x', 'AbortError')));
  });
});
