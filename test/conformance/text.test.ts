import assert from 'node:assert/strict';
import { builtinPacks, defaultCorpus, isMachine, type Made, quantile, some, table } from './support.ts';

/** What 10,000 messages of the default spec read like: variety, and the marks that a slot gone wrong leaves. */

const paragraphsOf = (text: string): string[] => text.split('\n\n');
const wordsOf = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');

/** A full stop that belongs to a word: what stands behind it is no second mark. */
const ABBREVIATION =
  /\b(n\.m|no|Mio|Mrd|Tsd|Nr|St|Std|Min|ca|bzw|usw|etc|ff|vgl|z\. ?B|d\. ?h|u\. ?a|i\. ?d\. ?R|o\. ?ä|a\.m|p\.m|e\.g|i\.e|Inc|Ltd|Co|Jr|Sr)\.$/;

/** Where a mark of punctuation follows another one, but for three dots and what ends in an abbreviation. */
function doubled(text: string): string | undefined {
  for (const match of text.matchAll(/[.,;:?!]{2,}/g)) {
    if (match[0] === '...') continue;
    if (/^\.[,;:?!]$/.test(match[0]) && ABBREVIATION.test(text.slice(0, match.index + 1))) continue;
    return text.slice(Math.max(0, match.index - 30), match.index + 10);
  }
  return undefined;
}

/** A salutation that was written for a name and has none. */
const NAMELESS = /^[^\p{L}]*$|^[,–-]|\b(Dear|Mr\.?|Ms\.?|Frau|Herrn?|Liebe|Lieber|Sehr geehrter?)\s*[,!–-]?\s*$| [,!]?$/u;

