import { ByDay, DAY, dayText, isoDate, offsetText } from '../calendar.ts';
import { htmlBody } from '../body/html.ts';
import { LAYOUTS, type Letter } from '../body/letter.ts';
import { PlainBody } from '../body/plain.ts';
import type { Subject } from '../conversation/conversation.ts';
import type { Range } from '../conversation/dialogue.ts';
import type { Client, Profile } from '../profiles/profile.ts';
import { below, label, Stream } from '../random.ts';
import { Watch } from '../truth/watch.ts';
import type { Person } from '../world/person.ts';
import { Bytes, hex, lengthOf, type Run, runOf, textOf } from './bytes.ts';
import { type Charset, transcode } from './charset.ts';
import { Lines, WIDE } from './lines.ts';
import { type FilePart, type MimePart, type MultiPart, type TextPart, writePart } from './part.ts';
import { foldText, headerText } from './words.ts';

const MIME = label('mime');

/** What a message needs besides its words. */
export interface Posting {
  readonly letter: Letter;
  readonly attachment: FilePart | undefined;
  /** Percent of messages with HTML beside the text. */
  readonly html: number;
  readonly profile: Profile;
  readonly machine: 'newsletter' | 'robot' | undefined;
  readonly language: string;
  /** Places in the conversation's text to be followed into the message. */
  readonly watched: readonly Range[];
}

/** What was written last, and what was followed into it. */
export interface Written {
  readonly body: MimePart;
  readonly watches: { readonly plain: Watch; readonly html: Watch } | undefined;
}

/** Writes whole messages (RFC 5322), headers in the order of their author's client. */
export class MessageWriter {
  readonly out = new Bytes(1 << 16);
  written: Written | undefined;
  private readonly plain = new Bytes();
  private readonly plainLines = new Lines();
  private readonly plainBody = new PlainBody(this.plain, this.plainLines);
  private readonly html = new Bytes();
  private readonly htmlLines = new Lines();
  /** The same in a single-byte charset. */
  private readonly narrow = new Bytes();
  private readonly narrowHtml = new Bytes();
  private readonly narrowLines = new Lines();
  private readonly stream = new Stream();

  /** Writes a message; what stood in `out` is gone. */
  write(posting: Posting): void {
    const { letter, machine } = posting;
    const { turn } = letter;
    const { out } = this;
    const stream = this.stream.seek(below(turn.path, MIME));
    const watched = posting.watched.length > 0;
    const watches = watched ? { plain: new Watch(posting.watched), html: new Watch(posting.watched) } : undefined;
    const body = this.body(posting, stream, watches);
    out.length = 0;
    received(out, turn.author, turn.to[0]!, turn.instant, stream);
    if (machine) {
      machineHeaders(out, turn.author, machine, turn.instant);
      for (const header of MACHINE_ORDER) this.header(header, letter);
    } else for (const header of ORDERS[turn.author.client]) this.header(header, letter);
    if (!machine && turn.author.client === 'outlook') outlookHeaders(out, posting.language, stream);
    out.put(MIME_VERSION);
    writePart(out, body);
    this.written = { body, watches };
  }

  private header(header: Header, letter: Letter): void {
    const { turn, parent, messageId, words } = letter;
    const { out } = this;
    switch (header) {
      case 'from':
        return addresses(out, FROM, [turn.author]);
      case 'to':
        return addresses(out, TO, turn.to);
      case 'cc':
        return addresses(out, CC, turn.cc);
      case 'bcc':
        return addresses(out, BCC, turn.bcc);
      case 'subject':
        return subjectHeader(out, SUBJECT, turn.prefix, turn.subject);
      case 'topic':
        return subjectHeader(out, THREAD_TOPIC, NO_PREFIX, turn.subject);
      case 'date':
        out.put(DATE);
        writeDate(out, turn.instant, turn.offset);
        return out.put(CRLF);
      case 'id':
        out.put(MESSAGE_ID);
        out.copy(words.view, messageId.from, messageId.to);
        return out.put(CRLF);
      case 'thread':
        if (!parent) return;
        out.put(IN_REPLY_TO);
        out.copy(words.view, parent.messageId.from, parent.messageId.to);
        out.put(CRLF);
        return references(out, parent);
      case 'apple':
        return out.ascii('X-Mailer: Apple Mail (2.3774.300.61.1.2)\r\n');
      case 'phone':
        return out.ascii('X-Mailer: iPhone Mail (21F90)\r\n');
      case 'thunderbird':
        return out.ascii('User-Agent: Mozilla Thunderbird\r\n');
      case 'notes':
        return out.ascii('X-Mailer: Lotus Notes Release 6.5\r\n');
    }
  }

