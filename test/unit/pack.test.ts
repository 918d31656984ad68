import assert from 'node:assert/strict';
import { textOf } from '../../src/corpus/mime/bytes.ts';
import type { Turn } from '../../src/corpus/conversation/conversation.ts';
import { formatNumber } from '../../src/corpus/conversation/facts.ts';
import { Dates } from '../../src/corpus/pack/dates.ts';
import { parseFact } from '../../src/corpus/pack/facts.ts';
import type { Common, Desk, Pack } from '../../src/corpus/pack/schema.ts';
import { canonicalJson, checkPack, packDigest, PackError, type PackSource } from '../../src/corpus/pack/source.ts';
import { builtinPacks, specOf } from './support.ts';
import { subjectsOf, tinyDesk, tinyGenerator, tinyPack, tinyTopic } from './tiny-pack.ts';

const problemsOf = (source: PackSource): readonly string[] => {
  try {
    checkPack(source, 'here');
  } catch (error) {
    assert.ok(error instanceof PackError);
    assert.equal(error.code, 'PACK_INVALID');
    assert.match(error.message, /^here: /);
    return error.problems;
  }
  return [];
};
const topicWith = (changes: object): PackSource => tinyPack(tinyDesk([tinyTopic(changes)]));

/** The messages of a block in which a pack's one topic is all there is to talk about. */
function spoken(source: PackSource): string[] {
  const texts: string[] = [];
  tinyGenerator(source).block(0, ({ bytes }) => texts.push(Buffer.from(bytes).toString('latin1')));
  return texts;
}

