import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { simpleParser } from 'mailparser';
import { fileNameOf } from '../../src/extension/preview/file-name.ts';
import { linkOf } from '../../src/extension/preview/links.ts';
import { MAIL_LIMITS } from '../../src/extension/preview/mail-limits.ts';
import { rawSlice } from '../../src/extension/preview/mail-raw.ts';
import { parametersOf } from '../../src/extension/preview/mime-headers.ts';
import { MailParser, ParseError } from '../../src/extension/preview/parse-mail.ts';
import { readMail, readPart } from '../../src/extension/preview/read-mail.ts';
import type { Mail, Part } from '../../src/protocol/mail-preview.ts';
import { pieces } from '../../webview/mail-preview/spans.ts';
import { generatorOf } from '../conformance/support.ts';
import { parseSpec } from '../../src/job/spec.ts';
import { BLOCK } from '../../src/corpus/block.ts';
import { hostileHtml, hostileStructures, htmlMessage, messageOf } from '../fixtures/hostile/messages.ts';

const read = (text: string | Buffer): Mail => {
  const bytes = Buffer.from(text);
  return readMail(bytes, bytes.length);
};
const codes = (mail: Mail): string[] => mail.problems.map(({ code }) => code);
const all = (part: Part): Part[] => [part, ...part.parts.flatMap(all)];

/** Messages of arcs in every shape, with what is said of them. */
function generated(messages: number) {
  const generator = generatorOf(
    parseSpec({ seed: 5, messages, content: { languages: { en: 1, de: 1 } }, scenarios: [{ scenario: 'all', rate: 3, nearMisses: 1 }] }),
  );
  const found: {
    readonly bytes: Buffer;
    readonly truth: NonNullable<Parameters<Parameters<typeof generator.block>[1]>[0]['truth']> | undefined;
  }[] = [];
  for (let block = 0; block * BLOCK < messages; block++)
    generator.block(block, ({ bytes, truth }) => found.push({ bytes: Buffer.from(bytes), truth }));
  return found;
}

