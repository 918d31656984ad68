import assert from 'node:assert/strict';
import { mkdirSync, readdirSync } from 'node:fs';
import fc from 'fast-check';
import { badSpecs } from '../unit/spec-mutations.ts';
import { file, run, scratch } from './support.ts';

interface Case {
  /** A job file's name and what is in it; none: only arguments. */
  readonly spec?: readonly [name: string, content: unknown];
  readonly args?: readonly string[];
  /** All of these are on standard error: path, value, what would be right. */
  readonly says: readonly (string | RegExp)[];
}

const json = (content: unknown): readonly [string, unknown] => ['job.json', content];
const offices = (zone: string): object => ({
  organisation: {
    offices: [
      { city: 'Leeds', zone: 'Europe/London', locale: 'en-GB' },
      { city: 'Base', zone, locale: 'en-GB' },
    ],
  },
});

const CASES: Readonly<Record<string, Case>> = {
  'no messages': { args: ['--messages', '0'], says: ['messages: 0 will not do: at least 1'] },
  'messages in words': { args: ['--messages', 'ten'], says: ['messages: "ten" will not do: it has to be of type number'] },
  'too many messages': { spec: json({ messages: 1e9 }), says: ['messages: 1000000000 will not do: at most 100000000'] },
  'too many messages, as an option': { args: ['-n', '1,000,000,000'], says: ['messages: 1000000000 will not do: at most 100000000'] },
  'a part of a message': { spec: json({ messages: 1.5 }), says: ['messages: 1.5 will not do: it has to be a whole number'] },
  'an endless number of messages': { spec: ['job.yaml', 'messages: .inf'], says: ['messages: Infinity will not do'] },
  'an unknown field': { spec: json({ mesages: 10 }), says: ['mesages: no such field; the fields here are ', /\bseed, messages, period\b/] },
  'an unknown field in a section': {
    spec: json({ organisation: { employes: 5 } }),
    says: ['organisation.employes: no such field; the fields here are name, domain, employees, '],
  },
  'an unknown field in a list': {
    spec: json({ organisation: { desks: [{ id: 'risk', wieght: 2 }] } }),
    says: ['organisation.desks[0].wieght: no such field; the fields here are id, weight'],
  },
  'a period that runs backwards': {
    spec: json({ period: { start: '2025-03-01', end: '2025-02-01' } }),
    says: ['period.end: "2025-02-01": comes before the start, 2025-03-01'],
  },
  'a day that does not exist': {
    spec: json({ period: { start: '2025-02-30' } }),
    says: ['period.start: "2025-02-30": a date that exists, written 2025-01-31'],
  },
  'an unknown time zone': {
    spec: json(offices('Mars/Olympus')),
    says: ['organisation.offices[1].zone: "Mars/Olympus" will not do: one of UTC, Europe/London, '],
  },
  'a time zone before its rules are known': {
    spec: json({ ...offices('Australia/Perth'), period: { start: '2005-01-01', end: '2005-02-01' } }),
    says: ['organisation.offices[1].zone: "Australia/Perth": rules for Australia/Perth are known only from 2010 on'],
  },
  'an unknown desk': {
    spec: json({ organisation: { desks: [{ id: 'risk' }, { id: 'astrology' }] } }),
    says: ['organisation.desks[1].id: "astrology": no pack has this desk; the packs in use have ', ' compliance, '],
  },
  'an unknown language': {
    spec: json({ content: { languages: { en: 1, tlh: 2 } } }),
    says: ['content.languages.tlh: no pack for this language: built in are de, en; add the folder of your own to content.packs'],
  },
  'no language': {
    spec: json({ content: { languages: { en: 0 } } }),
    says: ['content.languages', 'at least one language needs a weight over 0'],
  },
  'an unknown layout': { args: ['--layout', 'pst'], says: ['delivery.layout: "pst" will not do: one of eml, zip, mbox, none'] },
  'no worker': { args: ['--workers', '0'], says: ['execution.workers: 0 will not do: at least 1'] },
  'a section that is none, under an option': {
    spec: json({ execution: 5 }),
    args: ['--workers', '2'],
    says: ['execution: 5 will not do: it has to be of type object'],
  },
  'a negative seed': { args: ['--seed=-1'], says: ['seed: -1 will not do: at least 0'] },
  'a scenario without a name': {
    spec: json({ scenarios: [{ type: 'insider' }] }),
    says: ['scenarios[0].type: no such field; the fields here are scenario, rate, arcs, nearMisses, evasion'],
  },
  'an unknown scenario': {
    spec: json({ scenarios: [{ scenario: 'all' }, { scenario: 'alchemy', arcs: 1 }] }),
    says: ['scenarios[1].scenario: "alchemy": no such scenario or family; there are all, ', ' inside-information, ', ' deal-tip, '],
  },
  'a level that a scenario does not have': {
    spec: json({ content: { languages: { en: 1 } }, scenarios: [{ scenario: 'deal-tip', evasion: { language: 1 } }] }),
    says: ['scenarios[0].evasion: "deal-tip" has none of these levels; it has explicit, slang, code, '],
  },
  'more scenarios than fit': {
    spec: json({ messages: 257, scenarios: [{ scenario: 'deal-tip', arcs: 500 }] }),
    says: [/^mailwright: scenarios: 1000 arcs and near misses do not fit into 257 messages: \d+ is the most\. Ask for more messages/m],
  },
  'lines of truth that there are not': {
    args: ['--truth', 'some'],
    says: ['delivery.truth.lines: "some" will not do: one of arcs, all'],
  },
  'a format of truth that there is not': {
    spec: json({ delivery: { truth: { lines: 'all' } } }),
    args: ['--truth-format', 'csv, xml'],
    says: ['delivery.truth.formats[1]: "xml" will not do: one of jsonl, csv, parquet'],
  },
  'a section that is none, under an option of its own section': {
    spec: json({ delivery: { truth: 'all' } }),
    args: ['--truth-format', 'csv'],
    says: ['delivery.truth: "all" will not do: it has to be of type object'],
  },
  'a pack that is not there': {
    spec: json({ content: { packs: ['nowhere'] } }),
    says: ['nowhere: no pack.yaml here: a pack is a folder with pack.yaml, and common.yaml, desks/ or scenarios/'],
  },
  'two problems': {
    spec: json({ messages: -3, traffic: { profile: 'lehman-2008' } }),
    args: ['--layout', 'tar'],
    says: [
      'messages: -3 will not do: at least 1',
      'traffic.profile: "lehman-2008" will not do: one of bank-2025, enron-2001',
      'delivery.layout: "tar"',
    ],
  },
  'a file that is not there': {
    args: ['nothing.json'],
    says: ['nothing.json: no such file. Name a job spec (.json or .yaml), "-" for standard input, or none for the defaults.'],
  },
  'a folder for a file': { args: ['.'], says: [/^mailwright: \.: .*directory/m] },
  'broken JSON': { spec: json('{\n  "messages": 10,\n}'), says: [/^mailwright: job\.json: .* in JSON .*\bline 3\b/m] },
  'broken YAML': { spec: ['job.yaml', 'messages: 10\nperiod: [1\nseed: 2\n'], says: [/^mailwright: job\.yaml: .* line \d, column \d/m] },
  'a list for a spec': { spec: json([]), says: ['job.json: a job spec is an object, such as { "messages": 1000 }'] },
  'an empty file': { spec: ['job.yaml', ''], says: ['job.yaml: a job spec is an object'] },
  'an unknown option': { args: ['--mesages', '5'], says: ["unknown option '--mesages'", 'Did you mean --messages?'] },
  'an option without its value': { args: ['--out'], says: ["option '-o, --out <folder>' argument missing"] },
  'two specs': { args: ['a.json', 'b.json'], says: ['too many arguments'] },
};

