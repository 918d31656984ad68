import { type ContentSpec, languagesOf } from '../content.ts';
import { mailboxOf } from '../mime/words.ts';
import type { Language } from '../pack/compile.ts';
import { CLIENTS } from '../profiles/profile.ts';
import { PROFILES } from '../profiles/index.ts';
import { below, label, type Path, Stream, Weights } from '../random.ts';
import { Zone } from '../zones.ts';
import { Companies, type Firm, type FirmKind } from './companies.ts';
import { cities, fold, type Name, namePools, type NamePool } from './names.ts';
import { apportion, bySize, type Cell, Organisation } from './organisation.ts';
import type { Person } from './person.ts';
import { type Run, runOf, runsOf, runsWithin } from '../mime/bytes.ts';

const PERSON = label('person');
const CONTACTS = label('contacts');
const OUTSIDER = label('outsider');
const FRIEND = label('friend');

/** Outsiders' keys start above every persona. */
const OUTSIDER_KEYS = 1_000_000;
const FRIEND_KEYS = 100_000_000;
const HOME_KEYS = 500_000_000;
const LANGUAGE_KEYS = 1_000_000_000;

/** How many people at one outside firm write to the organisation. */
export const PEOPLE_A_FIRM = 9;

/** Places for people kept at hand. Who falls on the place of another takes it: memory does not grow with the number of employees. */
const PLACES = 1 << 14;

const PRIVATE_DOMAINS: Readonly<Record<string, readonly string[]>> = {
  en: ['mailbox.example', 'homepost.example', 'inboxmail.example', 'ourpost.test'],
  de: ['postfach.example', 'meinpost.example', 'zuhausemail.example', 'briefkasten.test'],
};

/** How many contacts a person has at a desk. */
const RANKS = 14;

/** Companies that are talked about. */
const ISSUERS = 900;

const KINDS = ['client', 'counterparty', 'vendor', 'regulator', 'newsletter'] as const satisfies readonly FirmKind[];

/** The firms that write to the organisation. */
export type OutsideKind = (typeof KINDS)[number];

/** Numbers set aside for fiction (Ofcom, NANPA 555-01XX, Bundesnetzagentur), '#' a digit. */
const PHONES: Readonly<Record<string, readonly [desk: string, mobile: string]>> = {
  GB: ['+44 20 7946 0###', '+44 7700 900###'],
  US: ['+1 212 555 01##', '+1 917 555 01##'],
  DE: ['+49 69 90009 ###', '+49 171 39200##'],
};
const FICTION: readonly [string, string] = ['+44 1632 960###', '+44 7700 900###'];

/** Everybody who can write or be written to. Each is computable alone, from the seed and their number. */
export class World {
  readonly organisation: Organisation;
  readonly languages: ReadonlyMap<string, Language>;
  readonly zones: readonly Zone[];
  /** Names of the languages that are drawn, with their weights. */
  readonly tags: readonly string[];
  /** The firm's name, and without its last word, in UTF-8. */
  readonly firmName: Run;
  readonly firmShort: Run;
  private readonly spec: ContentSpec;
  private readonly seed: Path;
  private readonly names: Map<string, NamePool>;
  private readonly companies: Companies;
  private readonly officeLanguage: readonly string[];
  private readonly deskWeights: readonly Weights[];
  private readonly deskWeightsIn: ReadonlyMap<string, readonly (Weights | undefined)[]>;
  private readonly firmsOf: ReadonlyMap<OutsideKind, ReadonlyMap<string, readonly [first: number, count: number]>>;
  private readonly clients: Weights;
  private readonly outsideClients: Weights;
  private readonly kept: (Person | undefined)[] = new Array<Person | undefined>(PLACES).fill(undefined);
  private readonly keptOutside: (Person | undefined)[] = new Array<Person | undefined>(PLACES).fill(undefined);
  /** Contacts found: pairs of a key, of person, desk and rank, and an employee. Who falls on the place of another takes it. */
  private readonly circles = new Int32Array(1 << 17);
  /** By language. */
  private readonly cities = new Map<string, readonly Run[]>();
  private readonly issuers: (Run | undefined)[] = new Array<Run | undefined>(ISSUERS).fill(undefined);
  /** By name; our own first, then by the newsletter's firm. As many as the packs have names. */
  private readonly machines = new Map<string, Person[]>();
  private readonly stream = new Stream();
  private readonly own = new Stream();

