import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { Corpora } from '../../src/extension/preview/corpora.ts';
import { checkFile } from '../../src/extension/jobfiles/problems.ts';
import { type JobFormat, formatOf } from '../../src/extension/jobfiles/format.ts';
import { jsonFault } from '../../src/extension/jobfiles/json-fault.ts';
import { makeWorkspace } from '../vscode/workspace.ts';

/** Where the problems of a job file are shown: what is underlined, and what is said of it. */

const problemsOf = (source: string, format: JobFormat = 'yaml'): string[] =>
  checkFile(source, format).problems.map(({ from, to, message, mild }) => `${mild ? 'mild ' : ''}<${source.slice(from, to)}> ${message}`);

const begins = (found: readonly string[], expected: readonly string[]): void => {
  assert.equal(found.length, expected.length, found.join('\n'));
  expected.forEach((text, i) => assert.ok(found[i]!.startsWith(text), `${found[i]}\nshould begin with\n${text}`));
};

describe('a job file', () => {
  it('is known by its name', () => {
    assert.equal(formatOf('/a/b/nightly.mailwright.json'), 'json');
    assert.equal(formatOf('nightly.mailwright.yaml'), 'yaml');
    assert.equal(formatOf('nightly.MAILWRIGHT.YML'), 'yaml');
    for (const other of ['mailwright.json', 'a.mailwright.txt', 'a.json', '']) assert.equal(formatOf(other), undefined);
  });

  it('without a problem gives its spec, with defaults', () => {
    for (const [source, format] of [
      ['messages: 7\n', 'yaml'],
      ['{ "messages": 7 }', 'json'],
      ['{\r\n\t"messages": 7\r\n}', 'json'],
    ] as const) {
      const { spec, problems } = checkFile(source, format);
      assert.deepEqual(problems, []);
      assert.equal(spec?.messages, 7);
      assert.equal(spec.delivery.layout, 'eml');
    }
  });

  it('of the sample workspace has none, nor have its packs any with it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'mailwright-unit-'));
    try {
      const files = readdirSync(makeWorkspace(folder)).filter((name) => formatOf(name) !== undefined);
      assert.equal(files.length, 2);
      const corpora = new Corpora(new URL('../../dist/packs/', import.meta.url).pathname);
      for (const name of files) {
        const { spec, problems } = checkFile(readFileSync(join(folder, name), 'utf8'), formatOf(name)!);
        assert.deepEqual(problems, [], name);
        assert.equal(corpora.check({ spec: spec!, base: folder }).messages, spec!.messages);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('has its problems at their values', () => {
    begins(problemsOf('messages: 0 # none\n'), ['<0> messages: 0 will not do: at least 1']);
    begins(problemsOf('{ "messages": 0 }', 'json'), ['<0> messages: 0 will not do: at least 1']);
    begins(problemsOf('delivery:\n  truth:\n    lines: most\n'), ['<most> delivery.truth.lines: "most" will not do: one of arcs, all']);
    begins(problemsOf('{\n\t"delivery": {\n\t\t"truth": {\n\t\t\t"lines": "most"\n\t\t}\n\t}\n}', 'json'), [
      '<"most"> delivery.truth.lines',
    ]);
    begins(
      problemsOf('organisation: { offices: [{ city: X, zone: Europe/London, locale: en-GB }, { city: Y, zone: Mars, locale: en-GB }] }'),
      ['<Mars> organisation.offices[1].zone: "Mars" will not do: one of UTC'],
    );
    begins(problemsOf('period:\r\n  start: 2025-03-01\r\n  end: 2025-02-01\r\n'), ['<2025-02-01> period.end: ']);
    begins(problemsOf('messages: &many 0\n'), ['<0> messages']);
  });

  it('has its problems at their names where the name is what is wrong', () => {
    begins(problemsOf('organisation:\n  nme: x\n'), ['<nme> organisation.nme: no such field; the fields here are name']);
    begins(problemsOf('a.b: 1\nmessages: 5\n'), ['<a.b> a.b: no such field']);
    begins(problemsOf('{ "delivery": { "layuot": "zip" } }', 'json'), ['<"layuot"> delivery.layuot: no such field']);
    begins(problemsOf('content: { languages: { english: 1 } }'), ['<english> content.languages.english: ']);
    begins(problemsOf('scenarios:\n  - scenario: all\n    evasion: { loud: 1, explicit: 1 }\n'), ['<loud> scenarios[0].evasion.loud: ']);
  });

  it('has its problems at the nearest place there is', () => {
    begins(problemsOf('organisation:\n  offices:\n    - city: X\n      zone: UTC\n'), [
      '<city: X> organisation.offices[0].locale: missing',
    ]);
    begins(problemsOf('period:\n  start: 2000-01-01\n  end: 2100-01-01\n'), ['<period> period: ']);
    begins(problemsOf('content:\n  languages: {}\n'), ['<languages> content.languages: ']);
    begins(problemsOf('delivery:\nmessages: 3\n'), ['<delivery> delivery: null will not do']);
    begins(problemsOf('- 1\n'), ['<- 1> a job spec is an object']);
    begins(problemsOf('7'), ['<7> a job spec is an object']);
    assert.equal(problemsOf('').length, 1);
    assert.equal(problemsOf('# only a comment\n').length, 1);
  });

  it('in YAML has the problems of its syntax where they are', () => {
    begins(problemsOf('messages: 1\nmessages: 2\n'), ['<messages> Map keys must be unique']);
    begins(problemsOf('organisation:\n\tname: x\n'), ['<\t> Tabs are not allowed as indentation']);
    begins(problemsOf('messages: 1\n---\nmessages: 2\n'), ['<---']);
    begins(problemsOf('period: &p { start: 2025-01-06 }\ntraffic: *p\n'), ['<*p> *p: a job file takes no aliases']);
    assert.match(problemsOf('a: [1, 2')[0]!, /must be sufficiently indented and end with a \]/);
    assert.equal(checkFile('a: "x', 'yaml').spec, undefined);
  });

  it('in JSON has them where JSON.parse would stop', () => {
    const fault = (text: string): string => problemsOf(text, 'json').join('\n');
    assert.equal(fault('{ "messages": 5, }'), '<}> } will not do here: the name of a field, in double quotes');
    assert.equal(fault('{ messages: 5 }'), '<messages> messages will not do here: the name of a field, in double quotes');
    assert.equal(fault("{ 'messages': 5 }"), "<'> ' will not do here: the name of a field, in double quotes");
    assert.equal(fault('{ "messages": 05 }'), '<5> 5 will not do here: a comma or }');
    assert.equal(fault('{ "messages": yes }'), '<yes> yes will not do here: a value');
    assert.equal(fault('{ "messages" 5 }'), '<5> 5 will not do here: a colon');
    assert.equal(fault('{ "messages": 5 // many\n}'), '<//> JSON has no comments: remove it, or make this a .mailwright.yaml');
    assert.equal(fault('{ "messages": 5'), '<5> the file ends too early: a comma or } is missing');
    assert.equal(fault('{} {}'), '<{> { will not do here: nothing more: what a job file holds has ended');
    assert.equal(fault('{ "seed": "a\tb" }'), '<"a\tb"> "a\tb" will not do here: a value');
    assert.equal(fault('{ "messages": 1, "messages": 2 }'), 'mild <"messages"> messages is here twice: the last one counts');
    assert.equal(checkFile('{ "messages": 1, "messages": 2 }', 'json').spec?.messages, 2);
  });

  it('is JSON exactly where JSON.parse takes it', () => {
    const pieces = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"\\u00e9"',
      '"\\x"',
      '1',
      '-0.5e3',
      '01',
      'true',
      'nul',
      ' ',
      '\t',
      '\n',
      '\u00a0',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        const text = parts.join('');
        let sound = true;
        try {
          JSON.parse(text);
        } catch {
          sound = false;
        }
        const found = jsonFault(text);
        assert.equal(found === undefined, sound);
        if (found) {
          assert.ok(found.from >= 0 && found.from <= found.to && found.to <= text.length);
          assert.ok(!found.message.endsWith(': JSON'), `${JSON.stringify(text)}: ${found.message}`);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('however broken, has its problems within the text', () => {
    const sound =
      'messages: 10\nperiod: { start: "2025-01-06" }\norganisation:\n  offices:\n    - city: "Köln 😀"\n      zone: UTC # here\n      locale: de-DE\n';
    const format = fc.constantFrom<JobFormat>('yaml', 'json');
    const change = fc.record({
      at: fc.nat(sound.length),
      cut: fc.nat(8),
      put: fc.constantFrom('', '\t', '{', '"', '- ', ': ', '\r\n', '&a ', '*a', '!!x ', '|', '%', '\u0000', '😀'),
    });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), format, (changes, as) => {
        const start = as === 'yaml' ? sound : JSON.stringify({ messages: 0, organisation: { offices: [{ city: 'x' }] } }, undefined, '\t');
        const text = changes.reduce((all, { at, cut, put }) => all.slice(0, at) + put + all.slice(at + cut), start);
        for (const { from, to } of checkFile(text, as).problems) assert.ok(from >= 0 && from <= to && to <= text.length);
      }),
      { numRuns: 1000 },
    );
  });
});
