import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 as zlibCrc32 } from 'node:zlib';
import fc from 'fast-check';
import { unzipSync } from 'fflate';
import { BLOCK } from '../../src/corpus/block.ts';
import { crc32, deflate } from '../../src/corpus/zip.ts';
import { fitsZip, mboxEntry } from '../../src/engine/archive.ts';
import { sinkOf } from '../../src/engine/local/sinks.ts';
import type { DeliveryLayout } from '../../src/job/spec.ts';
import { smallGeneratorOf, holds, python } from '../unit/support.ts';

interface Put {
  readonly id: string;
  readonly bytes: Buffer;
  readonly instant: number;
  readonly from: string;
}

const message = (n: number, text: string): Put => ({
  id: n.toString(16).padStart(12, '0'),
  bytes: Buffer.from(text.replaceAll('\n', '\r\n')),
  instant: 1741341600 + n,
  from: 'laura.simmons@aldermoor.example',
});

/** A block of a corpus, and messages made to be awkward. */
const MESSAGES: Put[] = [
  message(1, 'Subject: From\n\nFrom here on\n>From there\n>>From the top\n From inside\nfrom below\nFrom: x\n'),
  message(2, 'Subject: empty\n\n'),
  message(3, 'Subject: ends in empty lines\n\nText\n\n\n'),
  message(4, `Subject: large\n\n${`${'0123456789'.repeat(7)}\n`.repeat(15_000)}`),
  message(5, 'Subject: 8bit\n\nGrüße, 漢字\n'),
];

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const expected = (): Record<string, string> => Object.fromEntries(MESSAGES.map(({ id, bytes }) => [id, sha256(bytes)]));

let folder = '';

function write(layout: DeliveryLayout, shard = 0, messages: readonly Put[] = MESSAGES): number {
  const sink = sinkOf(layout, folder);
  sink.begin(shard);
  for (const { id, bytes, instant, from } of messages) sink.put(id, bytes, instant, from);
  return sink.end();
}

