import assert from 'node:assert/strict';
import fc from 'fast-check';
import { encodedWords, foldList, foldText, headerText, mailboxOf, parameter } from '../../src/corpus/mime/words.ts';
import { character, holds, python, sample } from './support.ts';

const word = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom('Re:', 'Limit', 'usage', 'on', 'the', 'fixed-income', 'desk,', '(Q2)', '14%', '"fx"', 'a_b', 'what?', 'x=y'),
  },
  { weight: 3, arbitrary: fc.constantFrom('Bestätigung', 'für', 'Börsenschluß', '„Handel“', '–', '€', '漢字', 'договор', '😀', 'ﷺ') },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12, size: 'max' }).filter((s) => !/[\s\p{Cc}]/u.test(s)) },
);
/** A line of words with one space between them, as subjects are. */
const line = fc.array(word, { minLength: 1, maxLength: 30, size: 'max' }).map((words) => words.join(' '));
/** No more than a word of ASCII could be mistaken for an encoded one, and no reader could tell. */
const plainly = (text: string): boolean => !text.includes('=?');

/** File names, good and bad. */
const fileNames = fc.oneof(
  line,
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 100, size: 'max' }).filter((s) => !/\p{Cc}/u.test(s)),
  fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 120, size: 'max' }),
);

/** RFC 2047 §2 and §6.2, by the book: white space between two encoded words is not part of the text. */
function decodeWords(header: string): string {
  const joined = header.replace(/(\?=)\s+(?==\?)/g, '$1');
  return joined.replace(/((?:=\?utf-8\?[QB]\?[^? ]*\?=)+)/g, (run) => {
    const parts = [...run.matchAll(/=\?utf-8\?([QB])\?([^? ]*)\?=/g)].map(([, encoding, content]) => {
      if (encoding === 'B') return Buffer.from(content!, 'base64');
      return Buffer.from(
        content!.replaceAll('_', ' ').replace(/=([0-9A-F]{2})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 16))),
        'latin1',
      );
    });
    // Each word holds whole characters (§5).
    return parts.map((bytes) => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)).join('');
  });
}

const unfold = (header: string): string => header.replace(/\r\n(?=[ \t])/g, '');

function checkHeader(header: string): void {
  assert.ok(header.endsWith('\r\n'));
  for (const one of header.slice(0, -2).split('\r\n')) {
    // Only a single token may be longer.
    if (/\s\S/.test(one.slice(1))) assert.ok(one.length <= 78, one);
    assert.match(one, /^[\x20-\x7e]*$/);
    assert.match(one, /\S/);
  }
  for (const [encoded] of header.matchAll(/=\?utf-8\?[QB]\?[^? ]*\?=/g)) assert.ok(encoded.length <= 75, encoded);
}

describe('encoded words', () => {
  it('give any text back, each of at most 75 characters and whole', () => {
    holds(
      fc.property(fc.string({ unit: character, maxLength: 200, size: 'max' }), fc.integer({ min: 30, max: 75 }), (text, room) => {
        const words = encodedWords(text, room);
        if (text !== '')
          words
            .split(' ')
            .forEach((one, i) => assert.ok(/^=\?utf-8\?[QB]\?[^? ]+\?=$/.test(one) && one.length <= (i === 0 ? room : 75), one));
        assert.equal(decodeWords(words), text);
      }),
      200,
    );
  });

  it('take the shorter encoding', () => {
    assert.equal(encodedWords('für'), '=?utf-8?Q?f=C3=BCr?=');
    assert.equal(encodedWords('договор'), `=?utf-8?B?${Buffer.from('договор').toString('base64')}?=`);
  });

  it('hold nothing in Q that a phrase may not (RFC 2047 §5)', () => {
    holds(
      fc.property(line, (text) => {
        for (const [, content] of encodedWords(text).matchAll(/\?Q\?([^?]*)\?=/g)) assert.match(content!, /^[A-Za-z0-9!*+\-/=_]+$/);
      }),
    );
  });
});

