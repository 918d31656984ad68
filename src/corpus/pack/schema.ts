import * as z from 'zod';
import { type FactKind, parseFact } from './facts.ts';
import { parsePhrase, PhraseError, slotsOf } from './phrase.ts';
import type { Scenario } from './scenario.ts';

/**
 * What a pack's YAML files may say. A pack is a folder:
 *
 *   pack.yaml          id, language, title
 *   common.yaml        greetings, acknowledgements, sign-offs, disclaimers, the language's calendar and labels
 *   desks/<desk>.yaml  one desk each: job titles and topics
 *   scenarios/<id>.yaml  one scenario each: see scenario.ts
 */

/** Who a topic is discussed with, seen from the desk that owns it. */
export const PARTIES = ['desk', 'firm', 'client', 'counterparty', 'vendor', 'regulator', 'private', 'newsletter', 'robot'] as const;
export type Party = (typeof PARTIES)[number];

/** Facts that need no declaration: the people of the message and the two firms. */
export const GIVEN_SLOTS = [
  'me.first',
  'me.last',
  'me.name',
  'me.title',
  'me.desk',
  'me.phone',
  'me.city',
  'you.first',
  'you.last',
  'you.name',
  'firm.name',
  'firm.short',
  'their.firm',
] as const;

export const id = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'lower-case letters, digits and dashes, at most 40');
const name = z.string().regex(/^[a-z][A-Za-z0-9]*$/, 'a letter, then letters and digits');

/**
 * Text that stands on one line, in a header perhaps: no control characters, so that no pack can break a header or begin
 * another (RFC 5322 §2.2).
 */
export const line = z
  .string()
  .min(1)
  // eslint-disable-next-line no-control-regex -- control characters are what is refused
  .regex(/^[^\u0000-\u001f\u007f]*$/, 'no control characters, and no line break');

const phrase = z
  .string()
  .min(1)
  .max(2000)
  // eslint-disable-next-line no-control-regex -- control characters are what is refused
  .regex(/^[^\u0000-\u0009\u000b-\u001f\u007f]*$/, 'no control characters but line breaks')
  .superRefine((text, ctx) => {
    try {
      parsePhrase(text);
    } catch (error) {
      if (!(error instanceof PhraseError)) throw error;
      ctx.addIssue({ code: 'custom', message: `${error.message} (character ${error.at + 1})` });
    }
  });
const phrases = z.array(phrase).min(1).max(500);

/** Phrases of one line: subjects, titles. */
export const lines = z
  .array(phrase.refine((text) => !text.includes('\n'), 'no line break here'))
  .min(1)
  .max(500);

/** Phrases outside a topic know only the given slots. */
const givenPhrases = z
  .array(
    phrase.superRefine((text, ctx) => {
      for (const slot of slotsIn(text))
        if (!(GIVEN_SLOTS as readonly string[]).includes(slot))
          ctx.addIssue({ code: 'custom', message: `{${slot}} is not one of ${GIVEN_SLOTS.join(', ')}` });
    }),
  )
  .min(1)
  .max(500);

/** The slots of a phrase; none where it cannot be parsed, which the phrase's own check says. */
export function slotsIn(text: string): string[] {
  try {
    return slotsOf(parsePhrase(text));
  } catch {
    return [];
  }
}

const fact = z.union([z.string(), z.array(line).min(1)]).transform((source, ctx): FactKind => {
  const parsed = parseFact(source);
  if (typeof parsed !== 'string') return parsed;
  ctx.addIssue({ code: 'custom', message: parsed });
  return z.NEVER;
});
/** Named lists that facts of the kind `list NAME` draw from. */
export const lists = z.record(name, z.array(line).min(1));

/** More than anybody keeps in mind in one conversation. */
const MOST_FACTS = 60;

export const facts = z
  .record(name, fact)
  .refine((all) => Object.keys(all).length <= MOST_FACTS, `at most ${MOST_FACTS} facts a topic`)
  .refine((all) => !('file' in all), '{file} is the name of an attachment: call this fact something else');

const exchange = z.strictObject({ ask: phrases, answer: phrases });

const attachment = z.strictObject({
  share: z.number().int().min(0).max(100).describe('Percent of opening messages that carry it'),
  kinds: z.array(z.enum(['pdf', 'docx', 'xlsx', 'csv', 'png'])).min(1),
  title: lines.describe('Title of the document; the file name is made from it'),
  mention: phrases.describe('What the mail says of it'),
  table: z.record(line, z.union([z.string(), z.array(line).min(1)])).optional(),
});