describe('facts', () => {
  it('are read', () => {
    assert.deepEqual(parseFact('company'), { kind: 'named', name: 'company' });
    assert.deepEqual(parseFact('int 5..50 step 5'), { kind: 'number', min: 5, max: 50, step: 5, digits: 0 });
    assert.deepEqual(parseFact('int -5..5'), { kind: 'number', min: -5, max: 5, step: 1, digits: 0 });
    assert.deepEqual(parseFact('dec 1.05..1.2 step 0.05'), { kind: 'number', min: 105, max: 120, step: 5, digits: 2 });
    assert.deepEqual(parseFact('dec 0..1 step 0.000001'), { kind: 'number', min: 0, max: 1_000_000, step: 1, digits: 6 });
    assert.deepEqual(parseFact('code TR-##@'), { kind: 'code', pattern: 'TR-##@' });
    assert.deepEqual(parseFact('list venues'), { kind: 'list', list: 'venues' });
    assert.deepEqual(parseFact(['flat', 'firmer']), { kind: 'oneOf', options: ['flat', 'firmer'] });
  });

  const wrong: readonly (readonly [source: string, message: RegExp])[] = [
    ['compny', /not a fact: compny\. Write one of company, .*list NAME/],
    ['', /not a fact/],
    ['int 5', /not a fact/],
    ['int 5..', /not a fact/],
    ['int 50..5', /a range goes up/],
    ['int 5..50 step 0', /a range goes up/],
    ['dec 1..2 step 0.0000001', /at most six decimals/],
    ['int 1.5..2', /an int has no decimals: write dec/],
    ['dec 1.2.3..4', /a range goes up/],
    ['int 0..3000000000', /within two thousand million/],
    ['list Two Words', /not a fact/],
    ['code ', /not a fact/],
    [`code ${'#'.repeat(41)}`, /not a fact/],
  ];
  for (const [source, message] of wrong)
    it(`say what is wrong with ${JSON.stringify(source)}`, () => assert.match(String(parseFact(source)), message));

  /** What a fact is said as, in conversations that start on the days of one week: each with its date. */
  const drawn = (fact: string | string[]): { readonly text: string; readonly local: Date; readonly turn: Turn }[] =>
    subjectsOf({ facts: { x: fact, size: 'int 5..5', due: 'day' }, subject: ['{x}'] }, { lists: { venues: ['Frankfurt', 'Zurich'] } }).map(
      ({ text, turn }) => ({ text, turn, local: new Date((turn.instant + turn.offset) * 1000) }),
    );
  const values = (fact: string | string[]): string[] => [...new Set(drawn(fact).map(({ text }) => text))].sort();

  it('are drawn within their bounds, every value now and then', () => {
    assert.deepEqual(values('int 5..20 step 5'), ['10', '15', '20', '5']);
    assert.deepEqual(values('dec 1.05..1.2 step 0.05'), ['1.05', '1.10', '1.15', '1.20']);
    assert.deepEqual(values('int -1..1'), ['-1', '0', '1']);
    assert.deepEqual(values('int 1..4 step 2'), ['1', '3']);
    assert.deepEqual(values('list venues'), ['Frankfurt', 'Zurich']);
    assert.deepEqual(values(['up', 'down']), ['down', 'up']);
    for (const code of values('code A#-@.x')) assert.match(code, /^A\d-[A-Z]\.x$/);
    for (const time of values('time')) assert.match(time, /^(0[89]|1[0-7]):[03]0$/);
  });

  const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
  /** Working days from a date to "14 Mar", up to `most` ahead (or back, where negative). */
  const workingDays = (from: Date, shown: string, most: number): number | undefined => {
    const day = new Date(from);
    for (let count = 0; count < Math.abs(most);) {
      day.setUTCDate(day.getUTCDate() + Math.sign(most));
      if (day.getUTCDay() % 6 === 0) continue;
      count++;
      if (`${day.getUTCDate()} ${MONTHS[day.getUTCMonth()]!}` === shown) return count;
    }
    return undefined;
  };
  const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

  for (const [fact, most] of [
    ['date', 12],
    ['pastdate', -15],
  ] as const)
    it(`${fact} is a working day ${most > 0 ? 'ahead' : 'back'}, each of ${Math.abs(most)} now and then`, () => {
      const seen = new Set<number>();
      for (const { text, local } of drawn(fact)) {
        const count = workingDays(local, text, most);
        assert.ok(count !== undefined, `${text}, seen on ${local.toUTCString()}`);
        seen.add(count);
      }
      assert.equal(seen.size, Math.abs(most));
    });

  it('day and pastday are working days of a week', () => {
    for (const fact of ['day', 'pastday']) assert.deepEqual(values(fact), WEEKDAYS.slice(1, 6).sort());
  });

  it('know the month, the quarter and the year in which a conversation starts', () => {
    const expected: Readonly<Record<string, (month: number, year: number) => string>> = {
      month: (month) => MONTHS[(month + 1) % 12]!,
      lastmonth: (month) => MONTHS[(month + 11) % 12]!,
      quarter: (month) => `Q${Math.floor(month / 3) + 1}`,
      lastquarter: (month) => `Q${((Math.floor(month / 3) + 3) % 4) + 1}`,
      year: (_, year) => String(year),
    };
    for (const [fact, of] of Object.entries(expected))
      for (const { text, local } of drawn(fact))
        assert.equal(text, of(local.getUTCMonth(), local.getUTCFullYear()), `${fact} on ${local.toUTCString()}`);
  });

  it('name people and firms of the world', () => {
    for (const company of values('company')) assert.match(company, /^[A-Z][a-z]+ [A-Z]/);
    for (const { text, turn } of drawn('person')) {
      assert.match(text, /^\S+ \S.*$/);
      assert.ok(text !== turn.author.name && text !== turn.to[0]!.name, 'a colleague is somebody else');
    }
    for (const city of values('city')) assert.match(city, /^\p{Lu}/u);
  });

  it('are drawn once a conversation: all its messages say the same', () => {
    const generator = tinyGenerator(
      topicWith({ facts: { size: 'int 1..100000', due: 'day' }, open: ['It is {size} now.'], response: ['So {size} it is.'] }),
      { traffic: { overrides: { quoting: 0 } } },
    );
    let said = 0;
    generator.block(0, ({ bytes, conversation }) => {
      const size = /Limit of (\S+)/.exec(textOf(conversation.turns[0]!.subject.run))![1]!;
      for (const [, other] of Buffer.from(bytes)
        .toString('latin1')
        .matchAll(/(?:It is|So) ([\d,]+) (?:now|it is)/g)) {
        said++;
        assert.equal(other, size);
      }
    });
    assert.ok(said > 100);
  });

  const [calendar, de] = ['en', 'de'].map((language) => builtinPacks().find((p) => p.language === language)!.common!.calendar) as [
    Common['calendar'],
    Common['calendar'],
  ];

  it('are written with the marks of a language', () => {
    assert.equal(formatNumber(1234567, 0, calendar), '1,234,567');
    assert.equal(formatNumber(1234567, 2, calendar), '12,345.67');
    assert.equal(formatNumber(1234567, 2, de), '12.345,67');
    assert.equal(formatNumber(-5, 2, calendar), '-0.05');
    assert.equal(formatNumber(0, 0, calendar), '0');
    assert.equal(formatNumber(999, 0, de), '999');
    assert.equal(textOf(new Dates(calendar).time(8 * 3600 + 5 * 60)), '08:05');
  });
});

