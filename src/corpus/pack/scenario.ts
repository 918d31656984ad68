import * as z from 'zod';
import { facts, GIVEN_SLOTS, id, line, lines as paragraphs, lists, slotsIn } from './schema.ts';

/**
 * What `scenarios/<id>.yaml` of a pack may say: one scenario in one language. An arc is one instance of it: a few
 * messages between its roles, phase by phase, planted in otherwise ordinary mail. A near miss is an arc of the same shape
 * whose words mean no harm.
 */

export const FAMILIES = [
  'inside-information',
  'market-manipulation',
  'concealment',
  'corruption',
  'sales-practice',
  'conduct',
  'data-loss',
  'antitrust',
] as const;

/** The evasion ladder. The first three and `split` are written in the pack; the others are made from `explicit`. */
export const EVASIONS = ['explicit', 'slang', 'code', 'split', 'misspelt', 'language', 'attachment', 'image', 'quoted'] as const;
export type Evasion = (typeof EVASIONS)[number];

/** The levels a pack writes words for. */
export const WRITTEN = ['explicit', 'slang', 'code', 'split'] as const satisfies readonly Evasion[];

export const OUTSIDE_ROLES = ['client', 'counterparty', 'vendor', 'regulator', 'private', 'self'] as const;

const role = z.union([
  z.strictObject({
    desk: z
      .union([z.literal('any'), z.literal('same'), z.array(id).min(1)])
      .describe("An employee: at one of these desks, at any, or at the first role's"),
    senior: z.boolean().optional().describe('true: one of the seniors of the desk; false: not one of them'),
  }),
  z.strictObject({
    outside: z
      .enum(OUTSIDE_ROLES)
      .describe("Somebody outside the firm; private: a friend of the first role; self: the first role's own private address"),
    mailbox: z
      .enum(['business', 'either'])
      .optional()
      .describe('either: in about half of the arcs they are a friend too, and write from their private address'),
  }),
]);

const phase = z.strictObject({
  phase: id,
  from: id.describe('The role that writes'),
  to: id.describe('The role that is written to'),
  kind: z
    .enum(['new', 'reply', 'forward'])
    .default('new')
    .describe('new begins another thread; the others answer or pass on the phase before'),
  audience: z
    .enum(['two', 'group'])
    .optional()
    .describe('group: the thread that begins here has other recipients too; otherwise it stays between the two'),
  due: z.enum(['required', 'allowed']).default('required').describe('Whether an alert is owed on this message, or merely not wrong'),
  explicit: paragraphs,
  slang: paragraphs.optional(),
  code: paragraphs.optional(),
  split: paragraphs.optional().describe('Words that show nothing alone, only together with the other phases'),
});

const nearMiss = z.strictObject({
  id,
  why: line.describe('Why this is harmless, for whoever reads a false alert'),
  phases: z.record(id, paragraphs).describe('Words for each phase'),
});

const MOST_PHASES = 12;

export const scenarioSchema = z
  .strictObject({
    scenario: id,
    family: z.enum(FAMILIES),
    title: line.max(100),
    about: line.max(400).describe('What happens, in a sentence or two'),
    severity: z.enum(['low', 'medium', 'high']),
    alertUnit: z.enum(['message', 'thread', 'person']).describe('Where an alert is due'),
    without: z.array(z.enum(EVASIONS)).default([]).describe('Levels of the ladder that make no sense here'),
    roles: z.record(id, role),
    facts: facts.default({}),
    lists: lists.default({}),
    phases: z.array(phase).min(1).max(MOST_PHASES),
    nearMisses: z.array(nearMiss).min(1).max(20),
  })
  .superRefine((s, ctx) => {
    const problem = (path: (string | number)[], message: string): void => ctx.addIssue({ code: 'custom', path, message });
    const roles = Object.keys(s.roles);
    if (roles.length < 2 || roles.length > 6) problem(['roles'], 'two to six roles');
    const first = s.roles[roles[0] ?? ''];
    if (first && (!('desk' in first) || first.desk === 'same'))
      problem(['roles', roles[0]!], 'the first role is an employee, of a desk or of any');
    const known = new Set<string>([...GIVEN_SLOTS, ...Object.keys(s.facts)]);
    const check = (list: readonly string[] | undefined, path: (string | number)[]): void =>
      list?.forEach((text, i) => {
        for (const slot of slotsIn(text))
          if (!known.has(slot)) problem([...path, i], `{${slot}} is not among the facts: ${[...known].join(', ')}`);
      });
    const ids = s.phases.map((p) => p.phase);
    s.phases.forEach((p, i) => {
      if (ids.indexOf(p.phase) < i) problem(['phases', i, 'phase'], `'${p.phase}' is there twice`);
      for (const end of ['from', 'to'] as const)
        if (!roles.includes(p[end])) problem(['phases', i, end], `'${p[end]}' is not one of the roles: ${roles.join(', ')}`);
      if (p.from === p.to)
        problem(['phases', i, 'to'], 'nobody writes to themselves here: for their own private address use the role outside: self');
      const [a, b] = [s.roles[p.from], s.roles[p.to]];
      if (a && b && 'outside' in a && 'outside' in b) problem(['phases', i], 'one end of a message is in the firm');
      if (i === 0 && p.kind !== 'new') problem(['phases', i, 'kind'], 'the first phase begins a thread');
      if (p.audience && p.kind !== 'new') problem(['phases', i, 'audience'], 'only for a phase that begins a thread');
      for (const level of WRITTEN) check(p[level], ['phases', i, level]);
    });
    for (const level of WRITTEN.slice(1)) {
      const has = s.phases.filter((p) => p[level] !== undefined).length;
      if (has > 0 && has < s.phases.length) problem(['phases'], `'${level}' is written for some phases only: write it for all or for none`);
    }
    if (s.phases.length === 1 && s.phases[0]!.split) problem(['phases', 0, 'split'], 'one phase cannot be split over several messages');
    s.nearMisses.forEach((n, i) => {
      for (const id of ids) if (!n.phases[id]) problem(['nearMisses', i, 'phases', id], 'no words for this phase');
      for (const [id, list] of Object.entries(n.phases)) {
        if (!ids.includes(id)) problem(['nearMisses', i, 'phases', id], `no such phase: ${ids.join(', ')}`);
        check(list, ['nearMisses', i, 'phases', id]);
      }
    });
    for (const [key, f] of Object.entries(s.facts))
      if (f.kind === 'list' && !Object.hasOwn(s.lists, f.list)) problem(['facts', key], `no list '${f.list}' in this scenario`);
  });

export type Scenario = z.output<typeof scenarioSchema>;
export type Role = z.output<typeof role>;
