import { createHash, hash } from 'node:crypto';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { faker } from '@faker-js/faker';
import MailComposer from 'nodemailer/lib/mail-composer/index.js';
import { BLOCK } from '../../src/corpus/block.ts';
import { Generator } from '../../src/corpus/generator.ts';
import { sinkOf } from '../../src/engine/local/sinks.ts';
import { loadPacks } from '../../src/engine/packs.ts';
import { parseSpec } from '../../src/job/spec.ts';

/**
 * What the bench measures, each in a process of its own: a case gets warm, then repeats itself in short rounds and reports
 * the median round.
 */

/** Figures a case reports: per second, or plain numbers. */
export type Figures = Readonly<Record<string, number>>;

const PACKS = fileURLToPath(new URL('../../dist/packs', import.meta.url));

/** The default mail between people without HTML and attachments, at a length that makes bodies of 1.4 KB. */
const TEXT_ONLY = { messages: 1_000_000, traffic: { overrides: { length: 220, machine: 0 } }, content: { html: 0, attachments: 0 } };

function generatorOf(input: object): Generator {
  const spec = parseSpec(input);
  return new Generator(spec, loadPacks(spec, PACKS, '.').packs);
}

const WARM_MS = 2500;
const ROUND_MS = 150;
const ROUNDS = 15;

/** Runs `step`, which answers how many it made, and gives the median rate a second. */
async function rate(step: () => number | Promise<number>): Promise<number> {
  const until = async (ms: number): Promise<number> => {
    const start = performance.now();
    let made = 0;
    while (performance.now() - start < ms) made += await step();
    return (made * 1000) / (performance.now() - start);
  };
  await until(WARM_MS);
  const rounds: number[] = [];
  for (let i = 0; i < ROUNDS; i++) rounds.push(await until(ROUND_MS));
  return rounds.sort((a, b) => a - b)[ROUNDS >> 1]!;
}

/** Bytes of the text body and of the whole message, and people addressed, on average: what the peer has to match. */
function shape(generator: Generator): { body: number; total: number; people: number } {
  let body = 0;
  let total = 0;
  let people = 0;
  let count = 0;
  for (let b = 0; b < 20; b++)
    generator.block(b * 190, ({ bytes, letter }) => {
      const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
      body += text.length - text.indexOf('\r\n\r\n') - 4;
      total += bytes.length;
      people += letter.turn.to.length + letter.turn.cc.length;
      count++;
    });
  return { body: body / count, total: total / count, people: people / count };
}

