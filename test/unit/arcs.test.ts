import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { BLOCK, blockCount } from '../../src/corpus/block.ts';
import { Generator, type Message } from '../../src/corpus/generator.ts';
import { EVASIONS, type Evasion } from '../../src/corpus/pack/scenario.ts';
import { checkPack } from '../../src/corpus/pack/source.ts';
import type { ArcLine } from '../../src/corpus/truth/line.ts';
import type { Truth } from '../../src/corpus/truth/record.ts';
import { generatorOf, specOf } from './support.ts';
import { tinyDesk, tinyPack, tinyScenario, tinyTopic, withScenarios } from './tiny-pack.ts';

/** What a test looks at after the generator has gone on. */
interface Seen {
  readonly index: number;
  readonly id: string;
  readonly digest: string;
  readonly truth: Truth | undefined;
  readonly author: string;
  readonly text: string;
}

const seen = ({ index, id, bytes, letter, truth }: Message): Seen => ({
  index,
  id,
  digest: createHash('sha256').update(bytes).digest('hex'),
  truth,
  author: letter.turn.author.address,
  text: Buffer.from(bytes).toString('latin1'),
});

interface Block {
  readonly messages: readonly Seen[];
  readonly arcs: readonly ArcLine[];
}

function blockOf(generator: Generator, block: number): Block {
  const messages: Seen[] = [];
  const arcs: ArcLine[] = [];
  generator.block(
    block,
    (message) => messages.push(seen(message)),
    (line) => arcs.push(line),
  );
  return { messages, arcs };
}

const blocksOf = (generator: Generator): Block[] =>
  Array.from({ length: blockCount(generator.messages) }, (_, block) => blockOf(generator, block));

/** Scenarios of one message to five: to a friend, to a client and on to a colleague, to oneself. */
const scenariosIn = (language: string): Record<string, unknown>[] => {
  const words = (level: string, phase: string): string[] => [
    `The ${level} words of the ${phase} in ${language}: {pieces} pieces before Thursday.`,
  ];
  const phase = (name: string, from: string, to: string, kind: string, more: object = {}): object => ({
    phase: name,
    from,
    to,
    kind,
    explicit: words('explicit', name),
    slang: words('slang', name),
    code: words('code', name),
    ...more,
  });
  const ring = ['offer', 'answer', 'share', 'again', 'thanks'];
  const split = (name: string): object => ({ split: words('split', name) });
  const near = (names: readonly string[]): object[] =>
    ['public', 'refused'].map((id) => ({
      id,
      why: 'It means no harm.',
      phases: Object.fromEntries(names.map((name) => [name, words(id, name)])),
    }));
  return [
    tinyScenario({}, language),
    tinyScenario(
      {
        scenario: 'ring',
        family: 'antitrust',
        alertUnit: 'person',
        roles: { seller: { desk: 'any' }, client: { outside: 'client' }, colleague: { desk: 'same' } },
        phases: [
          phase('offer', 'seller', 'client', 'new', split('offer')),
          phase('answer', 'client', 'seller', 'reply', split('answer')),
          phase('share', 'seller', 'colleague', 'forward', split('share')),
          phase('again', 'client', 'seller', 'new', { ...split('again'), due: 'allowed' }),
          phase('thanks', 'seller', 'client', 'reply', split('thanks')),
        ],
        nearMisses: near(ring),
      },
      language,
    ),
    tinyScenario(
      {
        scenario: 'home',
        family: 'data-loss',
        alertUnit: 'message',
        roles: { leaver: { desk: 'any' }, self: { outside: 'self' } },
        phases: [phase('send', 'leaver', 'self', 'new')],
        nearMisses: near(['send']),
      },
      language,
    ),
  ];
};

const PACKS = ['en', 'de'].map((tag) => checkPack(withScenarios(tinyPack(tinyDesk(), tag), ...scenariosIn(tag)), tag));

/** A corpus of small packs in two languages. */
const corpusOf = (spec: object, packs = PACKS, truth: 'arcs' | 'all' = 'arcs'): Generator =>
  new Generator(
    specOf({
      messages: 8 * BLOCK,
      organisation: { desks: [{ id: 'fx' }], employees: 200 },
      content: { languages: { en: 3, de: 2 } },
      ...spec,
    }),
    packs,
    truth,
  );

const ARCS = { scenarios: [{ scenario: 'all', arcs: 110, nearMisses: 1 }] };