describe('the reader behind Mail Preview', () => {
  const messages = generated(4096);

  it('marks exactly the words that the ground truth names, in the text and in the file', () => {
    let exact = 0;
    for (const { bytes, truth } of messages) {
      if (!truth || truth.evidence.length === 0) continue;
      const mail = read(bytes);
      const raw = rawSlice(
        bytes,
        0,
        truth.evidence.flatMap((one) => (one.raw_start === null ? [] : [{ from: one.raw_start, to: one.raw_end! }])),
      );
      assert.equal(
        raw.pieces.filter(({ marked }) => marked).length,
        truth.evidence.filter((one) => one.raw_start !== null && one.raw_start < raw.to).length,
      );
      for (const one of truth.evidence) {
        const text = mail.texts.find(({ part }) => part === one.part);
        if (!text) {
          assert.equal(one.layer, 'attachment', `part ${one.part} is shown`);
          assert.ok(
            mail.attachments.some(({ part }) => part === one.part),
            `part ${one.part} is an attachment`,
          );
          continue;
        }
        const marked = pieces(text.text, [{ number: 0, mark: { ...one, start: one.start, end: one.end } }]).filter(
          ({ mark }) => mark === 0,
        );
        assert.equal(marked.length, 1);
        const words = marked[0]!.text.replace(/<[^>]*>/g, ' ').replace(/^>[> ]*/gm, '');
        const even = (s: string): string =>
          s
            .replace(/&nbsp;/g, ' ')
            .replace(/&quot;/g, '"')
            .replace(/&#39;|&rsquo;/g, "'")
            .replace(/&lt;/g, '<')
            .replace(/&gt;/g, '>')
            .replace(/&amp;/g, '&')
            .replace(/&#(\d+);/g, (_, n) => String.fromCodePoint(Number(n)))
            .replace(/\s+/g, '');
        assert.equal(even(words), even(one.quote.replace(/^>[> ]*/gm, '')));
        exact++;
      }
    }
    assert.ok(exact > 100, `${exact} marks were looked at`);
  });

  it('agrees with another parser on headers, texts and attachments', async () => {
    for (const { bytes } of messages.slice(0, 300)) {
      const mail = read(bytes);
      const other = await simpleParser(bytes, { skipTextToHtml: true, skipHtmlToText: true, skipImageLinks: true });
      assert.deepEqual(mail.problems, []);
      assert.equal(mail.summary.subject, other.subject ?? '');
      assert.equal(mail.summary.from[0]?.address, other.from?.value[0]?.address);
      const plain = mail.plain.map((path) => mail.texts.find(({ part }) => part === path)!);
      if (plain.every(({ type }) => type === 'text/plain'))
        assert.equal(
          plain
            .map(({ text }) => text)
            .join('\n')
            .trimEnd(),
          other.text?.trimEnd() ?? '',
        );
      const digests = mail.attachments.map(({ part }) => createHash('sha256').update(readPart(bytes, part)!).digest('hex')).sort();
      assert.deepEqual(digests, other.attachments.map(({ content }) => createHash('sha256').update(content).digest('hex')).sort());
      assert.deepEqual(mail.attachments.map(({ name }) => name).sort(), other.attachments.map(({ filename }) => filename ?? '').sort());
    }
  });

  it('numbers parts as IMAP does, also in attached messages', () => {
    const mail = read(
      messageOf(
        'Subject: a\r\nContent-Type: multipart/mixed; boundary=o\r\n',
        '--o\r\n\r\none\r\n--o\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\nFrom: x@y.test\r\nContent-Type: multipart/alternative; boundary=i\r\n\r\n--i\r\n\r\ntwo\r\n--i\r\nContent-Type: text/html\r\n\r\n<b>two</b>\r\n--i--\r\n\r\n--o\r\nContent-Type: message/rfc822\r\n\r\nSubject: plain\r\n\r\nthree\r\n--o--\r\n',
      ),
    );
    assert.deepEqual(
      all(mail.tree).map(({ path, type }) => `${path} ${type}`),
      [
        ' multipart/mixed',
        '1 text/plain',
        '2 message/rfc822',
        '2 multipart/alternative',
        '2.1 text/plain',
        '2.2 text/html',
        '3 message/rfc822',
        '3.1 text/plain',
      ],
    );
    assert.deepEqual(mail.rich, ['1', '2.2', '3.1']);
    assert.deepEqual(mail.plain, ['1', '2.1', '3.1']);
    assert.equal(mail.texts.find(({ part }) => part === '2.1')!.of, 'x@y.test: inner');
    assert.deepEqual(
      mail.attachments.map(({ part, name }) => `${part} ${name}`),
      ['2 part-2.eml', '3 part-3.eml'],
    );
  });

  it('reads parameters that are quoted, continued and encoded', () => {
    const of = (field: string, name: string): string | undefined => parametersOf(field).parameters.get(name);
    assert.equal(of('a/b; name="x;\\"y.txt"; name=z', 'name'), 'x;"y.txt');
    assert.equal(of("attachment; filename*=utf-8'de'%c3%bcber.txt", 'filename'), 'über.txt');
    assert.equal(of("attachment; filename*0*=iso-8859-1''%fc; filename*1=b; filename*2*=%65r", 'filename'), 'über');
    assert.equal(of('attachment; filename=invoice(1).pdf (a comment)', 'filename'), 'invoice(1).pdf');
    assert.equal(parametersOf('TEXT/Plain (c); x=1').value, 'text/plain');
  });

  it('gives attachments names that are fit to be', () => {
    const name = (given: string): string => fileNameOf(given, '2', 'application/pdf');
    assert.equal(name('../../etc/passwd'), 'passwd');
    assert.equal(name('C:\\x\\y.txt'), 'y.txt');
    assert.equal(name('bill\u202efdp.exe'), 'billfdp.exe');
    assert.equal(name('..'), 'part-2.pdf');
    assert.equal(name('con.txt'), '_con.txt');
    assert.equal(name('a\0b|c?.txt '), 'ab_c_.txt');
    assert.equal(name(`${'x'.repeat(300)}.docx`).length, 120);
    assert.ok(name(`${'x'.repeat(300)}.docx`).endsWith('.docx'));
  });

  it('lets only links to the web and to mail addresses through, as they would be opened', () => {
    for (const bad of [
      'javascript:alert(1)',
      'file:///etc/passwd',
      'command:x',
      'vscode://a.b/c',
      'data:text/html,x',
      'x',
      `https://a.test/${'x'.repeat(5000)}`,
    ])
      assert.equal(linkOf(bad), undefined, bad.slice(0, 40));
    assert.equal(linkOf('https://\u0430pple.test/'), 'https://xn--pple-43d.test/');
    assert.equal(linkOf('mailto:a@b.test'), 'mailto:a@b.test');
  });

  it('says what is wrong, and shows the rest', () => {
    const cases: readonly [text: string | Buffer, code: string, shown: RegExp][] = [
      ['', 'empty', /^$/],
      ['Subject: x', 'noHeaderEnd', /^$/],
      ['Subject: x\r\nno header\r\n\r\nhello', 'headerLine', /hello/],
      ['Subject: x\r\nSubject: y\r\n\r\nhello', 'duplicate', /hello/],
      ['Date: soon\r\n\r\nhello', 'date', /hello/],
      [messageOf('Content-Type: multipart/mixed\r\n', 'hello'), 'noBoundary', /hello/],
      [messageOf('Content-Type: multipart/mixed; boundary=b\r\n', 'hello'), 'noParts', /hello/],
      [messageOf('Content-Type: multipart/mixed; boundary=b\r\n', '--b\r\n\r\nhello'), 'unclosed', /hello/],
      [messageOf('Content-Transfer-Encoding: x-y\r\n', 'hello'), 'encoding', /hello/],
      [messageOf('Content-Transfer-Encoding: base64\r\n', 'aGVsbG8*'), 'base64', /hello/],
      [messageOf('Content-Transfer-Encoding: quoted-printable\r\n', 'h=65llo=XY'), 'quotedPrintable', /hello=XY/],
      [messageOf('Content-Type: text/plain; charset=x-y\r\n', 'hello \u00fc'), 'charset', /hello ü/],
      [messageOf('Content-Type: text/plain; charset=utf-8\r\n', Buffer.from('hello \xfc', 'latin1')), 'charsetBytes', /hello \ufffd/],
      [messageOf('Content-Type: text/plain\r\n', 'hel\0lo'), 'nul', /hel␀lo/],
      [messageOf('Content-Type: text/plain\r\n', `hello${'x'.repeat(MAIL_LIMITS.text)}`), 'textCut', /hello/],
    ];
    for (const [text, code, shown] of cases) {
      const mail = read(text);
      assert.ok(codes(mail).includes(code), `${code}: ${codes(mail).join()}`);
      assert.match(mail.texts.map((one) => one.text).join(''), shown, code);
    }
  });

  it('says that there are too many parts, whichever of them is the first too many', () => {
    const digest = (messages: number): string =>
      `Content-Type: multipart/digest; boundary=x\r\n\r\n${'--x\r\n\r\nSubject: one\r\n\r\ntext\r\n'.repeat(messages)}--x--\r\n`;
    // The whole, then two for each message: with 3 the last message is taken apart, with 4 it is not, with 5 not found at all.
    const limits = { ...MAIL_LIMITS, parts: 8 };
    for (const [messages, told] of [
      [3, 0],
      [4, 1],
      [5, 1],
    ] as const) {
      const bytes = Buffer.from(digest(messages));
      assert.equal(codes(readMail(bytes, bytes.length, limits)).filter((code) => code === 'parts').length, told, String(messages));
    }
  });

  it('keeps to its limits whatever a message does', function () {
    this.timeout(60_000);
    for (const { name, bytes } of [
      ...hostileStructures(),
      ...Object.entries(hostileHtml('http://evil.test/')).map(([name, html]) => ({ name, bytes: htmlMessage(name, html) })),
    ]) {
      const begun = performance.now();
      const mail = read(bytes);
      const took = performance.now() - begun;
      assert.ok(took < 5000, `${name} took ${Math.round(took)} ms`);
      assert.ok(JSON.stringify(mail).length < 4 << 20, `${name}: what the page gets is not small`);
      assert.ok(all(mail.tree).length <= MAIL_LIMITS.parts, name);
    }
  });

  it('fails on no message that was changed anyhow', function () {
    this.timeout(120_000);
    const whole = messages.filter(({ bytes }) => bytes.length < 20_000).slice(0, 100);
    const change = fc.oneof(
      fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), cut: fc.nat(200), put: fc.uint8Array({ maxLength: 40 }) }),
      fc.record({
        at: fc.double({ min: 0, max: 1, noNaN: true }),
        cut: fc.nat(40),
        put: fc
          .constantFrom(
            '\r\n\r\n',
            '\n',
            '\r',
            '--',
            '=',
            '"',
            ';',
            '(',
            '<',
            '\0',
            'Content-Type: multipart/mixed; boundary=',
            'Content-Type: message/rfc822\r\n\r\n',
            'Content-Transfer-Encoding: base64\r\n',
            '=?utf-8?b?',
            '\u202e',
          )
          .map((text) => Buffer.from(text)),
      }),
    );
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.array(change, { minLength: 1, maxLength: 8 }), (n, changes) => {
        let bytes = whole[n]!.bytes;
        for (const { at, cut, put } of changes) {
          const from = Math.floor(at * bytes.length);
          bytes = Buffer.concat([bytes.subarray(0, from), put, bytes.subarray(from + cut)]);
        }
        const mail = read(bytes);
        for (const { start, bodyStart, end } of all(mail.tree))
          assert.ok(0 <= start && start <= bodyStart && bodyStart <= end && end <= bytes.length);
        for (const { part } of mail.attachments) assert.ok(readPart(bytes, part));
      }),
      { numRuns: 1500 },
    );
  });
});

