import assert from 'node:assert/strict';
import { type Part, parsePhrase } from '../../src/corpus/pack/phrase.ts';
import { FAMILIES, OUTSIDE_ROLES, type Scenario, WRITTEN } from '../../src/corpus/pack/scenario.ts';
import { checkPack, packDigest, PackError, type PackSource } from '../../src/corpus/pack/source.ts';
import { levelsOf } from '../../src/corpus/scenario/shape.ts';
import { builtinPacks } from './support.ts';
import { tinyPack, tinyScenario, withScenarios } from './tiny-pack.ts';

const problemsOf = (source: PackSource): readonly string[] => {
  try {
    checkPack(source, 'here');
  } catch (error) {
    assert.ok(error instanceof PackError);
    return error.problems;
  }
  return [];
};

const [EN, DE] = ['en', 'de'].map(
  (language) => (): readonly Scenario[] => builtinPacks().find((pack) => pack.language === language)!.scenarios,
) as [() => readonly Scenario[], () => readonly Scenario[]];

describe('scenario files', () => {
  type Phase = Record<string, unknown>;
  const [tip, thanks] = tinyScenario()['phases'] as [Phase, Phase];
  const [near] = tinyScenario()['nearMisses'] as [Record<string, unknown> & { phases: object }];
  const words = ['It is done.'];
  const scenario = (changes: object): Record<string, unknown> => tinyScenario(changes);
  const phases = (...list: readonly object[]): Record<string, unknown> => scenario({ phases: list });

  it('may be as small as this', () => {
    const least = scenario({
      phases: [{ phase: 'tip', from: 'teller', to: 'friend', explicit: words }],
      nearMisses: [{ ...near, phases: { tip: words } }],
    });
    assert.deepEqual(problemsOf(withScenarios(tinyPack(), least)), []);
  });

  it('may be all there is in a pack', () => {
    const { header, common } = tinyPack();
    assert.deepEqual(problemsOf(withScenarios({ header, desks: {} }, scenario({}))), []);
    assert.deepEqual(problemsOf(withScenarios({ header, common, desks: {} }, scenario({}))), []);
  });

  /** What is wrong, and the problem that is named first. */
  const wrong: readonly (readonly [what: string, scenario: object, problem: string])[] = [
    [
      'another family',
      scenario({ family: 'gossip' }),
      'family: Invalid option: expected one of "inside-information"|"market-manipulation"|"concealment"|"corruption"|"sales-practice"|"conduct"|"data-loss"|"antitrust"',
    ],
    ['an id in capitals', scenario({ scenario: 'Leak' }), 'scenario: lower-case letters, digits and dashes, at most 40'],
    [
      'another level',
      scenario({ without: ['shouted'] }),
      'without.0: Invalid option: expected one of "explicit"|"slang"|"code"|"split"|"misspelt"|"language"|"attachment"|"image"|"quoted"',
    ],
    ['a field that does not exist', scenario({ phase: [] }), '(top level): Unrecognized key: "phase"'],
    ['one role', scenario({ roles: { teller: { desk: 'any' } } }), 'roles: two to six roles'],
    [
      'seven roles',
      scenario({
        roles: { ...(scenario({})['roles'] as object), ...Object.fromEntries([1, 2, 3, 4, 5].map((n) => [`other-${n}`, { desk: 'any' }])) },
      }),
      'roles: two to six roles',
    ],
    [
      'a first role outside the firm',
      scenario({ roles: { teller: { outside: 'client' }, friend: { desk: 'any' } } }),
      'roles.teller: the first role is an employee, of a desk or of any',
    ],
    [
      'a first role at the desk of the first role',
      scenario({ roles: { teller: { desk: 'same' }, friend: { desk: 'any' } } }),
      'roles.teller: the first role is an employee, of a desk or of any',
    ],
    ['a sender who has no role', phases({ ...tip, from: 'boss' }, thanks), "phases.0.from: 'boss' is not one of the roles: teller, friend"],
    [
      'somebody who writes to himself',
      phases({ ...tip, to: 'teller' }, thanks),
      'phases.0.to: nobody writes to themselves here: for their own private address use the role outside: self',
    ],
    [
      'mail that nobody in the firm sees',
      scenario({
        roles: { teller: { desk: 'any' }, friend: { outside: 'private' }, broker: { outside: 'counterparty' } },
        phases: [tip, { ...thanks, to: 'broker' }],
      }),
      'phases.1: one end of a message is in the firm',
    ],
    ['a first phase that is a reply', phases({ ...tip, kind: 'reply' }, thanks), 'phases.0.kind: the first phase begins a thread'],
    ['a phase that is there twice', phases(tip, thanks, { ...thanks, phase: 'tip' }), "phases.2.phase: 'tip' is there twice"],
    [
      'a phase without words',
      phases({ ...tip, explicit: undefined }, thanks),
      'phases.0.explicit: Invalid input: expected array, received undefined',
    ],
    ['an empty list of words', phases({ ...tip, slang: [] }, thanks), 'phases.0.slang: Too small: expected array to have >=1 items'],
    [
      'a level of one phase only',
      phases(tip, { ...thanks, code: undefined }),
      "phases: 'code' is written for some phases only: write it for all or for none",
    ],
    [
      'one phase that is split',
      scenario({ phases: [tip], nearMisses: [{ ...near, phases: { tip: words } }] }),
      'phases.0.split: one phase cannot be split over several messages',
    ],
    ['a phrase of two lines', phases({ ...tip, explicit: ['One.\nTwo.'] }, thanks), 'phases.0.explicit.0: no line break here'],
    [
      'a phrase that is not closed',
      phases({ ...tip, code: ['Fine.', 'So [it is.'] }, thanks),
      "phases.0.code.1: '[' is never closed (character 4)",
    ],
    [
      'a slot that is no fact',
      phases(tip, { ...thanks, slang: ['Got {shares}.'] }),
      'phases.1.slang.0: {shares} is not among the facts: me.first, me.last, me.name, me.title, me.desk, me.phone, me.city, you.first, you.last, you.name, firm.name, firm.short, their.firm, pieces',
    ],
    [
      'a slot that is no fact, in a near miss',
      scenario({ nearMisses: [{ ...near, phases: { ...near.phases, tip: ['About {x}.'] } }] }),
      'nearMisses.0.phases.tip.0: {x} is not among the facts: me.first, me.last, me.name, me.title, me.desk, me.phone, me.city, you.first, you.last, you.name, firm.name, firm.short, their.firm, pieces',
    ],
    ['no near miss', scenario({ nearMisses: [] }), 'nearMisses: Too small: expected array to have >=1 items'],
    [
      'a near miss that leaves a phase out',
      scenario({ nearMisses: [near, { ...near, phases: { tip: words } }] }),
      'nearMisses.1.phases.thanks: no words for this phase',
    ],
    [
      'a near miss of a phase that is not there',
      scenario({ nearMisses: [{ ...near, phases: { ...near.phases, later: words } }] }),
      'nearMisses.0.phases.later: no such phase: tip, thanks',
    ],
    [
      'a near miss that does not say why',
      scenario({ nearMisses: [{ ...near, why: undefined }] }),
      'nearMisses.0.why: Invalid input: expected string, received undefined',
    ],
    [
      'a fact that is none',
      scenario({ facts: { pieces: 'ent 1..5' } }),
      'facts.pieces: not a fact: ent 1..5. Write one of company, person, first, city, day, date, pastday, pastdate, month, lastmonth, quarter, lastquarter, year, time, "int 5..50 step 5", "dec 1.05..1.20 step 0.05", "code TR-####", "list NAME", or a YAML list of wordings',
    ],
    ['a list that is not there', scenario({ facts: { pieces: 'list sizes' } }), "facts.pieces: no list 'sizes' in this scenario"],
    ['an alert on nothing', scenario({ alertUnit: 'desk' }), 'alertUnit: Invalid option: expected one of "message"|"thread"|"person"'],
  ];
  for (const [what, source, problem] of wrong)
    it(`name ${what}`, () => {
      const file = `scenarios/${String((source as { scenario: string }).scenario)}.yaml`;
      assert.equal(problemsOf(withScenarios(tinyPack(), source as Record<string, unknown>))[0], `${file}: ${problem}`);
    });

  it('have up to twelve phases', () => {
    const many = (count: number): PackSource => {
      const ids = Array.from({ length: count }, (_, i) => `phase-${i}`);
      return withScenarios(
        tinyPack(),
        scenario({
          phases: ids.map((phase) => ({ ...tip, phase })),
          nearMisses: [{ ...near, phases: Object.fromEntries(ids.map((phase) => [phase, words])) }],
        }),
      );
    };
    assert.deepEqual(problemsOf(many(12)), []);
    assert.deepEqual(problemsOf(many(13)), ['scenarios/leak.yaml: phases: Too big: expected array to have <=12 items']);
  });

  it('count in the digest of their pack, each change of them', () => {
    const digests = [
      tinyPack(),
      withScenarios(tinyPack(), scenario({})),
      withScenarios(tinyPack(), scenario({ severity: 'low' })),
      withScenarios(tinyPack(), scenario({}), scenario({ scenario: 'other' })),
    ].map(packDigest);
    assert.equal(new Set(digests).size, digests.length);
  });
});