describe('shards as files', () => {
  before(() => {
    smallGeneratorOf({ messages: 200 }).block(0, ({ id, bytes, letter: { turn } }) =>
      MESSAGES.push({ id, bytes: Buffer.from(bytes), instant: turn.instant, from: turn.author.address }),
    );
  });
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'mailwright-archives-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  describe('zip', () => {
    it('is read by Python, every member whole and the same', () => {
      assert.equal(write('zip', 12), MESSAGES.length);
      assert.deepEqual(readdirSync(join(folder, 'messages')), ['000012.zip']);
      const read = python<{ bad: string | null; members: Record<string, string>; dates: number[][] }>(
        `
import hashlib, zipfile
z = zipfile.ZipFile(data)
result = {'bad': z.testzip(), 'members': {n: hashlib.sha256(z.read(n)).hexdigest() for n in z.namelist()}, 'dates': [list(i.date_time) for i in z.infolist()]}`,
        join(folder, 'messages', '000012.zip'),
      );
      assert.equal(read.bad, null);
      assert.deepEqual(read.members, Object.fromEntries(Object.entries(expected()).map(([id, digest]) => [`${id}.eml`, digest])));
      for (const date of read.dates) assert.deepEqual(date, [1980, 1, 1, 0, 0, 0], 'says nothing of when it was made');
    });

    it('is read by fflate', () => {
      write('zip', 0, MESSAGES.slice(0, 30));
      const files = unzipSync(new Uint8Array(readFileSync(join(folder, 'messages', '000000.zip'))));
      for (const { id, bytes } of MESSAGES.slice(0, 30)) assert.deepEqual(Buffer.from(files[`${id}.eml`]!), bytes);
    });

    it('may be empty', () => {
      assert.equal(write('zip', 0, []), 0);
      assert.deepEqual(unzipSync(new Uint8Array(readFileSync(join(folder, 'messages', '000000.zip')))), {});
    });

    it('of a shard begun again holds only what came since', () => {
      const sink = sinkOf('zip', folder);
      sink.begin(0);
      sink.put('aaaaaaaaaaaa', Buffer.from('lost'), 0, 'x@y.example');
      sink.begin(0);
      sink.put('bbbbbbbbbbbb', Buffer.from('kept'), 0, 'x@y.example');
      assert.equal(sink.end(), 1);
      const files = unzipSync(new Uint8Array(readFileSync(join(folder, 'messages', '000000.zip'))));
      assert.deepEqual(Object.keys(files), ['bbbbbbbbbbbb.eml']);
      assert.deepEqual(readdirSync(join(folder, 'messages')), ['000000.zip'], 'and nothing is left beside it');
    });

    it('has room for all that a shard may have, as far as zip can count without zip64', () => {
      assert.ok(fitsZip(64 * BLOCK, 2 ** 32 - 2));
      assert.ok(!fitsZip(1, 2 ** 32 - 1), 'the highest number means that another field has it');
      assert.ok(fitsZip(65_534, 0) && !fitsZip(65_535, 0));
    });

    it('has checksums as zlib counts them', () => {
      holds(fc.property(fc.uint8Array({ maxLength: 500, size: 'max' }), (bytes) => assert.equal(crc32(bytes), zlibCrc32(bytes))));
    });

    it('compresses the same each time, and gives back what it was given', () => {
      const bytes = MESSAGES[0]!.bytes;
      assert.deepEqual(deflate(bytes), deflate(bytes));
      assert.ok(deflate(MESSAGES[3]!.bytes).length < MESSAGES[3]!.bytes.length / 10);
    });
  });

  describe('mbox', () => {
    it('is read by Python, every message whole and the same', () => {
      assert.equal(write('mbox'), MESSAGES.length);
      // Python's mailbox splits at From_ lines and leaves the rest as it stands: >From is for us to take back (mboxrd).
      const read = python<{ digests: string[]; froms: string[] }>(
        `
import hashlib, mailbox, re
box = mailbox.mbox(data, create=False)
raw = [box.get_bytes(k) for k in box.keys()]
raw = [re.sub(rb'(?m)^>(>*From )', rb'\\1', m).replace(b'\\n', b'\\r\\n') for m in raw]
result = {'digests': [hashlib.sha256(m).hexdigest() for m in raw], 'froms': [box.get_message(k).get_from() for k in box.keys()]}`,
        join(folder, 'messages', '000000.mbox'),
      );
      assert.deepEqual(
        read.digests,
        Object.values(expected()).length === MESSAGES.length ? MESSAGES.map(({ bytes }) => sha256(bytes)) : [],
      );
      MESSAGES.forEach(({ from, instant }, i) => {
        // asctime, in UTC (RFC 4155).
        const [weekday, day, month, year, clock] = new Date(instant * 1000).toUTCString().replace(',', '').split(' ');
        assert.equal(read.froms[i], `${from} ${weekday} ${month} ${String(Number(day)).padStart(2)} ${clock} ${year}`);
      });
    });

    it('marks lines that begin with From, behind any marks there are', () => {
      const entry = mboxEntry(Buffer.from('Subject: x\r\n\r\nFrom a\r\n>From b\r\n From c\r\nFrom: d\r\n'), 0, 'a@b.example').toString();
      assert.equal(entry, 'From a@b.example Thu Jan  1 00:00:00 1970\nSubject: x\n\n>From a\n>>From b\n From c\nFrom: d\n\n');
    });

    it('keeps bytes that are not ASCII', () => {
      assert.ok(mboxEntry(Buffer.from('\r\nGrüße, 漢字\r\n'), 0, 'a@b.example').includes(Buffer.from('Grüße, 漢字\n')));
    });
  });

  describe('eml', () => {
    it('is a file a message, in a folder by the first two digits of its id', () => {
      assert.equal(write('eml'), MESSAGES.length);
      for (const { id, bytes } of MESSAGES) assert.deepEqual(readFileSync(join(folder, 'messages', id.slice(0, 2), `${id}.eml`)), bytes);
      assert.equal(
        readdirSync(join(folder, 'messages'), { recursive: true }).filter((name) => String(name).endsWith('.eml')).length,
        MESSAGES.length,
      );
    });

    it('takes the place of a file that was begun and not finished', () => {
      const one = message(7, 'Subject: a longer text that was there\n\nbefore\n');
      write('eml', 0, [one]);
      write('eml', 0, [{ ...one, bytes: Buffer.from('short') }]);
      assert.equal(readFileSync(join(folder, 'messages', '00', `${one.id}.eml`), 'utf8'), 'short');
    });
  });

  describe('none', () => {
    it('leaves nothing', () => {
      assert.equal(write('none'), 0);
      assert.deepEqual(readdirSync(folder), []);
    });
  });
});
