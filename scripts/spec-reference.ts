import { writeFileSync } from 'node:fs';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { jobSpecJsonSchema } from '../src/job/spec.ts';

/**
 * Writes docs/job-spec.md from the schema of a job spec: `node scripts/spec-reference.ts`. What the schema cannot say (rules
 * between fields, examples) stands here, by path; a path that the schema no longer has is an error.
 */

/** What this program reads of a JSON schema (draft 7), as zod writes it. */
interface Node {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly string[];
  readonly anyOf?: readonly Node[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly pattern?: string;
  readonly items?: Node;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly propertyNames?: Node;
  readonly additionalProperties?: Node | boolean;
  readonly required?: readonly string[];
}

/** Meanings of fields that the schema leaves without a description. */
const MEANINGS: Readonly<Record<string, string>> = {
  messages: 'How many messages the corpus has',
  period: 'The days on which messages are sent',
  organisation: 'The firm the corpus is about',
  traffic: 'Who writes to whom, how often, when, and how much',
  content: 'What messages say and what they are made of',
  delivery: 'The form that messages and truth are left in',
  'delivery.truth': 'The ground truth',
  execution: 'How the work is done. Worth setting only to tune a run',
  'organisation.name': 'Its name. The short name that people use leaves out the last word',
  'organisation.employees': 'How many people work there',
  'organisation.desks[].id': 'Name of the desk: one that a pack in use has',
  'organisation.desks[].weight': 'Share of the employees, against the other desks',
  'organisation.offices': 'Where the employees sit',
  'organisation.offices[].city': 'The city, as signatures show it',
  'organisation.outsiders.clients': 'Clients',
  'organisation.outsiders.counterparties': 'Counterparties: other banks, brokers and funds',
  'organisation.outsiders.vendors': 'Suppliers',
  'organisation.outsiders.regulators': 'Regulators',
  'organisation.outsiders.newsletters': 'Publishers of newsletters',
  'traffic.overrides': 'Replaces single quantities of the profile',
};

/** Rules that hold across fields, below the table of their section. */
const RULES: Readonly<Record<string, readonly string[]>> = {
  '': [
    'The bytes of the messages depend on `seed`, `messages`, `period`, `organisation`, `traffic`, `content` and `scenarios`, on the packs, and on the version of the generator. `$schema`, `version`, `delivery` and `execution` change no byte of any message.',
    'The seeds `1` and `"1"` are the same seed.',
    'A field that is not listed here is an error.',
  ],
  period: [
    'Both days belong to the period. `end` must not come before `start`.',
    'The period has to lie between 2000-01-01 and 2099-12-31.',
  ],
  organisation: ['No desk `id` and no office `city` may be listed twice.'],
  'organisation.desks[]': [
    'Every desk has to be in at least one of the packs in use. The default is the twelve desks of the built-in packs.',
  ],
  'organisation.offices[]': [
    'An office writes in the language of its `locale`: the first two letters of it, or the whole. Where neither has a weight in `content.languages`, it writes in the first language by the alphabet that has one.',
    'The rules of `Australia/Sydney` and `Pacific/Auckland` are known from 2008 on, those of `Australia/Perth` from 2010 on. A period that starts before is refused where an office is there.',
  ],
  'traffic.overrides': ['A quantity that is left out is as the profile says: [profiles](profiles.md) has the numbers.'],
  content: [
    'At least one language needs a weight over 0.',
    'The folders in `packs` are relative to the job file, or to the working directory where the spec comes from standard input. [The pack guide](packs.md) says what is in them.',
    'A language needs a pack with a `common.yaml`. Built in are `en` and `de`.',
  ],
  'scenarios[]': [
    'Either `rate` or `arcs`, not both. Entries add up: two that speak of the same scenario both count.',
    'Arcs are shared out evenly among the scenarios and levels that an entry speaks of, and spread evenly over the corpus. Counts are exact.',
    'A near miss has as many messages as the arc it goes with; it counts in no rate.',
    'A spec that asks for more than fits is refused, and told how much does. So is a scenario, a family or a level that no pack in use has.',
  ],
  delivery: ['With layout `none` there is no truth either, but its counts and its digest are in the records.'],
};

/** An example a section: a spec that can be used as it is. Where there is none the defaults of the section are shown. */
const EXAMPLES: Readonly<Record<string, object>> = {
  '': {
    $schema: './mailwright.schema.json',
    version: 1,
    seed: 'autumn',
    messages: 50_000,
    period: { start: '2025-09-01', end: '2025-11-28' },
    organisation: {
      name: 'Ostenfeld Bank',
      domain: 'ostenfeld.example',
      employees: 250,
      desks: [
        { id: 'fx', weight: 20 },
        { id: 'wealth', weight: 30 },
        { id: 'operations', weight: 40 },
        { id: 'compliance', weight: 10 },
      ],
      offices: [
        { city: 'Zurich', zone: 'Europe/Zurich', locale: 'de-CH', weight: 60 },
        { city: 'Dublin', zone: 'Europe/Dublin', locale: 'en-IE', weight: 40 },
      ],
    },
    traffic: { overrides: { external: 30 } },
    content: { languages: { de: 60, en: 40 }, attachments: 50 },
    scenarios: [
      { scenario: 'inside-information', rate: 0.2 },
      { scenario: 'deal-tip', arcs: 5, nearMisses: 3 },
    ],
    delivery: { layout: 'zip', truth: { formats: ['parquet'] } },
  },
  period: { period: { start: '2024-02-01', end: '2024-02-29' } },
  organisation: { organisation: { name: 'Ostenfeld Bank', domain: 'ostenfeld.example', employees: 250 } },
  'organisation.outsiders': { organisation: { outsiders: { clients: 400, regulators: 1 } } },
  traffic: { traffic: { profile: 'enron-2001' } },
  'traffic.overrides': { traffic: { overrides: { threaded: 80, machine: 10, length: 60 } } },
  content: { content: { languages: { en: 1 }, html: 0, disclaimers: 100, attachments: 0 } },
  'scenarios[]': {
    scenarios: [
      { scenario: 'all', rate: 0.1, nearMisses: 2 },
      { scenario: 'market-manipulation', arcs: 40, evasion: { explicit: 1, slang: 2, code: 3 } },
    ],
  },
  delivery: { delivery: { layout: 'mbox' } },
  'delivery.truth': { delivery: { truth: { lines: 'all', formats: ['csv', 'parquet'] } } },
  execution: { execution: { workers: 2, shardBlocks: 4 } },
};

/** Regular expressions in words. */
const PATTERNS: Readonly<Record<string, string>> = {
  '^[^\\u0000-\\u001f\\u007f<>"@\\\\]+$': 'without control characters and without `<`, `>`, `"`, `@` and `\\`',
  '^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$': 'a domain name in lower case',
  '^[a-z][a-z0-9-]{0,39}$': 'up to 40 lower-case letters, digits and dashes, the first a letter',
  '^[a-z]{2}-[A-Z]{2}$': 'a language and a country, such as `en-GB`',
  '^[a-z]{2,3}(-[A-Z]{2})?$': 'language tag, such as `en` or `de-CH`',
};

/** Text fields whose form is checked by code, of which the JSON schema knows nothing. */
const FORMS: Readonly<Record<string, string>> = {
  'period.start': 'a date, such as `2025-01-31`',
  'period.end': 'a date, such as `2025-01-31`',
};

/** Longer lists of values stand below the table. */
const MOST_VALUES = 8;

/** Notes by path, each of which has to be of use. */
class Notes<T> {
  private readonly notes: Readonly<Record<string, T>>;
  private readonly unused: Set<string>;

