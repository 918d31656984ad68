import fc from 'fast-check';
import type { JobSpec } from '../../src/job/spec.ts';

/** Job specs that are wrong in a known place, and what holds of any that is accepted: written by hand from the reference, not derived from the schema. */

/** A number of the spec: where, from, to, whether only whole ones will do. `[]` stands for any element of a list. */
type Bound = readonly [path: string, min: number, max: number, kind: 'whole' | 'any'];

const BOUNDS: readonly Bound[] = [
  ['messages', 1, 100_000_000, 'whole'],
  ['organisation.employees', 2, 200_000, 'whole'],
  ['organisation.desks[].weight', 1, 1000, 'whole'],
  ['organisation.offices[].weight', 1, 1000, 'whole'],
  ['organisation.outsiders.clients', 1, 20_000, 'whole'],
  ['organisation.outsiders.counterparties', 1, 5_000, 'whole'],
  ['organisation.outsiders.vendors', 1, 5_000, 'whole'],
  ['organisation.outsiders.regulators', 1, 20, 'whole'],
  ['organisation.outsiders.newsletters', 1, 500, 'whole'],
  ['traffic.overrides.threaded', 0, 100, 'any'],
  ['traffic.overrides.external', 0, 100, 'any'],
  ['traffic.overrides.private', 0, 100, 'any'],
  ['traffic.overrides.machine', 0, 100, 'any'],
  ['traffic.overrides.quoting', 0, 100, 'any'],
  ['traffic.overrides.length', 10, 400, 'whole'],
  ['content.html', 0, 100, 'any'],
  ['content.signatures', 0, 100, 'any'],
  ['content.disclaimers', 0, 100, 'any'],
  ['content.attachments', 0, 100, 'any'],
  ['content.languages.en', 0, 1000, 'whole'],
  ['scenarios[].rate', 0, 100, 'any'],
  ['scenarios[].arcs', 0, 10_000_000, 'whole'],
  ['scenarios[].nearMisses', 0, 5, 'whole'],
  ['scenarios[].evasion.explicit', 0, 1000, 'whole'],
  ['execution.workers', 1, 256, 'whole'],
  ['execution.shardBlocks', 1, 64, 'whole'],
];

/** Texts of the spec: where, some that will not do. */
const TEXTS: readonly (readonly [path: string, ...bad: string[]])[] = [
  ['seed', ''],
  ['period.start', '', 'yesterday', '2025-02-30', '2025-13-01', '2025-1-6', '06.01.2025', '2025-01-06T00:00:00Z', '1999-12-31'],
  ['period.end', '2024-12-31', '2025-06-31', '2100-01-01', ' 2025-06-30'],
  ['organisation.name', '', 'A <b>', 'Two\nLines', 'Bank "One"', 'a@b', 'x'.repeat(61)],
  [
    'organisation.domain',
    '',
    'localhost',
    'UPPER.example',
    'a b.example',
    'bank..example',
    '-a.example',
    'bank.example.',
    `${'a.'.repeat(100)}example`,
  ],
  ['organisation.desks[].id', '', 'Risk', '1st', 'two words', 'x'.repeat(41)],
  ['organisation.offices[].city', '', 'Lon\tdon', 'x'.repeat(61)],
  ['organisation.offices[].zone', '', 'Mars/Olympus', 'europe/london', 'GMT+1'],
  ['organisation.offices[].locale', '', 'en', 'en_GB', 'EN-gb', 'english'],
  ['traffic.profile', '', 'enron', 'Bank-2025'],
  ['delivery.layout', '', 'EML', 'pst', 'none '],
  ['delivery.truth.lines', '', 'All', 'none', 'arc'],
  ['delivery.truth.formats[]', '', 'CSV', 'json', 'csv,parquet'],
  ['content.packs[]', '', 'x'.repeat(401)],
  ['scenarios[].scenario', '', 'Deal-Tip', 'deal tip', '1st', 'x'.repeat(41)],
];

