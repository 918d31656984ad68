import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BLOCK } from '../../src/corpus/block.ts';
import { EVASIONS } from '../../src/corpus/pack/scenario.ts';
import { PROFILE_NAMES } from '../../src/corpus/profiles/index.ts';
import type { ArcLine, Evidence, TruthLine } from '../../src/corpus/truth/line.ts';
import { parseSpec } from '../../src/job/spec.ts';
import { builtinPacks, generatorOf, python, some } from './support.ts';

/**
 * What the ground truth says of 50,000 messages, held against the messages by a reader that shares no code with the
 * generator: read_truth.py finds each part, decodes it, and looks for the words where they are said to be. No line is let
 * off.
 */

const MESSAGES = 25_000;
const RATE = 2;

interface Reading {
  readonly faults: readonly string[];
  /** How often the reader met what: labels, levels, layers, encodings, charsets, scenarios … */
  readonly seen: Readonly<Record<string, number>>;
}

interface Told {
  readonly lines: readonly TruthLine[];
  readonly arcs: readonly ArcLine[];
  readonly positives: number;
}

/** Reads a folder of messages and what is said of them, in one process. */
const read = async (folder: string): Promise<Reading> =>
  JSON.parse(await python('read_truth.py', folder, 'these tests read the truth with it')) as Reading;

/** What the packs say of each scenario, by language: which messages an arc has, by whom, and what is owed on them. */
function scenarios(): Record<string, Record<string, object>> {
  return Object.fromEntries(
    builtinPacks().map((pack) => [
      pack.language,
      Object.fromEntries(
        pack.scenarios.map(({ scenario, family, severity, alertUnit, without, roles, phases, nearMisses }) => [
          scenario,
          {
            family,
            severity,
            alertUnit,
            without,
            roles: Object.keys(roles),
            phases: phases.map(({ phase, from, to, kind, due }) => ({ phase, from, to, kind, due })),
            nearMisses: nearMisses.map(({ id }) => id),
          },
        ]),
      ),
    ]),
  );
}

const linesOf = (records: readonly object[]): string => records.map((record) => `${JSON.stringify(record)}\n`).join('');

/** Makes a corpus and leaves the messages of its arcs in a folder, with all that is said of them. */
function make(folder: string, profile: string, seed: number): Told {
  const generator = generatorOf(
    parseSpec({
      seed,
      messages: MESSAGES,
      traffic: { profile },
      content: { languages: { en: 1, de: 1 } },
      scenarios: [{ scenario: 'all', rate: RATE, nearMisses: 1 }],
    }),
  );
  const lines: TruthLine[] = [];
  const arcs: ArcLine[] = [];
  for (let block = 0; block * BLOCK < MESSAGES; block++)
    generator.block(
      block,
      ({ id, bytes, truth }) => {
        if (!truth) return;
        const key = `${id}.eml`;
        writeFileSync(join(folder, key), bytes);
        lines.push({ key, sha256: createHash('sha256').update(bytes).digest('hex'), ...truth });
      },
      (arc) => arcs.push(arc),
    );
  tell(folder, lines, arcs);
  return { lines, arcs, positives: generator.placement.positives };
}

function tell(folder: string, lines: readonly TruthLine[], arcs: readonly ArcLine[]): void {
  writeFileSync(join(folder, 'lines.jsonl'), linesOf(lines));
  writeFileSync(join(folder, 'arcs.jsonl'), linesOf(arcs));
  writeFileSync(join(folder, 'scenarios.json'), JSON.stringify(scenarios()));
}

