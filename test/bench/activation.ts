import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strToU8, zipSync } from 'fflate';
import { fileURLToPath } from 'node:url';
import { Session } from '../vscode/session.ts';
import type { Workbench } from '../vscode/workbench.ts';
import { median, run } from './turns.ts';

/**
 * What VS Code says of the start of the installed extension ("Running Extensions": loading its code, and activate()), beside
 * an extension in the same windows that does nothing: what that takes is the machine's and VS Code's own share.
 */

const TURNS = 7;
/** Processes that the cost to the processor is measured in. */
const PROCESSES = 15;
const NAME = 'mailwright';
const EMPTY = 'empty-peer';
/** Milliseconds: more than that is noticed. */
const LIMIT = 50;
/** Milliseconds until both have been started: they are so after the window. */
const START = 120_000;

interface Figures {
  readonly median: number;
  readonly least: number;
}

/** In milliseconds. */
export interface Activation {
  readonly mailwright: Figures;
  readonly empty: Figures;
  /** How much longer than the empty one, window by window: the median. */
  readonly own: number;
  /** Of the processor, without VS Code: see start-cost.ts. */
  readonly processor: Figures;
  readonly limit: number;
}

const figuresOf = (values: readonly number[]): Figures => ({ median: median(values), least: Math.min(...values) });

export async function measureActivation(): Promise<Activation> {
  const folder = mkdtempSync(join(tmpdir(), 'mailwright-empty-'));
  const session = await Session.start();
  try {
    await session.server.install(emptyExtension(folder));
    const mailwright: number[] = [];
    const empty: number[] = [];
    for (let turn = 0; turn < TURNS; turn++) {
      const workbench = await session.open();
      const times = await timesOf(workbench);
      mailwright.push(times.get(NAME)!);
      empty.push(times.get(EMPTY)!);
      await workbench.close();
    }
    const own = median(mailwright.map((time, turn) => time - empty[turn]!));
    return { mailwright: figuresOf(mailwright), empty: figuresOf(empty), own, processor: await processorTime(), limit: LIMIT };
  } finally {
    await session.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function processorTime(): Promise<Figures> {
  const script = fileURLToPath(new URL('start-cost.ts', import.meta.url));
  const found: number[] = [];
  for (let turn = 0; turn < PROCESSES; turn++) {
    const { milliseconds } = JSON.parse(await run([script])) as { readonly milliseconds: number };
    found.push(Math.round(milliseconds));
  }
  return figuresOf(found);
}

/** Asks until both have been started. */
async function timesOf(workbench: Workbench): Promise<Map<string, number>> {
  for (const deadline = Date.now() + START; ;) {
    const times = await workbench.activationTimes();
    if (times.has(NAME) && times.has(EMPTY)) return times;
    if (Date.now() > deadline) throw new Error(`not started: ${[NAME, EMPTY].filter((name) => !times.has(name)).join(', ')}`);
    await workbench.page.waitForTimeout(500);
  }
}

/** A .vsix with an ES module that imports vscode, as any has to, and does nothing. */
function emptyExtension(folder: string): string {
  const manifest = {
    name: EMPTY,
    publisher: NAME,
    version: '1.0.0',
    type: 'module',
    main: './extension.mjs',
    engines: { vscode: '^1.101.0' },
    activationEvents: ['onStartupFinished'],
  };
  const code = "import * as vscode from 'vscode';\nexport const activate = () => void vscode.version;\n";
  const vsix = join(folder, 'empty.vsix');
  writeFileSync(vsix, zipSync({ 'extension/package.json': strToU8(JSON.stringify(manifest)), 'extension/extension.mjs': strToU8(code) }));
  return vsix;
}

export const activationLines = ({ mailwright, empty, own, processor, limit }: Activation): string[] => [
  `The extension's activation, as VS Code measures it: loading its code, and activate(); ${TURNS} windows`,
  `  Mailwright                          ${mailwright.median} ms, at best ${mailwright.least} ms (the limit is ${limit} ms)`,
  `  an extension that does nothing      ${empty.median} ms, at best ${empty.least} ms`,
  `  its own share, window by window     ${own} ms`,
  `  processor time, without VS Code     ${processor.median} ms, at best ${processor.least} ms (${PROCESSES} processes)`,
];
