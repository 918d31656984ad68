/** The errors of the engines speak of the command line, where they were at home first: the same in words of the editor. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/\bName the one the stack is in with --region\./g, 'Choose the one the stack is in: Mailwright: Select Region.'],
  [/\bName the region of the stack with --region\./g, 'Choose the region of the stack: Mailwright: Select Region.'],
  [/\bchoose another with --profile\b/g, 'choose another: Mailwright: Select AWS Profile'],
  [/\bname a profile with --profile\b/g, 'choose a profile: Mailwright: Select AWS Profile'],
  [/\bname the function with --function\b/g, 'name the function in the setting mailwright.aws.function'],
  [/\b[Cc]hoose (an empty or new|another) folder with --out\b/g, 'choose $1 folder in the setting mailwright.corpora.folder'],
  [/\bname another (folder|one)(?= \(E[A-Z]+\))/g, 'choose another folder in the setting mailwright.corpora.folder'],
  [/\bmailwright (deploy|destroy)\b/g, 'Mailwright: $1 Stack'],
  [/(?<!\baws [a-z][\w -]*)--(profile|region|endpoint|stack|function)(?![\w-])/g, 'mailwright.aws.$1'],
  [/--out(?![\w-])/g, 'folder'],
];

const capital = (text: string): string =>
  text.replace(/Mailwright: ([a-z])/g, (_, letter: string) => `Mailwright: ${letter.toUpperCase()}`);

export const inEditor = (message: string): string =>
  capital(WORDS.reduce((text, [pattern, words]) => text.replaceAll(pattern, words), message));

/** Errors that say what is wrong and the way out. By name, so that what makes them need not be loaded. */
const EXPECTED: ReadonlySet<string> = new Set(['EngineError', 'SpecError', 'PackError']);

export const isExpected = (error: unknown): error is Error => error instanceof Error && EXPECTED.has(error.name);

export const isCancellation = (error: unknown): boolean =>
  error instanceof Error && ['AbortError', 'Canceled', 'CancellationError'].includes(error.name);

/** Whether it is a login that is wanting. */
export const wantsLogin = (error: unknown): boolean => (error as { readonly code?: unknown } | undefined)?.code === 'CREDENTIALS';
