/**
 * The language of a pack's phrases:
 *
 *   {client}          a fact of the conversation, or of the people in it
 *   [Could|Can] you   one of several wordings, drawn afresh each time; may nest, may be empty
 *   <du|ihr>          the first when the mail goes to one person, the second when it goes to several
 *
 * A line break in a phrase is a line break in the mail. The characters { } [ ] < > | have no other use.
 */
export type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'slot'; readonly name: string }
  | { readonly kind: 'choice'; readonly options: readonly (readonly Part[])[] }
  | { readonly kind: 'number'; readonly one: readonly Part[]; readonly many: readonly Part[] };

export class PhraseError extends Error {
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.name = 'PhraseError';
    this.at = at;
  }
}

/** How deep choices may nest: deep enough for prose, shallow enough to read. */
const MAX_DEPTH = 4;

/** What is no plain text. */
const MARK = /[{}[\]<>|]/g;

const SLOT = /\{([a-z][A-Za-z0-9]*(?:\.[a-z]+)?)\}/y;

/** Parses a phrase; throws a PhraseError that names the character where it went wrong. */
export function parsePhrase(source: string): Part[] {
  let at = 0;

  function sequence(depth: number, closer: string): Part[] {
    const parts: Part[] = [];
    while (at < source.length) {
      const c = source[at]!;
      if (c === closer || (c === '|' && closer !== '')) break;
      if (c === '{') {
        SLOT.lastIndex = at;
        const slot = SLOT.exec(source);
        if (!slot) throw new PhraseError('a slot is written {name} or {name.part}', at);
        parts.push({ kind: 'slot', name: slot[1]! });
        at = SLOT.lastIndex;
      } else if (c === '[' || c === '<') {
        if (depth >= MAX_DEPTH) throw new PhraseError(`choices nest deeper than ${MAX_DEPTH}`, at);
        parts.push(group(depth + 1, c === '[' ? ']' : '>'));
      } else if ('}]>|'.includes(c)) {
        throw new PhraseError(`'${c}' closes nothing here`, at);
      } else {
        MARK.lastIndex = at;
        const end = MARK.test(source) ? MARK.lastIndex - 1 : source.length;
        parts.push({ kind: 'text', text: source.slice(at, end) });
        at = end;
      }
    }
    return parts;
  }

  function group(depth: number, closer: ']' | '>'): Part {
    const opened = at++;
    const options: Part[][] = [];
    for (;;) {
      options.push(sequence(depth, closer));
      if (at >= source.length) throw new PhraseError(`'${source[opened]}' is never closed`, opened);
      if (source[at++] === closer) break;
    }
    if (closer === ']') {
      if (options.length < 2) throw new PhraseError('a choice needs at least two wordings, as in [a|b]', opened);
      return { kind: 'choice', options };
    }
    if (options.length !== 2) throw new PhraseError('<one|many> takes exactly two wordings', opened);
    return { kind: 'number', one: options[0]!, many: options[1]! };
  }

  return sequence(0, '');
}

/** The names of all slots in a phrase, in order of appearance. */
export function slotsOf(parts: readonly Part[]): string[] {
  return parts.flatMap((part) => {
    switch (part.kind) {
      case 'text':
        return [];
      case 'slot':
        return [part.name];
      case 'choice':
        return part.options.flatMap(slotsOf);
      case 'number':
        return [...slotsOf(part.one), ...slotsOf(part.many)];
    }
  });
}
