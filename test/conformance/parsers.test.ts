import assert from 'node:assert/strict';
import { textOf } from '../../src/corpus/mime/bytes.ts';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AddressObject, simpleParser } from 'mailparser';
import PostalMime, { type Address } from 'postal-mime';
import { defaultCorpus, python, some } from './support.ts';

/**
 * Three independent parsers and the generator's own account agree on every message. What a parser is known to do of its
 * own accord is undone where it is read, with a comment; no message is let off.
 */

/** A message as a reader has it. */
interface Reading {
  readonly subject: string;
  readonly from: readonly Mailbox[];
  readonly to: readonly Mailbox[];
  readonly cc: readonly Mailbox[];
  readonly bcc: readonly Mailbox[];
  /** Unix seconds. */
  readonly date: number;
  readonly messageId: string;
  readonly inReplyTo: string;
  readonly references: readonly string[];
  readonly text: string;
  /** "" where there is none. */
  readonly html: string;
  readonly attachments: readonly { readonly name: string; readonly type: string; readonly sha256: string }[];
}

type Mailbox = readonly [name: string, address: string];

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** CRLF as LF, nothing behind the last line's text. Nothing else is evened out. */
const normal = (text: string): string => text.replaceAll('\r\n', '\n').trimEnd();

async function withPostalMime(bytes: Buffer): Promise<Reading> {
  const mail = await PostalMime.parse(bytes);
  const people = (list: readonly Address[] | undefined): Mailbox[] =>
    (list ?? []).map((entry) => {
      assert.ok(entry.address !== undefined, `${entry.name} is a group`);
      return [entry.name, entry.address];
    });
  return {
    subject: mail.subject ?? '',
    from: people(mail.from && [mail.from]),
    to: people(mail.to),
    cc: people(mail.cc),
    bcc: people(mail.bcc),
    date: Date.parse(mail.date ?? '') / 1000,
    messageId: mail.messageId ?? '',
    inReplyTo: mail.inReplyTo ?? '',
    // A header as it stands: the ids are told apart here.
    references: mail.references?.split(/\s+/) ?? [],
    text: normal(mail.text ?? ''),
    html: normal(mail.html ?? ''),
    attachments: mail.attachments.map(({ filename, mimeType, content }) => {
      assert.ok(content instanceof ArrayBuffer);
      return { name: filename ?? '', type: mimeType, sha256: sha256(new Uint8Array(content)) };
    }),
  };
}

async function withMailparser(bytes: Buffer): Promise<Reading> {
  // Without these it makes up the body that a message does not have.
  const mail = await simpleParser(bytes, { skipHtmlToText: true, skipTextToHtml: true, skipImageLinks: true });
  const people = (list: AddressObject | AddressObject[] | undefined): Mailbox[] =>
    [list ?? []].flat().flatMap(({ value }) => value.map(({ name, address }): Mailbox => [name, address ?? `${name}: a group`]));
  return {
    subject: mail.subject ?? '',
    from: people(mail.from),
    to: people(mail.to),
    cc: people(mail.cc),
    bcc: people(mail.bcc),
    // The present time where it cannot read the header, which the comparison would show.
    date: (mail.date?.getTime() ?? NaN) / 1000,
    messageId: mail.messageId ?? '',
    inReplyTo: mail.inReplyTo ?? '',
    // One id is a string, several are an array.
    references: [mail.references ?? []].flat(),
    text: normal(mail.text ?? ''),
    // `false` where there is none.
    html: normal(mail.html || ''),
    attachments: mail.attachments.map(({ filename, contentType, content }) => ({
      name: filename ?? '',
      type: contentType,
      sha256: sha256(content),
    })),
  };
}

/** A line of read_mail.py. */
interface PythonLine {
  readonly file: string;
  readonly raised?: string;
  readonly defects: readonly string[];
  readonly subject: string | null;
  readonly from: readonly Mailbox[];
  readonly to: readonly Mailbox[];
  readonly cc: readonly Mailbox[];
  readonly bcc: readonly Mailbox[];
  readonly date: number;
  readonly messageId: string | null;
  readonly inReplyTo: string | null;
  readonly references: readonly string[];
  readonly texts: readonly string[];
  readonly htmls: readonly string[];
  readonly attachments: readonly (readonly [name: string, type: string, sha256: string])[];
}

/** Reads all messages of a folder with Python's email package, in one process. */
async function withPython(folder: string): Promise<PythonLine[]> {
  const printed = await python('read_mail.py', folder, 'its email package is one of the readers');
  return printed
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as PythonLine);
}

const ofPython = (line: PythonLine): Reading => ({
  subject: line.subject ?? '',
  from: line.from,
  to: line.to,
  cc: line.cc,
  bcc: line.bcc,
  date: line.date,
  messageId: line.messageId ?? '',
  inReplyTo: line.inReplyTo ?? '',
  references: line.references,
  text: normal(line.texts.join('\n')),
  html: normal(line.htmls.join('\n')),
  attachments: line.attachments.map(([name, type, digest]) => ({ name, type, sha256: digest })),
});