describe('packs', () => {
  it('may be as small as this', () => assert.deepEqual(problemsOf(tinyPack()), []));

  /** What is wrong, and how the one problem starts: file, place, words. */
  const wrong: readonly (readonly [what: string, source: PackSource, problem: RegExp])[] = [
    [
      'a phrase that is not closed',
      topicWith({ open: ['All well.', 'The [limit is {size}.'] }),
      /^desks\/fx\.yaml: topics\.0\.open\.1: '\[' is never closed \(character 5\)$/,
    ],
    [
      'a slot that is no fact',
      topicWith({ detail: ['Due {date}.'] }),
      /^desks\/fx\.yaml: topics\.0\.detail\.0: \{date\} is not among the topic's facts: .*size, due$/,
    ],
    ['a slot inside a choice', topicWith({ response: ['Well, [yes|{no}].'] }), /topics\.0\.response\.0: \{no\} is not among/],
    [
      'a slot in an answer',
      topicWith({ asks: [{ ask: ['So?'], answer: ['So.', '{so}'] }] }),
      /topics\.0\.asks\.0\.answer\.1: \{so\} is not among/,
    ],
    [
      'a slot in a title',
      topicWith({ attachment: { share: 5, kinds: ['pdf'], title: ['{file}'], mention: ['See {file}.'] } }),
      /topics\.0\.attachment\.title\.0: \{file\} is not among/,
    ],
    [
      'a fact that is none',
      topicWith({ facts: { size: 'int 5..50', due: 'dya' } }),
      /^desks\/fx\.yaml: topics\.0\.facts\.due: not a fact: dya/,
    ],
    ['a range that falls', topicWith({ facts: { size: 'int 50..5', due: 'day' } }), /topics\.0\.facts\.size: a range goes up/],
    [
      'a list that is not there',
      topicWith({ facts: { size: 'list sizes', due: 'day' } }),
      /topics\.0\.facts\.size: no list 'sizes' on this desk/,
    ],
    [
      'a list that is not there, in a table',
      topicWith({
        attachment: { share: 5, kinds: ['xlsx'], title: ['Limits'], mention: ['See {file}.'], table: { Venue: 'list venues' } },
      }),
      /topics\.0\.attachment\.table\.Venue: no list 'venues' on this desk/,
    ],
    [
      'a table of no fact',
      topicWith({ attachment: { share: 5, kinds: ['xlsx'], title: ['Limits'], mention: ['See.'], table: { Venue: 'nowhere' } } }),
      /topics\.0\.attachment\.table\.Venue: not a fact: nowhere/,
    ],
    ['another party', topicWith({ between: 'friends' }), /topics\.0\.between: .*desk/],
    ['a topic between desks that names none', topicWith({ between: 'firm' }), /topics\.0\.with: names the other desks/],
    ['other desks where there are none', topicWith({ with: ['risk'] }), /topics\.0\.with: names the other desks/],
    ['a machine without a name', topicWith({ between: 'robot' }), /topics\.0\.sender: a machine needs the names/],
    ['a machine with a list of no names', topicWith({ between: 'robot', sender: [] }), /topics\.0\.sender/],
    ['people who ask nothing', topicWith({ asks: [] }), /topics\.0\.asks: people ask each other things/],
    ['no response', topicWith({ response: undefined }), /topics\.0\.response: missing/],
    ['an empty list of phrases', topicWith({ open: [] }), /topics\.0\.open: /],
    ['a field that does not exist', topicWith({ opens: ['x'] }), /topics\.0: .*opens/],
    ['three levels of titles', tinyPack(tinyDesk([tinyTopic()], { titles: [['a'], ['b'], ['c']] })), /^desks\/fx\.yaml: titles: /],
    ['a desk without topics', tinyPack(tinyDesk([])), /^desks\/fx\.yaml: topics: /],
    [
      'a fact among the phrases of all',
      tinyPack(tinyDesk(), 'en', { asides: ['About {size}.'] }),
      /^common\.yaml: asides\.0: \{size\} is not one of me\.first/,
    ],
    ['eleven months', tinyPack(tinyDesk(), 'en', { calendar: {} }), /^common\.yaml: calendar\.months: /],
    ['nothing to talk about', { ...tinyPack(), desks: {} }, /^no desk and no scenario: nothing to talk about$/],
    ['no language', { ...tinyPack(), header: { pack: 'x', title: 'X' } }, /^pack\.yaml: language: /],
    [
      'a language that is no tag',
      { ...tinyPack(), header: { pack: 'x', language: 'English', title: 'X' } },
      /^pack\.yaml: language: a BCP 47 language tag/,
    ],
    ['a file that holds something else', { ...tinyPack(), header: 'x' }, /^pack\.yaml: \(top level\): /],
  ];
  for (const [what, source, problem] of wrong)
    it(`name ${what}`, () => {
      const problems = problemsOf(source);
      assert.ok(
        problems.some((text) => problem.test(text)),
        problems.join('\n') || 'nothing is wrong',
      );
    });

  it('name every problem at once', () => {
    const source = { ...topicWith({ open: ['{'], update: ['}'] }), header: {} };
    const problems = problemsOf(source);
    for (const place of ['topics.0.open.0', 'topics.0.update.0', 'pack.yaml'])
      assert.ok(
        problems.some((text) => text.includes(place)),
        problems.join('\n'),
      );
  });

  describe('cannot break a header: refused, or written in one line:', () => {
    const cases: Readonly<Record<string, PackSource>> = {
      'a subject of two lines': topicWith({ subject: ['One\nX-Two: two'] }),
      'a fact of two lines': topicWith({ facts: { size: ['One\nX-Two: two'], due: 'day' } }),
      'a list with two lines': tinyPack(
        tinyDesk([tinyTopic({ facts: { size: 'list sizes', due: 'day' } })], { lists: { sizes: ['One\nX-Two: two'] } }),
      ),
      'a sender of two lines': topicWith({ between: 'robot', sender: ['One\nX-Two: two'] }),
      'a prefix of two lines': tinyPack(tinyDesk(), 'en', { prefixes: { reply: ['Re\nX-Two: two '], forward: ['Fwd: '] } }),
      'a NUL': topicWith({ subject: ['One\u0000X-Two: two'] }),
    };
    for (const [what, source] of Object.entries(cases))
      it(what, () => {
        if (problemsOf(source).length > 0) return;
        for (const text of spoken(source)) {
          const headers = text.slice(0, text.indexOf('\r\n\r\n'));
          assert.ok(!headers.includes('\0'));
          assert.doesNotMatch(headers, /[^\r]\n|\r[^\n]|^X-Two/m, headers.slice(0, 600));
        }
      });
  });

  it('are said with their facts in place', () => {
    const texts = spoken(tinyPack()).join('');
    assert.match(texts, /^Subject: (Re: |Fwd: )?Limit of (5|[1-4][05]|50)\r$/m);
    assert.doesNotMatch(texts, /\{size\}|\{due\}/);
  });

  /** A topic that is either refused, by the name of the field, or said as it should be. */
  const refusedOrSaid = (topic: { facts: object; subject: string[] }, expected: string): void => {
    const problems = problemsOf(topicWith(topic));
    if (problems.length > 0) assert.match(problems.join('\n'), /topics\.0\.facts/);
    else for (const { text } of subjectsOf(topic)) assert.equal(text, expected);
  };
  const usual = { size: 'int 5..5', due: 'day' };

  it('say a fact called "file", or refuse it: attachments have a slot of that name', () =>
    refusedOrSaid({ facts: { file: ['ledger.txt'], last: ['end'], ...usual }, subject: ['{file}, {last}'] }, 'ledger.txt, end'));

  it('say any number of facts, or refuse too many', () => {
    const names = Array.from({ length: 140 }, (_, i) => `f${i}`);
    refusedOrSaid(
      { facts: { ...Object.fromEntries(names.map((name, i) => [name, [`value${i}`]])), ...usual }, subject: ['{f0} {f139} {size}'] },
      'value0 value139 5',
    );
  });
});