  /** The tree of parts: text, HTML beside it, an attachment behind both. */
  private body(posting: Posting, stream: Stream, watches: Written['watches']): MimePart {
    const { letter, machine, profile, attachment } = posting;
    const client = letter.turn.author.client;
    const layout = LAYOUTS[client];
    const { html, htmlLines, plainLines } = this;
    this.plainBody.write(letter, layout, watches?.plain);
    // A short text without HTML is a small message, and the words of a scenario make no small ones. So they have HTML more
    // often, the shorter the text: then of what is as large, as much has HTML as of other mail.
    const more = watches ? posting.html * Math.max(0, 1 - this.plain.length / LONG) : 0;
    const people = (): boolean => client !== 'notes' && (stream.percent(posting.html) || (more > 0 && stream.percent(more)));
    const withHtml = machine === 'newsletter' ? stream.percent(85) : machine === 'robot' ? stream.percent(25) : people();
    const ascii = (plainLines.all & WIDE) === 0;
    const legacy = stream.percent(profile.legacyCharset);
    const charset = ascii ? (client === 'phone' || client === 'apple' ? 'us-ascii' : 'utf-8') : this.charset(legacy || client === 'notes');
    const dense = !ascii && charset === 'utf-8' && (client === 'phone' || client === 'webmail') && stream.percent(60);
    const text = part(
      'plain',
      this.plain,
      isLegacy(charset) ? this.narrow : this.plain,
      isLegacy(charset) ? this.narrowLines : plainLines,
      charset,
      dense ? 'base64' : layout.wrap === 0 ? 'quoted-printable' : ascii ? '7bit' : client === 'thunderbird' ? '8bit' : 'quoted-printable',
    );
    let body: MimePart = text;
    if (withHtml) {
      html.length = 0;
      htmlBody(html, letter, client, charset, watches?.html);
      const { narrowHtml } = this;
      narrowHtml.length = 0;
      if (isLegacy(charset)) transcode(narrowHtml, html, charset);
      const source = isLegacy(charset) ? narrowHtml : html;
      htmlLines.clear();
      htmlLines.scan(source, 0, source.length);
      body = multi('alternative', client, stream, [
        text,
        part('html', html, source, htmlLines, charset, dense ? 'base64' : 'quoted-printable'),
      ]);
    }
    return attachment ? multi('mixed', client, stream, [body, attachment]) : body;
  }

  /** A legacy charset where one is wanted and the text has a place in it: then it stands in `narrow`. */
  private charset(legacy: boolean): Charset {
    if (!legacy) return 'utf-8';
    for (const charset of ['iso-8859-1', 'windows-1252'] as const) {
      this.narrow.length = 0;
      if (transcode(this.narrow, this.plain, charset)) {
        this.narrowLines.clear();
        this.narrowLines.scan(this.narrow, 0, this.narrow.length);
        return charset;
      }
    }
    return 'utf-8';
  }
}

const isLegacy = (charset: Charset): boolean => charset !== 'utf-8' && charset !== 'us-ascii';

function part(
  subtype: TextPart['subtype'],
  utf8: Bytes,
  source: Bytes,
  lines: Lines,
  charset: Charset,
  encoding: TextPart['encoding'],
): TextPart {
  return { kind: 'text', subtype, utf8, source, lines, charset, encoding, start: 0, end: 0 };
}

/** Bytes of text from which that no longer shows. */
const LONG = 4000;

type Header = 'from' | 'to' | 'cc' | 'bcc' | 'subject' | 'topic' | 'date' | 'id' | 'thread' | 'apple' | 'phone' | 'thunderbird' | 'notes';

