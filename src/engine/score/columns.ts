import { SpecError } from '../../job/spec.ts';
import { badInput } from './problems.ts';

/** Which columns of an alerts file hold what. */

export const FIELDS = ['message_id', 'key', 'person', 'score', 'policy'] as const;
export type Field = (typeof FIELDS)[number];

/** Names that a column may have without --map, but for case, spaces and punctuation. */
const NAMES: Readonly<Record<Field, readonly string[]>> = {
  message_id: ['messageid'],
  key: ['key', 'path', 'objectid'],
  person: ['person'],
  score: ['score'],
  policy: ['policy'],
};

/** What --map says: the column of a field. */
export type ColumnMap = Readonly<Partial<Record<Field, string>>>;

/** Reads `--map message_id=MsgID,person=Employee`, which may be given several times. */
export function parseMap(options: readonly string[]): ColumnMap {
  const map: Partial<Record<Field, string>> = {};
  for (const pair of options.flatMap((option) => option.split(','))) {
    const [, name, column] = /^\s*([^=]*?)\s*=\s*(.*?)\s*$/.exec(pair) ?? [];
    if (!name || !column) throw badInput('--map', `'${pair}': it has to be field=column, such as message_id=MsgID`);
    const field = FIELDS.find((known) => known === name);
    if (!field) throw badInput('--map', `'${name}' is no field: the fields are ${FIELDS.join(', ')}`);
    map[field] = column;
  }
  return map;
}

/** No column of an alerts file is known to hold what is needed; a user may say which one does. */
export class MissingColumn extends SpecError {
  readonly file: string;
  /** The first columns that there are. */
  readonly columns: readonly string[];
  readonly field: Field;

  constructor(option: string, message: string, { file, columns, field }: Pick<MissingColumn, 'file' | 'columns' | 'field'>) {
    super([{ path: option, message }]);
    this.file = file;
    this.columns = columns;
    this.field = field;
  }
}

/** Finds the fields of an alerts file in its columns. */
export class Columns {
  /** The columns seen, and the field that each holds. */
  private readonly seen = new Map<string, Field | undefined>();
  private readonly map: ColumnMap;

  constructor(map: ColumnMap) {
    this.map = map;
  }

  /** What a column holds, or undefined: a mapped field is in its column only. */
  fieldOf(column: string): Field | undefined {
    if (this.seen.has(column)) return this.seen.get(column);
    const name = column.trim();
    const plain = name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
    const field =
      FIELDS.find((known) => this.map[known]?.toLowerCase() === name.toLowerCase()) ??
      FIELDS.find((known) => this.map[known] === undefined && NAMES[known].includes(plain));
    if (this.seen.size < MOST_COLUMNS) this.seen.set(column, field);
    return field;
  }

  /** The column of each field that was seen; of two the first. */
  get used(): Partial<Record<Field, string>> {
    const used: Partial<Record<Field, string>> = {};
    for (const [column, field] of this.seen) if (field) used[field] ??= column;
    return used;
  }

  /** Refuses a file whose columns say nothing of a message, or that lacks one that was asked for. */
  check(option: string, file: string, needsScore: boolean): void {
    const { used } = this;
    const columns = [...this.seen.keys()].slice(0, MOST_NAMED);
    const has = `it has ${columns.join(', ') || 'none'}${this.seen.size > MOST_NAMED ? ' …' : ''}`;
    for (const field of FIELDS)
      if (this.map[field] !== undefined && used[field] === undefined)
        throw badInput('--map', `${file} has no column '${this.map[field]}' for ${field}: ${has}`);
    if (used.message_id === undefined && used.key === undefined)
      throw new MissingColumn(
        option,
        `${file} has no column message_id or key: ${has}. Say which one holds the Message-ID, or the key of the message, such as --map message_id=${JSON.stringify(columns[0] ?? 'MsgID')}`,
        { file, columns, field: 'message_id' },
      );
    if (needsScore && used.score === undefined)
      throw new MissingColumn('--threshold', `${file} has no column score: ${has}. Say which one it is, such as --map score=Confidence`, {
        file,
        columns,
        field: 'score',
      });
  }
}

/** How many columns are remembered, and how many an error names. */
const MOST_COLUMNS = 1000;
const MOST_NAMED = 30;
