import * as z from 'zod';
import { DAY, parseDay } from './calendar.ts';
import { EVASIONS } from './pack/scenario.ts';
import { PROFILE_NAMES } from './profiles/index.ts';
import { ZONE_NAMES, zoneKnownFrom } from './zones.ts';

/**
 * The content half of a job spec: everything the bytes of a corpus depend on, besides the packs and the generator's
 * version. Delivery and execution, which change no byte of a message, are in src/job/spec.ts.
 */

const id = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'lower-case letters, digits and dashes, starting with a letter, at most 40');
const percent = z.number().min(0).max(100);
const weight = z.number().int().min(1).max(1000).default(10);
const plain = (max: number): z.ZodString =>
  z
    .string()
    .min(1)
    .max(max)
    // eslint-disable-next-line no-control-regex -- control characters are what is refused
    .regex(/^[^\u0000-\u001f\u007f<>"@\\]+$/, 'no control characters, quotes, angle brackets, at signs or backslashes');

const day = z.string().refine((text) => parseDay(text) !== undefined, 'a date that exists, written 2025-01-31');

/** RFC 2606 and RFC 6761: names that belong to nobody. */
const RESERVED = /(^|\.)(example|test|invalid|localhost)$|(^|\.)example\.(com|net|org)$/;

export const isReservedDomain = (domain: string): boolean => RESERVED.test(domain);

const domain = z
  .string()
  .max(200)
  .regex(/^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/, 'a lower-case domain name, such as aldermoor.example');

const period = z
  .strictObject({
    start: day.default('2025-01-06').describe('First day, in the time zone of whoever writes'),
    end: day.default('2025-06-27').describe('Last day'),
  })
  .superRefine((p, ctx) => {
    const [start, end] = [parseDay(p.start), parseDay(p.end)];
    if (start === undefined || end === undefined) return;
    if (end < start) ctx.addIssue({ code: 'custom', path: ['end'], message: `comes before the start, ${p.start}` });
    if (start < parseDay('2000-01-01')! || end > parseDay('2099-12-31')!)
      ctx.addIssue({ code: 'custom', message: 'has to lie between 2000-01-01 and 2099-12-31, for which time zone rules are known' });
  });

const office = z.strictObject({
  city: plain(60),
  zone: z.enum(ZONE_NAMES as [string, ...string[]]).describe('IANA time zone'),
  locale: z
    .string()
    .regex(/^[a-z]{2}-[A-Z]{2}$/, 'a language and a country, such as en-GB')
    .describe('Language of the office and its way to write telephone numbers'),
  weight: weight.describe('Share of the employees, against the other offices'),
});

/** The desks of the built-in packs, with their shares of the employees. */
const DESKS = [
  ['equity-sales', 8],
  ['equity-trading', 8],
  ['fixed-income', 10],
  ['fx', 7],
  ['research', 8],
  ['corporate-finance', 9],
  ['wealth', 12],
  ['operations', 14],
  ['risk', 7],
  ['compliance', 5],
  ['technology', 9],
  ['people', 3],
].map(([desk, share]) => ({ id: desk as string, weight: share as number }));

const OFFICES = [
  { city: 'London', zone: 'Europe/London', locale: 'en-GB', weight: 45 },
  { city: 'Frankfurt', zone: 'Europe/Berlin', locale: 'de-DE', weight: 25 },
  { city: 'New York', zone: 'America/New_York', locale: 'en-US', weight: 20 },
  { city: 'Singapore', zone: 'Asia/Singapore', locale: 'en-SG', weight: 10 },
];

const unique = (what: string, list: readonly string[], ctx: z.RefinementCtx, path: (i: number) => (string | number)[]): void =>
  list.forEach((value, i) => {
    if (list.indexOf(value) < i) ctx.addIssue({ code: 'custom', path: path(i), message: `${what} '${value}' is listed twice` });
  });

const organisation = z
  .strictObject({
    name: plain(60).default('Aldermoor Bank'),
    domain: domain.default('aldermoor.example').describe('A reserved domain (.example, .test), or one of your own'),
    employees: z.number().int().min(2).max(200_000).default(600),
    desks: z.array(z.strictObject({ id, weight })).min(1).max(60).default(DESKS).describe('Desk ids as the packs name them'),
    offices: z.array(office).min(1).max(60).default(OFFICES),
    outsiders: z
      .strictObject({
        clients: z.number().int().min(1).max(20_000).default(120),
        counterparties: z.number().int().min(1).max(5_000).default(40),
        vendors: z.number().int().min(1).max(5_000).default(50),
        regulators: z.number().int().min(1).max(20).default(3),
        newsletters: z.number().int().min(1).max(500).default(25),
      })
      .prefault({})
      .describe('How many firms of each kind write to the organisation'),
  })
  .superRefine((o, ctx) => {
    unique(
      'desk',
      o.desks.map((d) => d.id),
      ctx,
      (i) => ['desks', i, 'id'],
    );
    unique(
      'office',
      o.offices.map((f) => f.city),
      ctx,
      (i) => ['offices', i, 'city'],
    );
  });

const traffic = z.strictObject({
  profile: z.enum(PROFILE_NAMES).default('bank-2025').describe('A named set of distributions; docs/profiles.md gives their sources'),
  overrides: z
    .strictObject({
      threaded: percent.optional().describe('Percent of messages in conversations of two or more'),
      external: percent.optional().describe("Percent of people's messages exchanged with clients, counterparties, vendors and regulators"),
      private: percent.optional().describe("Percent of people's messages that are not business"),
      machine: percent.optional().describe('Percent of single messages that machines and newsletters send'),
      quoting: percent.optional().describe('Percent of replies that quote what they answer'),
      length: z.number().int().min(10).max(400).optional().describe("Length of what people write, in percent of the profile's"),
    })
    .prefault({}),
});

const content = z
  .strictObject({
    languages: z
      .record(z.string().regex(/^[a-z]{2,3}(-[A-Z]{2})?$/, 'a language tag, such as en'), z.number().int().min(0).max(1000))
      .default({ en: 80, de: 20 })
      .describe('Weights of the languages; each needs a pack'),
    packs: z
      .array(z.string().min(1).max(400))
      .max(40)
      .default([])
      .describe('Folders of your own packs; the built-in ones for the languages above are always there'),
    html: percent.optional().describe("Percent of people's messages that carry HTML beside the text; otherwise as the profile says"),
    signatures: percent.default(70).describe('Percent of people who end their first messages with a signature'),
    disclaimers: percent.default(60).describe('Percent of messages to outsiders with a disclaimer'),
    attachments: percent.default(100).describe("Scales the share of messages with an attachment, in percent of the pack's"),
  })
  .superRefine((c, ctx) => {
    if (!Object.values(c.languages).some((w) => w > 0))
      ctx.addIssue({ code: 'custom', path: ['languages'], message: 'at least one language needs a weight over 0' });
  });

const scenario = z
  .strictObject({
    scenario: id.describe('A scenario by its id, the scenarios of a family by its name, or all'),
    rate: z
      .number()
      .min(0)
      .max(100)
      .optional()
      .describe('Percent of messages that are positive; the nearest that can be reached. 0.05 where neither this nor arcs is given'),
    arcs: z.number().int().min(0).max(10_000_000).optional().describe('Or how many arcs, exactly'),
    nearMisses: z.number().int().min(0).max(5).default(1).describe('Harmless look-alikes for each arc'),
    evasion: z
      .partialRecord(z.enum(EVASIONS), z.number().int().min(0).max(1000))
      .optional()
      .describe('Weights of the evasion levels; otherwise all that the scenario has, alike'),
  })
  .superRefine((s, ctx) => {
    if (s.rate !== undefined && s.arcs !== undefined)
      ctx.addIssue({ code: 'custom', path: ['arcs'], message: 'either a rate or a number of arcs, not both' });
    if (s.evasion && !Object.values(s.evasion).some((w) => w > 0))
      ctx.addIssue({ code: 'custom', path: ['evasion'], message: 'at least one level needs a weight over 0' });
  });

export type ScenarioSpec = z.output<typeof scenario>;

export const contentShape = {
  seed: z
    .union([z.number().int().min(0).max(Number.MAX_SAFE_INTEGER), z.string().min(1).max(200)], {
      error: 'a whole number from 0, or a text of up to 200 characters',
    })
    .default(1)
    .describe('Where all randomness starts: another seed, another corpus'),
  messages: z.number().int().min(1).max(100_000_000).default(10_000),
  period: period.prefault({}),
  organisation: organisation.prefault({}),
  traffic: traffic.prefault({}),
  content: content.prefault({}),
  scenarios: z
    .array(scenario)
    .max(200)
    .default([{ scenario: 'all', rate: 0.05, nearMisses: 1 }])
    .describe('What is planted. None: an empty list'),
};

/** Checks that hold across the sections of a spec. */
export function refineContent(spec: ContentSpec, ctx: z.RefinementCtx): void {
  const start = parseDay(spec.period.start);
  if (start === undefined) return;
  spec.organisation.offices.forEach((o, i) => {
    if (zoneKnownFrom(o.zone) > start * DAY)
      ctx.addIssue({
        code: 'custom',
        path: ['organisation', 'offices', i, 'zone'],
        message: `rules for ${o.zone} are known only from ${1970 + Math.round(zoneKnownFrom(o.zone) / (365.2425 * DAY))} on, and the period starts on ${spec.period.start}`,
      });
  });
}

/** A checked content spec, all defaults filled in. */
export type ContentSpec = { readonly [K in keyof typeof contentShape]: z.output<(typeof contentShape)[K]> };

/** The languages that are drawn, in order. */
export const languagesOf = (spec: ContentSpec): string[] =>
  Object.entries(spec.content.languages)
    .filter(([, weight]) => weight > 0)
    .map(([tag]) => tag)
    .sort();
