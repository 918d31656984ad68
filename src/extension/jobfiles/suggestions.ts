import { isMap, isPair, isScalar, isSeq, type Scalar, stringify, visit, type YAMLMap } from 'yaml';
import { type Field, fieldAt, isContainer, namesIn, valuesOf } from './schema.ts';
import { nameOf, parseText, type Path, type Span } from './text.ts';

/** What could be written at a place of a job file in YAML. (JSON is helped by VS Code's own support, with the schema.) */

export interface Suggestion {
  readonly kind: 'field' | 'value';
  readonly label: string;
  /** Of the field, or of the one value. */
  readonly description: string | undefined;
  readonly field: Field;
  readonly isDefault: boolean;
  /** As a snippet: "$0" is where the cursor goes. */
  readonly insert: string;
  /** There is more to choose where the cursor goes. */
  readonly goesOn: boolean;
}

export interface Suggestions {
  /** The word that is replaced. */
  readonly word: Span;
  readonly suggestions: readonly Suggestion[];
}

/** Stands for the word at the cursor while the text is parsed: so that there is one. */
const HERE = 'mailwright_here';
const WORD = /[^\s,[\]{}:#"']*$/;

export function suggestionsAt(text: string, offset: number): Suggestions | undefined {
  const from = offset - WORD.exec(text.slice(0, offset))![0].length;
  const to = offset + /^[^\s,[\]{}:#"']*/.exec(text.slice(offset))![0].length;
  const place = placeOf(text.slice(0, from) + HERE + text.slice(to), from);
  if (!place) return undefined;
  const lineStart = text.lastIndexOf('\n', from - 1) + 1;
  const before = text.slice(lineStart, from);
  // VS Code indents what a snippet adds like the line it is in; behind a dash that is not enough.
  const deeper = ' '.repeat(before.length - /^ */.exec(before)![0].length);
  const named = /^ *:/.test(text.slice(to));
  return { word: { from, to }, suggestions: suggestionsFor(place, place.flow ? undefined : deeper, named) };
}

interface Place {
  readonly path: Path;
  /** Where a name may stand: the names that are there already. */
  readonly names: ReadonlySet<string> | undefined;
  readonly value: boolean;
  /** A list may begin here. */
  readonly list: boolean;
  readonly flow: boolean;
}

function placeOf(text: string, from: number): Place | undefined {
  const document = parseText(text, 'yaml');
  let place: Place | undefined;
  visit(document, {
    Scalar(key, node, above) {
      if (node.value !== HERE || place) return;
      const flow = above.some((each) => (isMap(each) || isSeq(each)) && each.flow === true);
      const path = pathOf([...above, node]);
      if (key === 'key') {
        const map = above.at(-2) as YAMLMap;
        const names = new Set(map.items.map(nameOf).filter((name) => name !== HERE));
        place = { path: path.slice(0, -1), names, value: false, list: false, flow };
      } else {
        // On the line of its field a value stands; below it fields, or a list, may begin.
        const parent = above.at(-1);
        const ownLine = !flow && node.type === 'PLAIN' && (!isPair(parent) || text.slice(keyEnd(parent.key), from).includes('\n'));
        place = { path, names: ownLine ? new Set() : undefined, value: true, list: ownLine && isPair(parent), flow };
      }
      return visit.BREAK;
    },
  });
  return place;
}

const keyEnd = (key: unknown): number => (isScalar(key) ? ((key as Scalar).range?.[1] ?? 0) : 0);

/** The names and indices on the way to the last of some nodes, each of which holds the next. */
function pathOf(nodes: readonly unknown[]): Path {
  const path: (string | number)[] = [];
  nodes.forEach((node, i) => {
    if (isPair(node)) path.push(nameOf(node));
    else if (isSeq(node)) path.push(node.items.indexOf(nodes[i + 1]));
  });
  return path;
}

function suggestionsFor(place: Place, deeper: string | undefined, named: boolean): Suggestion[] {
  const field = fieldAt(place.path);
  if (!field) return [];
  const list = place.list && field.items ? field.items : undefined;
  const dash = list ? '- ' : '';
  const within = list ?? field;
  const fields =
    place.names === undefined
      ? []
      : namesIn(within)
          .filter((name) => !place.names!.has(name))
          .map((name): Suggestion => {
            const own = fieldAt([...place.path, ...(list ? [0] : []), name])!;
            const tail = named ? '' : tailOf(own, deeper === undefined ? undefined : deeper + dash.replace(/./g, ' '));
            const goesOn = tail !== '' && (isContainer(own) || valuesOf(own).length > 0);
            return {
              kind: 'field',
              label: name,
              description: own.description,
              field: own,
              isDefault: false,
              insert: dash + escaped(name) + tail,
              goesOn,
            };
          });
  const values = !place.value
    ? []
    : valuesOf(within).map(({ value, description, isDefault }): Suggestion => {
        const label = stringify(value).trimEnd();
        return {
          kind: 'value',
          label,
          description: description ?? within.description,
          field: within,
          isDefault,
          insert: dash + escaped(label),
          goesOn: false,
        };
      });
  return [...fields, ...values];
}

/** What follows the name of a field: `deeper` is undefined within braces. */
function tailOf(field: Field, deeper: string | undefined): string {
  if (!isContainer(field)) return ': $0';
  if (deeper === undefined) return field.items ? ': [$0]' : ': { $0 }';
  return `:\n${deeper}  ${field.items ? '- ' : ''}$0`;
}

const escaped = (text: string): string => text.replace(/[$}\\]/g, '\\$&');
