import assert from 'node:assert/strict';
import { z } from 'zod';
import { type Handlers, openChannel } from '../../src/extension/views/channel.ts';
import { estimatedOf, impossible } from '../../src/extension/views/estimated.ts';
import { Latest } from '../../src/extension/views/latest.ts';
import { newCorpusPage } from '../../src/extension/views/new-corpus-page.ts';
import { t } from '../unit/extension-support.ts';

interface Calls {
  readonly double: { readonly argument: number; readonly result: number };
  readonly fail: { readonly argument: undefined; readonly result: undefined };
}

/** A webview whose page is the test. */
class FakeWebview {
  readonly sent: unknown[] = [];
  private listener: ((message: unknown) => void) | undefined;

  onDidReceiveMessage = (listener: (message: unknown) => void): { dispose(): void } => {
    this.listener = listener;
    return { dispose: () => (this.listener = undefined) };
  };
  postMessage = (message: unknown): Promise<boolean> => {
    this.sent.push(message);
    return Promise.resolve(true);
  };
  async say(message: unknown): Promise<unknown> {
    this.listener?.(message);
    await new Promise((resolve) => setImmediate(resolve));
    return this.sent.at(-1);
  }
}

const handlers: Handlers<Calls> = {
  double: { argument: z.number(), answer: (n) => 2 * n },
  fail: {
    argument: z.undefined(),
    answer: () => {
      throw new Error('No.');
    },
  },
};

describe('New Corpus, the host', () => {
  it('answers a call, tells of a failed one, and refuses what is none or has another argument', async () => {
    const webview = new FakeWebview();
    const failed: string[] = [];
    const channel = openChannel<Calls, { news: string }>({ webview, handlers, failed: (call) => failed.push(call) });
    assert.deepEqual(await webview.say({ id: 1, call: 'double', argument: 21 }), { id: 1, ok: true, result: 42 });
    assert.deepEqual(await webview.say({ id: 2, call: 'fail' }), { id: 2, ok: false, message: 'No.' });
    assert.match(JSON.stringify(await webview.say({ id: 3, call: 'double', argument: '21' })), /double: .*expected number/);
    for (const call of ['toString', '__proto__', 'constructor', 'halve'])
      assert.deepEqual(await webview.say({ id: 4, call, argument: 1 }), { id: 4, ok: false, message: `${call}: no such call` });
    const before = webview.sent.length;
    for (const nothing of [undefined, null, 'double', {}, { id: 'x', call: 'double' }, { id: 1, call: 7 }]) await webview.say(nothing);
    assert.equal(webview.sent.length, before);
    assert.equal(failed.length, 1 + 1 + 4 + 6);
    channel.tell('news', 'hello');
    assert.deepEqual(webview.sent.at(-1), { event: 'news', data: 'hello' });
    channel.dispose();
    await webview.say({ id: 5, call: 'double', argument: 1 });
    assert.equal(webview.sent.length, before + 1);
  });

  it('does one estimate at a time, and of those that wait only the last', async () => {
    const latest = new Latest();
    const begun: string[] = [];
    const ask = (name: string): Promise<string> =>
      latest.do(async () => {
        begun.push(name);
        await new Promise((resolve) => setTimeout(resolve, 5));
        if (name === 'd') throw new Error(name);
        return name;
      });
    const first = ask('a');
    await new Promise((resolve) => setImmediate(resolve));
    const rest = await Promise.allSettled([first, ask('b'), ask('c')]);
    assert.deepEqual(
      rest.map((one) => (one.status === 'fulfilled' ? one.value : (one.reason as Error).name)),
      ['a', 'AbortError', 'c'],
    );
    await assert.rejects(ask('d'), /d/);
    assert.equal(await ask('e'), 'e');
    assert.deepEqual(begun, ['a', 'c', 'd', 'e']);
  });

  it('makes of figures what the target needs, and of a limit a problem', () => {
    const figures = {
      local: { messages: 1000, objects: 1000, bytes: 5e6, seconds: 1, workers: 2 },
      cloud: { objects: 7, cost: { total: 60, seconds: 90 } },
      truth: { positives: 3, nearMisses: 2, arcs: 1 },
    } as unknown as Parameters<typeof estimatedOf>[0];
    const words = {
      t,
      count: String,
      dollars: (n: number) => `$${n}`,
    };
    const limits = { messages: 500, cost: 50, shards: 100, packBytes: 1 };
    const local = estimatedOf(figures, 'local', { limits }, words);
    assert.deepEqual([local.seconds, local.usd, local.objects, local.problems], [1, undefined, 1000, []]);
    const aws = estimatedOf(figures, 'aws', { limits }, words);
    assert.deepEqual([aws.seconds, aws.usd, aws.objects, aws.arcs], [90, 60, 7, 1]);
    assert.deepEqual(aws.problems, [
      { path: 'messages', message: '1000: the stack makes at most 500 in a job' },
      { path: '', message: 'It would cost about $60, and the stack allows $50 for a job' },
    ]);
    assert.deepEqual(estimatedOf(figures, 'aws', undefined, words).problems, []);
    assert.equal(impossible([{ path: 'seed', message: 'no' }]).bytes, 0);
  });

  it('writes a page that runs nothing but its own script, whatever it is made of', () => {
    const nasty = '"><script>alert(1)</script>';
    const page = newCorpusPage({
      nonce: 'n0nce',
      source: 'https://own',
      script: nasty,
      style: nasty,
      language: nasty,
      title: nasty,
      bundle: { a: '</script>' },
    });
    assert.equal(page.match(/<script/g)?.length, 2);
    assert.equal(page.match(/<\/script>/g)?.length, 2);
    assert.match(page.replaceAll('&#39;', "'"), /default-src 'none'; script-src 'nonce-n0nce'; style-src https:\/\/own 'nonce-n0nce'/);
    assert.doesNotMatch(page, /unsafe/);
  });
});
