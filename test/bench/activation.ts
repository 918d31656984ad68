import { Session } from '../vscode/session.ts';

/** What VS Code says of the start of the installed extension, beside others that it brings along, in the same windows. */

const TURNS = 5;
const SETTLED = 5000;
const NAME = 'mailwright';
/** Milliseconds: more than that is noticed. */
const LIMIT = 50;

export interface Activation {
  /** Medians, in milliseconds. */
  readonly mailwright: number;
  readonly limit: number;
  /** The median of all others that were started. */
  readonly others: number;
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

export async function measureActivation(): Promise<Activation> {
  const session = await Session.start();
  try {
    const mine: number[] = [];
    const others: number[] = [];
    for (let turn = 0; turn < TURNS; turn++) {
      const workbench = await session.open();
      await workbench.page.waitForTimeout(SETTLED); // some start a while after the window
      for (const [name, milliseconds] of await workbench.activationTimes()) (name === NAME ? mine : others).push(milliseconds);
      await workbench.close();
    }
    return { mailwright: median(mine), limit: LIMIT, others: median(others) };
  } finally {
    await session.close();
  }
}

export const activationLines = ({ mailwright, limit, others }: Activation): string[] => [
  `The extension's activation, as VS Code measures it: loading its code, and activate(); medians of ${TURNS} windows`,
  `  Mailwright                          ${mailwright} ms (the limit is ${limit})`,
  `  VS Code's own extensions            ${others} ms`,
];
