import { type Document, isMap, isNode, isScalar, isSeq, type Pair, parseDocument, visit, type YAMLError, type YAMLMap } from 'yaml';
import type { JobFormat } from './format.ts';
import { jsonFault } from './json-fault.ts';

/** The text of a job file: what it says, what is wrong with its syntax, and where each field stands. Offsets are in UTF-16 units. */

export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface SyntaxFault extends Span {
  readonly message: string;
  /** It can be read all the same. */
  readonly mild: boolean;
}

/** The keys and indices that lead to a field. */
export type Path = readonly (string | number)[];

/** A field, or the nearest one above it that there is. */
export interface Found {
  readonly path: Path;
  /** Nothing of what was asked for is missing. */
  readonly exact: boolean;
  /** Undefined for the items of a list, and for the whole. */
  readonly key: Span | undefined;
  readonly value: Span;
  /** Neither a section nor a list, nor empty. */
  readonly scalar: boolean;
}

/** Parses what has been written so far, YAML or JSON: to JSON a tab is white space everywhere, to YAML it is not. */
export const parseText = (text: string, format: JobFormat): Document.Parsed =>
  parseDocument(format === 'json' ? text.replaceAll('\t', ' ') : text, { prettyErrors: false, uniqueKeys: format === 'yaml' });

export class JobText {
  readonly text: string;
  readonly faults: readonly SyntaxFault[];
  /** What it says; undefined where it cannot be read. */
  readonly value: unknown;
  private readonly document: Document.Parsed;

  constructor(text: string, format: JobFormat) {
    this.text = text;
    this.document = parseText(text, format);
    this.faults = format === 'json' ? jsonFaults(text, this.document) : yamlFaults(text, this.document);
    if (this.faults.every(({ mild }) => mild)) this.value = format === 'json' ? JSON.parse(text) : this.document.toJS({ maxAliasCount: 0 });
  }

  /** Finds a field by its path as problems name it: "organisation.offices[2].zone". */
  find(path: string): Found {
    let node: unknown = this.document.contents;
    let key: Span | undefined;
    const walked: (string | number)[] = [];
    let rest = path;
    while (rest !== '') {
      const index = isSeq(node) ? /^\[(\d+)\]/.exec(rest) : null;
      const pair = isMap(node) ? pairIn(node, rest) : undefined;
      if (index && isSeq(node) && Number(index[1]) < node.items.length) {
        node = node.items[Number(index[1])];
        key = undefined;
        walked.push(Number(index[1]));
        rest = rest.slice(index[0].length);
      } else if (pair) {
        key = spanOf(pair.key);
        const name = nameOf(pair);
        node = pair.value;
        walked.push(name);
        rest = rest.slice(name.length);
      } else break;
      if (rest.startsWith('.')) rest = rest.slice(1);
    }
    const value = spanOf(node) ?? key ?? { from: 0, to: 0 };
    return { path: walked, exact: rest === '', key, value: this.shown(value), scalar: isScalar(node) && node.value !== null };
  }

  /** The field at an offset, by its key or its value; undefined between them. */
  at(offset: number): Found | undefined {
    let node: unknown = this.document.contents;
    const path: (string | number)[] = [];
    let key: Span | undefined;
    for (;;) {
      if (isMap(node)) {
        const pair = node.items.find((each) => holds(spanOf(each.key), offset) || holds(spanOf(each.value), offset));
        if (!pair) return undefined;
        path.push(nameOf(pair));
        key = spanOf(pair.key);
        node = pair.value;
        if (key && holds(key, offset)) return { path, exact: true, key, value: key, scalar: false };
      } else if (isSeq(node)) {
        const index = node.items.findIndex((item) => holds(spanOf(item), offset));
        if (index < 0) return undefined;
        path.push(index);
        key = undefined;
        node = node.items[index];
      } else {
        const value = spanOf(node);
        return value && holds(value, offset) && path.length > 0 ? { path, exact: true, key, value, scalar: true } : undefined;
      }
    }
  }

  /** A span as it is underlined: its first line, and something of it to be seen. */
  private shown({ from, to }: Span): Span {
    const line = /[\r\n]/.exec(this.text.slice(from, to));
    const end = line ? from + line.index : to;
    return { from, to: Math.min(this.text.length, Math.max(end, from + 1)) };
  }
}

export const nameOf = (pair: Pair): string => String(isScalar(pair.key) ? pair.key.value : pair.key);

/** Where a node stands, without the comments and the space behind it. */
export function spanOf(node: unknown): Span | undefined {
  if (!isNode(node) || !node.range) return undefined;
  const [from, to] = node.range;
  return { from, to };
}

const holds = (span: Span | undefined, offset: number): boolean => span !== undefined && span.from <= offset && offset <= span.to;

/** The pair whose key a path begins with: the longest, for a wrong key may hold dots. */
function pairIn(map: YAMLMap, rest: string): Pair | undefined {
  const begins = (name: string): boolean => name !== '' && rest.startsWith(name) && /^($|[.[])/.test(rest.slice(name.length));
  return map.items
    .filter((pair) => begins(nameOf(pair)))
    .reduce<Pair | undefined>((best, pair) => (best && nameOf(best).length > nameOf(pair).length ? best : pair), undefined);
}

function jsonFaults(text: string, document: Document.Parsed): SyntaxFault[] {
  const fault = jsonFault(text);
  if (fault) return [{ ...fault, mild: false }];
  const twice: SyntaxFault[] = [];
  visit(document, {
    Map(_, map) {
      const names = new Set<string>();
      for (const pair of map.items) {
        const name = nameOf(pair);
        const span = spanOf(pair.key);
        if (names.has(name) && span) twice.push({ ...span, message: `${name} is here twice: the last one counts`, mild: true });
        names.add(name);
      }
    },
  });
  return twice;
}

function yamlFaults(text: string, document: Document.Parsed): SyntaxFault[] {
  const fault = ({ pos: [start, end], message }: YAMLError, mild: boolean): SyntaxFault => {
    const from = Math.min(start, Math.max(0, text.length - 1));
    // Of many only the first character is told.
    const word = /^[^\s:,[\]{}]*/.exec(text.slice(from))![0].length;
    return { from, to: Math.min(text.length, Math.max(end, from + Math.max(1, word))), message, mild };
  };
  const faults = [...document.errors.map((error) => fault(error, false)), ...document.warnings.map((warning) => fault(warning, true))];
  visit(document, {
    Alias(_, alias) {
      const span = spanOf(alias) ?? { from: 0, to: Math.min(1, text.length) };
      faults.push({ ...span, message: `*${alias.source}: a job file takes no aliases; write out what it stands for`, mild: false });
    },
  });
  return faults;
}
