import assert from 'node:assert/strict';
import { sha256Of } from '../../src/job/digest.ts';
import { messageOf } from '../fixtures/hostile/messages.ts';
import { MailHost } from './mail-host.ts';
import { becomes, violations } from './served-page.ts';

/** Where pictures go, for whoever wants to look. */
const SHOTS = process.env['MAILWRIGHT_SHOTS'];

const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPj/HwADBwIAMCbHYQAAAABJRU5ErkJggg==';
const PLAIN = 'Morning Jo,\r\n\r\nkeep this \u{1f642} off the record: the deal is on.\r\n\r\nKim\r\n';
const HTML =
  '<html><head><style><!-- p{margin:0 0 8px} --></style></head><body><p>Morning Jo,</p><p>keep this &#x1f642; off the record: the <b>deal</b> is on. <a href="https://example.test/a?b=c">The plan</a> <a href="mailto:kim@firm.example">me</a></p><p><img src="cid:logo" alt="logo" width="20" height="20"> Kim</p></body></html>\r\n';
const MAIL = messageOf(
  'Subject: =?utf-8?q?Lunch_=E2=80=93_Friday?=\r\nCc: "Lee, Sam" <sam@firm.example>\r\nContent-Type: multipart/mixed; boundary=m\r\n',
  `--m\r\nContent-Type: multipart/related; boundary=r\r\n\r\n--r\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n--a\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n${PLAIN}\r\n--a\r\nContent-Type: text/html; charset=utf-8\r\n\r\n${HTML}\r\n--a--\r\n\r\n--r\r\nContent-Type: image/png\r\nContent-ID: <logo>\r\nContent-Disposition: inline\r\nContent-Transfer-Encoding: base64\r\n\r\n${PIXEL}\r\n--r--\r\n\r\n--m\r\nContent-Type: text/csv; name=figures.csv\r\nContent-Disposition: attachment; filename=figures.csv\r\n\r\na,b\r\n--m--\r\n`,
);
const QUOTE = 'the deal is on';
const rawAt = MAIL.indexOf(QUOTE);
const TRUTH = {
  key: 'messages/00/0.eml',
  sha256: sha256Of(MAIL),
  label: 'positive',
  scenario: 'deal-tip',
  role: 'tipper',
  phase: 'tip',
  evasion: 'explicit',
  severity: 'high',
  alert_unit: 'message',
  due: 'required',
  near_miss: null,
  evidence: [
    {
      part: '1.1.1',
      start: [...PLAIN.replaceAll('\r', '')].join('').indexOf(QUOTE) - 1,
      end: 0,
      raw_start: rawAt,
      raw_end: rawAt + QUOTE.length,
      quote: QUOTE,
      layer: 'authored',
    },
    { part: '1.1.2', start: 100, end: 140, raw_start: null, raw_end: null, quote: QUOTE, layer: 'authored' },
    { part: '2', start: null, end: null, raw_start: null, raw_end: null, quote: 'nowhere', layer: 'attachment' },
  ],
} as const;
// Offsets count code points: the smiley before them is one, and two in a string.
const EVIDENCE = TRUTH.evidence.map((one, n) => (n === 0 ? { ...one, end: one.start! + QUOTE.length } : one));
const SHOWN = { bytes: MAIL, truth: { ...TRUTH, evidence: EVIDENCE }, thread: { paths: ['/a.eml', '/mail.eml', '/c.eml'], at: 1 } };

