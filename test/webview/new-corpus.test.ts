import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import type { Estimated } from '../../src/protocol/new-corpus.ts';
import { becomes, THEMES, violations } from './served-page.ts';
import { ESTIMATED, Pages, SNAPSHOT, type StubHost } from './stub-host.ts';

const AWS = {
  profile: 'bank-dev',
  region: 'eu-west-1',
  stack: { bucket: 'mailwright-corpora-123456789012-eu-west-1', expiryDays: 30, messages: 5_000_000, cost: 50 },
  trouble: undefined,
};
const SECTIONS = ['Target', 'Size and period', 'Organisation', 'Traffic', 'Content', 'Scenarios', 'Delivery'];

describe('New Corpus, the page', function () {
  this.timeout(60_000);
  let pages: Pages;
  let host: StubHost;
  let page: Page;

  const open = async (options: Parameters<Pages['open']>[0] = {}, snapshot: Parameters<StubHost['show']>[0] = {}): Promise<void> => {
    host = await pages.open(options);
    page = await host.show(snapshot);
  };
  const field = (path: string) => page.locator(`[id="${path}"]`);
  const errorOf = (path: string) => page.locator(`[id="${path}-error"]`);
  const head = (title: string) => page.locator('section h2 button').filter({ hasText: title });
  async function unfold(...titles: readonly string[]): Promise<void> {
    for (const title of titles) if ((await head(title).getAttribute('aria-expanded')) === 'false') await head(title).click();
  }
  const draftIs = (expected: unknown): Promise<void> => becomes(() => host.draft, expected);

  before(async () => {
    pages = await Pages.start();
  });
  after(() => pages.stop());
  afterEach(async () => {
    const { complaints } = host;
    await page.close();
    assert.deepEqual(complaints, [], 'the page complained');
  });

  describe('presets', () => {
    it('sets the size, what is planted and the delivery, keeps the rest, and shows which is chosen', async () => {
      await open({}, { draft: { organisation: { name: 'Kestrel' }, delivery: { layout: 'mbox' } } });
      const smoke = page.getByTestId('preset-smoke');
      assert.equal(await smoke.getAttribute('aria-pressed'), 'false');
      await smoke.click();
      await draftIs({ messages: 1000, scenarios: [{ scenario: 'all', rate: 1, nearMisses: 1 }], organisation: { name: 'Kestrel' } });
      assert.equal(await smoke.getAttribute('aria-pressed'), 'true');
      await page.getByTestId('preset-load').click();
      await draftIs({ messages: 1_000_000, delivery: { layout: 'zip' }, organisation: { name: 'Kestrel' } });
      assert.equal(await smoke.getAttribute('aria-pressed'), 'false');
      assert.equal(await field('messages').inputValue(), '1,000,000');
    });

    for (const id of ['smoke', 'functional', 'load', 'benchmark'])
      it(`${id} is a job spec without a problem`, async () => {
        await open();
        await page.getByTestId(`preset-${id}`).click();
        await page.locator('.estimate dl').waitFor();
        assert.equal(await page.locator('.bar-problems').count(), 0);
      });
  });

  describe('sections', () => {
    it('fold and unfold, say what they come to, and keep what was typed', async () => {
      await open();
      assert.equal(await head('Organisation').getAttribute('aria-expanded'), 'false');
      assert.match(await head('Organisation').innerText(), /Aldermoor Bank, 600 employees/);
      await unfold('Organisation');
      await field('organisation.name').fill('Kestrel & Sons');
      await head('Organisation').click();
      assert.equal(await field('organisation.name').isVisible(), false);
      assert.match(await head('Organisation').innerText(), /Kestrel & Sons, 600 employees/);
    });

    it('count the problems in them while they are folded', async () => {
      await open({}, { draft: { organisation: { employees: 1, domain: 'Nope' } } });
      assert.match(await head('Organisation').innerText(), /2 problems/);
    });
  });

  describe('controls', () => {
    it('a number: digits in groups, as people write them, with the arrow keys, and back to the default', async () => {
      await open();
      const messages = field('messages');
      assert.equal(await messages.inputValue(), '10,000');
      await messages.fill('2 500');
      await draftIs({ messages: 2500 });
      await messages.press('ArrowUp');
      await draftIs({ messages: 3500 });
      await messages.blur();
      assert.equal(await messages.inputValue(), '3,500');
      await messages.fill('');
      await draftIs({});
      await messages.blur();
      assert.equal(await messages.inputValue(), '10,000');
      await messages.fill('77');
      await page.getByRole('button', { name: 'Reset Messages' }).click();
      await draftIs({});
    });

    it('a number that is none: as typed, with what is wrong beside it', async () => {
      await open();
      await field('messages').fill('many');
      await draftIs({ messages: 'many' });
      assert.match(await errorOf('messages').innerText(), /"many" will not do/);
      assert.equal(await field('messages').getAttribute('aria-invalid'), 'true');
      assert.match((await field('messages').getAttribute('aria-describedby'))!, /messages-error/);
      await field('messages').fill('100,000,001');
      await becomes(async () => /at most 100000000/.test(await errorOf('messages').innerText()), true);
      await field('messages').fill('5');
      await becomes(async () => errorOf('messages').isVisible(), false);
    });

    it('a date: the calendar’s own, half of one is refused, none is the default', async () => {
      await open();
      await field('period.start').fill('2025-08-01');
      await draftIs({ period: { start: '2025-08-01' } });
      assert.match(await errorOf('period.end').innerText(), /comes before the start/);
      await field('period.end').fill('2025-12-31');
      await draftIs({ period: { start: '2025-08-01', end: '2025-12-31' } });
      await field('period.start').focus();
      await page.keyboard.press('Backspace');
      await becomes(() => (host.draft as { period: { start: unknown } }).period.start, '');
      assert.match(await errorOf('period.start').innerText(), /a date that exists/);
      await field('period.start').fill('');
      await draftIs({ period: { end: '2025-12-31' } });
      await field('period.start').blur();
      assert.equal(await field('period.start').inputValue(), '2025-01-06');
    });

    it('the seed: a number where it is one, else a text', async () => {
      await open();
      await field('seed').fill('42');
      await draftIs({ seed: 42 });
      await field('seed').fill('spring');
      await draftIs({ seed: 'spring' });
    });

    it('a percentage: the number and its slider are one', async () => {
      await open();
      await unfold('Content', 'Traffic');
      await field('content.signatures').fill('35');
      await draftIs({ content: { signatures: 35 } });
      const slider = page.locator('[data-field="content.signatures"] .slider');
      assert.equal(await slider.inputValue(), '35');
      await slider.fill('90');
      await draftIs({ content: { signatures: 90 } });
      assert.equal(await field('content.signatures').inputValue(), '90');
      await field('traffic.overrides.threaded').fill('101');
      await becomes(async () => /at most 100/.test(await errorOf('traffic.overrides.threaded').innerText()), true);
    });

    it('a choice from a list', async () => {
      await open();
      await unfold('Traffic', 'Delivery');
      await field('traffic.profile').selectOption('enron-2001');
      await field('delivery.layout').selectOption('zip');
      await field('delivery.truth.lines').selectOption('all');
      await draftIs({ traffic: { profile: 'enron-2001' }, delivery: { layout: 'zip', truth: { lines: 'all' } } });
    });

    it('a box to tick', async () => {
      await open();
      await unfold('Delivery');
      await page.getByRole('checkbox', { name: 'Parquet' }).click();
      await draftIs({ delivery: { truth: { formats: ['jsonl', 'parquet'] } } });
      await page.getByRole('checkbox', { name: 'CSV' }).press(' ');
      await draftIs({ delivery: { truth: { formats: ['jsonl', 'csv', 'parquet'] } } });
      await page.getByRole('checkbox', { name: 'CSV' }).click();
      await page.getByRole('checkbox', { name: 'Parquet' }).click();
      await draftIs({});
    });

    it('desks and offices: added, changed, removed, set back; the focus follows', async () => {
      await open();
      await unfold('Organisation');
      await page.getByRole('button', { name: 'Remove fx' }).click();
      assert.equal(await page.evaluate('document.activeElement.getAttribute("aria-label")'), 'Remove research');
      await page.getByRole('button', { name: 'Add desk' }).click();
      assert.equal(await page.evaluate('document.activeElement.id'), 'organisation.desks[11].id');
      const desks = (): { id: string; weight: unknown }[] =>
        (host.draft as { organisation: { desks: { id: string; weight: unknown }[] } }).organisation.desks;
      await becomes(() => desks().at(-1), { id: 'treasury', weight: 10 });
      assert.equal(
        desks().some(({ id }) => id === 'fx'),
        false,
      );
      await field('organisation.desks[11].id').fill('risk');
      assert.match(await errorOf('organisation.desks[11].id').innerText(), /'risk' is listed twice/);
      await field('organisation.desks[11].id').fill('Bad Name');
      await becomes(async () => /lower-case letters/.test(await errorOf('organisation.desks[11].id').innerText()), true);
      await page.getByRole('button', { name: 'Reset Desks' }).click();
      await draftIs({});
      await field('organisation.offices[1].zone').selectOption('Asia/Tokyo');
      await field('organisation.offices[1].city').fill('');
      await becomes(async () => errorOf('organisation.offices[1].city').isVisible(), true);
      await field('organisation.offices[1].city').fill('Tokyo');
      await becomes(() => (host.draft as { organisation: { offices: unknown[] } }).organisation.offices[1], {
        city: 'Tokyo',
        zone: 'Asia/Tokyo',
        locale: 'de-DE',
        weight: 25,
      });
    });

    it('languages: rows of a tag and a weight', async () => {
      await open();
      await unfold('Content');
      await page.getByRole('button', { name: 'Remove de' }).click();
      await draftIs({ content: { languages: { en: 80 } } });
      await page.getByRole('button', { name: 'Add language' }).click();
      await draftIs({ content: { languages: { en: 80, de: 10 } } });
      await field('content.languages[1]').fill('en');
      assert.match(await errorOf('content.languages[1]').innerText(), /listed already/);
      await field('content.languages[1]').fill('de');
      await field('content.languages[0].weight').fill('0');
      await field('content.languages[1].weight').fill('0');
      await becomes(async () => /at least one language/.test(await errorOf('content.languages').innerText()), true);
    });

    it('folders of packs', async () => {
      await open();
      await unfold('Content');
      await page.getByRole('button', { name: 'Add folder' }).click();
      assert.match(await errorOf('content.packs[0]').innerText(), /at least 1 characters/);
      await page.keyboard.type('packs/mine');
      await draftIs({ content: { packs: ['packs/mine'] } });
      await page.getByRole('button', { name: 'Remove packs/mine' }).click();
      await draftIs({});
    });

    it('scenarios: by share or by arcs, near misses, evasion; none at all', async () => {
      await open();
      await unfold('Scenarios');
      await page.getByRole('button', { name: 'Add scenario' }).click();
      assert.match(await errorOf('scenarios[1].scenario').innerText(), /lower-case letters/);
      await page.keyboard.type('deal-tip');
      assert.match(await page.locator('[id="scenarios[1].scenario-description"]').innerText(), /A tip about a deal/);
      await field('scenarios[1].way').selectOption('arcs');
      await field('scenarios[1].arcs').fill('25');
      await field('scenarios[1].nearMisses').fill('3');
      await page.locator('details').nth(1).locator('summary').click();
      await field('scenarios[1].evasion.slang').fill('5');
      await becomes(() => (host.draft as { scenarios: unknown[] }).scenarios[1], {
        scenario: 'deal-tip',
        arcs: 25,
        nearMisses: 3,
        evasion: { slang: 5 },
      });
      await field('scenarios[1].evasion.slang').fill('0');
      await becomes(async () => page.getByText('at least one level needs a weight').first().isVisible(), true);
      await page.getByRole('button', { name: 'Remove deal-tip' }).click();
      await page.getByRole('button', { name: 'Remove all' }).click();
      await draftIs({ scenarios: [] });
      assert.match(await page.locator('[id="scenarios-description"]').innerText(), /Nothing is planted/);
    });
  });

  describe('problems', () => {
    it('are listed; one leads to its field, out of a folded section', async () => {
      await open({}, { draft: { organisation: { domain: 'Nope' } } });
      const listed = page.locator('.bar-problems button');
      assert.match(await listed.first().innerText(), /^organisation\.domain: /);
      await listed.first().click();
      assert.equal(await page.evaluate('document.activeElement.id'), 'organisation.domain');
    });

    it('keep Run from running, and take the user to the first', async () => {
      await open({}, { draft: { seed: '', messages: 0 } });
      await page.getByRole('button', { name: 'Run', exact: true }).click();
      assert.equal(await page.evaluate('document.activeElement.id'), 'seed');
      assert.deepEqual(host.calls('run'), []);
    });

    it('of the host stand at their fields, and go when it has no more', async () => {
      await open();
      const problem = { path: 'scenarios[0].rate', message: 'the most that fits is 61 %' };
      host.answers['estimate'] = () => ({ ...ESTIMATED, problems: [problem] });
      await unfold('Scenarios');
      await field('scenarios[0].rate').fill('90');
      await becomes(async () => errorOf('scenarios[0].rate').innerText(), problem.message);
      host.answers['estimate'] = () => ESTIMATED;
      await field('scenarios[0].rate').fill('9');
      await becomes(async () => errorOf('scenarios[0].rate').isVisible(), false);
    });

    it('of a draft that is no spec at all are shown too', async () => {
      await open({}, { draft: { colour: 'red' } });
      assert.match(await page.locator('.bar-problems').innerText(), /colour: no such field/);
    });
  });

  describe('estimate', () => {
    it('waits for a pause, and shows only the latest answer', async () => {
      await open();
      await page.locator('.estimate dl').waitFor();
      const before = host.calls('estimate').length;
      const waiting: ((estimated: Estimated) => void)[] = [];
      host.answers['estimate'] = () => new Promise<Estimated>((resolve) => waiting.push(resolve));
      await field('messages').pressSequentially('1', { delay: 20 });
      await field('messages').fill('20000');
      await becomes(() => host.calls('estimate').length, before + 1);
      await field('messages').fill('30000');
      await becomes(() => waiting.length, 2);
      waiting[1]!({ ...ESTIMATED, bytes: 3e9, seconds: 4000 });
      await becomes(async () => page.locator('.estimate').getAttribute('aria-busy'), 'false');
      waiting[0]!({ ...ESTIMATED, bytes: 2 });
      await page.waitForTimeout(100);
      assert.match(await page.locator('.estimate').innerText(), /Time\s+67 min\s+Size\s+3\.0 GB\s+Files\s+10,000/);
    });

    it('has the cost where the target has one, and says what went wrong', async () => {
      await open({}, { aws: AWS });
      host.answers['estimate'] = ({ target }: { target: string }) => ({ ...ESTIMATED, usd: target === 'aws' ? 12.345 : undefined });
      await page.getByRole('radio', { name: 'AWS' }).check();
      await becomes(async () => /Cost\s+\$12\.35/.test(await page.locator('.estimate').innerText()), true);
      host.answers['estimate'] = () => {
        throw new Error('The packs cannot be read.');
      };
      await field('messages').fill('5');
      await becomes(async () => page.locator('.estimate').innerText(), 'The packs cannot be read.');
    });
  });

  describe('the target', () => {
    it('AWS: shows where the corpus goes and what the stack allows; the pickers are the host’s', async () => {
      await open({}, { aws: AWS });
      await page.getByRole('radio', { name: 'AWS' }).check();
      await becomes(() => host.snapshot.target, 'aws');
      const shown = await page.locator('.aws').innerText();
      for (const text of ['bank-dev', 'eu-west-1', AWS.stack.bucket, '30 days', '5,000,000 messages, $50.00'])
        assert.ok(shown.includes(text), text);
      await page.getByRole('button', { name: 'Change the AWS profile' }).click();
      await page.getByRole('button', { name: 'Change the region' }).click();
      await becomes(() => [host.calls('pickProfile').length, host.calls('pickRegion').length], [1, 1]);
    });

    it('AWS without a stack: says why, and offers to deploy one', async () => {
      await open({}, { target: 'aws', aws: { ...AWS, stack: undefined, trouble: 'There is no stack mailwright in eu-west-1.' } });
      assert.match(await page.getByRole('alert').innerText(), /There is no stack/);
      await page.getByRole('button', { name: 'Deploy Stack…' }).click();
      await becomes(() => host.calls('deploy').length, 1);
      await host.tell({ aws: AWS });
      await becomes(async () => page.locator('.trouble').count(), 0);
    });
  });

  describe('what can be done', () => {
    it('runs the draft on the target, once at a time, and says what became of it', async () => {
      await open({}, { draft: { messages: 500 } });
      let start: (() => void) | undefined;
      host.answers['run'] = () => new Promise((resolve) => (start = () => resolve({ job: '01JABC' })));
      const run = page.getByRole('button', { name: 'Run', exact: true });
      await run.click();
      await becomes(() => host.calls('run'), [{ draft: { messages: 500 }, target: 'local' }]);
      await run.click({ force: true });
      start!();
      await becomes(async () => page.getByRole('status').innerText(), 'Job 01JABC has started: Jobs shows how it goes.');
      assert.equal(host.calls('run').length, 1);
    });

    it('says nothing where the user thought better of it, and why where it failed', async () => {
      await open();
      host.answers['run'] = () => undefined;
      await page.getByRole('button', { name: 'Run', exact: true }).click();
      await becomes(() => host.calls('run').length, 1);
      host.answers['run'] = () => {
        throw new Error('The login has expired.');
      };
      await page.getByRole('button', { name: 'Run', exact: true }).click();
      await becomes(async () => page.getByRole('status').innerText(), 'The login has expired.');
    });

    it('saves, and previews the message that is asked for', async () => {
      await open({}, { draft: { messages: 500 } });
      await page.getByRole('button', { name: 'Save as Job File…' }).click();
      await becomes(() => host.calls('save'), [{ draft: { messages: 500 } }]);
      await page.getByRole('button', { name: 'Preview Message' }).click();
      await becomes(() => host.calls('preview'), [{ draft: { messages: 500 }, index: 0 }]);
      await field('preview-index').fill('500');
      await page.getByRole('button', { name: 'Preview Message' }).click();
      await becomes(async () => page.getByRole('status').innerText(), 'Messages of this corpus have the numbers 0 to 499');
      await field('preview-index').fill('499');
      await page.getByRole('button', { name: 'Preview Message' }).click();
      await becomes(() => host.calls('preview').at(-1), { draft: { messages: 500 }, index: 499 });
    });
  });

  describe('state', () => {
    it('is the host’s: a reload shows the draft and the target again, and what was open', async () => {
      await open({}, { aws: AWS });
      await page.getByRole('radio', { name: 'AWS' }).check();
      await field('messages').fill('many');
      await unfold('Traffic');
      await head('Size and period').click();
      await becomes(() => [host.draft, host.snapshot.target], [{ messages: 'many' }, 'aws']);
      await page.reload();
      await page.locator('.bar').waitFor();
      assert.equal(await page.getByRole('radio', { name: 'AWS' }).isChecked(), true);
      assert.equal(await head('Traffic').getAttribute('aria-expanded'), 'true');
      assert.equal(await head('Size and period').getAttribute('aria-expanded'), 'false');
      await unfold('Size and period');
      assert.equal(await field('messages').inputValue(), 'many');
    });

    it('is not set back by a snapshot from before the last change', async () => {
      await open();
      let confirm: (() => void) | undefined;
      host.answers['draft'] = () => new Promise<void>((resolve) => (confirm = resolve));
      await field('messages').fill('123');
      await becomes(() => confirm !== undefined, true);
      await host.tell({ draft: {} });
      assert.equal(await field('messages').inputValue(), '123');
      confirm!();
      await page.waitForTimeout(50);
      await host.tell({ draft: { messages: 9 } });
      await field('messages').blur();
      await becomes(async () => field('messages').inputValue(), '9');
    });
  });

  it('can be used with the keyboard alone', async () => {
    await open();
    const focused = (): Promise<string> => page.evaluate('document.activeElement.textContent.trim() || document.activeElement.id');
    await page.keyboard.press('Tab');
    assert.match(await focused(), /^Smoke test/);
    await page.keyboard.press('Enter');
    await draftIs({ messages: 1000, scenarios: [{ scenario: 'all', rate: 1, nearMisses: 1 }] });
    for (let i = 0; i < 4; i++) await page.keyboard.press('Tab');
    assert.equal(await focused(), 'Target');
    await page.keyboard.press('Space');
    assert.equal(await head('Target').getAttribute('aria-expanded'), 'false');
    await page.keyboard.press('Space');
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowDown');
    await becomes(() => host.snapshot.target, 'aws');
    // On to Run, through every stop: none holds the focus for ever, and each shows that it has it.
    for (let i = 0; i < 60 && (await focused()) !== 'Run'; i++) {
      const shows = await page.evaluate(`(() => {
        const { outlineStyle, boxShadow } = getComputedStyle(document.activeElement);
        return outlineStyle !== 'none' || boxShadow !== 'none' || document.activeElement.tagName.startsWith('VSCODE-');
      })()`);
      assert.ok(shows, `${await focused()} does not show the focus`);
      await page.keyboard.press('Tab');
    }
    assert.equal(await focused(), 'Run');
    await page.keyboard.press('Enter');
    await becomes(() => host.calls('run').length, 1);
  });

  describe('accessibility', () => {
    for (const theme of THEMES)
      it(`axe finds nothing in ${theme}, everything unfolded, with problems and without`, async () => {
        await open(
          { theme },
          { target: 'aws', aws: { ...AWS, trouble: 'The stack is older than this extension.' }, draft: { content: { packs: ['mine'] } } },
        );
        await unfold(...SECTIONS);
        await page.locator('details summary').first().click();
        await page.locator('.estimate dl').waitFor();
        await page.waitForTimeout(400);
        assert.deepEqual(await violations(page), []);
        await field('messages').fill('many');
        await field('scenarios[0].scenario').fill('No');
        await page.locator('.bar-problems').waitFor();
        assert.deepEqual(await violations(page), []);
      });
  });

  for (const width of [300, 420, 900])
    it(`fits ${width} pixels`, async () => {
      await open({ width }, { target: 'aws', aws: AWS, draft: { organisation: { domain: 'x'.repeat(300) } } });
      await unfold(...SECTIONS);
      assert.equal(await page.evaluate('document.documentElement.scrollWidth'), width);
      const cut = await page.evaluate(
        `[...document.querySelectorAll('main :not(.compact > .field-head, .compact > .field-head *)')].filter((e) => e.checkVisibility() && e.getBoundingClientRect().right > ${width} + 0.5).map((e) => e.outerHTML.slice(0, 80))`,
      );
      assert.deepEqual(cut, []);
    });

  it('shows what a host says as text, whatever it is', async () => {
    const nasty = '<img src=x onerror="window.hit=1">';
    await open(
      {},
      { ...SNAPSHOT, target: 'aws', aws: { ...AWS, profile: nasty, trouble: nasty }, draft: { organisation: { name: nasty } } },
    );
    await unfold(...SECTIONS);
    assert.equal(await page.evaluate('window.hit'), undefined);
    assert.equal(await page.locator('img').count(), 0);
  });
});
