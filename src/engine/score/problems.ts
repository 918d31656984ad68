import { SpecError } from '../../job/spec.ts';

/** Something in a file that could not be used, and was passed over. */
export interface Problem {
  readonly file: string;
  readonly line: number;
  readonly problem: string;
}

const MOST_PROBLEMS = 20;
const LONGEST = 200;

/** The first problems, and how many there were. */
export class Problems {
  count = 0;
  readonly first: Problem[] = [];

  add(file: string, line: number, problem: string): void {
    this.count++;
    if (this.first.length < MOST_PROBLEMS)
      this.first.push({ file, line, problem: problem.length > LONGEST ? `${problem.slice(0, LONGEST - 1)}…` : problem });
  }
}

/** Input that cannot be scored at all: which option, what is wrong with it, the way out. */
export const badInput = (option: string, message: string): SpecError => new SpecError([{ path: option, message }]);

/** The first line of an error's message. */
export const reasonOf = (error: unknown): string => (error as Error).message.split('\n')[0]!;
