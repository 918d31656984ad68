import assert from 'node:assert/strict';
import { BLOCK } from '../../src/corpus/block.ts';
import { contextOf } from '../../src/extension/preview/mail-context.ts';
import { folderOf, type MailFiles, nameOf } from '../../src/extension/preview/mail-files.ts';
import { sha256Of } from '../../src/job/digest.ts';
import { memberKey, planOf, truthKey } from '../../src/job/plan.ts';
import { parseSpec } from '../../src/job/spec.ts';
import { generatorOf } from '../conformance/support.ts';
import { messageOf } from '../fixtures/hostile/messages.ts';

/** Files by their paths. */
function filesOf(entries: Readonly<Record<string, string | Uint8Array>>): MailFiles & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    async start(path, most) {
      asked.push(path);
      const found = entries[path];
      if (found === undefined) throw new Error(`${path}: not there`);
      const bytes = Buffer.from(found as string);
      return { bytes: bytes.subarray(0, most), size: bytes.length };
    },
    async names(folder, most) {
      const names = Object.keys(entries)
        .filter((path) => folderOf(path) === folder)
        .map(nameOf);
      return names.length > most ? undefined : names;
    },
  };
}

const ROOT = '/corpora/job';

const known = new Map<string, ReturnType<typeof made>>();
function corpus(layout: 'eml' | 'zip'): ReturnType<typeof made> {
  const found = known.get(layout) ?? made(layout);
  known.set(layout, found);
  return found;
}

function made(layout: 'eml' | 'zip') {
  const spec = parseSpec({ seed: 9, messages: 2 * BLOCK, scenarios: [{ scenario: 'deal-tip', arcs: 3 }], delivery: { layout } });
  const plan = planOf(spec);
  const generator = generatorOf(spec);
  const entries: Record<string, string | Uint8Array> = { [`${ROOT}/job.json`]: JSON.stringify({ spec, plan }) };
  const messages: {
    readonly path: string;
    readonly first: number;
    readonly size: number;
    readonly turn: number;
    readonly label: string | undefined;
  }[] = [];
  for (let block = 0; block < plan.blocks; block++) {
    generator.block(block, ({ index, id, bytes, conversation, truth, letter }) => {
      const key = memberKey(plan, id, index);
      entries[`${ROOT}/${key}`] = Buffer.from(bytes);
      const turns = conversation.turns.filter(({ ghost }) => !ghost);
      messages[index] = {
        path: `${ROOT}/${key}`,
        first: turns[0]!.index,
        size: turns.length,
        turn: letter.turn.index,
        label: truth?.label,
      };
      if (truth) {
        const shard = `${ROOT}/${truthKey(Math.floor(block / plan.shardBlocks))}`;
        entries[shard] = `${String(entries[shard] ?? '')}${JSON.stringify({ key, sha256: sha256Of(bytes), ...truth })}\n`;
      }
    });
  }
  return { entries, made: messages };
}

describe('what Mail Preview knows beside a message', () => {
  for (const layout of ['eml', 'zip'] as const)
    it(`finds its truth and its thread in a corpus of layout ${layout}`, async () => {
      const { entries, made } = corpus(layout);
      const files = filesOf(entries);
      let told = 0;
      for (const [index, { path, first, size, label }] of made.entries()) {
        const { truth, thread } = await contextOf(files, 'file', path);
        assert.equal(truth?.label, label, path);
        if (truth) told++;
        if (index % 7 !== 0 && size < 3) continue;
        const found = (await thread())!;
        assert.deepEqual(found, { paths: made.slice(first, first + size).map((one) => one.path), at: index - first }, path);
      }
      assert.ok(told >= 3);
    });

  it('asks a job on S3 for no file that may not be there', async () => {
    const { entries, made } = corpus('eml');
    const job = '/job/01ARZ3NDEKTSV4RRFFQ69G5FAV';
    const files = filesOf(Object.fromEntries(Object.entries(entries).map(([path, bytes]) => [path.replace(ROOT, job), bytes])));
    const { truth } = await contextOf(files, 'mailwright', made.find(({ label }) => label !== undefined)!.path.replace(ROOT, job));
    assert.ok(truth);
    assert.deepEqual(files.asked, [`${job}/job.json`, `${job}/truth/000000.jsonl`]);
  });

  it('takes a message made on the spot for what it is', async () => {
    const digest = 'a'.repeat(64);
    const { truth, thread } = await contextOf(
      filesOf({
        [`/preview/${digest}/3.eml`]: messageOf('References: <0@x.test>\r\n', 'a'),
        [`/preview/${digest}/4.eml`]: messageOf('References: <0@x.test> <1@x.test>\r\n', 'b'),
        [`/preview/${digest}/4.truth.json`]: JSON.stringify({ ...BENIGN }),
      }),
      'mailwright',
      `/preview/${digest}/4.eml`,
    );
    assert.equal(truth?.label, 'benign');
    assert.deepEqual(await thread(), { paths: [`/preview/${digest}/3.eml`, `/preview/${digest}/4.eml`], at: 1 });
  });

  it('finds the thread of any other file among its neighbours, by their dates', async () => {
    const mail = (id: string, references: string, day: number): Buffer =>
      Buffer.from(`Message-ID: <${id}>\r\n${references}Date: Mon, 0${day} Jan 2025 09:00:00 +0000\r\n\r\nhello`);
    const files = filesOf({
      '/x/z.eml': mail('1', '', 1),
      '/x/y.eml': mail('2', 'In-Reply-To: <1>\r\n', 3),
      '/x/w.eml': mail('3', 'References: <1>\r\n <2>\r\n', 2),
      '/x/other.eml': mail('4', '', 1),
      '/x/notes.txt': 'Message-ID: <1>',
    });
    const { truth, thread } = await contextOf(files, 'file', '/x/y.eml');
    assert.equal(truth, undefined);
    assert.deepEqual(await thread(), { paths: ['/x/z.eml', '/x/w.eml', '/x/y.eml'], at: 2 });
  });

  it('believes no job.json and no truth that is not one', async () => {
    const path = '/x/messages/00/0123456789ab.eml';
    for (const record of ['{', '[]', '{"spec":{"seed":1},"plan":{"messages":1e99}}', '{"spec":{"seed":{}},"plan":{}}'])
      assert.equal((await contextOf(filesOf({ [path]: messageOf('', 'a'), '/x/job.json': record }), 'file', path)).truth, undefined);
    const { entries, made } = corpus('eml');
    const { path: own } = made.find(({ label }) => label !== undefined)!;
    const bad = Object.fromEntries(
      Object.entries(entries).map(([name, bytes]) => [
        name,
        /truth/.test(name) ? String(bytes).replaceAll('"quote":"', '"quote":1,"x":"') : bytes,
      ]),
    );
    assert.equal((await contextOf(filesOf(bad), 'file', own)).truth, undefined);
  });
});

const BENIGN = {
  key: 'x',
  sha256: '',
  label: 'benign',
  scenario: null,
  role: null,
  phase: null,
  evasion: null,
  severity: null,
  alert_unit: null,
  due: 'none',
  near_miss: null,
  evidence: [],
};
