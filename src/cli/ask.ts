import { createInterface } from 'node:readline/promises';
import { UsageError } from './usage-error.ts';

/** The user stopped us at a question. */
export class Interrupted extends Error {}

/** Whether there is somebody to answer. */
export const canAsk = (): boolean => process.stdin.isTTY;

/** Asks on the terminal; standard output is left to results. */
export async function ask(question: string): Promise<string> {
  const closed = new AbortController();
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  terminal.once('close', () => closed.abort()); // Ctrl-C and Ctrl-D close it, and leave the question open
  try {
    return (await terminal.question(question, { signal: closed.signal })).trim();
  } catch (error) {
    if (closed.signal.aborted) throw new Interrupted('nothing was answered', { cause: error });
    throw error;
  } finally {
    terminal.close();
  }
}

/** Asks for consent to something that cannot be undone. Without a terminal only `yes`, which is the option --yes, consents. */
export async function consents(question: string, yes: boolean | undefined): Promise<boolean> {
  if (yes) return true;
  if (!canAsk()) throw new UsageError(`${question} There is no terminal to ask on: add --yes if so.`);
  return /^y(es)?$/i.test(await ask(`${question} [y/N] `));
}