/** Which headers a client writes, in which order. */
const ORDERS: Readonly<Record<Client, readonly Header[]>> = {
  outlook: ['from', 'to', 'cc', 'bcc', 'subject', 'topic', 'date', 'id', 'thread'],
  apple: ['from', 'apple', 'subject', 'id', 'date', 'thread', 'cc', 'to', 'bcc'],
  phone: ['from', 'date', 'subject', 'id', 'thread', 'to', 'cc', 'bcc', 'phone'],
  thunderbird: ['id', 'date', 'thunderbird', 'subject', 'to', 'cc', 'bcc', 'thread', 'from'],
  webmail: ['thread', 'from', 'date', 'id', 'subject', 'to', 'cc', 'bcc'],
  notes: ['to', 'cc', 'bcc', 'subject', 'notes', 'id', 'from', 'date', 'thread'],
};
const MACHINE_ORDER: readonly Header[] = ['from', 'to', 'subject', 'date', 'id'];

const FROM = runOf('From:');
const TO = runOf('To:');
const CC = runOf('Cc:');
const BCC = runOf('Bcc:');
const SUBJECT = runOf('Subject: ');
const THREAD_TOPIC = runOf('Thread-Topic: ');
const NO_PREFIX = runOf('');
const DATE = runOf('Date: ');
const MESSAGE_ID = runOf('Message-ID: ');
const IN_REPLY_TO = runOf('In-Reply-To: ');
const REFERENCES = runOf('References:');
const MIME_VERSION = runOf('MIME-Version: 1.0\r\n');
const CRLF = runOf('\r\n');
const FOLD = runOf('\r\n ');

/** The preferred length of a line, without CRLF (RFC 5322 §2.1.1). */
const LINE = 78;

/** The same where encoded words stand on it (RFC 2047 §2). */
const ENCODED_LINE = 76;

/** A header of mailboxes, folded between them; nothing where there are none. */
function addresses(out: Bytes, name: Run, people: readonly Person[]): void {
  if (people.length === 0) return;
  out.put(name);
  let column = lengthOf(name);
  for (let i = 0; i < people.length; i++) {
    const { mailbox } = people[i]!;
    const length = lengthOf(mailbox);
    if (column + length + 2 <= ENCODED_LINE) {
      out.byte(32);
      out.put(mailbox);
      column += 1 + length;
    } else if (i > 0 && length + 2 <= ENCODED_LINE) {
      out.put(FOLD);
      out.put(mailbox);
      column = 1 + length;
    } else column = brokenMailbox(out, mailbox, column);
    if (i < people.length - 1) out.byte(44);
    column++;
  }
  out.put(CRLF);
}

/** A mailbox too long for its line: broken at its own spaces too. Answers with the column behind it. */
function brokenMailbox(out: Bytes, mailbox: Run, start: number): number {
  let column = start;
  for (let { from } = mailbox; from < mailbox.to;) {
    let to = from;
    while (to < mailbox.to && mailbox.view.getUint8(to) !== 32) to++;
    if (column + 2 + to - from > ENCODED_LINE && column > 1) {
      out.put(FOLD);
      column = 1;
    } else {
      out.byte(32);
      column++;
    }
    out.copy(mailbox.view, from, to);
    column += to - from;
    from = to + 1;
  }
  return column;
}

/** How many References are kept: the first, and the latest (RFC 5322 §3.6.4 leaves trimming to the client). */
const MOST_REFERENCES = 30;

/** The References of an answer: its ancestors, the oldest first, one a line. */
function references(out: Bytes, parent: Letter): void {
  const chain: Letter[] = [];
  for (let letter: Letter | undefined = parent; letter; letter = letter.parent) chain.push(letter);
  out.put(REFERENCES);
  for (let i = chain.length - 1; i >= 0; i--) {
    if (i < chain.length - 1 && i >= MOST_REFERENCES - 1) continue;
    if (i < chain.length - 1) out.put(FOLD);
    else out.byte(32);
    const { words, messageId } = chain[i]!;
    out.copy(words.view, messageId.from, messageId.to);
  }
  out.put(CRLF);
}

/** RFC 5322 §3.3. `offset` is in seconds east of UTC. */
function writeDate(out: Bytes, instant: number, offset: number): void {
  const local = instant + offset;
  const day = Math.floor(local / DAY);
  const second = local - day * DAY;
  out.put(DAY_RUNS.of(day));
  out.two((second / 3600) | 0);
  out.byte(58);
  out.two(((second / 60) | 0) % 60);
  out.byte(58);
  out.two(second % 60);
  // Offsets are whole quarters of an hour.
  out.put((OFFSET_RUNS[offset / 900 + 64] ??= runOf(` ${offsetText(offset)}`)));
}