  constructor(spec: ContentSpec, languages: ReadonlyMap<string, Language>, seed: Path) {
    this.spec = spec;
    this.seed = seed;
    this.languages = languages;
    this.tags = languagesOf(spec);
    const org = spec.organisation;
    const words = org.name.split(' ');
    this.firmName = runOf(org.name);
    this.firmShort = runOf(words.length > 1 ? words.slice(0, -1).join(' ') : org.name);
    this.organisation = new Organisation(org);
    this.zones = org.offices.map((o) => new Zone(o.zone));
    this.officeLanguage = org.offices.map(
      (o) => this.tags.find((tag) => tag === o.locale || tag === o.locale.slice(0, 2)) ?? this.tags[0]!,
    );
    this.names = namePools(this.tags, seed);
    this.companies = new Companies(seed);
    const profile = PROFILES[spec.traffic.profile];
    this.clients = profile.clients;
    this.outsideClients = profile.outsideClients;
    this.deskWeights = this.organisation.cellsOfDesk.map((cells) => bySize(cells));
    this.deskWeightsIn = new Map(
      this.tags.map((tag) => [
        tag,
        this.organisation.cellsOfDesk.map((cells) => {
          const weights = new Weights(cells.map((c) => (this.officeLanguage[c.office] === tag ? c.size : 0)));
          return weights.total > 0 ? weights : undefined;
        }),
      ]),
    );
    const weights = this.tags.map((tag) => spec.content.languages[tag]!);
    this.firmsOf = new Map(
      KINDS.map((kind) => [
        kind,
        split(org.outsiders[`${kind === 'counterparty' ? 'counterpartie' : kind}s` as keyof typeof org.outsiders], this.tags, weights),
      ]),
    );
  }

  /** How many employees a desk has in the offices of a language; all of them where it has none there. */
  deskSize(desk: number, language: string): number {
    return (this.deskWeightsIn.get(language)![desk] ?? this.deskWeights[desk]!).total;
  }

  /** Employee k. */
  employee(k: number): Person {
    const known = this.kept[k & (PLACES - 1)];
    return known?.key === k ? known : (this.kept[k & (PLACES - 1)] = this.makeEmployee(k));
  }

  private makeEmployee(k: number): Person {
    const org = this.spec.organisation;
    const cell = this.organisation.cellOf(k);
    const office = org.offices[cell.office]!;
    const language = this.officeLanguage[cell.office]!;
    const name = this.names.get(language)!.name(k);
    const stream = this.stream.seek(below(below(this.seed, PERSON), k));
    const desk = this.languages.get(language)!.desks.get(org.desks[cell.desk]!.id) ?? this.anyDesk(cell.desk);
    const titles = desk?.titles[this.organisation.level(k)] ?? ['Officer'];
    const display = `${name.first} ${name.last}`;
    const address = `${name.local}${k >= this.names.get(language)!.size ? k : ''}@${org.domain}`;
    const phones = PHONES[office.locale.slice(3)] ?? FICTION;
    return finish({
      key: k,
      ...name,
      name: display,
      address,
      firm: org.name,
      domain: org.domain,
      employee: k,
      desk: cell.desk,
      deskName: desk?.name ?? org.desks[cell.desk]!.id,
      office: cell.office,
      city: office.city,
      title: stream.pick(titles),
      phone: digits(phones[0], stream),
      mobile: digits(phones[1], stream),
      language,
      client: CLIENTS[this.clients.draw(stream)]!,
      signs: stream.percent(this.spec.content.signatures),
      layout: stream.under(4),
    });
  }

  /** Somebody at an outside firm: person `j` of firm `n` of a kind. */
  outsider(kind: OutsideKind, n: number, j: number, language: string): Person {
    const key = this.keyIn(language, OUTSIDER_KEYS + (KINDS.indexOf(kind) * 20_000 + n) * PEOPLE_A_FIRM + j);
    const known = this.keptOutside[placeOf(key)];
    if (known?.key === key) return known;
    return this.keep(this.stranger(key, below(below(this.seed, OUTSIDER), key), this.companies.firm(kind, n), language));
  }

  /** A private correspondent of employee k: friends and family. */
  friend(k: number, j: number, language: string): Person {
    const key = this.keyIn(language, FRIEND_KEYS + k * 8 + j);
    const known = this.keptOutside[placeOf(key)];
    if (known?.key === key) return known;
    return this.keep(this.atPrivateAddress(key, language));
  }

  /** An employee at their private address. */
  atHome(employee: Person): Person {
    const key = this.keyIn(employee.language, HOME_KEYS + employee.employee);
    const known = this.keptOutside[placeOf(key)];
    if (known?.key === key) return known;
    const { first, last, female, local } = employee;
    return this.keep(this.atPrivateAddress(key, employee.language, { first, last, female, local }));
  }

