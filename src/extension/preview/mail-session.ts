import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { Attachment, Mail, MailPreviewCalls, RawSlice, Shown, Thread, Truth } from '../../protocol/mail-preview.ts';
import type { Handlers } from '../views/channel.ts';
import { fileNameOf } from './file-name.ts';
import type { MailTruth } from './mail-corpus.ts';
import type { MailFiles } from './mail-files.ts';
import { MAIL_LIMITS } from './mail-limits.ts';
import { rawSlice } from './mail-raw.ts';
import type { MailThread } from './mail-thread.ts';
import { problemText, troubleText, type Words } from './mail-words.ts';
import type { MailParser } from './parse-mail.ts';
import { linkOf } from './links.ts';

/** What is known of a message beside its bytes. */
export interface MailContext {
  readonly truth: MailTruth | undefined;
  /** Looked for when the page asks: it reads other messages. */
  readonly thread: () => Promise<MailThread | undefined>;
}

export interface MailSessionOptions {
  readonly path: string;
  readonly files: MailFiles;
  readonly parser: MailParser;
  readonly context: () => Promise<MailContext>;
  readonly l10n: Words;
}

/** One open message: its bytes, what was read from them, what is known of it. Everything is asked for once, until the file changes. */
export class MailSession {
  private readonly options: MailSessionOptions;
  private readonly stop = new AbortController();
  private bytes: Promise<{ readonly bytes: Uint8Array; readonly size: number }> | undefined;
  private mail: Promise<Mail> | undefined;
  private context: Promise<MailContext> | undefined;
  private thread: Promise<MailThread | undefined> | undefined;

  constructor(options: MailSessionOptions) {
    this.options = options;
  }

  /** The file has changed. */
  forget(): void {
    this.bytes = this.mail = this.context = this.thread = undefined;
  }

  dispose(): void {
    this.stop.abort();
  }

  async shown(): Promise<Shown> {
    const { l10n } = this.options;
    const { bytes, size } = await this.file();
    const { truth: line } = await this.known();
    const truth = line && truthOf(line);
    try {
      const mail = await (this.mail ??= this.options.parser.read(bytes, size, this.stop.signal));
      const problems = mail.problems.map((problem) => problemText(l10n, problem));
      if (line && line.sha256 !== createHash('sha256').update(bytes).digest('hex'))
        problems.push(problemText(l10n, { code: 'digest', part: '', value: '' }));
      return { mail, trouble: undefined, problems, truth };
    } catch (error) {
      return { mail: undefined, trouble: troubleText(l10n, error), problems: [], truth };
    }
  }

  async raw(from: number): Promise<RawSlice> {
    const { bytes } = await this.file();
    const { truth } = await this.known();
    const marks = truth?.evidence.flatMap(({ raw_start, raw_end }) =>
      raw_start === null || raw_end === null ? [] : [{ from: raw_start, to: raw_end }],
    );
    return rawSlice(bytes, from, marks ?? []);
  }

  async place(): Promise<Thread | undefined> {
    const thread = await this.found();
    return thread && thread.paths.length > 1 ? { number: thread.at + 1, count: thread.paths.length } : undefined;
  }

  /** The path of the message before or behind it in its thread. */
  async beside(to: 'previous' | 'next'): Promise<string | undefined> {
    const thread = await this.found();
    return thread?.paths[thread.at + (to === 'next' ? 1 : -1)];
  }

  /** An attachment's content, by its part. */
  async content(part: string): Promise<{ readonly name: string; readonly type: string; readonly bytes: Uint8Array }> {
    const { bytes } = await this.file();
    const attached = await this.attachment(part);
    const content = await this.options.parser.part(bytes, part, this.stop.signal);
    if (!content) throw new Error(this.options.l10n.t('There is no part {0} in this message.', part));
    return { name: attached?.name ?? fileNameOf('', part, ''), type: attached?.type ?? 'application/octet-stream', bytes: content };
  }

  private async attachment(part: string): Promise<Attachment | undefined> {
    const mail = await this.mail;
    return mail?.attachments.find((one) => one.part === part);
  }

  private file(): NonNullable<MailSession['bytes']> {
    return (this.bytes ??= this.options.files.start(this.options.path, MAIL_LIMITS.file));
  }

  private known(): Promise<MailContext> {
    return (this.context ??= this.options.context());
  }

  private found(): Promise<MailThread | undefined> {
    return (this.thread ??= this.known().then(({ thread }) => thread()));
  }
}

function truthOf(line: MailTruth): Truth {
  const { label, due, scenario, near_miss, evasion, phase, role, severity, alert_unit } = line;
  const facts = Object.entries({ scenario, near_miss, evasion, phase, role, severity, alert_unit });
  return {
    label,
    due,
    facts: facts.flatMap(([name, value]) => (value === null ? [] : [{ name, value }])),
    marks: line.evidence.map(({ part, start, end, quote, layer }) => ({ part, start, end, quote, layer })),
  };
}

/** What VS Code does for a page. */
export interface MailActions {
  go(path: string): Promise<void>;
  save(name: string, bytes: Uint8Array): Promise<void>;
  open(part: string, name: string, type: string): Promise<void>;
  /** Asks first. */
  link(url: string): Promise<void>;
  openText(): Promise<void>;
}

const NOTHING = z.undefined();
const partPath = z.object({ part: z.string().regex(/^\d{1,5}(?:\.\d{1,5}){0,200}$/) });

/** How each call of the page is answered. */
export function mailHandlers(session: MailSession, actions: MailActions, l10n: Words): Handlers<MailPreviewCalls> {
  return {
    load: { argument: NOTHING, answer: () => session.shown() },
    thread: { argument: NOTHING, answer: () => session.place() },
    raw: { argument: z.object({ from: z.number().int().min(0) }), answer: ({ from }) => session.raw(from) },
    go: {
      argument: z.object({ to: z.enum(['previous', 'next']) }),
      answer: async ({ to }) => {
        const path = await session.beside(to);
        if (path !== undefined) await actions.go(path);
      },
    },
    save: {
      argument: partPath,
      answer: async ({ part }) => {
        const { name, bytes } = await session.content(part);
        await actions.save(name, bytes);
      },
    },
    open: {
      argument: partPath,
      answer: async ({ part }) => {
        const { name, type } = await session.content(part);
        await actions.open(part, name, type);
      },
    },
    link: {
      argument: z.object({ url: z.string() }),
      answer: async ({ url }) => {
        const href = linkOf(url);
        if (href === undefined) throw new Error(l10n.t('Only links to the web and to mail addresses can be opened.'));
        await actions.link(href);
      },
    },
    openText: {
      argument: NOTHING,
      answer: async () => {
        await actions.openText();
        return undefined;
      },
    },
  };
}