describe('the text of 10,000 messages', () => {
  const { all } = defaultCorpus();
  const people = all.filter((made) => !isMachine(made));
  const machines = all.filter(isMachine);

  function check(messages: readonly Made[], rule: (text: string) => string | undefined | false): void {
    const faults = messages.flatMap(({ index, topic, authored }) => {
      const fault = rule(authored);
      return fault === undefined || fault === false ? [] : [`${index} ${topic}: ${JSON.stringify(fault)}`];
    });
    assert.equal(faults.length, 0, some(faults));
  }
  const found =
    (pattern: RegExp) =>
    (text: string): string | undefined => {
      const at = text.search(pattern);
      return at < 0 ? undefined : text.slice(Math.max(0, at - 30), at + 40);
    };

  it('is by people, newsletters and robots', () => {
    assert.equal(all.length, 10_000);
    assert.ok(people.length > 7000 && machines.length > 500, `${people.length} by people, ${machines.length} by machines`);
  });

  it('has at least 9,000 distinct bodies', () => {
    const distinct = new Set(all.map((m) => m.authored)).size;
    console.log(`      ${distinct} distinct bodies; of people's ${people.length}: ${new Set(people.map((m) => m.authored)).size}`);
    assert.ok(distinct >= 9000, `${distinct}`);
  });

  it("says no eight words in a row in more than 1 % of people's messages", () => {
    const runs = new Map<string, { count: number; topic: string; messages: number }>();
    for (const { authored, topic, index } of people) {
      const own = new Set<string>();
      for (const paragraph of paragraphsOf(authored.toLowerCase())) {
        const words = wordsOf(paragraph);
        for (let i = 0; i + 8 <= words.length; i++) own.add(words.slice(i, i + 8).join(' '));
      }
      for (const run of own) {
        const entry = runs.get(run);
        if (entry) {
          entry.count++;
          entry.messages += index;
        } else runs.set(run, { count: 1, topic, messages: index });
      }
    }
    const top = [...runs].sort(([, a], [, b]) => b.count - a.count);
    // One line a phrase: its windows stand in the same messages.
    const shown = [
      ...new Map(
        top
          .slice(0, 2000)
          .map(([run, { count, topic, messages }]) => [
            `${topic} ${messages}`,
            [run, topic, String(count), ((100 * count) / people.length).toFixed(2)],
          ]),
      ).values(),
    ].slice(0, 10);
    console.log(table([['eight words in a row', 'topic', 'messages', '%'], ...shown]));
    const [run, { count }] = top[0]!;
    assert.ok(count <= people.length / 100, `"${run}" stands in ${count} of ${people.length}`);
  });

  it('leaves no slot unfilled', () => {
    check(all, found(/[{}[\]<>|]|\bundefined\b|\bNaN\b|\[object|\bnull\b(?= \{)/));
    check(machines, found(/\{|\}/));
  });

  it('has no spaces that a missing word leaves', () => {
    check(all, found(/\S[ \t]{2,}\S|\u00a0\u00a0| $/m));
    // A face may stand alone.
    check(all, (text) => found(/\s[.,;:?!](?![)(D])/)(text));
    check(all, found(/\( | \)|„ | “(?=[.,])/));
  });

  it('has no mark of punctuation behind another', () => {
    check(all, doubled);
  });

  it('has no empty paragraph, and none twice', () => {
    check(all, (text) =>
      text === '' || paragraphsOf(text).some((p) => p.trim() === '' || /^\n|\n$/.test(p)) ? 'an empty paragraph' : undefined,
    );
    check(all, (text) => {
      const paragraphs = paragraphsOf(text);
      return paragraphs.find((p, i) => paragraphs.indexOf(p) < i);
    });
  });

  it('greets somebody where it greets by name', () => {
    check(people, (text) => {
      const [first = ''] = text.split('\n');
      return NAMELESS.test(first) && !/^\+1|^[\d:]/.test(first) ? first : undefined;
    });
    // Whoever is greeted by a single first name is the one it goes to.
    const faults = people.flatMap(({ index, topic, authored, turn }) => {
      const name = /^(?:Hi|Hello|Hallo|Hey|Dear|Moin|Servus)(?: there| again)? (\p{Lu}[\p{L}'’-]+)(?:,|!| [-–])?$/u.exec(
        authored.split('\n')[0]!,
      )?.[1];
      if (name === undefined || /^(Team|Frau|Herr|Ms|Mr)$/.test(name)) return [];
      const { first, name: shown, last } = turn.to[0]!;
      return first === name || shown === name || last === name ? [] : [`${index} ${topic}: greets ${name}, and goes to ${first} ${last}`];
    });
    assert.equal(faults.length, 0, some(faults));
  });

  it('begins paragraphs and sentences with a capital, a figure or a mark', () => {
    const faults = people.flatMap(({ index, topic, authored }) => {
      // German goes on in lower case behind a greeting with a comma; people write "ok" and sign "x" or "vg".
      const body = authored.replace(/^[^\n]{1,40},\n\n/, '');
      const low = [...body.matchAll(/\n\n(?!(?:x+|vg|lg|bg|mfg|thx|tks|ok|k)\b)\p{Ll}.{0,30}|(\S+[.?!]) \p{Ll}.{0,30}/gu)].find(
        ([, word]) => word === undefined || !ABBREVIATION.test(word),
      );
      return low ? [`${index} ${topic}: ${JSON.stringify(low[0])}`] : [];
    });
    assert.equal(faults.length, 0, some(faults));
  });

  it('writes replies of all lengths', () => {
    const lengths = people
      .filter((m) => m.turn.kind === 'reply')
      .map((m) => wordsOf(m.authored).length)
      .sort((a, b) => a - b);
    const shares = [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99];
    console.log(
      table([
        ['words in a reply', ...shares.map((s) => `${100 * s} %`)],
        [`${lengths.length} replies`, ...shares.map((s) => quantile(lengths, s))],
      ]),
    );
    assert.ok(quantile(lengths, 0.1) <= 10 && quantile(lengths, 0.9) >= 100, `${quantile(lengths, 0.1)} to ${quantile(lengths, 0.9)}`);
  });
});

/** What people outside the firm have no value for: a phrase of theirs would have a hole. */
const INSIDE_ONLY = /\{me\.(city|title|desk)\}/;

describe('the built-in packs', () => {
  for (const { language, common, desks } of builtinPacks())
    it(`${language}: has outsiders say only what they have`, () => {
      const faults: string[] = [];
      const check = (where: string, phrases: readonly string[] | undefined): void => {
        for (const phrase of phrases ?? []) if (INSIDE_ONLY.test(phrase)) faults.push(`${where}: ${phrase}`);
      };
      for (const pool of ['pleasantries', 'leads', 'acks', 'chasers', 'thanks', 'offers', 'signoffs'] as const)
        check(`common.yaml ${pool}.external`, common?.[pool].external);
      check('common.yaml signoffs.friend', common?.signoffs.friend);
      for (const desk of desks)
        for (const topic of desk.topics) {
          if (topic.between === 'desk' || topic.between === 'firm') continue;
          const machine = topic.between === 'newsletter' || topic.between === 'robot';
          const where = `${desk.desk}.yaml ${topic.id}`;
          const starter = [
            ...topic.open,
            ...topic.detail,
            ...(topic.update ?? []),
            ...topic.asks.flatMap((e) => e.ask),
            ...topic.queries.flatMap((e) => e.answer),
          ];
          const responder = [...(topic.response ?? []), ...topic.asks.flatMap((e) => e.answer), ...topic.queries.flatMap((e) => e.ask)];
          if (machine || topic.starts === 'them' || topic.between === 'private') check(where, starter);
          if (topic.starts === 'us' || topic.between === 'private') check(where, responder);
          check(`${where} close`, topic.close);
        }
      assert.equal(faults.length, 0, some(faults));
    });
});
