import { textOf } from '../../src/corpus/mime/bytes.ts';
import type { Turn } from '../../src/corpus/conversation/conversation.ts';
import { Generator } from '../../src/corpus/generator.ts';
import { checkPack, type PackSource } from '../../src/corpus/pack/source.ts';
import { specOf } from './support.ts';

/** The least a pack can be, to be changed by a test: one desk, one topic, one phrase of each kind. */
export function tinyTopic(changes: object = {}): Record<string, unknown> {
  return {
    id: 'limits',
    between: 'desk',
    facts: { size: 'int 5..50 step 5', due: 'day' },
    subject: ['Limit of {size}'],
    open: ['The limit is {size}.'],
    detail: ['It holds until {due}.', 'Nobody has asked yet.', 'The form is on the drive.'],
    asks: [{ ask: ['Does that do?'], answer: ['It does.'] }],
    response: ['I will tell the others.'],
    update: ['The others know.'],
    close: ['Then we are done.'],
    ...changes,
  };
}

export function tinyDesk(topics: readonly object[] = [tinyTopic()], changes: object = {}): Record<string, unknown> {
  return { desk: 'fx', name: 'FX', titles: [['Analyst'], ['Associate'], ['Director'], ['Head of FX']], topics, ...changes };
}

export function tinyPack(desk: object = tinyDesk(), language = 'en', common: object = {}): PackSource {
  const two = (what: string): { internal: string[]; external: string[] } => ({ internal: [`${what} in.`], external: [`${what} out.`] });
  return {
    header: { pack: `tiny-${language}`, language, title: 'Tiny' },
    common: {
      greetings: {
        one: ['Hi {you.first},'],
        many: ['Hi all,'],
        reply: ['{you.first},'],
        formalFemale: ['Dear Ms {you.last},'],
        formalMale: ['Dear Mr {you.last},'],
        formalMany: ['Dear all,'],
        friend: ['Hey {you.first}!'],
      },
      pleasantries: two('Pleasantry'),
      leads: two('Lead'),
      acks: two('Ack'),
      chasers: two('Chaser'),
      forwards: ['Please take over.'],
      delegated: ['I take over.'],
      thanks: two('Thanks'),
      offers: two('Offer'),
      signoffs: { internal: ['Best,'], external: ['Kind regards,'], friend: ['Love,'] },
      asides: ['The lift works again.'],
      mobile: ['Sent from a phone'],
      disclaimers: ['This mail is for you alone. {firm.name}'],
      prefixes: { reply: ['Re: '], forward: ['Fwd: '] },
      quoting: {
        wrote: ['On {date}, {name} wrote:'],
        original: 'Original Message',
        forwarded: 'Forwarded',
        from: 'From',
        sent: 'Sent',
        to: 'To',
        cc: 'Cc',
        subject: 'Subject',
      },
      labels: { phone: 'T', mobile: 'M', author: 'By', date: 'Date', page: 'Page', total: 'Total' },
      calendar: {
        months: 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' '),
        weekdays: 'Mon Tue Wed Thu Fri Sat Sun'.split(' '),
        date: '{d} {month}',
        longDate: '{weekday} {d} {month} {year}',
        quarter: 'Q{q}',
        time: '{h}:{m}',
        decimal: '.',
        thousands: ',',
      },
      ...common,
    },
    desks: { 'fx.yaml': desk },
  };
}

/** A corpus in which the pack's one topic is all there is to talk about. */
export function tinyGenerator(source: PackSource, spec: object = {}): Generator {
  const { language } = checkPack(source, 'tiny');
  return new Generator(
    specOf({ messages: 256, organisation: { desks: [{ id: 'fx' }], employees: 60 }, content: { languages: { [language]: 1 } }, ...spec }),
    [checkPack(source, 'tiny')],
  );
}

/** What a topic's subject is said as, in a block of single messages, and in which message: it may be one before the corpus. */
export function subjectsOf(topic: object, desk: object = {}): { readonly text: string; readonly turn: Turn }[] {
  const generator = tinyGenerator(tinyPack(tinyDesk([tinyTopic(topic)], desk)), { traffic: { overrides: { threaded: 0 } } });
  const subjects: { text: string; turn: Turn }[] = [];
  generator.block(0, ({ conversation: { turns } }) => subjects.push({ text: textOf(turns[0]!.subject.run), turn: turns[0]! }));
  return subjects;
}

/** A scenario of two phases, to be changed by a test. Each of its phrases says which level, phase and language it is of. */
export function tinyScenario(changes: object = {}, language = 'en'): Record<string, unknown> {
  const words = (level: string, phase: string): string[] => [
    `The ${level} words of the ${phase} in ${language}: {pieces} pieces before Thursday.`,
  ];
  const phase = (name: string): object => ({
    explicit: words('explicit', name),
    slang: words('slang', name),
    code: words('code', name),
    split: words('split', name),
  });
  return {
    scenario: 'leak',
    family: 'inside-information',
    title: 'A leak',
    about: 'Somebody tells a friend.',
    severity: 'high',
    alertUnit: 'thread',
    roles: { teller: { desk: 'any' }, friend: { outside: 'private' } },
    facts: { pieces: 'int 100..999' },
    phases: [
      { phase: 'tip', from: 'teller', to: 'friend', ...phase('tip') },
      { phase: 'thanks', from: 'friend', to: 'teller', kind: 'reply', ...phase('thanks') },
    ],
    nearMisses: ['public', 'refused', 'joke'].map((id) => ({
      id,
      why: 'It means no harm.',
      phases: { tip: words(id, 'tip'), thanks: words(id, 'thanks') },
    })),
    ...changes,
  };
}

/** The same pack with scenarios, a file each. */
export const withScenarios = (source: PackSource, ...scenarios: readonly Record<string, unknown>[]): PackSource => ({
  ...source,
  scenarios: Object.fromEntries(scenarios.map((scenario) => [`${String(scenario['scenario'])}.yaml`, scenario])),
});