/** With the space behind. */
const DAY_RUNS = new ByDay((day) => runOf(`${dayText(day)} `));

/** With the space before; by the quarters of an hour east of sixteen hours west. */
const OFFSET_RUNS = new Array<Run | undefined>(128).fill(undefined);

/**
 * A header of a subject: short ASCII goes out as it is, anything else folded and encoded; once, and then kept with the
 * subject. `name` is with the colon and the space.
 */
function subjectHeader(out: Bytes, name: Run, prefix: Run, subject: Subject): void {
  const { run, ascii, headers } = subject;
  if (!ascii || lengthOf(name) + lengthOf(prefix) + lengthOf(run) > LINE) {
    let header = headers.find((known) => known.name === name && known.prefix === prefix);
    if (!header) {
      const bare = textOf(name).slice(0, -2);
      header = { name, prefix, text: foldText(bare, headerText(bare, textOf(prefix) + textOf(run))) };
      headers.push(header);
    }
    return out.ascii(header.text);
  }
  out.put(name);
  out.put(prefix);
  out.put(run);
  out.put(CRLF);
}

function multi(subtype: MultiPart['subtype'], client: Client, stream: Stream, parts: readonly MimePart[]): MultiPart {
  let mark = '';
  for (let i = 0; i < 3; i++) mark += stream.next().toString(16).padStart(8, '0');
  const boundaries: Readonly<Record<Client, string>> = {
    outlook: `_00${subtype === 'mixed' ? 4 : 0}_${mark.toUpperCase()}_`,
    apple: `Apple-Mail-${mark.slice(0, 8)}-${mark.slice(8, 12)}-${mark.slice(12)}`,
    phone: `Apple-Mail-${mark.slice(0, 8)}-${mark.slice(8, 12)}-${mark.slice(12)}`,
    thunderbird: `------------${mark}`,
    notes: `=_${subtype}_${mark}_=`,
    webmail: `000000000000${mark}`,
  };
  return { kind: 'multi', subtype, boundary: boundaries[client], parts };
}

/** The hop that a mailbox server records: for mail from outside, and for that of our own server's clients. */
function received(out: Bytes, author: Person, to: Person, instant: number, stream: Stream): void {
  const outside = author.employee < 0;
  if (!outside && author.client !== 'outlook') return;
  const draw = stream.next();
  out.put(author.hop);
  out.put(to.employee >= 0 || outside ? to.host : author.host);
  out.put(WITH);
  out.hex(draw, 8, hex);
  out.put(SEMICOLON_FOLD);
  writeDate(out, instant + 1 + (draw & 3), 0);
  out.put(CRLF);
}

const WITH = runOf('\r\n with ESMTPS id ');
const SEMICOLON_FOLD = runOf(';\r\n ');

const ACCEPT_LANGUAGE = runOf('Accept-Language: ');
const CONTENT_LANGUAGE = runOf('\r\nContent-Language: ');
const OUTLOOK = runOf('\r\nX-Mailer: Microsoft Outlook 16.0\r\n');

function outlookHeaders(out: Bytes, language: string, stream: Stream): void {
  if (stream.percent(2)) out.ascii('Importance: high\r\nX-Priority: 1\r\n');
  out.put(ACCEPT_LANGUAGE);
  out.ascii(language);
  out.put(CONTENT_LANGUAGE);
  out.ascii(language);
  out.put(OUTLOOK);
}

function machineHeaders(out: Bytes, sender: Person, machine: 'newsletter' | 'robot', instant: number): void {
  if (machine === 'robot') return out.ascii('Auto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: All\r\nPrecedence: bulk\r\n');
  const list = sender.address.split('@')[0]!;
  out.ascii(
    `List-Id: <${list}.${sender.domain}>\r\nList-Unsubscribe:\r\n <mailto:unsubscribe@${sender.domain}?subject=${list}>\r\nList-Post: NO\r\nPrecedence: bulk\r\nX-Campaign: ${isoDate(instant, 0).slice(0, 10)}\r\n`,
  );
}
