import { faker as fakerDe } from '@faker-js/faker/locale/de';
import { faker as fakerEn } from '@faker-js/faker/locale/en';
import { below, label, type Path, Permutation } from '../random.ts';

/** Names of people and places, from faker's pinned definitions: the pools a world is built from, never drawn a message. */
const SOURCES: Readonly<Record<string, typeof fakerEn>> = { en: fakerEn, de: fakerDe };

// prettier-ignore
const LETTERS: Readonly<Record<string, string>> = {
  ä: 'ae', ö: 'oe', ü: 'ue', ß: 'ss', é: 'e', è: 'e', ê: 'e', ë: 'e', á: 'a', à: 'a', â: 'a', å: 'a', ã: 'a', ç: 'c', č: 'c', ć: 'c',
  í: 'i', ì: 'i', î: 'i', ï: 'i', ñ: 'n', ó: 'o', ò: 'o', ô: 'o', õ: 'o', ø: 'o', š: 's', ú: 'u', ù: 'u', û: 'u', ý: 'y', ž: 'z', ł: 'l', æ: 'ae',
};

/** A word as it stands in an address or a file name: a to z and digits, other letters spelt out. */
export function fold(text: string): string {
  let folded = '';
  for (const c of text.toLowerCase()) folded += LETTERS[c] ?? (/[a-z0-9]/.test(c) ? c : '');
  return folded;
}

export interface Name {
  readonly first: string;
  readonly last: string;
  readonly female: boolean;
  /** The left side of an address: both, folded. */
  readonly local: string;
}

/** The people's names of one language; the n-th is computable alone and no two share an address. */
export class NamePool {
  private readonly firsts: readonly (readonly [name: string, female: boolean, folded: string])[];
  private readonly lasts: readonly (readonly [name: string, folded: string])[];
  private readonly order: Permutation;
  readonly size: number;

  constructor(firsts: readonly (readonly [string, boolean])[], lasts: readonly string[], key: Path) {
    this.firsts = firsts.map(([name, female]) => [name, female, fold(name)]);
    this.lasts = lasts.map((name) => [name, fold(name)]);
    this.size = firsts.length * lasts.length;
    this.order = new Permutation(this.size, key);
  }

  name(n: number): Name {
    const at = this.order.at(n % this.size);
    const [first, female, folded] = this.firsts[Math.floor(at / this.lasts.length)]!;
    const [last, foldedLast] = this.lasts[at % this.lasts.length]!;
    return { first, last, female, local: `${folded}.${foldedLast}` };
  }
}

/**
 * A pool a language; languages faker's definitions here do not cover share the English one. Family names are kept apart
 * between pools, so that addresses are too.
 */
export function namePools(languages: readonly string[], seed: Path): Map<string, NamePool> {
  const taken = new Set<string>();
  const bySource = new Map<string, NamePool>();
  const pools = new Map<string, NamePool>();
  for (const language of languages) {
    const source = language in SOURCES ? language : 'en';
    let pool = bySource.get(source);
    if (!pool) bySource.set(source, (pool = namePool(source, taken, below(below(seed, label('names')), label(source)))));
    pools.set(language, pool);
  }
  return pools;
}

/** The names of one source, but the family names in `taken`, to which its own are added. */
function namePool(source: string, taken: Set<string>, key: Path): NamePool {
  const person = SOURCES[source]!.rawDefinitions.person!;
  const firsts: [string, boolean][] = [];
  const seen = new Set<string>();
  const gather = (list: readonly string[], female: boolean): void => {
    for (const first of list) {
      const folded = fold(first);
      if (folded === '' || seen.has(folded)) continue;
      seen.add(folded);
      firsts.push([first, female]);
    }
  };
  gather(person.first_name!.female!, true);
  gather(person.first_name!.male!, false);
  const lasts = person.last_name!.generic!.filter((last) => {
    const folded = fold(last);
    if (folded === '' || taken.has(folded) || /\s/.test(last)) return false;
    taken.add(folded);
    return true;
  });
  return new NamePool(firsts, lasts, key);
}

/** Cities a mail may mention, in a language. */
export function cities(language: string): readonly string[] {
  return (SOURCES[language] ?? fakerEn).rawDefinitions.location!.city_name!;
}