describe('headers of text', () => {
  const subjects = line.filter(plainly);

  it('give subjects back, in lines of at most 78', () => {
    holds(
      fc.property(subjects, fc.constantFrom('Subject', 'Thread-Topic'), (text, name) => {
        const header = foldText(name, headerText(name, text));
        checkHeader(header);
        assert.equal(decodeWords(unfold(header)), `${name}: ${text}\r\n`);
      }),
      500,
    );
  });

  it('leave ASCII as it is', () => {
    assert.equal(foldText('Subject', headerText('Subject', 'Limit usage on the desk')), 'Subject: Limit usage on the desk\r\n');
  });

  it('fold lists between values', () => {
    const values = Array.from({ length: 12 }, (_, i) => `<${'m'.repeat(20)}${i}@aldermoor.example>`);
    const header = foldList('References', values, '');
    checkHeader(header);
    assert.equal(unfold(header), `References: ${values.join(' ')}\r\n`);
    assert.equal(foldList('To', ['a@b.example', 'c@d.example'], ','), 'To: a@b.example, c@d.example\r\n');
  });
});

describe('mailboxes', () => {
  it('give long names back that take several encoded words', () => {
    for (const name of ['Zoë Ångström-Łukasiewicz von und zu Großenbrode-Überlingen', 'договор '.repeat(9).trim()]) {
      const mailbox = mailboxOf(name, 'a@b.example');
      assert.ok(mailbox.includes('?= =?'));
      assert.equal(decodeWords(mailbox), `${name} <a@b.example>`);
    }
  });
});

describe('parameters', () => {
  it('stand on lines of at most 78 and are ASCII', () => {
    holds(
      fc.property(fileNames, fc.constantFrom('name', 'filename'), (value, name) => {
        const text = parameter(name, value);
        assert.ok(text.startsWith(';\r\n '));
        for (const one of text.split('\r\n')) assert.ok(one.length <= 78, one);
        assert.match(text, /^[\x20-\x7e\r\n]*$/);
      }),
      300,
    );
  });
});

describe('Python', () => {
  const COUNT = 150;
  const cut = (text: string): string => text.slice(0, 30).replace(/[\ud800-\udbff]$/, '').trim(); // prettier-ignore
  const subjects = sample(line.filter(plainly), COUNT);
  // Up to 3.12 it keeps the space between two encoded words of a phrase, against RFC 2047 §6.2: one word each here.
  const names = [
    'Laura Simmons',
    'Jörg Müller',
    'O\'Neill, Pat "Paddy"',
    'St. Gallen Desk',
    'a\\b',
    'FX (London)',
    '山田 太郎',
    'robot@home',
    '',
    ...subjects.map(cut),
  ].filter((name) => !mailboxOf(name, 'x').includes('?= =?'));
  const files = ['Quarterly figures.xlsx', 'Übersicht „Limite“ – März.pdf', 'a"b\\c.csv', `${'lang '.repeat(15)}.docx`, `${'ü'.repeat(80)}.pdf`, "it's 100% (final).pdf", ...sample(fileNames, COUNT)].map((name) => name.trim()).filter((name) => name !== ''); // prettier-ignore

  it('reads subjects, mailboxes and parameters as they were meant', () => {
    assert.ok(names.length > COUNT / 3);
    const read = python<{ subjects: string[]; mailboxes: [string, string, number][]; files: [string, string][] }>(
      `
import email, email.policy
def read(headers):
  return email.message_from_string(headers + '\\r\\n', policy=email.policy.default)
def mailbox(m):
  a = m['from'].addresses
  return [a[0].display_name, a[0].addr_spec, len(m['from'].defects)] if len(a) == 1 else ['?', '?', len(a)]
files = [read('Content-Type: application/pdf' + n + '\\r\\nContent-Disposition: attachment' + f + '\\r\\n') for f, n in data['files']]
result = {
  'subjects': [str(read(h)['subject']) for h in data['subjects']],
  'mailboxes': [mailbox(read(h)) for h in data['mailboxes']],
  'files': [[m.get_filename(), m['content-type'].params['name']] for m in files],
}`,
      {
        subjects: subjects.map((text) => foldText('Subject', headerText('Subject', text))),
        mailboxes: names.map((name) => foldText('From', mailboxOf(name, 'laura.simmons@aldermoor.example'))),
        files: files.map((name) => [parameter('filename', name), parameter('name', name)]),
      },
    );
    assert.deepEqual(read.subjects, subjects);
    assert.deepEqual(
      read.mailboxes,
      names.map((name) => [name, 'laura.simmons@aldermoor.example', 0]),
    );
    assert.deepEqual(
      read.files,
      files.map((name) => [name, name]),
    );
  });
});