/** Where two readings part. */
function differences(a: Reading, b: Reading): string[] {
  return (Object.keys(a) as (keyof Reading)[])
    .filter((key) => JSON.stringify(a[key]) !== JSON.stringify(b[key]))
    .map((key) => `${key}: ${JSON.stringify(a[key]).slice(0, 300)} against ${JSON.stringify(b[key]).slice(0, 300)}`);
}

describe('four readers of 2,000 messages', () => {
  const { sample } = defaultCorpus();
  const python = new Map<string, PythonLine>();
  const postal = new Map<string, Reading>();
  const nodemailer = new Map<string, Reading>();
  let folder = '';

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mailwright-conformance-'));
    for (const { id, bytes } of sample) writeFileSync(join(folder, `${id}.eml`), bytes);
    const lines = withPython(folder); // reads in a process of its own while the other two read in this one
    lines.catch(() => undefined); // awaited below
    for (const { id, bytes } of sample) {
      postal.set(id, await withPostalMime(bytes));
      nodemailer.set(id, await withMailparser(bytes));
    }
    for (const line of await lines) python.set(line.file.replace('.eml', ''), line);
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  it('has 2,000 messages, of all kinds', () => {
    assert.equal(sample.length, 2000);
    assert.equal(python.size, 2000);
    for (const category of ['internal', 'external', 'social', 'private', 'newsletter', 'robot'])
      assert.ok(
        sample.some((m) => m.category === category),
        category,
      );
    assert.ok([...postal.values()].filter((r) => r.attachments.length > 0).length > 20, 'with attachments');
    assert.ok([...postal.values()].filter((r) => r.html !== '').length > 500, 'with HTML');
  });

  it('finds no defect under a strict parser, in any part or header', () => {
    const faults = [...python.values()].flatMap((line) =>
      (line.raised === undefined ? line.defects : [line.raised]).map((fault) => `${line.file}: ${fault}`),
    );
    assert.equal(faults.length, 0, some(faults));
  });

  it('would know a defect', async () => {
    const [{ bytes }] = sample.filter((m) => m.bytes.includes('multipart/alternative'));
    const broken = mkdtempSync(join(tmpdir(), 'mailwright-defects-'));
    try {
      const text = bytes!.toString('latin1');
      writeFileSync(join(broken, '1.eml'), text.replace(/boundary="/, 'boundary="x'), 'latin1');
      writeFileSync(join(broken, '2.eml'), text.replace(/^From: .*$/m, 'From: a@@b'), 'latin1');
      writeFileSync(join(broken, '3.eml'), text.replace(/^Content-Type: text\/plain.*$/m, 'Content-Type: text/plain; charset='), 'latin1');
      const lines = await withPython(broken);
      assert.deepEqual(
        lines.map((line) => line.raised !== undefined || line.defects.length > 0),
        [true, true, true],
      );
    } finally {
      rmSync(broken, { recursive: true, force: true });
    }
  });

  it('agrees between Python email and postal-mime', () => {
    const faults = sample.flatMap(({ id }) => differences(ofPython(python.get(id)!), postal.get(id)!).map((d) => `${id}: ${d}`));
    assert.equal(faults.length, 0, some(faults));
  });

  it('agrees between postal-mime and mailparser', () => {
    const faults = sample.flatMap(({ id }) => differences(postal.get(id)!, nodemailer.get(id)!).map((d) => `${id}: ${d}`));
    assert.equal(faults.length, 0, some(faults));
  });

  it('agrees with what the generator meant', () => {
    const faults = sample.flatMap((m) => {
      const reading = postal.get(m.id)!;
      const { turn } = m;
      const boxes = (people: typeof turn.to): Mailbox[] => people.map((p) => [p.name, p.address]);
      const meant = {
        ...reading,
        subject: textOf(turn.prefix) + m.subject,
        from: boxes([turn.author]),
        to: boxes(turn.to),
        cc: boxes(turn.cc),
        bcc: boxes(turn.bcc),
        date: turn.instant,
      };
      const names = reading.attachments.map((a) => a.name);
      const wanted = m.attachment === undefined ? [] : [m.attachment];
      // Clients wrap lines and mark quotations, but every word stands there, in order.
      const words = m.authored.split(/\s+/).join(' ');
      const found = reading.text
        .split(/\s+/)
        .filter((w) => w !== '>')
        .join(' ');
      return [
        ...differences(meant, reading),
        ...(names.join() === wanted.join() ? [] : [`attachments ${names.join()} against ${wanted.join()}`]),
        ...(found.includes(words) ? [] : [`the text does not hold ${JSON.stringify(words.slice(0, 200))}`]),
      ].map((d) => `${m.id}: ${d}`);
    });
    assert.equal(faults.length, 0, some(faults));
  });
});