const topic = z
  .strictObject({
    id,
    weight: z.number().int().min(1).max(100).default(10),
    between: z.enum(PARTIES),
    with: z.array(id).min(1).optional().describe('The other desks, where `between` is firm'),
    starts: z.enum(['us', 'them']).default('us').describe('Who writes first, where the other side is outside the firm'),
    sender: z.array(line).min(1).optional().describe('Names of the machine or the newsletter that sends it'),
    facts: facts.default({}),
    attachment: attachment.optional(),
    subject: lines,
    open: phrases,
    detail: phrases,
    asks: z.array(exchange).default([]),
    queries: z.array(exchange).default([]),
    response: phrases.optional(),
    update: phrases.optional(),
    close: phrases.optional(),
  })
  .superRefine((t, ctx) => {
    const machine = t.between === 'newsletter' || t.between === 'robot';
    const need = (condition: boolean, path: string, message: string): void => {
      if (!condition) ctx.addIssue({ code: 'custom', path: [path], message });
    };
    need(!machine || t.sender !== undefined, 'sender', 'a machine needs the names it sends under');
    need(machine || t.asks.length > 0, 'asks', 'people ask each other things: at least one ask with its answers');
    for (const part of ['response', 'update', 'close'] as const) need(machine || t[part] !== undefined, part, 'missing');
    need((t.between === 'firm') === (t.with !== undefined), 'with', 'names the other desks exactly where `between` is firm');
    const known = new Set<string>([...GIVEN_SLOTS, ...Object.keys(t.facts)]);
    const check = (list: readonly string[] | undefined, path: (string | number)[], extra: readonly string[] = []): void => {
      list?.forEach((text, i) => {
        for (const slot of slotsIn(text)) {
          if (known.has(slot) || extra.includes(slot)) continue;
          ctx.addIssue({
            code: 'custom',
            path: [...path, i],
            message: `{${slot}} is not among the topic's facts: ${[...known].join(', ')}`,
          });
        }
      });
    };
    for (const part of ['subject', 'open', 'detail', 'response', 'update', 'close'] as const) check(t[part], [part]);
    for (const part of ['asks', 'queries'] as const)
      t[part].forEach((e, i) => {
        check(e.ask, [part, i, 'ask']);
        check(e.answer, [part, i, 'answer']);
      });
    check(t.attachment?.title, ['attachment', 'title']);
    check(t.attachment?.mention, ['attachment', 'mention'], ['file']);
    for (const [column, source] of Object.entries(t.attachment?.table ?? {})) {
      const parsed = parseFact(source);
      if (typeof parsed === 'string') ctx.addIssue({ code: 'custom', path: ['attachment', 'table', column], message: parsed });
    }
  });

export const deskSchema = z
  .strictObject({
    desk: id,
    name: line.max(60),
    titles: z.array(z.array(line).min(1)).length(4).describe('Job titles from junior to head of desk, four levels'),
    lists: lists.default({}),
    asides: givenPhrases.optional().describe('Short paragraphs that fit any mail within the firm by this desk'),
    topics: z.array(topic).min(1),
  })
  .superRefine((desk, ctx) => {
    desk.topics.forEach((t, i) => {
      const check = (f: FactKind | string, path: (string | number)[]): void => {
        if (typeof f !== 'string' && f.kind === 'list' && !Object.hasOwn(desk.lists, f.list))
          ctx.addIssue({ code: 'custom', path: ['topics', i, ...path], message: `no list '${f.list}' on this desk` });
      };
      for (const [key, f] of Object.entries(t.facts)) check(f, ['facts', key]);
      for (const [key, source] of Object.entries(t.attachment?.table ?? {})) check(parseFact(source), ['attachment', 'table', key]);
    });
  });

const word = line;
const toneOf = z.strictObject({ internal: givenPhrases, external: givenPhrases });

export const commonSchema = z.strictObject({
  greetings: z.strictObject({
    one: givenPhrases.describe('To one colleague'),
    many: givenPhrases.describe('To several colleagues'),
    reply: givenPhrases.describe('To one colleague, further down a thread'),
    formalFemale: givenPhrases,
    formalMale: givenPhrases,
    formalMany: givenPhrases,
    friend: givenPhrases.describe('To family and friends'),
  }),
  lowerAfterComma: z.array(word).default([]).describe('Words that lose their capital behind a greeting that ends in a comma'),
  pleasantries: toneOf,
  leads: toneOf.describe('First sentence of a reply that answers something'),
  acks: toneOf.describe('A whole reply to a mail that asked nothing'),
  chasers: toneOf.describe('A whole mail by someone who still waits for an answer'),
  forwards: givenPhrases.describe('What is written above a forwarded mail, asking a colleague to take over'),
  delegated: givenPhrases.describe('What that colleague replies'),
  thanks: toneOf.describe('A whole mail that ends a thread'),
  offers: toneOf.describe('Last sentence before the sign-off'),
  signoffs: z.strictObject({ internal: givenPhrases, external: givenPhrases, friend: givenPhrases }),
  asides: givenPhrases.describe('Short paragraphs that fit any mail within the firm'),
  mobile: givenPhrases.describe('The line a phone adds below a mail'),
  disclaimers: givenPhrases,
  prefixes: z.strictObject({ reply: z.array(word).min(1), forward: z.array(word).min(1) }),
  quoting: z.strictObject({
    wrote: z.array(word).min(1).describe('{date} {time} {name} {address}'),
    original: word,
    forwarded: word,
    from: word,
    sent: word,
    to: word,
    cc: word,
    subject: word,
  }),
  labels: z.strictObject({
    phone: word,
    mobile: word,
    author: word,
    date: word,
    page: word,
    total: word,
  }),
  calendar: z.strictObject({
    months: z.array(word).length(12),
    weekdays: z.array(word).length(7).describe('Monday first'),
    date: word.describe('{d} {month}, as in a sentence'),
    longDate: word.describe('{weekday} {d} {month} {year}'),
    quarter: word.describe('{q}'),
    time: word.describe('{h} {m}'),
    decimal: word,
    thousands: z.string(),
  }),
});

export const packSchema = z.strictObject({
  pack: id,
  language: z.string().regex(/^[a-z]{2,3}(-[A-Z]{2})?$/, 'a BCP 47 language tag, such as en or de'),
  title: line,
});

export type Topic = z.output<typeof topic>;
export type Desk = z.output<typeof deskSchema>;
export type Common = z.output<typeof commonSchema>;
export type PackHeader = z.output<typeof packSchema>;

/** A pack as read: the three kinds of file, checked. */
export interface Pack extends PackHeader {
  /** May be left out where another pack of the language has it. */
  readonly common?: Common;
  readonly desks: readonly Desk[];
  readonly scenarios: readonly Scenario[];
}