describe('an independent reader of the truth about 50,000 messages', () => {
  let root = '';
  const told: Told[] = [];
  let readings: readonly Reading[] = [];

  before(async function () {
    this.timeout(180_000); // 50,000 messages, on whatever machine
    root = mkdtempSync(join(tmpdir(), 'mailwright-truth-'));
    const reading = PROFILE_NAMES.map((profile, i) => {
      const folder = join(root, profile);
      mkdirSync(folder);
      told.push(make(folder, profile, 41 + i));
      const answer = read(folder); // reads in a process of its own while the next corpus is made
      answer.catch(() => undefined); // awaited below
      return answer;
    });
    readings = await Promise.all(reading);
  });

  after(() => rmSync(root, { recursive: true, force: true }));

  it('finds everything where it is said to be', () => {
    const faults = readings.flatMap((reading) => reading.faults);
    assert.equal(faults.length, 0, some(faults));
  });

  it('has read a line of every kind', () => {
    const seen = (what: string): number => readings.reduce((sum, reading) => sum + (reading.seen[what] ?? 0), 0);
    const ids = [...new Set(builtinPacks().flatMap((pack) => pack.scenarios.map(({ scenario }) => scenario)))];
    const kinds = [
      ...['positive', 'near_miss', 'benign', 'authored', 'quoted', 'attachment', ...EVASIONS, ...ids],
      ...['7bit', '8bit', 'quoted-printable', 'base64', 'us-ascii', 'utf-8', 'iso-8859-1', 'windows-1252'],
      ...['text/plain', 'text/html', 'application/pdf', 'image/png'],
      'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    ];
    assert.deepEqual(
      kinds.filter((kind) => seen(kind) === 0),
      [],
    );
    told.forEach(({ lines, arcs }, i) => {
      assert.equal(readings[i]!.seen['messages'], lines.length);
      assert.equal(readings[i]!.seen['arcs'], arcs.length);
    });
  });

  it('has as many positives as were placed, and for each arc a near miss', () => {
    for (const { lines, arcs, positives } of told) {
      assert.equal(lines.filter(({ label }) => label === 'positive').length, positives);
      // The nearest that can be reached: an arc more or less is a few messages.
      assert.ok(Math.abs(positives - (MESSAGES * RATE) / 100) <= 2, `${positives} positives`);
      const pairs = arcs.filter(({ label }) => label === 'near_miss').map((arc) => arc.paired_with!);
      const own = arcs.filter(({ label }) => label === 'positive').map((arc) => arc.arc_id);
      assert.deepEqual(pairs.sort(), own.sort());
    }
  });

  it('would know a line that is wrong', async () => {
    const { lines, arcs } = told[0]!;
    const folder = join(root, 'wrong');
    mkdirSync(folder);
    /** A line whose first evidence is changed. */
    const moved = (line: TruthLine, change: (entry: Evidence) => Partial<Evidence>): TruthLine => ({
      ...line,
      evidence: line.evidence.map((entry, i) => (i === 0 ? { ...entry, ...change(entry) } : entry)),
    });
    const wrong: Readonly<Record<string, (line: TruthLine) => TruthLine>> = {
      'starts one later': (line) => moved(line, ({ start }) => ({ start: start! + 1 })),
      'ends one earlier': (line) => moved(line, ({ end }) => ({ end: end! - 1 })),
      'a raw byte too many': (line) => moved(line, ({ raw_end }) => ({ raw_end: raw_end! + 1 })),
      'raw bytes from elsewhere': (line) => moved(line, ({ raw_start }) => ({ raw_start: raw_start! - 1 })),
      'other words': (line) => moved(line, ({ quote }) => ({ quote: `${quote}.` })),
      'another layer': (line) => moved(line, () => ({ layer: 'quoted' })),
      'another part': (line) => moved(line, () => ({ part: '7' })),
      'no evidence': (line) => ({ ...line, evidence: [] }),
      'another digest': (line) => ({ ...line, sha256: line.sha256.replace(/.$/, (c) => (c === '0' ? '1' : '0')) }),
      'another thread': (line) => ({ ...line, thread_id: '<elsewhere@aldermoor.example>' }),
      'another zone': (line) => ({ ...line, date: line.date.replace(/(Z|[+-]..:..)$/, '+05:45') }),
      'a recipient left out': (line) => ({ ...line, recipients: line.recipients.slice(1) }),
      'another sender': (line) => ({ ...line, sender: line.recipients[0]! }),
      'another role': (line) => ({ ...line, role: 'bystander' }),
      'nothing due': (line) => ({ ...line, due: 'none' }),
      'no context': (line) => ({ ...line, context: [] }),
      'another label': (line) => ({ ...line, label: 'benign' }),
      'another shape': (line) => ({ ...line, shape: `${line.shape}+zip` }),
    };
    // One line each, of arcs of their own whose words are in the mail itself.
    const inMail = arcs.filter(({ label, evasion }) => label === 'positive' && !['attachment', 'image', 'quoted'].includes(evasion));
    const changed = Object.entries(wrong).map(([name, change], i) => {
      const line = lines.find((l) => l.arc_id === inMail[i]!.arc_id && l.label === 'positive')!;
      return { name, line: change(line) };
    });
    const chosen = new Set(changed.map(({ line }) => line.arc_id));
    const kept = lines.filter((line) => chosen.has(line.arc_id)).map((line) => changed.find((c) => c.line.key === line.key)?.line ?? line);
    for (const { key } of kept) copyFileSync(join(root, PROFILE_NAMES[0], key), join(folder, key));
    tell(
      folder,
      kept,
      arcs.filter(({ arc_id }) => chosen.has(arc_id)),
    );
    const { faults } = await read(folder);
    // A fault is of a message, or of its arc as a whole.
    const known = ({ key, arc_id }: TruthLine): boolean =>
      faults.some((fault) => fault.startsWith(key) || fault.startsWith(`arc ${arc_id}`));
    assert.deepEqual(
      changed.filter(({ line }) => !known(line)).map(({ name }) => name),
      [],
    );
  });
});
