/**
 * The kinds of fact a topic can declare. A fact is drawn once a conversation and stays the same in all its messages;
 * in a table it is drawn once a row.
 */
export type FactKind =
  | { readonly kind: 'named'; readonly name: NamedFact }
  /** min, max and step count units of the last digit: dec 1.05..1.20 step 0.05 is { min: 105, max: 120, step: 5, digits: 2 } */
  | { readonly kind: 'number'; readonly min: number; readonly max: number; readonly step: number; readonly digits: number }
  | { readonly kind: 'code'; readonly pattern: string }
  | { readonly kind: 'list'; readonly list: string }
  | { readonly kind: 'oneOf'; readonly options: readonly string[] };

/** Facts the world or the calendar supplies. */
export const NAMED_FACTS = [
  'company', // an issuer, client or supplier: "Halvern Logistics"
  'person', // a colleague at the firm: "Laura Simmons"
  'first', // a colleague's first name: "Laura"
  'city',
  'day', // a weekday within the next five working days: "Thursday"
  'date', // one to twelve working days ahead: "14 March"
  'pastday', // a weekday within the last five working days
  'pastdate', // one to fifteen working days back
  'month', // the coming month
  'lastmonth',
  'quarter', // the running quarter: "Q2"
  'lastquarter',
  'year',
  'time', // on the half hour, in office hours: "10:30"
] as const;
export type NamedFact = (typeof NAMED_FACTS)[number];

/** Parses a fact as a pack writes it; returns a message instead when it cannot be read. */
export function parseFact(source: string | readonly string[]): FactKind | string {
  if (typeof source !== 'string') return { kind: 'oneOf', options: source };
  if ((NAMED_FACTS as readonly string[]).includes(source)) return { kind: 'named', name: source as NamedFact };
  const code = /^code ([-A-Za-z0-9#@/._ ]{1,40})$/.exec(source);
  if (code) return { kind: 'code', pattern: code[1]! };
  const list = /^list ([a-z][A-Za-z0-9]*)$/.exec(source);
  if (list) return { kind: 'list', list: list[1]! };
  const range = /^(int|dec) (-?[0-9.]+)\.\.(-?[0-9.]+)(?: step ([0-9.]+))?$/.exec(source);
  if (range) return parseRange(range[1] as 'int' | 'dec', range[2]!, range[3]!, range[4]);
  return `not a fact: ${source}. Write one of ${NAMED_FACTS.join(', ')}, "int 5..50 step 5", "dec 1.05..1.20 step 0.05", "code TR-####", "list NAME", or a YAML list of wordings`;
}

function parseRange(kind: 'int' | 'dec', from: string, to: string, step: string | undefined): FactKind | string {
  const digits = Math.max(...[from, to, step ?? ''].map((n) => (n.split('.')[1] ?? '').length));
  if (kind === 'int' && digits > 0) return 'an int has no decimals: write dec';
  if (digits > 6) return 'at most six decimals';
  let scale = 1;
  for (let i = 0; i < digits; i++) scale *= 10;
  const min = Math.round(Number(from) * scale);
  const max = Math.round(Number(to) * scale);
  const by = step === undefined ? 1 : Math.round(Number(step) * scale);
  if (!(min <= max) || !(by >= 1)) return 'a range goes up, by a step of at least its last digit: int 5..50 step 5';
  if (max > 2_000_000_000 || min < -2_000_000_000) return 'a range stays within two thousand million units of its last digit';
  return { kind: 'number', min, max, step: by, digits };
}