describe('built-in scenarios', () => {
  it('are three or more in each of eight families, in both languages', () => {
    for (const scenarios of [EN(), DE()])
      for (const family of FAMILIES) {
        const ids = new Set(scenarios.filter((s) => s.family === family).map((s) => s.scenario));
        assert.ok(ids.size >= 3, `${family}: ${[...ids].join()}`);
      }
    assert.equal(FAMILIES.length, 8);
  });

  it('are of one shape in English and German: only the words differ', () => {
    const shapes = (scenarios: readonly Scenario[]): object =>
      Object.fromEntries(
        scenarios.map((s) => [
          s.scenario,
          {
            family: s.family,
            severity: s.severity,
            alertUnit: s.alertUnit,
            without: [...s.without].sort(),
            roles: Object.entries(s.roles),
            facts: Object.keys(s.facts),
            phases: s.phases.map((p) => ({
              phase: p.phase,
              from: p.from,
              to: p.to,
              kind: p.kind,
              audience: p.audience,
              due: p.due,
              levels: WRITTEN.filter((level) => p[level]),
            })),
            nearMisses: s.nearMisses.map(({ id }) => id),
          },
        ]),
      );
    assert.deepEqual(shapes(EN()), shapes(DE()));
    assert.equal(new Set(EN().map((s) => s.scenario)).size, EN().length);
  });

  it('draw facts of one kind in English and German', () => {
    const kinds = (scenarios: readonly Scenario[]): object =>
      Object.fromEntries(
        scenarios.map((s) => [s.scenario, Object.fromEntries(Object.entries(s.facts).map(([name, fact]) => [name, fact.kind]))]),
      );
    assert.deepEqual(kinds(EN()), kinds(DE()));
  });

  it('have at least six levels of the evasion ladder, all that make sense', () => {
    // Where there are fewer than nine: what one message cannot do, and what the pack says makes no sense.
    const fewer: Record<string, string[]> = {};
    for (const s of EN()) {
      const levels = levelsOf(s, true);
      assert.ok(levels.length >= 6, `${s.scenario}: ${levels.join()}`);
      const left = ['explicit', 'slang', 'code', 'split', 'misspelt', 'language', 'attachment', 'image', 'quoted'].filter(
        (level) => !(levels as readonly string[]).includes(level),
      );
      if (left.length > 0) fewer[s.scenario] = left;
    }
    assert.deepEqual(fewer, {
      bullying: ['attachment', 'image'],
      'delete-this': ['attachment', 'image'],
      // Nobody answers, and so quotes, their own note to themselves.
      'files-home': ['split', 'quoted'],
      kickback: ['quoted'],
      'lavish-gifts': ['split'],
      'off-channel': ['attachment', 'image'],
      'pa-dealing': ['split'],
      'sabotage-threat': ['split'],
      'unsuitable-advice': ['code'],
    });
  });

  it('have arcs of different lengths, directions and ends', () => {
    const lengths = new Set(EN().map((s) => s.phases.length));
    assert.ok(lengths.has(1) && Math.max(...lengths) >= 6, [...lengths].join());
    const seen = new Set(EN().flatMap((s) => [s.alertUnit, s.severity, ...s.phases.flatMap((p) => [p.kind, p.due])]));
    for (const value of ['message', 'thread', 'person', 'medium', 'high', 'new', 'reply', 'forward', 'required', 'allowed'])
      assert.ok(seen.has(value as never), value);
    const outside = new Set(EN().flatMap((s) => Object.values(s.roles).map((role) => ('outside' in role ? role.outside : ''))));
    for (const kind of OUTSIDE_ROLES) assert.ok(outside.has(kind), kind);
  });

  it('have three near misses or more, each with its own reason', () => {
    for (const scenarios of [EN(), DE()])
      for (const s of scenarios) {
        assert.ok(s.nearMisses.length >= 3, s.scenario);
        for (const key of ['id', 'why'] as const)
          assert.equal(new Set(s.nearMisses.map((n) => n[key])).size, s.nearMisses.length, s.scenario);
      }
  });

  /** Characters a phrase takes on average; a slot counts as ten. */
  const length = (parts: readonly Part[]): number =>
    parts.reduce((sum, part) => {
      const mean = (options: readonly (readonly Part[])[]): number =>
        options.reduce((total, option) => total + length(option), 0) / options.length;
      return (
        sum +
        (part.kind === 'text'
          ? part.text.length
          : part.kind === 'slot'
            ? 10
            : part.kind === 'choice'
              ? mean(part.options)
              : length(part.one))
      );
    }, 0);
  const meanLength = (phrases: readonly string[]): number =>
    phrases.reduce((sum, text) => sum + length(parsePhrase(text)), 0) / phrases.length;

  it('have near misses as long as what they look like, phase by phase, within a quarter', () => {
    const apart: string[] = [];
    for (const [language, scenarios] of [
      ['en', EN()],
      ['de', DE()],
    ] as const)
      for (const s of scenarios)
        for (const p of s.phases) {
          const ratio =
            meanLength(s.nearMisses.flatMap((n) => n.phases[p.phase]!)) / meanLength(WRITTEN.flatMap((level) => p[level] ?? []));
          if (ratio < 0.75 || ratio > 1.25) apart.push(`${language} ${s.scenario} ${p.phase}: ${ratio.toFixed(2)}`);
        }
    assert.deepEqual(apart, []);
  });

  const textsOf = (s: Scenario): string[] => [
    ...s.phases.flatMap((p) => WRITTEN.flatMap((level) => p[level] ?? [])),
    ...s.nearMisses.flatMap((n) => Object.values(n.phases).flat()),
  ];

  it('say no phrase twice, and declare no fact in vain', () => {
    for (const scenarios of [EN(), DE()]) {
      const seen = new Map<string, string>();
      for (const s of scenarios) {
        for (const text of textsOf(s)) {
          assert.equal(seen.get(text), undefined, `${s.scenario}: ${text}`);
          seen.set(text, s.scenario);
        }
        const said = new Set(textsOf(s).flatMap((text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!)));
        for (const fact of Object.keys(s.facts)) assert.ok(said.has(fact), `${s.scenario}: {${fact}}`);
      }
    }
  });

  it('have no filler, no white space astray, no real domain', () => {
    for (const s of [...EN(), ...DE()])
      for (const text of [s.title, s.about, ...s.nearMisses.map((n) => n.why), ...textsOf(s)]) {
        assert.doesNotMatch(text, /lorem|ipsum|todo|fixme|xxx/i, text);
        assert.doesNotMatch(text, /^ | $| {2}|\t/, JSON.stringify(text));
        assert.doesNotMatch(text, /[\w-]+\.(com|net|org|de|uk|eu|io|co)\b/, text);
      }
  });

  it('are played by people of desks that there are', () => {
    for (const pack of builtinPacks()) {
      const desks = new Set(pack.desks.map((desk) => desk.desk));
      for (const s of pack.scenarios)
        for (const [role, who] of Object.entries(s.roles))
          if ('desk' in who && Array.isArray(who.desk))
            for (const desk of who.desk) assert.ok(desks.has(desk), `${s.scenario} ${role}: ${desk}`);
    }
  });
});
