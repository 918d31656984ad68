import { parse } from 'yaml';
import { z } from 'zod';

/** A lexicon, and how it is looked for in a text: what surveillance products have done for thirty years. */

const schema = z.array(z.strictObject({ policy: z.string().min(1), terms: z.array(z.string().min(1)).min(1) }));

/** Terms by policy. */
export type Lexicon = z.output<typeof schema>;

export const readLexicon = (yaml: string): Lexicon => schema.parse(parse(yaml));

/** A policy that a text meets, with the terms that do. */
export interface Hit {
  readonly policy: string;
  readonly terms: readonly string[];
}

/** A word of a term, and how many words may lie between it and the one before; undefined: it follows at once. */
interface Step {
  readonly word: string;
  readonly open: boolean;
  readonly within: number | undefined;
}

/** A lexicon ready to be looked for. */
export class Matcher {
  private readonly policies: readonly {
    readonly policy: string;
    readonly terms: readonly { readonly term: string; readonly steps: readonly Step[] }[];
  }[];

  constructor(lexicon: Lexicon) {
    this.policies = lexicon.map(({ policy, terms }) => ({ policy, terms: terms.map((term) => ({ term, steps: stepsOf(term) })) }));
  }

  hits(text: string): Hit[] {
    const words = wordsOf(text);
    const places = new Map<string, number[]>();
    words.forEach((word, at) => {
      const list = places.get(word);
      if (list) list.push(at);
      else places.set(word, [at]);
    });
    return this.policies.flatMap(({ policy, terms }) => {
      const met = terms.filter(({ steps }) => meets(words, places, steps)).map(({ term }) => term);
      return met.length > 0 ? [{ policy, terms: met }] : [];
    });
  }
}

/** Words in lower case; apostrophes and hyphens belong to them. */
export const wordsOf = (text: string): string[] =>
  text
    .normalize('NFC')
    .toLowerCase()
    .replaceAll('’', "'")
    .match(/[\p{L}\p{N}]+(?:['-][\p{L}\p{N}]+)*/gu) ?? [];

function stepsOf(term: string): Step[] {
  const steps: Step[] = [];
  let within: number | undefined;
  for (const part of term.toLowerCase().split(' ')) {
    const near = /^~(\d+)$/.exec(part);
    if (near) {
      within = Number(near[1]);
      continue;
    }
    const open = part.endsWith('*');
    steps.push({ word: open ? part.slice(0, -1) : part, open, within });
    within = undefined;
  }
  return steps;
}

function meets(words: readonly string[], places: ReadonlyMap<string, readonly number[]>, steps: readonly Step[]): boolean {
  const is = (at: number, { word, open }: Step): boolean => (open ? (words[at]?.startsWith(word) ?? false) : words[at] === word);
  const from = (at: number, next: number): boolean => {
    const step = steps[next];
    if (!step) return true;
    if (step.within === undefined) return is(at + 1, step) && from(at + 1, next + 1);
    for (let other = at - step.within; other <= at + step.within; other++)
      if (other !== at && is(other, step) && from(other, next + 1)) return true;
    return false;
  };
  const [first] = steps;
  const starts = first!.open ? words.flatMap((word, at) => (word.startsWith(first!.word) ? [at] : [])) : (places.get(first!.word) ?? []);
  return starts.some((at) => from(at, 1));
}