describe('digests of packs', () => {
  it('do not see how the files are laid out', () => {
    const source = tinyPack();
    const { title, pack, language } = source.header as Record<string, unknown>;
    assert.equal(packDigest({ desks: source.desks, common: source.common, header: { title, language, pack } }), packDigest(source));
    assert.equal(packDigest(JSON.parse(JSON.stringify(source)) as PackSource), packDigest(source));
  });

  it('see every change', () => {
    const digests = [
      tinyPack(),
      tinyPack(tinyDesk(), 'de'),
      topicWith({ close: ['Then we are done!'] }),
      topicWith({ weight: 9 }),
      tinyPack(tinyDesk([tinyTopic(), tinyTopic({ id: 'other' })])),
    ].map(packDigest);
    assert.equal(new Set(digests).size, digests.length);
  });

  it('that are equal mean equal messages, whatever the order of a topic’s facts', () => {
    const facts = { size: 'int 5..5000', due: 'day', name: 'company' };
    const turned = Object.fromEntries(Object.entries(facts).reverse());
    const open = ['{name} asks for {size} until {due}.'];
    const [one, other] = [topicWith({ facts, open }), topicWith({ facts: turned, open })];
    if (packDigest(one) === packDigest(other))
      assert.ok(spoken(one).join() === spoken(other).join(), 'the digests are equal, the messages are not');
  });

  it('are over JSON with its keys in order', () => {
    assert.equal(canonicalJson({ b: [1, { d: undefined, c: null }], a: 'ä"' }), '{"a":"ä\\"","b":[1,{"c":null}]}');
  });
});