describe('arcs', () => {
  let corpus: Generator;
  let blocks: Block[];
  let messages: Seen[];
  let arcs: ArcLine[];
  before(() => {
    corpus = corpusOf(ARCS);
    blocks = blocksOf(corpus);
    messages = blocks.flatMap((block) => block.messages);
    arcs = blocks.flatMap((block) => block.arcs);
  });
  const told = (): (Seen & { truth: Truth })[] =>
    messages.filter((message): message is Seen & { truth: Truth } => message.truth !== undefined);

  it('leave as many positive messages as are counted beforehand', () => {
    const labelled = (label: string): Seen[] => told().filter(({ truth }) => truth.label === label);
    assert.equal(arcs.filter(({ label }) => label === 'positive').length, 110);
    assert.equal(arcs.filter(({ label }) => label === 'near_miss').length, 110);
    assert.deepEqual([corpus.placement.arcs, corpus.placement.nearMisses], [110, 110]);
    assert.equal(labelled('positive').length, corpus.placement.positives);
    assert.ok(labelled('near_miss').length > 0.9 * corpus.placement.positives);
    assert.equal(messages.length, 8 * BLOCK);
  });

  it('have a line of truth for each of their messages, and no other message has one', () => {
    const listed = arcs.flatMap(({ arc_id, messages }) => messages.map((id) => `${arc_id} ${id}`));
    assert.deepEqual(
      told()
        .map(({ truth }) => `${truth.arc_id} ${truth.message_id}`)
        .sort(),
      listed.sort(),
    );
    for (const { text, truth } of told()) assert.equal(/^Message-ID:\s+(<\S+>)\r$/im.exec(text)?.[1], truth.message_id);
  });

  it('stay in one block, each with its messages in the order in which they were written', () => {
    for (const block of blocks) {
      const dates = new Map(block.messages.map(({ truth }) => [truth?.message_id, truth?.date]));
      for (const arc of block.arcs) {
        const own = arc.messages.map((id) => Date.parse(dates.get(id)!));
        assert.ok(
          own.every((date) => !Number.isNaN(date)),
          'all are in the block',
        );
        assert.equal(Math.min(...own), Date.parse(arc.first));
        assert.equal(Math.max(...own), Date.parse(arc.last));
        assert.ok(own[0] === Math.min(...own), `${arc.arc_id} begins with its first message`);
      }
    }
  });

  it('pair each near miss with an arc of the same scenario and level, as a rule with other people', () => {
    const positives = new Map(arcs.filter(({ label }) => label === 'positive').map((arc) => [arc.arc_id, arc]));
    const near = arcs.filter(({ label }) => label === 'near_miss');
    assert.equal(new Set(near.map((arc) => arc.paired_with)).size, 110);
    let same = 0;
    for (const arc of near) {
      const paired = positives.get(arc.paired_with!)!;
      assert.deepEqual(
        [arc.scenario, arc.evasion, arc.severity, arc.alert_unit, arc.language],
        [paired.scenario, paired.evasion, paired.severity, paired.alert_unit, paired.language],
      );
      assert.deepEqual(
        arc.people.map(({ role }) => role),
        paired.people.map(({ role }) => role),
      );
      if (arc.people[0]!.address === paired.people[0]!.address) same++;
      assert.notEqual(arc.near_miss, null);
      assert.equal(paired.near_miss, null);
    }
    assert.equal(same, 0, `${same} of 110 have the same person in the first role`);
  });

  it('have different near misses of one arc, as long as the scenario has as many', () => {
    const corpus = corpusOf({ messages: 2 * BLOCK, scenarios: [{ scenario: 'leak', arcs: 20, nearMisses: 3 }] });
    const kinds = new Map<string, string[]>();
    for (const { paired_with, near_miss } of blocksOf(corpus).flatMap((block) => block.arcs))
      if (near_miss) kinds.set(paired_with!, [...(kinds.get(paired_with!) ?? []), near_miss]);
    assert.equal(kinds.size, 20);
    for (const three of kinds.values()) assert.deepEqual(three.sort(), ['joke', 'public', 'refused']);
  });

  it('are told by the people of their roles, each to whom it is for', () => {
    const phases = new Map(
      scenariosIn('en').flatMap((s) =>
        (s['phases'] as { phase: string; from: string; to: string }[]).map((p) => [`${String(s['scenario'])} ${p.phase}`, p]),
      ),
    );
    const byId = new Map(arcs.map((arc) => [arc.arc_id, arc]));
    for (const { truth, author } of told()) {
      if (truth.phase === null) continue;
      const { from, to } = phases.get(`${truth.scenario} ${truth.phase}`)!;
      const { people } = byId.get(truth.arc_id!)!;
      const who = (role: string): string => people.find((p) => p.role === role)!.address;
      assert.equal(truth.role, from);
      assert.deepEqual([truth.sender, author], [who(from), who(from)]);
      assert.equal(truth.recipients[0], who(to));
    }
  });

  it('are made alike alone and in their block, truth included', () => {
    const alone = corpusOf(ARCS);
    for (const expected of messages.slice(0, 2 * BLOCK).toReversed()) assert.deepEqual(seen(alone.message(expected.index)), expected);
  });

  it('are made alike in any order, and again', () => {
    const other = corpusOf(ARCS);
    for (const block of [5, 0, 5, 7]) assert.deepEqual(blockOf(other, block), blocks[block]);
  });

  it('change no byte of a block in which there is none', () => {
    const without = blocksOf(corpusOf({ messages: 5 * BLOCK, scenarios: [] }));
    const few = blocksOf(corpusOf({ messages: 5 * BLOCK, scenarios: [{ scenario: 'all', arcs: 1, nearMisses: 1 }] }));
    let equal = 0;
    few.forEach((block, i) => {
      const [own, others] = [block.messages, without[i]!.messages].map((list) => list.map(({ digest }) => digest));
      if (block.arcs.length === 0) {
        equal++;
        assert.deepEqual(own, others);
        assert.deepEqual(
          block.messages.map(({ id }) => id),
          without[i]!.messages.map(({ id }) => id),
        );
      } else assert.notDeepEqual(own, others);
    });
    assert.equal(equal, 3);
    assert.ok(without.every((block) => block.arcs.length === 0 && block.messages.every(({ truth }) => truth === undefined)));
  });

  it('are told of in the same way where all messages are', () => {
    const all = corpusOf(ARCS, PACKS, 'all');
    const some = [...blockOf(all, 0).messages, ...blockOf(all, 1).messages];
    some.forEach(({ truth, digest, text }, i) => {
      const { truth: known, digest: same } = messages[i]!;
      assert.equal(digest, same);
      if (known) return assert.deepEqual(truth, known);
      assert.deepEqual([truth!.label, truth!.due, truth!.arc_id, truth!.scenario, truth!.evidence], ['benign', 'none', null, null, []]);
      assert.ok(text.includes(truth!.message_id));
    });
  });

  it('are owed an alert where the scenario says so', () => {
    const dues = (label: string, phase: string | null): string[] =>
      [
        ...new Set(
          told().flatMap(({ truth }) => (truth.label === label && truth.phase === phase && truth.evasion !== 'quoted' ? [truth.due] : [])),
        ),
      ].sort();
    assert.deepEqual(dues('positive', 'offer'), ['required']);
    assert.deepEqual(dues('positive', 'again'), ['allowed']);
    for (const phase of ['tip', 'thanks', 'offer', 'answer', 'share', 'again', 'send'])
      assert.deepEqual(dues('near_miss', phase), ['none']);
    for (const { truth } of told().filter(({ truth }) => truth.label === 'benign')) {
      assert.notEqual(truth.due, 'required');
      assert.deepEqual(truth.context, []);
    }
  });

  it('name as context the messages that show it together: of the thread, or of all threads', () => {
    for (const { truth } of told().filter(({ truth }) => truth.label !== 'benign')) {
      assert.ok(truth.context.includes(truth.message_id));
      const others = told()
        .filter((m) => truth.context.includes(m.truth.message_id))
        .map((m) => m.truth);
      assert.equal(others.length, truth.context.length);
      for (const other of others) {
        assert.equal(other.arc_id, truth.arc_id);
        assert.equal(other.label, truth.label);
        if (truth.alert_unit === 'thread') assert.equal(other.thread_id, truth.thread_id);
      }
      if (truth.alert_unit === 'message') assert.deepEqual(truth.context, [truth.message_id]);
    }
    // What is split, no message shows alone.
    for (const arc of arcs)
      assert.equal(
        arc.alert_unit,
        arc.evasion !== 'split'
          ? { leak: 'thread', ring: 'person', home: 'message' }[arc.scenario]
          : arc.scenario === 'ring'
            ? 'person'
            : 'thread',
      );
  });

  describe('are as the level says:', () => {
    const ofLevel = (level: Evasion): Truth[] => {
      const found = told().flatMap(({ truth }) => (truth.evasion === level && truth.label !== 'benign' ? [truth] : []));
      assert.ok(found.length > 10, `${found.length} of ${level}`);
      return found;
    };
    /** What is quoted as the evidence, without the ends of lines. */
    const quotes = (level: Evasion, label = 'positive'): string[] =>
      ofLevel(level)
        .filter((truth) => truth.label === label)
        .flatMap(({ evidence }) => evidence.map(({ quote }) => quote.replace(/\s+/g, ' ')));

    for (const [level, said] of [
      ['explicit', 'explicit'],
      ['slang', 'slang'],
      ['code', 'code'],
      ['split', 'split'],
      ['attachment', 'explicit'],
      ['image', 'explicit'],
      ['quoted', 'explicit'],
    ] as const)
      it(`${level} says the ${said} words, a near miss its own`, () => {
        for (const quote of quotes(level))
          assert.match(quote, new RegExp(`^The ${said} words of the \\w+ in (en|de): \\d{3} pieces before Thursday\\.$`));
        for (const quote of quotes(level, 'near_miss'))
          assert.match(quote, /^The (public|refused|joke) words of the \w+ in (en|de): \d{3} pieces before Thursday\.$/);
      });

    it('misspelt says the explicit words with letters astray, of the same length', () => {
      let [astray, count] = [0, 0];
      for (const { label, evidence, phase } of ofLevel('misspelt'))
        for (const { quote } of label === 'positive' ? evidence.filter(({ layer }) => layer === 'authored') : []) {
          assert.equal(quote.length, `The explicit words of the ${phase} in en: 000 pieces before Thursday.`.length, quote);
          assert.match(quote, /^The .* in .{3} \d{3} .*\.$/s);
          count++;
          if (!/^The\sexplicit\swords\sof\sthe\s\w+\sin\s(en|de):\s\d{3}\spieces\sbefore\sThursday\.$/.test(quote)) astray++;
        }
      assert.ok(astray > 0.7 * count, `${astray} of ${count}`);
      assert.ok(
        quotes('misspelt', 'near_miss').some((quote) => !/pieces before Thursday/.test(quote)),
        'near misses too',
      );
    });

    it('language says the words of another language than that of the mail', () => {
      for (const { language, evidence } of ofLevel('language'))
        for (const { quote } of evidence) assert.match(quote.replace(/\s+/g, ' '), language === 'en' ? / in de: / : / in en: /);
      for (const level of EVASIONS)
        if (level !== 'language' && level !== 'misspelt')
          for (const { language, evidence } of ofLevel(level))
            for (const { quote } of evidence) assert.match(quote.replace(/\s+/g, ' '), language === 'en' ? / in en: / : / in de: /);
    });

    it('attachment and image have it nowhere else, and quoted only below somebody else’s name', () => {
      for (const level of ['attachment', 'image', 'quoted'] as const)
        for (const { evidence, message_id } of ofLevel(level)) {
          assert.ok(evidence.length > 0);
          const layers = new Set(evidence.map(({ layer }) => layer));
          assert.deepEqual([...layers], [level === 'quoted' ? 'quoted' : 'attachment']);
          if (level === 'image')
            assert.deepEqual(
              evidence.map(({ start, end, raw_start }) => [start, end, raw_start]),
              [[null, null, null]],
            );
          if (level !== 'quoted')
            assert.ok(!messages.find((m) => m.truth?.message_id === message_id)!.text.includes(' words of the '), 'not in the text');
        }
      for (const { truth, text } of told())
        if (truth.evasion === 'quoted' && truth.label !== 'benign')
          assert.match(text, /^(In-Reply-To|References):/m, 'answers what is not in the corpus');
    });

    it('the others have it in what the author writes, in each part of the text', () => {
      for (const level of ['explicit', 'slang', 'code', 'split', 'misspelt', 'language'] as const)
        for (const { evidence, shape, phase } of ofLevel(level)) {
          const own = evidence.filter(({ layer }) => layer === 'authored');
          assert.equal(own.length, shape.includes('html') ? 2 : 1);
          for (const { quote } of own) if (level !== 'misspelt') assert.ok(quote.replace(/\s+/g, ' ').includes(` of the ${phase} `), quote);
        }
    });
  });

  it('say the same facts in all their messages', () => {
    for (const arc of arcs) {
      const numbers = new Set(
        told().flatMap(({ truth }) =>
          truth.arc_id === arc.arc_id ? truth.evidence.flatMap(({ quote }) => /\d{3}(?= )/.exec(quote)?.[0] ?? []) : [],
        ),
      );
      if (arc.evasion !== 'misspelt') assert.equal(numbers.size, 1, `${arc.scenario} ${arc.evasion}: ${[...numbers].join()}`);
    }
  });

  it('are in the languages that have the scenario, with their weights', () => {
    const both = arcs.filter(({ language }) => language === 'de').length / arcs.length;
    assert.ok(both > 0.25 && both < 0.55, `${both} for two in five`);
    const german = [tinyPack(), withScenarios(tinyPack(tinyDesk(), 'de'), tinyScenario({}, 'de'))].map((source, i) =>
      checkPack(source, String(i)),
    );
    const lines = blocksOf(corpusOf({ messages: 2 * BLOCK, scenarios: [{ scenario: 'leak', arcs: 8 }] }, german)).flatMap(
      (block) => block.arcs,
    );
    assert.deepEqual([...new Set(lines.map(({ language }) => language))], ['de']);
    assert.ok(lines.every(({ evasion }) => evasion !== 'language'));
  });

  it('are said in the words of the later of two packs that have the scenario', () => {
    const own = checkPack(
      withScenarios({ header: { pack: 'own', language: 'en', title: 'Own' }, desks: {} }, tinyScenario({}, 'the later pack')),
      'own',
    );
    const corpus = corpusOf(
      {
        messages: 2 * BLOCK,
        content: { languages: { en: 1 } },
        scenarios: [{ scenario: 'leak', arcs: 6, nearMisses: 0, evasion: { explicit: 1 } }],
      },
      [PACKS[0]!, own],
    );
    const evidence = blocksOf(corpus).flatMap((block) => block.messages.flatMap(({ truth }) => truth?.evidence ?? []));
    assert.ok(evidence.length > 10);
    for (const { quote } of evidence) assert.match(quote.replace(/\s+/g, ' '), / in the later pack: /);
  });

  it('go where nothing quite fits: a firm of two, one topic for machines only', () => {
    const lone = tinyTopic({ between: 'newsletter', sender: ['Morning Note'] });
    const packs = ['en', 'de'].map((tag) => checkPack(withScenarios(tinyPack(tinyDesk([lone]), tag), ...scenariosIn(tag)), tag));
    const few = { messages: 3 * BLOCK, scenarios: [{ scenario: 'all', arcs: 40, nearMisses: 1 }] };
    for (const made of [corpusOf({ ...few, organisation: { desks: [{ id: 'fx' }], employees: 2 } }), corpusOf(few, packs)]) {
      const lines = blocksOf(made).flatMap((block) => block.messages.flatMap(({ truth }) => truth ?? []));
      assert.equal(lines.filter(({ label }) => label === 'positive').length, made.placement.positives);
    }
  });
});

