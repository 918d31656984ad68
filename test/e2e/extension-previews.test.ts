import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Archive } from '../../src/engine/archive.ts';
import { samplesOf } from '../../src/extension/jobs/samples.ts';
import { memberIn } from '../../src/extension/preview/archive-member.ts';
import { Corpora } from '../../src/extension/preview/corpora.ts';
import { Generation } from '../../src/extension/preview/generation.ts';
import { jobPath, memberOf, placeOf, previewPath, unkeptOf } from '../../src/extension/preview/place.ts';
import { positionIn } from '../../src/extension/preview/position.ts';
import { Recent } from '../../src/extension/preview/recent.ts';
import { Specs } from '../../src/extension/preview/specs.ts';
import { planOf } from '../../src/job/plan.ts';
import type { JobRecord } from '../../src/job/records.ts';
import { parseSpec } from '../../src/job/spec.ts';
import { sha256Of } from '../../src/job/digest.ts';
import { generatorOf } from '../unit/support.ts';

/** Messages made on the spot, and messages of jobs: the same bytes as everywhere. */

const PACKS = new URL('../../dist/packs/', import.meta.url).pathname;
const THREAD = new URL('../../dist/generation.mjs', import.meta.url);
const INPUT = { messages: 600, organisation: { employees: 40, desks: [{ id: 'fx' }] }, content: { languages: { en: 1 } } };
const ID = '01M8AQBBBNWRHP03C7DRG93TVX';

describe('the paths of documents', () => {
  const digest = 'ab'.repeat(32);

  it('say what a document is', () => {
    assert.deepEqual(placeOf(previewPath(digest, 12)), { kind: 'preview', digest, index: 12, part: 'message' });
    assert.deepEqual(placeOf(previewPath(digest, 0, 'truth')), { kind: 'preview', digest, index: 0, part: 'truth' });
    assert.deepEqual(placeOf(jobPath(ID, 'messages/37/3703f6f201f6.eml')), { kind: 'job', job: ID, key: 'messages/37/3703f6f201f6.eml' });
    for (const folder of ['/', '/preview', `/preview/${digest}`, '/job', `/job/${ID}`])
      assert.deepEqual(placeOf(folder), { kind: 'folder' }, folder);
  });

  it('lead nowhere else', () => {
    const wrong = [
      '',
      '/x',
      `/preview/${digest}/01.eml`,
      `/preview/${digest}/-1.eml`,
      `/preview/${digest}/1.txt`,
      `/preview/abc/1.eml`,
      '/job/x/y',
      '/schema',
    ];
    for (const path of [
      ...wrong,
      `/job/${ID}/../../etc/passwd`,
      `/job/${ID}/a//b`,
      `/job/${ID}/.ssh/x`,
      `/job/${ID}/messages/..`,
      `/job/${ID}/a\\b`,
      `/job/${ID}/./a`,
    ])
      assert.equal(placeOf(path), undefined, path);
  });

  it('know members of archives, and messages that are not kept', () => {
    assert.deepEqual(memberOf('messages/000004.zip/3703f6f201f6.eml'), {
      archive: 'messages/000004.zip',
      layout: 'zip',
      id: '3703f6f201f6',
    });
    assert.equal(memberOf('messages/37/3703f6f201f6.eml'), undefined);
    assert.equal(unkeptOf('3703f6f201f6.eml'), '3703f6f201f6');
    assert.equal(unkeptOf('messages/37/3703f6f201f6.eml'), undefined);
  });
});