const CASES: Readonly<Record<string, () => Figures | Promise<Figures>>> = {
  /** Our text-only mail, SHA-256 included. */
  async text() {
    const generator = generatorOf(TEXT_ONLY);
    const { body, total } = shape(generator);
    let block = 0;
    const perSecond = await rate(() => {
      generator.block(block++ % 3900, ({ bytes }) => void hash('sha256', bytes, 'hex'));
      return BLOCK;
    });
    return { perSecond, body, total };
  },

  /** What a developer would write: faker-js for the words and the people, MailComposer for the mail; the same size. */
  async peer() {
    const { total: wanted, people } = shape(generatorOf(TEXT_ONLY));
    faker.seed(1);
    let total = 0;
    let made = 0;
    // Its headers are shorter than ours: the body makes up for it.
    let body = wanted;
    const person = (): { name: string; address: string } => {
      const firstName = faker.person.firstName();
      const lastName = faker.person.lastName();
      return { name: `${firstName} ${lastName}`, address: faker.internet.email({ firstName, lastName, provider: 'aldermoor.example' }) };
    };
    const perSecond = await rate(async () => {
      let text = '';
      while (text.length < body) text += `${faker.lorem.paragraph()}\n\n`;
      const count = Math.floor(people) + (faker.number.float() < people % 1 ? 1 : 0);
      const mail = new MailComposer({
        from: person(),
        to: Array.from({ length: Math.max(1, count) }, person),
        subject: faker.lorem.sentence(),
        date: faker.date.past(),
        messageId: `<${faker.string.uuid()}@aldermoor.example>`,
        headers: { 'X-Mailer': 'Microsoft Outlook 16.0', 'Content-Language': 'en' },
        text: text.slice(0, body),
      });
      const bytes = await mail.compile().build();
      createHash('sha256').update(bytes).digest();
      body += Math.sign(wanted - bytes.length);
      total += bytes.length;
      made++;
      return 1;
    });
    return { perSecond, total: total / made };
  },

  /** The whole bank-2025 mix, with as many attachments as make at most half of the bytes. */
  async mix() {
    const mean = (attachments: number): number => shape(generatorOf({ messages: 1_000_000, content: { attachments } })).total;
    // Attachments may make half of the bytes at the most: fewer are sent where they would make more.
    const bare = mean(0);
    const share = (mean(100) - bare) / mean(100);
    const attachments = share <= 0.5 ? 100 : Math.floor((100 * bare) / (mean(100) - bare));
    const generator = generatorOf({ messages: 1_000_000, content: { attachments } });
    let block = 0;
    let bytes = 0;
    let messages = 0;
    const perSecond = await rate(() => {
      generator.block(block++ % 3900, (message) => (bytes += message.bytes.length));
      messages += BLOCK;
      return BLOCK;
    });
    return {
      perSecond,
      mean: bytes / messages,
      bytesPerSecond: (perSecond * bytes) / messages,
      attachmentShare: 100 * (1 - (bare * messages) / bytes),
    };
  },

  async memcpy() {
    const from = Buffer.alloc(1 << 24, 1);
    const to = Buffer.alloc(1 << 24);
    return { bytesPerSecond: await rate(() => from.copy(to)) };
  },

  /** The folder sink with all that feeds it, in one thread. */
  folder() {
    const generator = generatorOf(TEXT_ONLY);
    return fileRounds((folder) => {
      const sink = sinkOf('eml', folder);
      sink.begin(0);
      for (let block = 0; block < FILE_BLOCKS; block++)
        generator.block(block, ({ id, bytes, letter }) => {
          hash('sha256', bytes, 'hex');
          sink.put(id, bytes, letter.turn.instant, letter.turn.author.address);
        });
    });
  },

  /** A bare loop that creates files of the same sizes under the same names. */
  files() {
    const generator = generatorOf(TEXT_ONLY);
    const files: { path: string; length: number }[] = [];
    for (let b = 0; b < FILE_BLOCKS; b++)
      generator.block(b, ({ id, bytes }) => files.push({ path: `${id.slice(0, 2)}/${id}.eml`, length: bytes.length }));
    const content = new Uint8Array(Math.max(...files.map((f) => f.length))).fill(65);
    return fileRounds((folder) => {
      for (let hh = 0; hh < 256; hh++) mkdirSync(`${folder}/messages/${hh.toString(16).padStart(2, '0')}`, { recursive: true });
      for (const { path, length } of files) {
        const file = openSync(`${folder}/messages/${path}`, 'w');
        writeSync(file, content, 0, length);
        closeSync(file);
      }
    });
  },
};

/**
 * Files a second, the median of rounds that each begin with an empty folder. Emptying it is not counted. The first rounds
 * are not either: a file system hands out inodes and blocks that were just freed many times faster than fresh ones.
 */
function fileRounds(fill: (folder: string) => void): Figures {
  const rounds: number[] = [];
  for (let i = 0; i < 9; i++) {
    const folder = mkdtempSync(join(tmpdir(), 'mailwright-bench-'));
    const start = performance.now();
    fill(folder);
    rounds.push((FILE_BLOCKS * BLOCK * 1000) / (performance.now() - start));
    rmSync(folder, { recursive: true });
  }
  return { perSecond: rounds.slice(3).sort((x, y) => x - y)[3]! };
}

/** Blocks in a round of the file cases: some 5,000 files. */
const FILE_BLOCKS = 20;

const run = CASES[process.argv[2] ?? ''];
if (run) process.stdout.write(JSON.stringify(await run()) + '\n');
