import assert from 'node:assert/strict';
import fc from 'fast-check';
import { hoverAt } from '../../src/extension/jobfiles/hover.ts';
import { helpSchema, kindOf, specField, type Field } from '../../src/extension/jobfiles/schema.ts';
import { suggestionsAt } from '../../src/extension/jobfiles/suggestions.ts';
import { parse } from 'yaml';

/** Help while a job file is written: what is offered at the cursor, which stands at "|", and what is told of a field. */

const at = (marked: string): [string, number] => [marked.replace('|', ''), marked.indexOf('|')];

function offered(marked: string): string[] {
  return suggestionsAt(...at(marked))?.suggestions.map(({ label }) => label) ?? [];
}

/** The text after a suggestion was taken, the cursor at "|", as VS Code would insert it. */
function taken(marked: string, label: string): string {
  const [text, offset] = at(marked);
  const found = suggestionsAt(text, offset)!;
  const { insert } = found.suggestions.find((each) => each.label === label)!;
  const indent = /^ */.exec(text.slice(text.lastIndexOf('\n', found.word.from - 1) + 1))![0];
  const written = insert
    .replaceAll('\n', `\n${indent}`)
    .replace('$0', '|')
    .replace(/\\([$}\\])/g, '$1');
  return text.slice(0, found.word.from) + written + text.slice(found.word.to);
}

const SECTIONS = [
  '$schema',
  'version',
  'seed',
  'messages',
  'period',
  'organisation',
  'traffic',
  'content',
  'scenarios',
  'delivery',
  'execution',
];