/** Sections and lists, and what each field is when it is of the right kind. */
const SECTIONS = [
  'period',
  'organisation',
  'organisation.outsiders',
  'traffic',
  'traffic.overrides',
  'content',
  'content.languages',
  'scenarios[].evasion',
  'delivery',
  'delivery.truth',
  'execution',
];
const LISTS: readonly (readonly [path: string, bad: readonly (readonly unknown[])[]])[] = [
  ['organisation.desks', [[], [{ id: 'risk' }, { id: 'risk' }], [{ weight: 3 }], Array.from({ length: 61 }, (_, i) => ({ id: `d${i}` }))]],
  [
    'organisation.offices',
    [[], [{ city: 'Bath' }], Array.from({ length: 61 }, (_, i) => ({ city: `C${i}`, zone: 'UTC', locale: 'en-GB' }))],
  ],
  ['delivery.truth.formats', [['xml'], [1], ['jsonl', 'csv', 'parquet', 'csv']]],
  [
    'scenarios',
    [
      [{ type: 'insider' }],
      [1],
      [{ scenario: 'all', rate: 1, arcs: 1 }],
      [{ scenario: 'all', evasion: {} }],
      [{ scenario: 'all', evasion: { explicit: 0, code: 0 } }],
      Array.from({ length: 201 }, () => ({ scenario: 'all' })),
    ],
  ],
];

/** A spec with something in every place, all of it right. */
const WHOLE = {
  version: 1,
  seed: 7,
  messages: 500,
  period: { start: '2025-01-06', end: '2025-06-27' },
  organisation: {
    name: 'Aldermoor Bank',
    domain: 'aldermoor.example',
    employees: 50,
    desks: [
      { id: 'risk', weight: 3 },
      { id: 'fx', weight: 2 },
    ],
    offices: [
      { city: 'London', zone: 'Europe/London', locale: 'en-GB', weight: 2 },
      { city: 'Berlin', zone: 'Europe/Berlin', locale: 'de-DE', weight: 1 },
    ],
    outsiders: { clients: 5, counterparties: 5, vendors: 5, regulators: 1, newsletters: 2 },
  },
  traffic: { profile: 'enron-2001', overrides: { threaded: 50, external: 20, private: 5, machine: 10, quoting: 50, length: 90 } },
  content: { languages: { en: 3, de: 1 }, packs: ['own'], html: 40, signatures: 50, disclaimers: 50, attachments: 100 },
  scenarios: [
    { scenario: 'all', rate: 0.5, nearMisses: 2, evasion: { explicit: 3, code: 1 } },
    { scenario: 'deal-tip', arcs: 4, evasion: { explicit: 1 } },
  ],
  delivery: { layout: 'zip', truth: { lines: 'all', formats: ['jsonl', 'csv'] } },
  execution: { workers: 2, shardBlocks: 4 },
};

type Tree = { [key: string]: unknown };

/** A copy of the whole spec with one value put elsewhere; `element` chooses among a list's. */
function withValue(path: string, element: number, value: unknown): { spec: Tree; at: string } {
  const spec = structuredClone(WHOLE) as Tree;
  let node: unknown = spec;
  let at = '';
  const keys = path.replaceAll('[]', '.[]').split('.');
  keys.forEach((key, i) => {
    const list = node as unknown[];
    const name = key === '[]' ? element % list.length : key;
    at += key === '[]' ? `[${name}]` : at === '' ? key : `.${key}`;
    if (i === keys.length - 1) (node as Tree)[name] = value;
    else node = (node as Tree)[name];
  });
  return { spec, at };
}

/** A spec that must be refused, and the place that the refusal has to name. */
export interface BadSpec {
  readonly spec: unknown;
  readonly at: string;
  readonly value: unknown;
}

const place = <T extends readonly [string, ...unknown[]]>(rows: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...rows);
const wrong = (path: fc.Arbitrary<string>, value: (path: string) => fc.Arbitrary<unknown>): fc.Arbitrary<BadSpec> =>
  path.chain((p) => fc.tuple(value(p), fc.nat(3)).map(([v, element]) => ({ ...withValue(p, element, v), value: v })));

