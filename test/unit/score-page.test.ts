import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { html, Markup } from '../../src/engine/score/markup.ts';
import { scorePage } from '../../src/engine/score/page.ts';
import type { ScoreReport } from '../../src/engine/score/report.ts';
import { scoreText } from '../../src/cli/score/text.ts';
import { alertOn, idOf, keyOf, lineOf, scoreOf } from './score-support.ts';

/** What people see of a score. */

const EVIL = `<script>alert("x")</script>&'\u0000\ud800`;
const lines = [
  lineOf({ name: 'm1', arc_id: EVIL, scenario: EVIL, family: EVIL, shape: EVIL }),
  lineOf({ name: 'm2', arc_id: 'a2', evasion: 'slang' }),
  lineOf({ name: 'm3', arc_id: 'a2', evasion: 'slang', alert_unit: 'message' }),
  lineOf({ name: 'n1', arc_id: 'n', label: 'near_miss', near_miss: EVIL }),
];

const reportOf = (more: Partial<ScoreReport> = {}): ScoreReport => ({
  files: { truth: EVIL, alerts: EVIL, baseline: EVIL, job: EVIL },
  columns: {},
  threshold: null,
  notes: [EVIL],
  problems: { count: 25, first: [{ file: EVIL, line: 3, problem: EVIL }] },
  ...scoreOf({
    lines,
    alerts: ['m2', 'n1', alertOn(EVIL), alertOn(idOf('elsewhere'), '', EVIL)],
    baseline: ['m3', 'm2'],
    messages: 1000,
  }),
  ...more,
});

describe('the page of a score', () => {
  const page = scorePage(reportOf());

  it('escapes everything', () => {
    assert.ok(!page.includes('<script'));
    assert.ok(!/[\u0000\ud800]/.test(page)); // eslint-disable-line no-control-regex -- what must not be there
    assert.ok(page.split('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;&#39;\ufffd\ufffd').length > 10);
  });

  it('loads nothing, runs nothing, and allows its own style only', () => {
    const policy = /<meta http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)![1]!.replaceAll('&#39;', "'");
    const style = /<style>([^]*?)<\/style>/.exec(page)![1]!;
    const hash = createHash('sha256').update(style).digest('base64');
    assert.equal(policy, `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`);
    assert.equal(page.match(/<style/g)!.length, 1);
    assert.ok(page.indexOf('Content-Security-Policy') < page.indexOf('<style'));
    assert.ok(!/\s(style|on\w+|src|href|srcset|action)=/.test(page));
    assert.ok(!/url\(|@import|https?:/.test(page));
  });

  it('has both schemes of colours, both plots, and a dot with its interval for each share', () => {
    assert.match(page, /prefers-color-scheme: dark/);
    const plots = page.match(/<svg [^]*?<\/svg>/g)!;
    assert.deepEqual(
      plots.map((plot) => /aria-label="([^"]*)"/.exec(plot)![1]),
      ['Recall by evasion level', 'Recall and precision by scenario'],
    );
    // Explicit: 0 of 1; slang: 1 of 2. Two scenarios: recall and precision of deal-tip, recall alone of the other.
    assert.deepEqual(
      plots.map((plot) => plot.match(/<circle/g)!.length),
      [2, 3],
    );
    assert.match(plots[0]!, /<title>slang: recall 50\.0 % \(9\.5–90\.5\)<\/title>/);
  });

  it('is well formed', () => {
    const open: string[] = [];
    for (const [, close, name, , empty] of page.matchAll(/<(\/?)([a-z][a-z0-9]*)((?:\s[^<>]*?)?)(\/?)>/g)) {
      if (close) assert.equal(open.pop(), name);
      else if (!empty) open.push(name!);
    }
    assert.deepEqual(open, []);
  });

  it('says what there is to say of nothing', () => {
    const nothing = scorePage(reportOf({ ...scoreOf({ lines: [], alerts: [] }), notes: [], problems: { count: 0, first: [] } }));
    assert.ok(!nothing.includes('<svg'));
    assert.ok(!/NaN|undefined|null/.test(nothing));
  });
});

describe('markup', () => {
  it('escapes values, and leaves markup alone', () => {
    assert.equal(
      html`<b>${'<&>'}${1}${html`<i>${"'"}</i>`}${[html`x`, new Markup('<y>')]}</b>`.text,
      '<b>&lt;&amp;&gt;1<i>&#39;</i>x<y></b>',
    );
  });
});

describe('the text of a score', () => {
  const files = { truth: 'corpora/big', alerts: 'alerts.csv', baseline: null, job: null };

  it('shows the figures, the parts and the lists', () => {
    const plain = [
      lineOf({ name: 'm1' }),
      lineOf({ name: 'm2', evasion: 'slang' }),
      lineOf({ name: 'n1', label: 'near_miss', arc_id: 'n' }),
    ];
    const score = scoreOf({ lines: plain, alerts: ['m1', 'n1', 'zzz'], messages: 1000 });
    const text = scoreText({ files, columns: {}, threshold: null, notes: ['take care.'], problems: { count: 0, first: [] }, ...score });
    for (const line of [
      /^alerts\.csv against corpora\/big$/m,
      /^Precision +50\.0 % \(9\.5–90\.5\) +1 found, 1 false$/m,
      /^Recall +50\.0 % \(9\.5–90\.5\) +1 of 2 found/m,
      /^Near misses +100\.0 % \(20\.7–100\.0\) +1 of 1 flagged$/m,
      /^Alerts +30\.0 \(10\.2–87\.8\) +in 10,000 messages$/m,
      /^slang +1 +0 +1 +– +0 +0\.000 +0\.0 % \(0\.0–79\.3\) +–$/m,
      new RegExp(`^Missed: 1\\nUNIT +SCENARIO.*\\nmessage +deal-tip +slang +en +a +${keyOf('m2')}$`, 'm'),
      new RegExp(`^Near misses flagged: 1\\n.*\\ndeal-tip +announced-bid +en +n +${keyOf('n1')}$`, 'm'),
      /^Unverifiable: 1\nALERT\n<zzz@aldermoor\.example>$/m,
      /^Note: take care\.$/m,
    ])
      assert.match(text, line);
    assert.ok(!/NaN|undefined/.test(text));
  });

  it('shows ten things of a list, and how many more there are', () => {
    const many = Array.from({ length: 1234 }, (_, i) => lineOf({ name: `x${i}`, arc_id: `a${i}` }));
    const text = scoreText({
      files,
      columns: {},
      threshold: null,
      notes: [],
      problems: { count: 0, first: [] },
      ...scoreOf({ lines: many, alerts: [] }),
    });
    assert.match(text, /^Missed: 1,234\n(.*\n){11}… and 1,224 more/m);
  });

  it('shows the difference from a baseline', () => {
    const text = scoreText(reportOf());
    assert.match(text, /^Lost +1$/m);
    assert.match(text, /^Gained +0$/m);
    assert.match(text, /^Near misses newly flagged +1$/m);
    assert.match(text, /^Lines that could not be read: 25$/m);
  });
});