describe('Mail Preview', function () {
  this.timeout(60_000);
  let host: MailHost;

  before(async () => {
    host = await MailHost.start();
  });
  after(() => host.stop());

  it('shows who, what and when, the body with its pictures, and the attachments', async () => {
    const page = await host.show(SHOWN);
    await page.getByRole('heading', { name: 'Lunch – Friday' }).waitFor();
    assert.match(await page.locator('.people').innerText(), /"?Lee, Sam"? <sam@firm.example>/);
    const frame = page.frameLocator('iframe.frame');
    await frame.getByText('Morning Jo').waitFor();
    assert.equal(await frame.locator('img').getAttribute('src'), `data:image/png;base64,${PIXEL}`);
    assert.equal(await frame.locator('img').evaluate((img: HTMLImageElement) => img.naturalWidth), 1, 'the picture is drawn');
    assert.equal(
      await frame
        .locator('p')
        .first()
        .evaluate((p) => getComputedStyle(p).marginBottom),
      '8px',
      'its styles hold',
    );
    const files = page.getByRole('region', { name: 'Attachments' });
    assert.match(await files.innerText(), /figures\.csv/);
    await files.getByRole('button', { name: 'Save figures.csv' }).click();
    await files.getByRole('button', { name: 'Open figures.csv' }).click();
    await page.getByRole('button', { name: 'Open as Text' }).click();
    await becomes(() => host.actions.toSorted(), ['open 2 figures.csv text/csv', 'save figures.csv a,b', 'text']);
    assert.deepEqual(await host.harm(), []);
    assert.equal(host.actions.length, 3, 'and nothing after them');
  });

  it('goes through the thread', async () => {
    const page = await host.show(SHOWN);
    await page.getByText('2 of 3 in the thread').waitFor();
    await page.getByRole('button', { name: 'Next in the thread' }).click();
    await page.getByRole('button', { name: 'Previous in the thread' }).click();
    await becomes(() => host.actions, ['go /c.eml', 'go /a.eml']);
  });

  it('marks the evidence of the ground truth: exactly in text, by its words in HTML; what it cannot show it lists', async () => {
    const page = await host.show(SHOWN);
    const panel = page.getByRole('region', { name: 'Ground truth' });
    assert.match(await panel.innerText(), /Positive[^]*an alert is owed[^]*deal-tip/);
    const frame = page.frameLocator('iframe.frame');
    assert.equal((await frame.locator('mark').allInnerTexts()).join(''), QUOTE);
    assert.deepEqual(
      (await panel.getByRole('listitem').allInnerTexts()).map((text) => text.includes('not in the text shown')),
      [true, false, true],
    );
    await page.getByRole('tab', { name: 'Plain Text' }).click();
    assert.deepEqual(await page.locator('pre mark').allInnerTexts(), [QUOTE]);
    assert.deepEqual(
      (await panel.getByRole('listitem').allInnerTexts()).map((text) => text.includes('not in the text shown')),
      [false, true, true],
    );
    await page.getByRole('tab', { name: 'Raw' }).click();
    assert.deepEqual(await page.locator('pre mark').allInnerTexts(), [QUOTE]);
    await panel.getByLabel('Mark the evidence').uncheck();
    assert.equal(await page.locator('mark').count(), 0);
    await panel.getByLabel('Mark the evidence').check();
  });

  it('says so when the file is not the one that the ground truth tells of', async () => {
    const page = await host.show({ ...SHOWN, truth: { ...SHOWN.truth, sha256: '00' } });
    await page.getByText('SHA-256 differs').waitFor();
  });

  it('lists links, and opens one only through the host', async () => {
    const page = await host.show({ bytes: MAIL });
    assert.equal(await page.frameLocator('iframe.frame').locator('[href]').count(), 0);
    await page.frameLocator('iframe.frame').getByText('The plan').click();
    await page.getByText('Links in this message: 2').click();
    await page.getByRole('button', { name: 'https://example.test/a?b=c' }).click();
    await becomes(() => host.actions, ['link https://example.test/a?b=c']);
    assert.deepEqual(await host.harm(), []);
    assert.equal(host.actions.length, 1, 'and nothing after it');
  });

  it('is used by keyboard alone: tabs, the tree of parts', async () => {
    const page = await host.show(SHOWN);
    await page.getByRole('tab', { name: 'Message' }).focus();
    await page.keyboard.press('ArrowRight');
    assert.equal(await page.getByRole('tab', { selected: true }).innerText(), 'Plain Text');
    await page.keyboard.press('ArrowRight');
    assert.match(await page.getByRole('table').innerText(), /Message-ID/);
    await page.keyboard.press('ArrowRight');
    const items = page.getByRole('treeitem');
    assert.equal(await items.count(), 7);
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowLeft');
    assert.equal(await items.count(), 3, 'the part is folded');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('End');
    assert.match((await page.locator(':focus').innerText()).replace(/\s+/g, ' '), /2 text\/csv/);
  });

  it('keeps its view over a reload', async () => {
    const page = await host.show(SHOWN);
    await page.getByRole('tab', { name: 'Headers' }).click();
    await host.show(SHOWN, { again: true });
    assert.equal(await page.getByRole('tab', { selected: true }).innerText(), 'Headers');
  });

  it('kills a reading that takes too long, says so, and shows the raw text', async () => {
    host.limit({ script: new URL('data:text/javascript,for(;;);'), time: 300 });
    const page = await host.show({ bytes: MAIL });
    assert.match(await page.getByRole('alert').innerText(), /took too long to read, and the reading was stopped/);
    assert.match(await page.locator('pre.raw').innerText(), /Morning Jo/);
    host.limit({});
  });

  for (const theme of ['dark', 'light', 'high-contrast'] as const)
    it(`has nothing that axe complains of, nor wider than the window: ${theme}`, async () => {
      for (const [width, height] of [
        [900, 800],
        [300, 700],
      ] as const) {
        const page = await host.show(SHOWN, { theme });
        await page.setViewportSize({ width, height });
        for (const name of ['Message', 'Plain Text', 'Headers', 'Parts', 'Raw']) {
          await page.getByRole('tab', { name }).click();
          assert.deepEqual(await violations(page, { iframes: false, rules: { region: { enabled: false } } }), [], name);
          assert.ok(await page.evaluate<boolean>('document.documentElement.scrollWidth <= innerWidth'), `${name} fits ${width} px`);
          if (SHOTS) await page.screenshot({ path: `${SHOTS}/mail-${theme}-${width}-${name.replace(' ', '')}.png` });
        }
        await page.setViewportSize({ width: 900, height: 800 });
      }
    });
});