  constructor(notes: Readonly<Record<string, T>>) {
    this.notes = notes;
    this.unused = new Set(Object.keys(notes));
  }

  take(path: string): T | undefined {
    this.unused.delete(path);
    return this.notes[path];
  }

  check(): void {
    if (this.unused.size > 0) throw new Error(`notes on what the schema does not have, or says itself: ${[...this.unused].join(', ')}`);
  }
}

const number = (n: number): string => (n === Number.MAX_SAFE_INTEGER ? '2⁵³ − 1' : String(n).replace(/\B(?=(\d{3})+$)/g, ','));
const code = (value: unknown): string => `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
const link = (path: string): string => `[${code(path)}](#${path.toLowerCase().replace(/[^a-z0-9-]/g, '')})`;

function range(min: number | undefined, max: number | undefined): string {
  if (min === undefined) return max === undefined ? '' : `at most ${number(max)}`;
  return max === undefined ? `at least ${number(min)}` : `${number(min)} to ${number(max)}`;
}

/** JSON as people write it: what fits on a line stays on it. */
function json(value: unknown, indent = ''): string {
  const flat = JSON.stringify(value, undefined, 1)
    .replace(/(?<=\[)\n\s*|\n\s*(?=\])/g, '')
    .replace(/\n\s*/g, ' ');
  if (typeof value !== 'object' || value === null || (indent !== '' && indent.length + flat.length < 90)) return flat;
  const deeper = `${indent}  `;
  const inner = Array.isArray(value)
    ? value.map((item) => json(item, deeper))
    : Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${json(item, deeper)}`);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  return `${open}\n${inner.map((line) => deeper + line).join(',\n')}\n${indent}${close}`;
}

class Reference {
  private readonly lines: string[] = [];
  private readonly meanings = new Notes(MEANINGS);
  private readonly rules = new Notes(RULES);
  private readonly examples = new Notes(EXAMPLES);
  private readonly forms = new Notes(FORMS);

  /** A section for an object, then those of the objects in it. */
  section(path: string, node: Node): void {
    const properties = Object.entries(node.properties ?? {});
    const at = (name: string): string => (path === '' ? name : `${path}.${name}`);
    const depth = path.includes('.') ? '###' : '##';
    this.lines.push(`${depth} ${path === '' ? 'The whole spec' : code(path)}`, '');
    this.lines.push('| field | type and bounds | default | meaning |', '| --- | --- | --- | --- |');
    for (const [name, field] of properties)
      this.lines.push(
        `| ${[code(name), this.type(at(name), field), this.default(name, field, node), this.meaning(at(name), field)].join(' | ')} |`,
      );
    this.lines.push('');
    const rules = this.rules.take(path);
    if (rules) this.lines.push(...rules.map((rule) => `- ${rule}`), '');
    for (const [name, { enum: values, propertyNames }] of properties) {
      const long = [values, propertyNames?.enum].find((list) => list && list.length > MOST_VALUES);
      if (long) this.lines.push(`Values of ${code(name)}: ${long.map(code).join(', ')}.`, '');
    }
    this.example('For example:', this.examples.take(path));
    for (const [name, field] of properties) {
      if (field.properties) this.section(at(name), field);
      if (!field.items?.properties) continue;
      this.section(`${at(name)}[]`, field.items);
      this.example('The default, written out:', nested(at(name), field.default));
    }
  }

  text(): string {
    for (const notes of [this.meanings, this.rules, this.examples, this.forms]) notes.check();
    return this.lines.join('\n').trimEnd() + '\n';
  }

  private example(title: string, example: object | undefined): void {
    if (example) this.lines.push(title, '', '```json', json(example), '```', '');
  }

  private meaning(path: string, field: Node): string {
    const meaning = field.description ?? this.meanings.take(path);
    if (meaning === undefined) throw new Error(`${path}: neither the schema nor MEANINGS says what it is`);
    return meaning;
  }

  private type(path: string, field: Node): string {
    const form = this.forms.take(path);
    if (form !== undefined) return form;
    if (field.const !== undefined) return code(field.const);
    if (field.anyOf) return field.anyOf.map((option) => this.type(path, option)).join('; or ');
    if (field.enum)
      return field.enum.length > MOST_VALUES ? `one of ${field.enum.length} values, below` : `one of ${field.enum.map(code).join(', ')}`;
    switch (field.type) {
      case 'integer':
        return `whole number, ${range(field.minimum, field.maximum)}`;
      case 'number':
        return `number, ${range(field.minimum, field.maximum)}`;
      case 'string':
        return text(field);
      case 'array':
        return this.array(path, field);
      case 'object':
        return field.properties
          ? `object: ${link(path)}`
          : `object: ${this.type(path, field.propertyNames!)} → ${this.type(path, field.additionalProperties as Node)}`;
      default:
        throw new Error(`${path}: a type that this program does not know: ${JSON.stringify(field)}`);
    }
  }

  private array(path: string, field: Node): string {
    const items = field.items!;
    return `list, ${range(field.minItems, field.maxItems)} of: ${items.properties ? link(`${path}[]`) : this.type(path, items)}`;
  }

  private default(name: string, field: Node, parent: Node): string {
    if (field.items?.properties) return 'below';
    if (field.properties) return 'its own defaults';
    if (field.default !== undefined) return code(field.default);
    return parent.required?.includes(name) ? 'none: required' : 'none';
  }
}

function text(field: Node): string {
  const pattern = field.pattern === undefined ? undefined : PATTERNS[field.pattern];
  if (field.pattern !== undefined && pattern === undefined) throw new Error(`PATTERNS has no words for ${field.pattern}`);
  const length = range(field.minLength, field.maxLength);
  return ['text', length && `${length} characters`, pattern].filter(Boolean).join(', ');
}

/** { organisation: { desks: value } } for "organisation.desks". */
function nested(path: string, value: unknown): object {
  return path.split('.').reduceRight((inner: unknown, key) => ({ [key]: inner }), value) as object;
}

const HEAD = `<!-- Written by scripts/spec-reference.ts from the schema in src/job/spec.ts. Do not edit: run \`node scripts/spec-reference.ts\`. -->

# Job spec reference

A job spec says what corpus is wanted. It is a JSON or YAML file. Every field may be left out: \`{}\` is a spec too, and gives all defaults.
A file that ends in \`.json\` is read as JSON, any other as YAML.

Wrong specs are refused before anything is written. The message names each field, its value, and what would be right.

For completion in an editor, save the JSON schema (\`mailwright schema > mailwright.schema.json\`) and name it in \`$schema\`.

`;

/** The text of docs/job-spec.md. */
export function specReference(): string {
  const reference = new Reference();
  reference.section('', jobSpecJsonSchema() as Node);
  return HEAD + reference.text();
}

if (argv[1] === fileURLToPath(import.meta.url)) writeFileSync(new URL('../docs/job-spec.md', import.meta.url), specReference());