describe('corpora in parts', () => {
  const corpora = new Corpora(PACKS);
  const source = { spec: parseSpec(INPUT), base: tmpdir() };

  it('have the bytes of the corpus, and its truth', () => {
    const { digest, messages } = corpora.check(source);
    assert.equal(messages, 600);
    assert.match(digest, /^[0-9a-f]{64}$/);
    const generator = generatorOf(INPUT);
    for (const index of [0, 300, 599]) {
      const { bytes, truth } = corpora.message(source, digest, index);
      const expected = generator.message(index);
      assert.deepEqual(Buffer.from(bytes), Buffer.from(expected.bytes));
      assert.equal(truth.key, `messages/${expected.id.slice(0, 2)}/${expected.id}.eml`);
      assert.equal(truth.sha256, sha256Of(bytes));
    }
  });

  it('are known by what messages depend on alone', () => {
    const { digest } = corpora.check(source);
    assert.equal(corpora.check({ ...source, spec: parseSpec({ ...INPUT, delivery: { layout: 'zip' } }) }).digest, digest);
    const other = { ...source, spec: parseSpec({ ...INPUT, seed: 2 }) };
    assert.notEqual(corpora.check(other).digest, digest);
    assert.throws(
      () =>
        corpora.message(
          other,
          digest.replace(/^./, (c) => (c === '0' ? '1' : '0')),
          0,
        ),
      /Preview the message again/,
    );
  });

  it('say what only packs know, at its field', () => {
    const problems = (input: object, base = tmpdir()): unknown => {
      try {
        corpora.check({ spec: parseSpec(input), base });
      } catch (error) {
        return (error as { problems: { path: string }[] }).problems.map(({ path }) => path);
      }
      return [];
    };
    assert.deepEqual(problems({ ...INPUT, content: { languages: { fr: 1 } } }), ['content.languages.fr', 'organisation.desks[0].id']);
    assert.deepEqual(problems({ ...INPUT, scenarios: [{ scenario: 'nothing-such' }] }), ['scenarios[0].scenario']);
    assert.deepEqual(problems({ ...INPUT, content: { languages: { en: 1 }, packs: ['missing-pack'] } }), ['content.packs[0]']);
    const folder = mkdtempSync(join(tmpdir(), 'packs-'));
    try {
      writeFileSync(join(folder, 'pack.yaml'), 'pack: [');
      assert.deepEqual(problems({ ...INPUT, content: { languages: { en: 1 }, packs: [folder] } }), ['content.packs[0]']);
      writeFileSync(join(folder, 'pack.yaml'), 'pack: mine\nlanguage: en\n');
      assert.deepEqual(problems({ ...INPUT, content: { languages: { en: 1 }, packs: ['.'] } }, folder), ['content.packs[0]']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('are estimated for here and for the cloud', () => {
    const { local, cloud, truth } = corpora.estimate(source);
    assert.equal(local.messages, 600);
    assert.equal(local.objects, 600);
    assert.ok(local.bytes > 100_000 && local.seconds > 0 && local.workers > 0);
    assert.ok(cloud.cost.total > 0 && cloud.cost.seconds > 0 && cloud.stack.expiryDays === 30);
    assert.ok(truth.positives >= 0);
  });

  it('make again what a job has not kept, or has in archives', () => {
    const generator = generatorOf(INPUT);
    for (const layout of ['none', 'zip', 'mbox'] as const) {
      const spec = parseSpec({ ...INPUT, delivery: { layout }, execution: { shardBlocks: 1 } });
      const { digest } = corpora.check({ spec, base: tmpdir() });
      const packs = [JSON.parse(packText('en')) as { digest: string; pack: { pack: string; language: string } }].map(
        ({ digest: own, pack }) => ({ pack: pack.pack, language: pack.language, digest: own }),
      );
      const record: JobRecord = {
        job: ID,
        created: '2025-01-01T00:00:00Z',
        generator: '1',
        content: digest,
        spec,
        packs,
        plan: planOf(spec),
      };
      const message = generator.message(300);
      assert.deepEqual(Buffer.from(corpora.remake(record, message.id).bytes), Buffer.from(message.bytes));
      assert.throws(() => corpora.remake({ ...record, generator: '0' }, message.id), /generator version 0/);
      assert.throws(() => corpora.remake(record, '000000000000'), /No message/);
      const [sample] = samplesOf(record, [300]);
      if (layout === 'none') {
        assert.equal(unkeptOf(sample!.key), message.id);
        continue;
      }
      assert.equal(memberOf(sample!.key)!.id, message.id);
      const pieces: Buffer[] = [];
      const archive = new Archive(layout, (bytes) => pieces.push(Buffer.from(bytes)));
      generator.block(1, ({ id, bytes, letter: { turn } }) => archive.put(id, bytes, turn.instant, turn.author.address));
      archive.end();
      const whole = Buffer.concat(pieces);
      const key = `messages/000001.${layout}`;
      const position = positionIn(record, key, message.id);
      assert.equal(position, 300 - 256);
      assert.equal(positionIn(record, `messages/000000.${layout}`, message.id), undefined);
      assert.deepEqual(Buffer.from(memberIn(whole, layout, message.id, position)!), Buffer.from(message.bytes));
      assert.equal(memberIn(whole, layout, 'ffffffffffff', 256), undefined);
    }
  });
});

const packText = (name: string): string => readFileSync(join(PACKS, `${name}.json`), 'utf8');

describe('the thread that makes messages', () => {
  const source = { spec: parseSpec(INPUT), base: tmpdir() };

  it('makes them, one after the other, and passes its errors on', async () => {
    const generation = new Generation({ thread: THREAD, packs: PACKS });
    try {
      const { digest } = await generation.check(source);
      const [first, second, failure] = await Promise.all([
        generation.message(source, digest, 0),
        generation.message(source, digest, 1),
        generation.check({ ...source, spec: parseSpec({ content: { packs: ['missing-pack'] } }) }).catch((error: unknown) => error),
      ]);
      const generator = generatorOf(INPUT);
      assert.deepEqual(Buffer.from(first.bytes), Buffer.from(generator.message(0).bytes));
      assert.deepEqual(Buffer.from(second.bytes), Buffer.from(generator.message(1).bytes));
      assert.equal((failure as Error).name, 'SpecError');
      assert.equal((failure as { problems: { path: string }[] }).problems[0]!.path, 'content.packs[0]');
      const lost = await generation.message(source, 'f'.repeat(64), 0).catch((error: unknown) => error);
      assert.equal((lost as { code: string }).code, 'NOT_FOUND');
    } finally {
      generation.dispose();
    }
    await assert.rejects(generation.check(source), { name: 'AbortError' });
  });

  it('is given up where it takes too long, and is let go of where it has nothing to do', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'thread-'));
    try {
      const file = join(folder, 'thread.mjs');
      writeFileSync(
        file,
        `import { parentPort } from 'node:worker_threads';
         let count = 0;
         parentPort.on('message', ({ id, ask }) => {
           if (ask.source.base === 'stop') for (;;);
           if (ask.source.base === 'crash') process.exit(3);
           parentPort.postMessage({ id, ok: true, result: ++count });
         });`,
      );
      const generation = new Generation({ thread: pathToFileURL(file), packs: PACKS, longest: 2_000, idle: 50 });
      const ask = (base: string): Promise<unknown> => generation.check({ ...source, base }).catch((error: Error) => error.message);
      assert.deepEqual(await Promise.all([ask('a'), ask('stop'), ask('b'), ask('crash'), ask('c'), ask('d')]), [
        1,
        'Making it took over 2 s and was given up. Large packs of your own take long: lint them with `mailwright pack lint`.',
        1,
        'The thread that makes messages ended by itself (exit code 3).',
        1,
        2,
      ]);
      await new Promise((resolve) => setTimeout(resolve, 200));
      assert.equal(await ask('e'), 1);
      generation.dispose();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('what is kept of previews', () => {
  it('are the latest specs, over a reload', async () => {
    const stored = new Map<string, unknown>();
    const keep = {
      get: (key: string) => stored.get(key),
      update: async (key: string, value: unknown) => void stored.set(key, JSON.parse(JSON.stringify(value))),
    };
    const specs = new Specs(keep);
    const source = { spec: parseSpec(INPUT), base: '/somewhere' };
    for (let i = 0; i < 25; i++) specs.remember(`digest ${i}`, source);
    assert.equal(await specs.get('digest 0'), source);
    const reloaded = new Specs(keep);
    assert.equal(await reloaded.get('digest 0'), undefined);
    assert.deepEqual(await reloaded.get('digest 24'), source);
    stored.set('mailwright.previews', [{ digest: 'x', base: '/', spec: { messages: 'many' } }]);
    assert.equal(await new Specs(keep).get('x'), undefined);
    stored.set('mailwright.previews', 'nonsense');
    assert.equal(await new Specs(keep).get('x'), undefined);
  });

  it('are the latest files, up to a number of bytes', () => {
    const recent = new Recent(10);
    const bytes = (n: number): Uint8Array => new Uint8Array(n);
    recent.put('a', bytes(4), Infinity);
    recent.put('b', bytes(4), 100);
    assert.equal(recent.get('b', 100)?.length, 4);
    assert.equal(recent.get('b', 101), undefined);
    recent.put('c', bytes(6), Infinity);
    assert.equal(recent.get('a', 0)?.length, 4);
    recent.put('d', bytes(1), Infinity);
    assert.equal(recent.get('a', 0), undefined);
    recent.put('e', bytes(11), Infinity);
    assert.equal(recent.get('e', 0), undefined);
    assert.equal(recent.get('d', 0)?.length, 1);
  });
});
