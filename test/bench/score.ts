import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { scoreFiles } from '../../src/cli/score/score.ts';
import { Ids } from '../../src/corpus/id.ts';
import { root } from '../../src/corpus/random.ts';
import { planOf } from '../../src/job/plan.ts';
import type { ScoredLine } from '../../src/job/scoring/truth.ts';
import { parseSpec } from '../../src/job/spec.ts';

/**
 * `node test/bench/score.ts [lines] [alerts] [percent]`: time and memory of the scorer, by default with ten million lines of
 * truth, one percent of them in arcs, and a million alerts. It needs 600 bytes of disk a line, for as long as it runs. Each
 * way of scoring is a process of its own. Their job.json is of no generator there is: messages are not made again.
 */

const [first, ...rest] = process.argv.slice(2);

if (first === 'run') {
  const [truth, alerts, ...more] = rest as [string, string, ...string[]];
  const begun = performance.now();
  const report = await scoreFiles({ truth, alerts, ...(more[0] !== undefined && { baseline: more[0] }) }, '');
  const { levels, alerts: counts } = report;
  const seconds = (performance.now() - begun) / 1000;
  const peak = process.resourceUsage().maxRSS / 1024;
  process.stdout.write(
    `${seconds.toFixed(0).padStart(4)} s ${peak.toFixed(0).padStart(6)} MB   ${report.truth.lines} lines, ${levels.person.units} arcs, ${counts.messages} alerts, ${levels.alertUnit.found} found\n`,
  );
} else compare(Number(first ?? 10_000_000), Number(rest[0] ?? 1_000_000), Number(rest[1] ?? 1));

function compare(lines: number, alerts: number, percent: number): void {
  const folder = mkdtempSync(join(tmpdir(), 'mailwright-score-'));
  try {
    const size = write(folder, lines, alerts, percent);
    process.stdout.write(`${lines} lines of truth, ${(size / 1e9).toFixed(1)} GB, ${percent} % of them in arcs; ${alerts} alerts\n`);
    const ways: [string, ...string[]][] = [
      ['without alerts', folder, 'none.csv'],
      ['with job.json', folder, 'alerts.csv'],
      ['without job.json', join(folder, 'truth'), 'alerts.csv'],
      ['against a baseline', folder, 'alerts.csv', 'keys.jsonl'],
    ];
    for (const [name, truth, ...files] of ways) {
      process.stdout.write(name.padEnd(20));
      spawnSync(process.execPath, [fileURLToPath(import.meta.url), 'run', truth!, ...files.map((file) => join(folder, file))], {
        stdio: 'inherit',
      });
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Makes truth and alerts; answers with the bytes of truth. */
function write(folder: string, lines: number, alerts: number, percent: number): number {
  const spec = parseSpec({ messages: lines });
  const seed = root(String(spec.seed));
  const [messageIds, objectIds] = [new Ids(seed, 'message-id'), new Ids(seed, 'object')];
  const messageId = (index: number): string => `<${messageIds.id(index).toUpperCase()}5F0B6A2C9D3E8147@aldermoor.example>`;
  const key = (index: number): string => `messages/${objectIds.id(index).slice(0, 2)}/${objectIds.id(index)}.eml`;

  mkdirSync(join(folder, 'truth'));
  writeFileSync(join(folder, 'job.json'), JSON.stringify({ job: 'BENCH', generator: 'none', packs: [], spec, plan: planOf(spec) }));
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ messages: lines }));

  /** Arcs and near misses of four messages, in turn. */
  const arcLines = Math.floor((lines * percent) / 100);
  const lineOf = (index: number): ScoredLine & Record<string, unknown> => {
    const arc = index < arcLines ? index >> 2 : undefined;
    const nearMiss = arc !== undefined && arc % 2 === 1;
    const start = arc === undefined ? index : arc * 4;
    return {
      key: key(index),
      sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      message_id: messageId(index),
      thread_id: messageId(start),
      date: '2025-03-06T09:41:07+00:00',
      sender: `employee.${index % 997}@aldermoor.example`,
      recipients: ['first.recipient@aldermoor.example', 'second.recipient@client.example'],
      label: arc === undefined ? 'benign' : nearMiss ? 'near_miss' : 'positive',
      scenario: arc === undefined ? null : `scenario-${arc % 30}`,
      family: arc === undefined ? null : 'conduct',
      language: 'en',
      arc_id: arc === undefined ? null : `A${arc.toString(36)}`,
      evasion: arc === undefined ? null : 'explicit',
      alert_unit: arc === undefined ? null : (['message', 'thread', 'person'] as const)[arc % 3]!,
      context: arc === undefined ? [] : [0, 1, 2, 3].map((i) => messageId(start + i)),
      due: arc === undefined || nearMiss ? 'none' : 'required',
      evidence: [],
      shape: 'text',
      near_miss: nearMiss ? 'training' : null,
    };
  };
  const truth = join(folder, 'truth/000000.jsonl');
  fill(truth, lines, (i) => JSON.stringify(lineOf(i)));

  const alerted = (i: number): number => Math.floor((i * lines) / alerts);
  fill(join(folder, 'alerts.csv'), alerts + 1, (i) =>
    i === 0
      ? 'message_id,person,score,policy'
      : `${messageId(alerted(i - 1))},employee.${i % 1500}@aldermoor.example,0.${i % 100},policy ${i % 7}`,
  );
  fill(join(folder, 'keys.jsonl'), alerts, (i) => JSON.stringify({ key: key(Math.min(lines - 1, alerted(i) + 1)), score: 0.5 }));
  writeFileSync(join(folder, 'none.csv'), 'message_id\n');
  return statSync(truth).size;
}

function fill(path: string, lines: number, line: (i: number) => string): void {
  const file = openSync(path, 'w');
  for (let i = 0; i < lines; i += 4096)
    writeSync(file, Array.from({ length: Math.min(4096, lines - i) }, (_, j) => line(i + j) + '\n').join(''));
  closeSync(file);
}
