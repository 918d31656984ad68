import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { ScoreReport } from '../../src/engine/score/report.ts';
import { emptyPage, reportPage } from '../../src/extension/score/score-page.ts';
import type { Asked } from '../../src/protocol/channel.ts';
import { keyOf, lineOf, scoreOf } from '../unit/score-support.ts';
import { buildPage } from './build-page.ts';
import { becomes, filesOf, launch, ORIGIN, serve, type Theme, THEMES, violations } from './served-page.ts';

/** Where pictures go, for whoever wants to look. */
const SHOTS = process.env['MAILWRIGHT_SHOTS'];
const FILES = { source: ORIGIN, ...filesOf('score'), language: 'en' };
const TEXTS = { again: 'Score Again', compare: 'Compare with Another Run…', threshold: 'Threshold…' };

const EVIL = `<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>&'"`;

/** Two runs, several scenarios; names that would be markup. */
function report(): ScoreReport {
  const evasions = ['explicit', 'slang', 'code'] as const;
  const lines = Array.from({ length: 24 }, (_, i) =>
    lineOf({
      name: `m${i}`,
      arc_id: `a${i}`,
      evasion: evasions[i % 3]!,
      scenario: i < 8 ? 'deal-tip' : i < 16 ? 'front-running' : EVIL,
      ...(i % 4 === 3 && { label: 'near_miss', near_miss: 'announced-bid' }),
    }),
  );
  return {
    files: { truth: '/corpora/big', alerts: '/work/alerts.csv', baseline: '/work/old.csv', job: '01JOB' },
    columns: { message_id: 'message_id' },
    threshold: null,
    notes: ['this corpus is not complete.'],
    problems: { count: 30, first: [{ file: '/work/alerts.csv', line: 3, problem: EVIL }] },
    ...scoreOf({ lines, alerts: ['m0', 'm1', 'm2', 'm3', 'm8', 'm9', EVIL], baseline: ['m0', 'm4', 'm7'], messages: 1000 }),
  };
}

describe('the report of a score', function () {
  this.timeout(60_000);

  let browser: Browser;
  let folder: string;
  let page: Page;
  let html = '';
  let theme: Theme = 'dark';
  const asked: Pick<Asked, 'call' | 'argument'>[] = [];
  const complaints: string[] = [];

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mailwright-page-'));
    await buildPage('score', folder);
    browser = await launch();
    page = await browser.newPage({ viewport: { width: 900, height: 1000 } });
    page.setDefaultTimeout(10_000);
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => ['error', 'warning'].includes(message.type()) && complaints.push(message.text()));
    await serve(page, {
      folder,
      html: () => html,
      theme: () => theme,
      hear: ({ call, argument }) => void asked.push({ call, argument }),
    });
  });

  afterEach(() => {
    assert.deepEqual(complaints.splice(0), []);
  });

  after(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function show(body = reportPage('one', report(), FILES, TEXTS), { again = false } = {}): Promise<Page> {
    asked.length = 0;
    html = body;
    if (!again && page.url().startsWith(ORIGIN)) await page.evaluate('sessionStorage.clear()');
    await page.goto(`${ORIGIN}/`);
    return page;
  }
  /** What the host was asked last, once it was. */
  async function heard(count: number): Promise<unknown> {
    await becomes(() => asked.length, count);
    return asked.at(-1);
  }
  /** Waits until an expression is true in the page; Playwright's own wait needs `eval`, which the page's policy forbids. */
  const holds = (expression: string): Promise<void> => becomes(() => page.evaluate(expression), true);
  const list = (name: string): ReturnType<Page['locator']> =>
    page.locator('details').filter({ has: page.locator('summary', { hasText: name }) });

  it('asks the host to open what is pressed: messages, lines, another score', async () => {
    await show();
    await list('Missed').locator('summary').click();
    await list('Missed')
      .getByRole('button', { name: keyOf('m4') })
      .click();
    assert.deepEqual(await heard(1), { call: 'open', argument: { key: keyOf('m4') } });
    await list('Near misses flagged').last().locator('summary').click();
    await list('Near misses flagged').last().getByRole('button').first().press('Enter');
    assert.deepEqual(await heard(2), { call: 'open', argument: { key: keyOf('m3') } });
    await page.getByRole('button', { name: '/work/alerts.csv:3' }).click();
    assert.deepEqual(await heard(3), { call: 'line', argument: { number: 0 } });
    for (const [i, [name, call]] of Object.entries({
      [TEXTS.again]: 'again',
      [TEXTS.compare]: 'compare',
      [TEXTS.threshold]: 'threshold',
    }).entries()) {
      await page.getByRole('button', { name }).click();
      assert.deepEqual(await heard(4 + i), { call, argument: undefined });
    }
  });

  it('runs nothing of what it shows', async () => {
    await show();
    for (const section of await page.locator('details').all()) await section.evaluate((one: HTMLDetailsElement) => (one.open = true));
    assert.ok((await page.locator('body').innerText()).includes(EVIL));
    assert.equal(await page.locator('img').count(), 0);
    assert.equal(await page.evaluate('window.pwned'), undefined);
    // Even if it were markup.
    await page.evaluate(
      `document.querySelector('main').insertAdjacentHTML('beforeend', '<img src="data:," onerror="window.pwned=1"><a href="javascript:window.pwned=1" id="link">x</a>')`,
    );
    await page.locator('#link').click();
    await holds(`document.querySelector('main > img').complete`);
    assert.equal(await page.evaluate('window.pwned'), undefined);
    assert.ok(complaints.splice(0).every((complaint) => /Content Security Policy/.test(complaint)));
  });

  it('looks as before when it is shown again, and as new when it is another report', async () => {
    await show();
    await list('By policy').locator('summary').click();
    await holds(`JSON.parse(sessionStorage.getItem('state')).open.length === 1`);
    await page.evaluate('window.scrollTo(0, 300)');
    await holds(`JSON.parse(sessionStorage.getItem('state')).top === 300`);
    await show(undefined, { again: true });
    assert.notEqual(await list('By policy').getAttribute('open'), null);
    assert.equal(await page.evaluate('window.scrollY'), 300);
    await show(reportPage('another', report(), FILES, TEXTS), { again: true });
    assert.equal(await list('By policy').getAttribute('open'), null);
  });

  it('says what to do where the report is gone', async () => {
    await show(emptyPage('Score the alerts again.', FILES));
    await page.getByText('Score the alerts again.').waitFor();
  });

  for (const each of THEMES)
    for (const width of [900, 320])
      it(`is accessible: ${each}, ${width} px wide`, async () => {
        theme = each;
        await page.setViewportSize({ width, height: 1000 });
        await show();
        for (const section of await page.locator('details').all()) await section.evaluate((one: HTMLDetailsElement) => (one.open = true));
        assert.ok(
          (await page.evaluate<number>('document.documentElement.scrollWidth')) <= width,
          'the page itself does not scroll sideways',
        );
        assert.deepEqual(await violations(page), []);
        if (SHOTS !== undefined) await page.screenshot({ path: join(SHOTS, `score-${each}-${width}.png`), fullPage: true });
      });
});
