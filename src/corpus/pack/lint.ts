import { parsePhrase, type Part } from './phrase.ts';
import { type Scenario, WRITTEN } from './scenario.ts';
import { type Pack, slotsIn } from './schema.ts';

/** What a pack may do, but should not: advice to its author. Errors are the schema's business. */
export function lintPack(pack: Pack): string[] {
  return [...pack.scenarios.flatMap(lintScenario), ...repeated(pack)];
}

/** Near misses may be longer or shorter than what they are taken for by this share, on average. */
const MOST_DIFFERENCE = 0.25;

function lintScenario(scenario: Scenario): string[] {
  const found: string[] = [];
  const say = (place: string, text: string): number => found.push(`scenarios/${scenario.scenario}: ${place}: ${text}`);
  for (const [i, phase] of scenario.phases.entries()) {
    const positives = mean(WRITTEN.flatMap((level) => phase[level] ?? []).map(words));
    const near = mean(scenario.nearMisses.flatMap((n) => n.phases[phase.phase] ?? []).map(words));
    if (Math.abs(near / positives - 1) > MOST_DIFFERENCE)
      say(
        `phases.${i} (${phase.phase})`,
        `near misses have ${near.toFixed(0)} words on average, positives ${positives.toFixed(0)}: a detector could tell them by their length`,
      );
  }
  for (const level of ['slang', 'code'] as const)
    if (!scenario.phases[0]![level] && !scenario.without.includes(level))
      say('phases', `no '${level}': the evasion ladder has a rung less`);
  if (scenario.nearMisses.length < 3)
    say('nearMisses', `${scenario.nearMisses.length} of them: with fewer than three a detector learns them by heart`);
  const used = new Set(textsOf(scenario).flatMap(slotsIn));
  for (const fact of Object.keys(scenario.facts)) if (!used.has(fact)) say(`facts.${fact}`, 'no phrase uses it');
  return found;
}

const RUN = 8;

/**
 * Runs of eight words that stand in two places: a reader of the corpus would see the same sentence again and again. Within a
 * scenario they are meant to: near misses speak like what they are taken for.
 */
function repeated(pack: Pack): string[] {
  const seen = new Map<string, string>();
  const found: string[] = [];
  const look = (place: string, text: string): void => {
    const list = plain(parsePhrase(text)).toLowerCase().split(/\s+/).filter(Boolean);
    for (let i = 0; i + RUN <= list.length; i++) {
      const run = list.slice(i, i + RUN).join(' ');
      const before = seen.get(run);
      if (before === undefined) seen.set(run, place);
      else if (before !== place) {
        found.push(`${place}: "${run}" stands elsewhere too, in ${before}`);
        return;
      }
    }
  };
  for (const scenario of pack.scenarios) for (const text of textsOf(scenario)) look(`scenarios/${scenario.scenario}`, text);
  for (const desk of pack.desks)
    for (const topic of desk.topics)
      for (const part of ['open', 'detail', 'response', 'update', 'close'] as const)
        for (const text of topic[part] ?? []) look(`desks/${desk.desk}/${topic.id}`, text);
  return found;
}

const textsOf = (scenario: Scenario): string[] => [
  ...scenario.phases.flatMap((phase) => WRITTEN.flatMap((level) => phase[level] ?? [])),
  ...scenario.nearMisses.flatMap((near) => Object.values(near.phases).flat()),
];

/** A phrase in its first wording. */
const plain = (parts: readonly Part[]): string =>
  parts
    .map((part) => {
      switch (part.kind) {
        case 'text':
          return part.text;
        case 'slot':
          return `{${part.name}}`;
        case 'choice':
          return plain(part.options[0]!);
        case 'number':
          return plain(part.one);
      }
    })
    .join('');

const words = (text: string): number => plain(parsePhrase(text)).split(/\s+/).length;

const mean = (list: readonly number[]): number => list.reduce((sum, n) => sum + n, 0) / list.length;
