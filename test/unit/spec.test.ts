import assert from 'node:assert/strict';
import { jobSpecJsonSchema, jobSpecSchema, parseSpec, SpecError, type SpecProblem } from '../../src/job/spec.ts';

function problemsOf(input: unknown): readonly SpecProblem[] {
  try {
    parseSpec(input);
  } catch (error) {
    assert.ok(error instanceof SpecError, String(error));
    assert.equal(error.code, 'SPEC_INVALID');
    return error.problems;
  }
  return [];
}

const office = (changes: object = {}): object => ({
  organisation: { offices: [{ city: 'London', zone: 'Europe/London', locale: 'en-GB', ...changes }] },
});

describe('job spec', () => {
  it('may be empty: everything has a default', () => {
    const spec = parseSpec({});
    assert.equal(spec.version, 1);
    assert.equal(spec.seed, 1);
    assert.equal(spec.messages, 10_000);
    assert.deepEqual(spec.period, { start: '2025-01-06', end: '2025-06-27' });
    assert.equal(spec.organisation.name, 'Aldermoor Bank');
    assert.equal(spec.organisation.domain, 'aldermoor.example');
    assert.equal(spec.organisation.employees, 600);
    assert.equal(spec.organisation.desks.length, 12);
    assert.equal(spec.organisation.offices.length, 4);
    assert.equal(spec.traffic.profile, 'bank-2025');
    assert.deepEqual(spec.content.languages, { en: 80, de: 20 });
    assert.deepEqual(spec.delivery, { layout: 'eml', truth: { lines: 'arcs', formats: ['jsonl'] } });
    assert.deepEqual(spec.execution, {});
    assert.deepEqual(spec.scenarios, [{ scenario: 'all', rate: 0.05, nearMisses: 1 }]);
  });

  it('with its defaults filled in says the same again', () => {
    for (const input of [
      {},
      { messages: 5, organisation: { employees: 3 }, delivery: { layout: 'zip' } },
      { traffic: { overrides: { html: undefined, length: 50 } } },
    ]) {
      const { html: _, ...overrides } = (input.traffic?.overrides ?? {}) as { html?: undefined };
      const spec = parseSpec({ ...input, traffic: { overrides } });
      assert.deepEqual(parseSpec(JSON.parse(JSON.stringify(spec))), spec);
    }
  });

  it('takes the smallest and the largest of everything', () => {
    for (const input of [
      { messages: 1 },
      { messages: 100_000_000 },
      { seed: 0 },
      { seed: Number.MAX_SAFE_INTEGER },
      { seed: 'any text, ä' },
      { period: { start: '2000-01-01', end: '2000-01-01' } },
      { period: { start: '2099-12-31', end: '2099-12-31' } },
      { organisation: { employees: 2 } },
      { organisation: { employees: 200_000 } },
      { content: { languages: { en: 0, de: 1000 } } },
      { traffic: { overrides: { threaded: 0, external: 100, private: 0, machine: 100, quoting: 0, length: 10 } } },
      { execution: { workers: 256, shardBlocks: 64 } },
      { $schema: 'https://schemas.example/job-spec.json' },
      { organisation: { domain: 'mail.bank.test' } },
      { delivery: { truth: { formats: [] } } },
      { delivery: { layout: 'none', truth: { lines: 'all', formats: ['parquet', 'csv', 'jsonl'] } } },
      { scenarios: [] },
      { scenarios: [{ scenario: 'all', rate: 0, nearMisses: 0 }] },
      { scenarios: [{ scenario: 'deal-tip', rate: 100, nearMisses: 5, evasion: { explicit: 1000, code: 0 } }] },
      {
        scenarios: [
          { scenario: 'conduct', arcs: 0 },
          { scenario: 'conduct', arcs: 10_000_000 },
        ],
      },
      { scenarios: Array.from({ length: 200 }, () => ({ scenario: 'all' })) },
    ])
      assert.deepEqual(problemsOf(input), [], JSON.stringify(input));
  });

  /** A spec, where its one problem is, the value as it is shown, and what would be right. */
  const wrong: readonly (readonly [input: unknown, path: string, shown: string, remedy: RegExp])[] = [
    [{ messages: 0 }, 'messages', '0', /at least 1/],
    [{ messages: 1e9 }, 'messages', '1000000000', /at most 100000000/],
    [{ messages: 1.5 }, 'messages', '1.5', /a whole number/],
    [{ messages: 'ten' }, 'messages', '"ten"', /number/],
    [{ messages: null }, 'messages', 'null', /number/],
    [{ seed: -1 }, 'seed', '-1', /at least 0/],
    [{ seed: 1.5 }, 'seed', '1.5', /whole number|string|text/],
    [{ seed: [] }, 'seed', '[]', /whole number|string|text/],
    [{ version: 2 }, 'version', '2', /one of 1/],
    [{ period: { start: '2025-02-30' } }, 'period.start', '"2025-02-30"', /a date that exists, written 2025-01-31/],
    [{ period: { start: '2025-03-02', end: '2025-03-01' } }, 'period.end', '"2025-03-01"', /comes before the start, 2025-03-02/],
    [{ period: { start: '2025-01-06', end: '2100-01-01' } }, 'period', '2100-01-01', /between 2000-01-01 and 2099-12-31/],
    [{ organisation: { name: 'A <b>' } }, 'organisation.name', '"A <b>"', /no control characters, quotes, angle brackets/],
    [{ organisation: { domain: 'Bank' } }, 'organisation.domain', '"Bank"', /a lower-case domain name, such as aldermoor\.example/],
    [{ organisation: { employees: 1 } }, 'organisation.employees', '1', /at least 2/],
    [{ organisation: { desks: [] } }, 'organisation.desks', '[]', /at least 1/],
    [{ organisation: { desks: [{ id: 'fx' }, { id: 'risk' }, { id: 'fx' }] } }, 'organisation.desks[2].id', '"fx"', /listed twice/],
    [{ organisation: { desks: [{ id: 'FX' }] } }, 'organisation.desks[0].id', '"FX"', /lower-case letters, digits and dashes/],
    [office({ zone: 'Mars/Olympus' }), 'organisation.offices[0].zone', '"Mars/Olympus"', /one of .*Europe\/London/],
    [office({ locale: 'english' }), 'organisation.offices[0].locale', '"english"', /such as en-GB/],
    [office({ weight: 0 }), 'organisation.offices[0].weight', '0', /at least 1/],
    [
      { ...office({ zone: 'Australia/Perth' }), period: { start: '2005-01-01' } },
      'organisation.offices[0].zone',
      '"Australia/Perth"',
      /known only from 2010 on/,
    ],
    [{ organisation: { outsiders: { clients: 0 } } }, 'organisation.outsiders.clients', '0', /at least 1/],
    [{ traffic: { profile: 'enron' } }, 'traffic.profile', '"enron"', /one of bank-2025, enron-2001/],
    [{ traffic: { overrides: { threaded: 101 } } }, 'traffic.overrides.threaded', '101', /at most 100/],
    [{ content: { languages: {} } }, 'content.languages', '{}', /at least one language needs a weight over 0/],
    [{ content: { languages: { en: 0 } } }, 'content.languages', '{"en":0}', /at least one language needs a weight over 0/],
    [{ content: { languages: { English: 1 } } }, 'content.languages.English', 'English', /a language tag, such as en/],
    [{ content: { html: 'yes' } }, 'content.html', '"yes"', /number/],
    [{ delivery: { layout: 'pst' } }, 'delivery.layout', '"pst"', /one of eml, zip, mbox, none/],
    [{ delivery: { truth: 'all' } }, 'delivery.truth', '"all"', /object/],
    [{ delivery: { truth: { lines: 'none' } } }, 'delivery.truth.lines', '"none"', /one of arcs, all/],
    [{ delivery: { truth: { formats: ['csv', 'xml'] } } }, 'delivery.truth.formats[1]', '"xml"', /one of jsonl, csv, parquet/],
    [{ execution: { workers: 0 } }, 'execution.workers', '0', /at least 1/],
    [
      { scenarios: [{ type: 'tipping' }] },
      'scenarios[0].type',
      '',
      /no such field; the fields here are scenario, rate, arcs, nearMisses, evasion/,
    ],
    [{ scenarios: [{ rate: 1 }] }, 'scenarios[0].scenario', '', /string/],
    [{ scenarios: [{ scenario: 'Deal tip' }] }, 'scenarios[0].scenario', '"Deal tip"', /lower-case letters, digits and dashes/],
    [{ scenarios: [{ scenario: 'all' }, { scenario: 'all', rate: 150 }] }, 'scenarios[1].rate', '150', /at most 100/],
    [{ scenarios: [{ scenario: 'all', arcs: 1.5 }] }, 'scenarios[0].arcs', '1.5', /a whole number/],
    [{ scenarios: [{ scenario: 'all', rate: 1, arcs: 5 }] }, 'scenarios[0].arcs', '5', /either a rate or a number of arcs, not both/],
    [{ scenarios: [{ scenario: 'all', nearMisses: 6 }] }, 'scenarios[0].nearMisses', '6', /at most 5/],
    [{ scenarios: [{ scenario: 'all', evasion: { shouted: 1 } }] }, 'scenarios[0].evasion.shouted', '', /no such field/],
    [{ scenarios: [{ scenario: 'all', evasion: {} }] }, 'scenarios[0].evasion', '{}', /at least one level needs a weight over 0/],
    [
      { scenarios: [{ scenario: 'all', evasion: { code: 0 } }] },
      'scenarios[0].evasion',
      '{"code":0}',
      /at least one level needs a weight over 0/,
    ],
    [{ scenarios: [{ scenario: 'all', evasion: { code: -1 } }] }, 'scenarios[0].evasion.code', '-1', /at least 0/],
    [{ message: 5 }, 'message', '', /no such field; the fields here are .*messages/],
    [{ organisation: { office: [] } }, 'organisation.office', '', /no such field; the fields here are .*offices/],
    [office({ country: 'UK' }), 'organisation.offices[0].country', '', /no such field; the fields here are .*locale/],
    [{ content: { sigs: 5 } }, 'content.sigs', '', /no such field; the fields here are .*signatures/],
    [{ period: 'all' }, 'period', '"all"', /object/],
    [null, '', 'null', /object/],
    [[], '', '[]', /object/],
    ['spec', '', '"spec"', /object/],
  ];
  for (const [input, path, shown, remedy] of wrong)
    it(`names place, value and remedy: ${JSON.stringify(input)}`, () => {
      const problems = problemsOf(input);
      const problem = problems.find((p) => p.path === path);
      assert.ok(problem, `a problem at '${path}', not at ${problems.map((p) => `'${p.path}'`).join()}`);
      assert.ok(problem.message.includes(shown), problem.message);
      assert.match(problem.message, remedy);
    });

  it('names every problem, and each once', () => {
    const problems = problemsOf({
      messages: 0,
      period: { start: 'x' },
      organisation: { employees: 1, nmae: 'X' },
      delivery: { layout: 'tar' },
      extra: true,
    });
    assert.deepEqual(problems.map((p) => p.path).sort(), [
      'delivery.layout',
      'extra',
      'messages',
      'organisation.employees',
      'organisation.nmae',
      'period.start',
    ]);
  });

  it('says of texts how many characters they may have, of lists how many members', () => {
    assert.doesNotMatch(
      problemsOf({ organisation: { name: '' } })
        .map((p) => p.message)
        .join(),
      /of them/,
    );
    assert.match(problemsOf({ organisation: { offices: [] } })[0]!.message, /at least 1/);
  });

  it('says in its message all that its problems say', () => {
    assert.throws(
      () => parseSpec({ messages: 0, version: 2 }),
      (error) =>
        error instanceof SpecError && error.problems.every((p) => error.message.includes(p.path) && error.message.includes(p.message)),
    );
  });

  it('has a JSON schema with a meaning for what is not plain, of which nothing is required', () => {
    const schema = jobSpecJsonSchema() as {
      properties: Record<string, { description?: string }>;
      required?: string[];
      additionalProperties: boolean;
    };
    assert.deepEqual(Object.keys(schema.properties).sort(), Object.keys(jobSpecSchema.shape).sort());
    assert.deepEqual(schema.required ?? [], []);
    assert.equal(schema.additionalProperties, false);
    assert.ok(schema.properties['seed']!.description);
  });
});
