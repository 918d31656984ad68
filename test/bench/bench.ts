import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { activationLines, measureActivation } from './activation.ts';
import { comparePuts, putLines } from './put.ts';
import { inTurns, run, TURNS } from './turns.ts';

/**
 * `npm run bench` [-- --json]: what the message loop, the folder sink and the puts reach, against a peer and a limit measured in the
 * same run. Every case is a process of its own, and the two sides of a ratio take turns, so that a machine that slows down
 * slows both down.
 */

const json = process.argv.includes('--json');
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const COMMAND = here('../../dist/mailwright.mjs');

const say = (line: string): boolean => json || process.stdout.write(`${line}\n`);
const whole = (n: number): string => String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, ',');
const megabytes = (n: number): string => `${whole(n / 1e6)} MB`;

/** Two cases in turn. */
const pair = (a: string, b: string, figure: string): ReturnType<typeof inTurns> =>
  inTurns([here('cases.ts'), a], [here('cases.ts'), b], figure);

/** A whole run of the command with layout none: messages a second, and the largest memory of the process with its threads. */
async function wholeRun(messages: number, workers: number): Promise<{ perSecond: number; peakRss: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'mailwright-bench-'));
  const out = await run([
    COMMAND,
    'generate',
    '--layout',
    'none',
    '--messages',
    String(messages),
    '--workers',
    String(workers),
    '--out',
    join(folder, 'job'),
    '--json',
  ]);
  rmSync(folder, { recursive: true });
  const ended = JSON.parse(out.trim().split('\n').at(-1)!) as { seconds: number; peakRss: number };
  return { perSecond: messages / ended.seconds, peakRss: ended.peakRss };
}

say(
  `Mailwright bench: Node ${process.versions.node}, ${cpus().length} processors (${cpus()[0]?.model ?? 'unknown'}). Medians of ${TURNS} turns.`,
);

const text = await pair('text', 'peer', 'perSecond');
say(`\nText-only mail, bodies of ${whole(text.a['body']!)} bytes, ${whole(text.a['total']!)} in all, SHA-256 included, one thread`);
say(`  Mailwright                          ${whole(text.a['perSecond']!)}/s`);
say(`  faker-js + nodemailer MailComposer  ${whole(text.b['perSecond']!)}/s (${whole(text.b['total']!)} bytes)`);
say(`  ratio                               ${text.ratio.toFixed(1)} ×`);

const mix = await pair('mix', 'memcpy', 'bytesPerSecond');
say(
  `\nThe bank-2025 mix, ${whole(mix.a['mean']!)} bytes a message, ${Math.round(mix.a['attachmentShare']!)} % of them in attachments, one thread`,
);
say(`  Mailwright                          ${megabytes(mix.a['bytesPerSecond']!)}/s, ${whole(mix.a['perSecond']!)} messages/s`);
say(`  memcpy                              ${megabytes(mix.b['bytesPerSecond']!)}/s`);
say(`  ratio                               1 : ${whole(1 / mix.ratio)}`);

const folder = await pair('folder', 'files', 'perSecond');
say(`\nThe folder sink with all that feeds it, against a bare loop that creates files of the same sizes, one thread`);
say(`  Mailwright                          ${whole(folder.a['perSecond']!)}/s`);
say(`  bare loop                           ${whole(folder.b['perSecond']!)}/s`);
say(`  ratio                               ${Math.round(folder.ratio * 100)} %`);

const puts = await comparePuts();
say(`\n${putLines(puts).join('\n')}`);

const runs: Record<string, { perSecond: number; peakRss: number }> = {};
say('\nWhole runs of the default spec, layout none');
for (const [messages, workers] of [
  [100_000, 1],
  [100_000, 2],
  [10_000, 2],
  [1_000_000, 2],
] as const) {
  const found = (runs[`${messages}x${workers}`] = await wholeRun(messages, workers));
  say(
    `  ${whole(messages).padStart(9)} messages, ${workers} worker(s)      ${whole(found.perSecond)}/s, peak memory ${megabytes(found.peakRss)}`,
  );
}

const activation = await measureActivation();
say(`\n${activationLines(activation).join('\n')}`);

if (json)
  process.stdout.write(JSON.stringify({ node: process.versions.node, text, mix, folder, puts, runs, activation }, undefined, 2) + '\n');