describe('built-in packs', () => {
  const strings = (value: unknown): string[] =>
    typeof value === 'string' ? [value] : typeof value === 'object' && value !== null ? Object.values(value).flatMap(strings) : [];
  const phrasesOf = (desk: Desk): string[] => [
    ...(desk.asides ?? []),
    ...desk.topics.flatMap((t) =>
      [
        t.open,
        t.detail,
        t.response,
        t.update,
        t.close,
        t.attachment?.mention,
        ...[...t.asks, ...t.queries].flatMap((e) => [e.ask, e.answer]),
      ].flatMap((list) => list ?? []),
    ),
  ];
  const distinct = (lists: readonly (readonly string[] | undefined)[]): number => new Set(lists.flatMap((list) => list ?? [])).size;

  it('are English and German', () => {
    assert.deepEqual(
      builtinPacks()
        .map(({ language }) => language)
        .sort(),
      ['de', 'en'],
    );
  });

  for (const language of ['en', 'de']) {
    const pack = (): Pack => builtinPacks().find((p) => p.language === language)!;

    it(`${language}: at least twelve desks with eight topics each, for every desk of the default organisation`, () => {
      const large = pack().desks.filter(
        (desk) => desk.topics.filter((t) => t.between !== 'newsletter' && t.between !== 'robot').length >= 8,
      );
      assert.ok(large.length >= 12);
      const ids = new Set(large.map((desk) => desk.desk));
      for (const { id } of specOf().organisation.desks) assert.ok(ids.has(id), id);
      for (const desk of pack().desks)
        assert.equal(new Set(desk.topics.map((t) => t.id)).size, desk.topics.length, `${desk.desk}: ids of topics`);
    });

    it(`${language}: several hundred distinct openings, bodies and closings`, () => {
      const topics = pack().desks.flatMap((desk) => desk.topics);
      assert.ok(distinct(topics.map((t) => t.open)) >= 400);
      assert.ok(
        distinct(
          topics.flatMap((t) => [t.detail, t.response, t.update, ...t.asks.map((e) => e.answer), ...t.queries.map((e) => e.answer)]),
        ) >= 1500,
      );
      assert.ok(distinct(topics.map((t) => t.close)) >= 300);
      assert.ok(distinct(topics.map((t) => t.subject)) >= 400);
    });

    it(`${language}: newsletters, machines, private and outside mail are there`, () => {
      const parties = new Set(pack().desks.flatMap((desk) => desk.topics.map((t) => t.between)));
      for (const party of ['desk', 'firm', 'client', 'counterparty', 'vendor', 'regulator', 'private', 'newsletter', 'robot'] as const)
        assert.ok(parties.has(party), party);
    });

    it(`${language}: no phrase stands twice`, () => {
      const seen = new Map<string, string>();
      const twice: string[] = [];
      for (const desk of pack().desks)
        for (const phrase of phrasesOf(desk)) {
          const key = phrase.toLowerCase().replace(/\s+/g, ' ').trim();
          if (seen.has(key)) twice.push(`${desk.desk} and ${seen.get(key)!}: ${phrase}`);
          seen.set(key, desk.desk);
        }
      assert.deepEqual(twice, []);
    });

    it(`${language}: no filler, no white space astray, no real domain`, () => {
      for (const text of strings({ common: pack().common, desks: pack().desks })) {
        assert.doesNotMatch(text, /lorem|ipsum|dolor sit|todo|fixme|xxx/i, text);
        assert.doesNotMatch(text, /\bundefined\b|\bNaN\b/, text);
        assert.doesNotMatch(text, /^ | {2}|\t| \n/, JSON.stringify(text));
        for (const [domain] of text.matchAll(/[\w-]+(\.[\w-]+)*\.(com|net|org|de|uk|eu|io|co)\b/g)) assert.fail(`${domain} in ${text}`);
      }
    });

    it(`${language}: names a desk in \`with\` only where the organisation has it`, () => {
      const known = new Set(specOf().organisation.desks.map((d) => d.id));
      for (const desk of pack().desks)
        for (const t of desk.topics) for (const other of t.with ?? []) assert.ok(known.has(other), `${desk.desk} ${t.id}: ${other}`);
    });
  }

  it('declare no fact in vain', () => {
    for (const pack of builtinPacks())
      for (const desk of pack.desks)
        for (const t of desk.topics) {
          const said = new Set(strings(t).flatMap((text) => [...text.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name!)));
          for (const fact of Object.keys(t.facts)) assert.ok(said.has(fact), `${pack.language} ${desk.desk} ${t.id}: {${fact}}`);
        }
  });
});