const OF_EACH_FAMILY = [
  'rumour-mill',
  'front-running',
  'off-channel',
  'kickback',
  'guaranteed-return',
  'leaver-raid',
  'card-data',
  'no-poach',
];

describe('arcs of the built-in scenarios', () => {
  let corpus: Generator;
  let blocks: Block[];
  before(() => {
    corpus = generatorOf({ messages: 4 * BLOCK, scenarios: OF_EACH_FAMILY.map((scenario) => ({ scenario, arcs: 5, nearMisses: 1 })) });
    blocks = blocksOf(corpus);
  });

  it('are made alike alone and in their block, among all desks', () => {
    for (const { messages } of blocks.slice(0, 2).reverse())
      for (const expected of messages.filter(({ index }) => index % 3 === 0).reverse())
        assert.deepEqual(seen(corpus.message(expected.index)), expected);
  });

  it('leave as many positive messages as are counted beforehand', () => {
    const labels = blocks.flatMap(({ messages }) => messages.map(({ truth }) => truth?.label));
    assert.equal(labels.filter((label) => label === 'positive').length, corpus.placement.positives);
    assert.equal(blocks.flatMap((block) => block.arcs).length, 80);
  });

  it('show their evidence, leave no slot unfilled, and have nothing of the label in the mail', () => {
    for (const { text, truth, index } of blocks.flatMap((block) => block.messages)) {
      const plain = text.replace(/=\r\n/g, '');
      assert.doesNotMatch(plain, /\{[a-z]+[A-Za-z.]*\}|\bundefined\b|\bNaN\b|\[object/, `message ${index}`);
      if (truth && truth.label !== 'benign')
        assert.ok(truth.evidence.length > 0, `message ${index} of ${truth.scenario}, ${truth.evasion}, shows nothing`);
      if (truth?.scenario && truth.scenario.includes('-'))
        assert.ok(!plain.includes(truth.scenario) && !plain.includes(truth.arc_id!), truth.scenario);
    }
  });
});