const notANumber = fc.oneof(fc.constant(null), fc.boolean(), fc.string(), fc.constant([]), fc.constant({}), fc.constant([5]));
const outOfBounds = place(BOUNDS).chain(([path, min, max, kind]) => {
  const below = fc.oneof(
    fc.constant(min - 1),
    fc.integer({ min: -1e9, max: min - 1 }),
    // −0 is nobody's bound, but fast-check takes it for less than 0.
    fc.double({ max: min, maxExcluded: true, noNaN: true }).filter((n) => n < min),
  );
  const above = fc.oneof(
    fc.constant(max + 1),
    fc.integer({ min: max + 1, max: 2e9 }),
    fc.double({ min: max, minExcluded: true, noNaN: true }),
  );
  const between = fc.double({ min, max, noNaN: true }).filter((n) => !Number.isInteger(n));
  return wrong(fc.constant(path), () => fc.oneof(below, above, notANumber, fc.constant(NaN), ...(kind === 'whole' ? [between] : [])));
});
const badText = place(TEXTS).chain(([path, ...bad]) =>
  wrong(fc.constant(path), () => fc.oneof(fc.constantFrom(...bad), fc.constantFrom(null, true, -1.5, {}, []))),
);
const badSection = wrong(fc.constantFrom(...SECTIONS), () => fc.constantFrom(null, 5, 'text', true, [], ['x']));
const badList = place(LISTS).chain(([path, bad]) => wrong(fc.constant(path), () => fc.constantFrom(...bad, null, 'text', {}, 3)));
const unknownField = fc
  .tuple(
    fc.constantFrom(
      '',
      ...SECTIONS.filter((section) => section !== 'content.languages'),
      'organisation.desks[]',
      'organisation.offices[]',
      'scenarios[]',
    ),
    fc.string({ minLength: 1 }).filter((name) => /^\w+$/.test(name)),
    fc.jsonValue(),
  )
  .map(([section, name, value]) => ({ ...withValue(section === '' ? `${name}_` : `${section}.${name}_`, 0, value), value }));

/** One thing wrong, anywhere. */
export const badSpecs: fc.Arbitrary<BadSpec> = fc.oneof(
  { weight: 4, arbitrary: outOfBounds },
  { weight: 3, arbitrary: badText },
  badSection,
  badList,
  unknownField,
);

/** Whatever JSON and YAML can hold, in any place of a spec. */
const anything = fc
  .anything({ maxDepth: 3, withDate: true, withMap: true, withSet: true, withTypedArray: true, withNullPrototype: true })
  .filter((value) => typeof value !== 'function');
export const oddSpecs: fc.Arbitrary<unknown> = fc.oneof(
  anything,
  fc
    .tuple(fc.constantFrom(...[...BOUNDS, ...TEXTS, ...LISTS].map(([path]) => path as string), ...SECTIONS), fc.nat(3), anything)
    .map(([path, element, value]) => withValue(path, element, value).spec),
  fc.dictionary(fc.constantFrom(...Object.keys(WHOLE), '$schema', '__proto__', 'constructor'), anything),
);

/** What is out of bounds in a spec that was accepted. */
export function violations(spec: JobSpec): string[] {
  const found = BOUNDS.flatMap(([path, min, max, kind]) =>
    valuesAt(spec, path)
      .filter((n) => !(typeof n === 'number' && n >= min && n <= max && (kind === 'any' || Number.isInteger(n))))
      .map((n) => `${path}: ${String(n)}`),
  );
  const { seed, period, organisation, content, scenarios } = spec;
  if (!(typeof seed === 'string' ? seed.length >= 1 && seed.length <= 200 : Number.isSafeInteger(seed) && seed >= 0))
    found.push(`seed: ${seed}`);
  if (!(period.start <= period.end && period.start >= '2000-01-01' && period.end <= '2099-12-31'))
    found.push(`period: ${period.start} to ${period.end}`);
  if (new Set(organisation.desks.map((desk) => desk.id)).size !== organisation.desks.length) found.push('desks twice');
  if (!/^[a-z0-9.-]{3,200}$/.test(organisation.domain)) found.push(`domain: ${organisation.domain}`);
  if (!Object.values(content.languages).some((weight) => weight > 0)) found.push('no language');
  if (scenarios.length > 200) found.push('scenarios: too many');
  scenarios.forEach(({ scenario, rate, arcs, evasion }, i) => {
    if (!/^[a-z][a-z0-9-]{0,39}$/.test(scenario)) found.push(`scenarios[${i}].scenario: ${scenario}`);
    if (rate !== undefined && arcs !== undefined) found.push(`scenarios[${i}]: rate and arcs`);
    if (evasion && !Object.values(evasion).some((weight) => weight > 0)) found.push(`scenarios[${i}].evasion: no level`);
  });
  return found;
}

function valuesAt(spec: JobSpec, path: string): unknown[] {
  let nodes: unknown[] = [spec];
  for (const key of path.replaceAll('[]', '.[]').split('.'))
    nodes = nodes.flatMap((node) => (key === '[]' ? (node as unknown[]) : [(node as Tree | undefined)?.[key]]));
  return nodes.filter((value) => value !== undefined);
}

/** The spec that all mutations start from. */
export const GOOD: unknown = WHOLE;
