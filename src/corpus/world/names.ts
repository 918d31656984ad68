import { faker as fakerDe } from '@faker-js/faker/locale/de';
import { faker as fakerEn } from '@faker-js/faker/locale/en';
import { below, label, type Path, Permutation } from '../random.ts';

/** Names of people and places, from faker's pinned definitions: the pools a world is built from, never drawn a message. */
const SOURCES: Readonly<Record<string, typeof fakerEn>> = { en: fakerEn, de: fakerDe };

const LETTERS: Readonly<Record<string, string>> = {
  ä: 'ae', ö: 'oe', ü: 'ue', ß: 'ss', é: 'e', è: 'e', ê: 'e', ë: 'e', á: 'a', à: 'a', â: 'a', å: 'a', ã: 'a', ç: 'c', č: 'c', ć: 'c',
  í: 'i', ì: 'i', î: 'i', ï: 'i', ñ: 'n', ó: 'o', ò: 'o', ô: 'o', õ: 'o', ø: 'o', š: 's', ú: 'u', ù: 'u', û: 'u', ý: 'y', ž: 'z', ł: 'l', æ: 'ae',
}; // prettier-ignore

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
}

/** The people's names of one language; the n-th is computable alone and no two share an address. */
export class NamePool {
  private readonly firsts: readonly (readonly [name: string, female: boolean])[];
  private readonly lasts: readonly string[];
  private readonly order: Permutation;
  readonly size: number;

  constructor(firsts: readonly (readonly [string, boolean])[], lasts: readonly string[], key: Path) {
    this.firsts = firsts;
    this.lasts = lasts;
    this.size = firsts.length * lasts.length;
    this.order = new Permutation(this.size, key);
  }

  name(n: number): Name {
    const at = this.order.at(n % this.size);
    const [first, female] = this.firsts[Math.floor(at / this.lasts.length)]!;
    return { first, last: this.lasts[at % this.lasts.length]!, female };
  }
}

/** A pool a language. Family names are kept apart between languages, so that addresses are too. */
export function namePools(languages: readonly string[], seed: Path): Map<string, NamePool> {
  const taken = new Set<string>();
  const pools = new Map<string, NamePool>();
  for (const language of languages) {
    const person = (SOURCES[language] ?? fakerEn).rawDefinitions.person!;
    const firsts: [string, boolean][] = [];
    const seen = new Set<string>();
    for (const [list, female] of [
      [person.first_name!.female!, true],
      [person.first_name!.male!, false],
    ] as const)
      for (const first of list) {
        const folded = fold(first);
        if (seen.has(folded) || folded === '') continue;
        seen.add(folded);
        firsts.push([first, female]);
      }
    const lasts = person.last_name!.generic!.filter((last) => {
      const folded = fold(last);
      if (taken.has(folded) || folded === '' || /\s/.test(last)) return false;
      taken.add(folded);
      return true;
    });
    const source = lasts.length > 0 ? lasts : person.last_name!.generic!;
    pools.set(language, new NamePool(firsts, source, below(below(seed, label('names')), label(language))));
  }
  return pools;
}

/** Cities a mail may mention, in a language. */
export function cities(language: string): readonly string[] {
  return (SOURCES[language] ?? fakerEn).rawDefinitions.location!.city_name!;
}