describe('suggestions in a job file', () => {
  it('are the fields of a section', () => {
    assert.deepEqual(offered('|'), SECTIONS);
    assert.deepEqual(offered('mes|'), SECTIONS);
    assert.deepEqual(offered('period:\n  |\nmessages: 5\n'), ['start', 'end']);
    assert.deepEqual(offered('period:\r\n  start: 2025-01-06\r\n  |\r\nmessages: 5\r\n'), ['end']);
    assert.deepEqual(offered('period:\n  start:\n  |'), ['end']);
    assert.deepEqual(offered('delivery:\n  truth:\n    |'), ['lines', 'formats']);
    assert.deepEqual(offered('period: { start: 2025-01-06, | }'), ['end']);
    assert.deepEqual(offered('period: { st| }'), ['start', 'end']);
    assert.ok(!offered('messages: 5\n\n|').includes('messages'));
  });

  it('are the fields of what a list holds', () => {
    const fields = ['scenario', 'rate', 'arcs', 'nearMisses', 'evasion'];
    assert.deepEqual(offered('scenarios:\n  - |'), fields);
    assert.deepEqual(offered('scenarios:\n  |'), fields);
    assert.deepEqual(offered('scenarios:\n  - scenario: all\n    |'), fields.slice(1));
    assert.deepEqual(offered('scenarios:\n  - scenario: all\n    evasion:\n      |')[0], 'explicit');
    assert.deepEqual(offered('scenarios: [{ scenario: all, | }]'), fields.slice(1));
  });

  it('are the values of a field', () => {
    assert.deepEqual(offered('delivery:\n  layout: |\n'), ['eml', 'zip', 'mbox', 'none']);
    assert.deepEqual(offered('delivery:\n  layout: z|\n  truth: {}\n'), ['eml', 'zip', 'mbox', 'none']);
    assert.deepEqual(offered('delivery: { layout: "|" }'), ['eml', 'zip', 'mbox', 'none']);
    assert.deepEqual(offered('delivery: { truth: { formats: [jsonl, |] } }'), ['jsonl', 'csv', 'parquet']);
    assert.deepEqual(offered('delivery:\n  truth:\n    formats:\n      - |'), ['jsonl', 'csv', 'parquet']);
    assert.deepEqual(offered('messages: |'), ['10000']);
    assert.ok(offered('organisation:\n  offices:\n    - zone: Europe/|').includes('Europe/Zurich'));
  });

  it('are none where nothing is known, or wanted', () => {
    for (const marked of ['# mes|', 'messages: 5 # |', 'nonsense:\n  |', 'organisation: |', 'organisation:\n  name: |x y', 'messages|: &a'])
      assert.ok(!offered(marked).includes('nonsense'));
    assert.deepEqual(offered('# mes|'), []);
    assert.deepEqual(offered('messages: 5 # |'), []);
    assert.deepEqual(offered('nonsense:\n  |'), []);
    assert.deepEqual(offered('organisation: |'), []);
  });

  it('are written so that one can go on', () => {
    assert.equal(taken('mes|', 'messages'), 'messages: |');
    assert.equal(taken('|', '$schema'), '$schema: |');
    assert.equal(taken('|', 'period'), 'period:\n  |');
    assert.equal(taken('organisation:\n  |', 'desks'), 'organisation:\n  desks:\n    - |');
    assert.equal(taken('scenarios:\n  |', 'scenario'), 'scenarios:\n  - scenario: |');
    assert.equal(taken('scenarios:\n  - |', 'evasion'), 'scenarios:\n  - evasion:\n      |');
    assert.equal(taken('scenarios:\n  |', 'evasion'), 'scenarios:\n  - evasion:\n      |');
    assert.equal(taken('delivery: { tr| }', 'truth'), 'delivery: { truth: { | } }');
    assert.equal(taken('me|: 5', 'messages'), 'messages: 5');
    assert.equal(taken('delivery:\n  layout: z|', 'zip'), 'delivery:\n  layout: zip');
  });

  it('say what each value means', () => {
    const described = suggestionsAt(...at('delivery:\n  layout: |'))!.suggestions.map(({ label, description, isDefault }) => [
      label,
      description,
      isDefault,
    ]);
    assert.deepEqual(described, [
      ['eml', 'a file a message', true],
      ['zip', 'a file a shard', false],
      ['mbox', 'a file a shard', false],
      ['none', 'measures only, leaves no message', false],
    ]);
    for (const { label, description } of suggestionsAt(...at('delivery: { truth: { lines: |} }'))!.suggestions)
      assert.ok(description, label);
  });

  it('of sections lead to a file without problems of syntax, wherever they are taken', () => {
    for (const label of SECTIONS)
      assert.doesNotThrow(() => parse(taken('messages: 1\n|\n', label === 'messages' ? 'seed' : label).replace('|', 'x')));
  });

  it('never fail', () => {
    const text = 'messages: 10\nperiod: { start: "2025" }\nscenarios:\n  - scenario: all\n    evasion: { coded: 1 }\n# end\n';
    fc.assert(
      fc.property(
        fc.nat(text.length),
        fc.nat(6),
        fc.constantFrom('', '{', '[', '"', '- ', ': ', '&a', '|', '\t', '!x'),
        (from, cut, put) => {
          const changed = text.slice(0, from) + put + text.slice(from + cut);
          suggestionsAt(changed, Math.min(changed.length, from + put.length));
          hoverAt(changed, 'yaml', Math.min(changed.length, from));
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('what is told of a field', () => {
  const told = (marked: string, format: 'yaml' | 'json' = 'yaml'): string | undefined => {
    const [text, offset] = at(marked);
    const found = hoverAt(text, format, offset);
    return found && `${text.slice(found.span.from, found.span.to)}: ${found.name}, ${found.kind}; ${found.description}; ${found.value}`;
  };

  it('is told at its name and at its value', () => {
    assert.equal(told('per|iod:\n  start: 2025-01-06'), 'period: period, section; undefined; undefined');
    assert.equal(told('period:\n  st|art: 2025-01-06'), 'start: start, text; First day, in the time zone of whoever writes; undefined');
    assert.equal(
      told('period:\n  start: 2025-0|1-06'),
      '2025-01-06: start, text; First day, in the time zone of whoever writes; undefined',
    );
    assert.match(told('execution: { work|ers: 3 }')!, /^workers: workers, whole number, 1 to 256; Threads/);
    assert.match(told('{ "delivery": {\t"layout": "z|ip" } }', 'json')!, /^"zip": layout, .*; a file a shard$/);
    assert.match(told('scenarios:\n  - scena|rio: all')!, /A scenario by its id/);
  });

  it('is nothing elsewhere', () => {
    for (const marked of ['# per|iod', 'non|sense: 1', 'period:\n  start: 2025-01-06\n\n|\n', '|']) assert.equal(told(marked), undefined);
  });

  it('is what the schema says', () => {
    assert.equal(kindOf(specField().properties!['seed']!), 'whole number, from 0 or text');
    assert.equal(kindOf(specField().properties!['messages']!), 'whole number, 1 to 100,000,000');
    assert.equal(kindOf(specField().properties!['scenarios']!), 'list');
  });
});

describe('the schema for VS Code', () => {
  it('helps and does not judge: what is wrong is said once, by us', () => {
    const text = JSON.stringify(helpSchema());
    for (const judging of ['"minimum"', '"pattern"', '"enum"', '"additionalProperties"', '"required"', '"type"', '"const"'])
      assert.ok(!text.includes(judging), judging);
  });

  it('has every field', () => {
    const names = (field: { readonly properties?: object; readonly items?: object }): unknown => ({
      ...(field.properties && Object.fromEntries(Object.entries(field.properties).map(([name, each]) => [name, names(each as Field)]))),
      ...(field.items && { items: names(field.items) }),
    });
    const own = names(helpSchema()) as { scenarios: { items: { evasion: object } } };
    assert.ok(Object.keys(own.scenarios.items.evasion).includes('explicit'));
    own.scenarios.items.evasion = {};
    assert.deepEqual(own, names(specField()));
  });
});