  private atPrivateAddress(key: number, language: string, name?: Name): Omit<Person, Derived> {
    const domains = PRIVATE_DOMAINS[language] ?? PRIVATE_DOMAINS['en']!;
    const path = below(below(this.seed, FRIEND), key);
    return this.stranger(key, path, { name: '', domain: domains[new Stream(path).under(domains.length)]! }, language, name);
  }

  /** The firm and the display name a newsletter or a machine of our own sends under. */
  machine(kind: 'newsletter' | 'robot', name: string, firm: number): Person {
    const own = kind === 'robot';
    let known = this.machines.get(name);
    if (!known) this.machines.set(name, (known = []));
    return (known[own ? 0 : firm + 1] ??= this.makeMachine(own, name, firm));
  }

  private makeMachine(own: boolean, name: string, firm: number): Person {
    const org = this.spec.organisation;
    const home: Pick<Firm, 'name' | 'domain'> = own ? { name: org.name, domain: org.domain } : this.companies.firm('newsletter', firm);
    const local = name
      .split(' ')
      .map(fold)
      .filter((w) => w !== '')
      .join('-');
    const address = own ? `${local}@${home.domain}` : `${local}@news.${home.domain}`;
    return finish({
      key: -1,
      first: name,
      last: '',
      name,
      female: false,
      local,
      address,
      firm: home.name,
      domain: own ? home.domain : `news.${home.domain}`,
      employee: -1,
      desk: -1,
      deskName: '',
      office: 0,
      city: '',
      title: '',
      phone: '',
      mobile: '',
      language: '',
      client: 'webmail' as const,
      signs: false,
      layout: 0,
    });
  }

  /** A colleague at one of these desks who speaks a language, the seniors and a few heavy writers first. */
  someone(stream: Stream, desk: number, language: string): Person {
    const cells = this.organisation.cellsOfDesk[desk]!;
    const weights = this.deskWeightsIn.get(language)![desk] ?? this.deskWeights[desk]!;
    return this.employee(seat(cells[weights.draw(stream)]!, stream));
  }

  /**
   * One of an employee's contacts: the same few again and again, most of them close by. `desk` is where to look; −1 for any.
   */
  contact(of: Person, stream: Stream, desk: number): Person {
    const rank = skewed(stream, RANKS);
    const key = (of.key * 64 + desk + 1) * RANKS + rank + 1;
    const place = (Math.imul(key, 0x9e3779b1) >>> 16) * 2;
    const { circles } = this;
    if (circles[place] !== key) {
      circles[place] = key;
      circles[place + 1] = this.findContact(of, desk, rank);
    }
    return this.employee(circles[place + 1]!);
  }

  private findContact(of: Person, desk: number, rank: number): number {
    const own = this.own.seek(below(below(below(this.seed, CONTACTS), of.key), desk * 64 + rank));
    const far = desk < 0 ? own.under(this.organisation.cells.length) : -1;
    let cells: readonly Cell[] = this.organisation.cellsOfDesk[far >= 0 ? this.organisation.cells[far]!.desk : desk]!;
    if (cells.length === 0) cells = this.organisation.cells.filter((c) => c.size > 0);
    const near = cells.find((c) => c.office === of.office);
    const cell = near && own.percent(72) ? near : cells[own.under(cells.length)]!;
    const k = seat(cell, own);
    return k === of.employee ? (k + 1) % this.organisation.employees : k;
  }

  /** The firm of a kind a person deals with, by rank: a few often, many now and then. */
  dealsWith(of: Person, stream: Stream, kind: OutsideKind, language: string): number {
    const [first, count] = this.firmsOf.get(kind)!.get(language)!;
    const own = this.own.seek(below(below(below(this.seed, CONTACTS), of.key), 4096 + KINDS.indexOf(kind) * 64 + skewed(stream, 10)));
    return first + own.under(count);
  }

  /** The name of a made-up company that is talked about. */
  issuer(stream: Stream): Run {
    const n = skewed(stream, ISSUERS);
    return (this.issuers[n] ??= this.companies.firm('issuer', n).said);
  }

  city(stream: Stream, language: string): Run {
    let known = this.cities.get(language);
    if (!known) this.cities.set(language, (known = runsOf(cities(language))));
    return stream.pick(known);
  }

