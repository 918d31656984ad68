import { spawn } from 'node:child_process';
import type { Figures } from './cases.ts';

/** Measurements in processes of their own, two sides taking turns. */

export const TURNS = 3;

/** The middle one of them, in order. */
export const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

/** Runs Node with these arguments, which has to end well; answers with its standard output. */
export function run(args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (out += chunk));
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve(out) : reject(new Error(`${args.join(' ')} ended with ${code}`))));
  });
}

/** Two programs that print figures, in turn: the median of each figure, and the median of the ratios of `figure`. */
export async function inTurns(
  a: readonly string[],
  b: readonly string[],
  figure: string,
): Promise<{ a: Figures; b: Figures; ratio: number }> {
  const one = async (args: readonly string[]): Promise<Figures> => JSON.parse(await run(args)) as Figures;
  const turns: [Figures, Figures][] = [];
  for (let i = 0; i < TURNS; i++) turns.push([await one(a), await one(b)]);
  const middle = (side: 0 | 1): Figures =>
    Object.fromEntries(Object.keys(turns[0]![side]).map((key) => [key, median(turns.map((turn) => turn[side][key]!))]));
  return { a: middle(0), b: middle(1), ratio: median(turns.map((turn) => turn[0][figure]! / turn[1][figure]!)) };
}