describe('the thread that reads a message', () => {
  const script = new URL('../../dist/parser.mjs', import.meta.url);
  const bytes = messageOf('Subject: hello\r\n', 'hello');
  const failsWith = (code: string) => (error: unknown) => error instanceof ParseError && error.code === code;

  it('answers with the message, and with a part', async () => {
    const parser = new MailParser({ script });
    assert.equal((await parser.read(bytes, bytes.length)).summary.subject, 'hello');
    assert.equal(Buffer.from((await parser.part(bytes, '1'))!).toString(), 'hello');
    assert.equal(await parser.part(bytes, '7'), undefined);
  });

  it('is killed when it takes too long, too much memory, or is no longer wanted', async function () {
    this.timeout(60_000);
    const code = (source: string): URL => new URL(`data:text/javascript,${encodeURIComponent(source)}`);
    const begun = performance.now();
    await assert.rejects(new MailParser({ script: code('for(;;);'), time: 300 }).read(bytes, 5), failsWith('time'));
    assert.ok(performance.now() - begun < 5000);
    await assert.rejects(new MailParser({ script: code('const a=[];for(;;)a.push({a})'), memory: 16 }).read(bytes, 5), failsWith('memory'));
    await assert.rejects(new MailParser({ script: code('throw new Error("x")') }).read(bytes, 5), failsWith('broken'));
    await assert.rejects(new MailParser({ script: code('') }).read(bytes, 5), failsWith('broken'));
    const stop = new AbortController();
    const running = new MailParser({ script: code('for(;;);') }).read(bytes, 5, stop.signal);
    setTimeout(() => stop.abort(), 100);
    await assert.rejects(running, failsWith('stopped'));
  });
});