describe('bad input', () => {
  const path = scratch();
  let folders = 0;

  /** Runs a command in an empty folder with a job file, checks that it is refused and that nothing else is written. */
  async function refused(args: readonly string[], spec?: readonly [name: string, content: unknown]): Promise<string> {
    const folder = path(`folder-${++folders}`);
    mkdirSync(folder);
    if (spec) file(`${folder}/${spec[0]}`, spec[1]);
    const { code, stdout, stderr } = await run(args, { cwd: folder });
    assert.equal(code, 2, stderr);
    assert.equal(stdout, '');
    assert.deepEqual(readdirSync(folder), spec ? [spec[0]] : []);
    assert.match(stderr, /^mailwright: /);
    assert.doesNotMatch(stderr, /^(mailwright: )? +at |unexpected/m, 'no stack trace');
    return stderr;
  }

  for (const [what, { spec, args = [], says }] of Object.entries(CASES)) {
    it(`${what} is refused, with the reason`, async () => {
      const stderr = await refused(['generate', ...(spec ? [spec[0]] : []), ...args], spec);
      for (const words of says)
        assert.ok(typeof words === 'string' ? stderr.includes(words) : words.test(stderr), `${words} is not in:\n${stderr}`);
    });
  }

  for (const command of [
    ['preview', '--index', '0'],
    ['estimate', '--json'],
  ])
    it(`is refused by ${command[0]} too`, async () => {
      const stderr = await refused([...command, 'job.json'], json({ messages: 'many' }));
      assert.match(stderr, /^mailwright: messages: "many" will not do/);
      assert.match(
        await refused([...command, 'job.json'], json({ scenarios: [{ scenario: 'alchemy' }] })),
        /^mailwright: scenarios\[0\]\.scenario: "alchemy": no such scenario/,
      );
    });

  it('an index that no message has is refused', async () => {
    assert.match(await refused(['preview', '-n', '10', '--index', '10']), /--index 10: this corpus has messages 0 to 9/);
    assert.match(await refused(['preview', '-n', '10', '--index', 'last']), /'last' is invalid\. It has to be a whole number from 0\./);
    assert.match(await refused(['preview', '-n', '10']), /say which message, with --index N, or which arc, with --scenario ID/);
  });

  it('an unknown command is refused', async () => {
    assert.match(await refused(['generat']), /unknown command 'generat'\n\(Did you mean generate\?\)/);
  });

  // JSON.stringify, which the file goes through, has no NaN.
  const samples = fc.sample(badSpecs, { numRuns: 60, seed: 40 }).filter(({ value }) => !Number.isNaN(value));
  samples.slice(0, 40).forEach(({ spec, at, value }, i) => {
    it(`sample ${i + 1} is refused: ${at}: ${JSON.stringify(value)?.slice(0, 40)}`, async () => {
      const stderr = await refused(['generate', 'job.json'], json(spec));
      const place = at.split(/[.[]/)[0]!;
      assert.ok(stderr.includes(place), `${at} is not in:\n${stderr}`);
    });
  });
});
