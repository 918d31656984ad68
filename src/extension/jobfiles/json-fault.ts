import type { Span } from './text.ts';

/** The first place where a text is not JSON (RFC 8259), as JSON.parse would find it; undefined where all of it is. JSON.parse does not always say where. */
export function jsonFault(text: string): (Span & { readonly message: string }) | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch {
    return new Scan(text).fault();
  }
}

const SPACE = /[ \t\r\n]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;
// eslint-disable-next-line no-control-regex -- control characters are what a string may not hold
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y;
const TOKEN = /"(?:[^"\\\r\n]|\\.)*"?|[\w$.+-]+|\/[/*]?|[^]/y;

class Scan {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  fault(): Span & { readonly message: string } {
    const wanted = this.value() ?? (this.space(), this.at < this.text.length ? 'nothing more: what a job file holds has ended' : undefined);
    TOKEN.lastIndex = this.at;
    const found = TOKEN.exec(this.text)?.[0] ?? '';
    const from = found === '' ? Math.max(0, this.at - 1) : this.at;
    return { from, to: found === '' ? this.text.length : from + found.length, message: messageOf(found, wanted ?? 'JSON') };
  }

  /** Reads a value. Answers with what would be right at the place where it stops, or undefined where it is whole. */
  private value(): string | undefined {
    // Its own stack: a file may be nested deeper than calls may be.
    const open: ('{' | '[')[] = [];
    let state: 'value' | 'first value' | 'first key' | 'key' | 'behind' = 'value';
    for (;;) {
      this.space();
      if (state === 'behind') {
        const within = open.at(-1);
        if (within === undefined) return undefined;
        const end = within === '{' ? '}' : ']';
        if (this.take(end)) open.pop();
        else if (this.take(',')) state = within === '{' ? 'key' : 'value';
        else return `a comma or ${end}`;
      } else if (state === 'key' || state === 'first key') {
        if (state === 'first key' && this.take('}')) {
          open.pop();
          state = 'behind';
          continue;
        }
        if (!this.match(STRING)) return 'the name of a field, in double quotes';
        this.space();
        if (!this.take(':')) return 'a colon';
        state = 'value';
      } else if (state === 'first value' && this.take(']')) {
        open.pop();
        state = 'behind';
      } else if (this.take('{')) {
        open.push('{');
        state = 'first key';
      } else if (this.take('[')) {
        open.push('[');
        state = 'first value';
      } else if (this.match(STRING) || this.match(NUMBER) || this.match(WORD)) state = 'behind';
      else return 'a value';
    }
  }

  private space(): void {
    this.match(SPACE);
  }

  private take(character: string): boolean {
    if (this.text[this.at] !== character) return false;
    this.at++;
    return true;
  }

  private match(pattern: RegExp): boolean {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found) this.at = pattern.lastIndex;
    return found !== null;
  }
}

function messageOf(found: string, wanted: string): string {
  if (found === '') return `the file ends too early: ${wanted} is missing`;
  if (found === '//' || found === '/*' || found === '#') return 'JSON has no comments: remove it, or make this a .mailwright.yaml';
  const shown = found.length > 30 ? `${found.slice(0, 27)}…` : found;
  return `${/^\s$/.test(found) ? 'this' : shown} will not do here: ${wanted}`;
}