  private stranger(
    key: number,
    path: Path,
    firm: Pick<Firm, 'name' | 'domain'>,
    language: string,
    name = this.names.get(language)!.name(key),
  ): Omit<Person, Derived> {
    const stream = new Stream(path);
    stream.next(); // friends spend the first draw on their provider
    const office = stream.under(this.spec.organisation.offices.length);
    const display = `${name.first} ${name.last}`;
    const address = `${name.local}@${firm.domain}`;
    const place = language === 'de' ? 'DE' : stream.pick(['GB', 'US', '']);
    const phones = PHONES[place] ?? FICTION;
    return {
      key,
      ...name,
      name: stream.percent(92) ? display : '',
      address,
      firm: firm.name,
      domain: firm.domain,
      employee: -1,
      desk: -1,
      deskName: '',
      office,
      city: '',
      title: '',
      phone: digits(phones[0], stream),
      mobile: digits(phones[1], stream),
      language,
      client: CLIENTS[this.outsideClients.draw(stream)]!,
      signs: firm.name !== '' && stream.percent(this.spec.content.signatures),
      layout: stream.under(4),
    };
  }

  /** The same place in another language is another person. */
  private keyIn(language: string, key: number): number {
    return key + this.tags.indexOf(language) * LANGUAGE_KEYS;
  }

  private anyDesk(desk: number): { name: string; titles: readonly (readonly string[])[] } | undefined {
    for (const language of this.languages.values()) {
      const found = language.desks.get(this.spec.organisation.desks[desk]!.id);
      if (found) return found;
    }
    return undefined;
  }

  /** Finishes an outsider and keeps them at hand. */
  private keep(parts: Omit<Person, Derived>): Person {
    return (this.keptOutside[placeOf(parts.key)] = finish(parts));
  }
}

/** Where an outsider is kept: keys are far apart. */
const placeOf = (key: number): number => (Math.imul(key | 0, 0x9e3779b1) >>> 18) & (PLACES - 1);

type Derived = 'mailbox' | 'said' | 'shown' | 'shownInFull' | 'at' | 'host' | 'hop' | 'signature';

/** Adds what is written of a person again and again, as bytes. Servers have documentation addresses (RFC 5737). */
function finish(parts: Omit<Person, Derived>): Person {
  const { first, last, name, title, deskName, phone, city, address } = parts;
  const { employee, domain, layout } = parts;
  const [host, server] =
    employee < 0
      ? [`mail.${domain}`, `203.0.113.${((domain.length * 11 + domain.charCodeAt(0)) % 254) + 1}`]
      : [`ex${employee & 7}.${domain}`, `192.0.2.${10 + (employee & 7)}`];
  const full = name === '' ? `${first} ${last}`.trim() : name;
  const inHeaders = mailboxOf(name, address);
  const [mailbox, shown, shownInFull, at, home, hop, ...said] = runsWithin(inHeaders, [
    inHeaders,
    name === '' ? address : name,
    name === '' ? address : `${name} <${address}>`,
    address,
    domain,
    `Received: from ${host}\r\n (${host} [${server}])\r\n by mx${layout & 3}.`,
    ...[first, last, full, title, deskName, phone, city, parts.firm],
  ]) as [Run, Run, Run, Run, Run, Run, ...Run[]];
  // One object, and what the message loop asks for side by side in it: people come from far away in memory.
  return {
    key: parts.key,
    address,
    employee,
    office: parts.office,
    client: parts.client,
    layout,
    said,
    mailbox,
    desk: parts.desk,
    host: home,
    hop,
    signs: parts.signs,
    signature: undefined,
    shownInFull,
    shown,
    at,
    first,
    firm: parts.firm,
    last,
    name,
    female: parts.female,
    local: parts.local,
    domain,
    deskName,
    city,
    title,
    phone,
    mobile: parts.mobile,
    language: parts.language,
  };
}

/** 0 … n − 1, the low ones far more often: the square of an even draw. */
export function skewed(stream: Stream, n: number): number {
  const u = stream.next() / 4294967296;
  return Math.floor(n * u * u);
}

/** A place in a cell: a few write and receive many times as much as most. They are not the heads, who come first. */
function seat(cell: Cell, stream: Stream): number {
  return cell.first + ((skewed(stream, cell.size) + Math.floor(cell.size / 3)) % cell.size);
}

function digits(pattern: string, stream: Stream): string {
  return pattern.replace(/#/g, () => String(stream.under(10)));
}

/** Firms 0 … count − 1 shared out among languages, in runs; a language left without any shares them all. */
function split(count: number, tags: readonly string[], weights: readonly number[]): Map<string, readonly [number, number]> {
  let first = 0;
  return new Map(
    apportion(count, weights).map((share, i) => {
      const run: readonly [number, number] = share > 0 ? [first, share] : [0, count];
      first += share;
      return [tags[i]!, run];
    }),
  );
}
