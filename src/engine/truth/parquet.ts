import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { Evidence, TruthLine } from '../../corpus/truth/line.ts';
import { EVIDENCE_FIELDS, TRUTH_FIELDS } from '../../corpus/truth/text.ts';
import type { TruthTable, Write } from './table.ts';

/** Rows held before they are written, as a row group. */
const GROUP = 5_000;

type Schema = ConstructorParameters<typeof ParquetWriter>[0]['schema'];
type Element = Schema[number];

const FIELDS = Object.keys(TRUTH_FIELDS) as (keyof TruthLine)[];

/** Truth as Parquet: a column a field, lists as lists, evidence as a list of structures. */
export class TruthParquet implements TruthTable {
  private readonly file: ParquetWriter;
  private rows: TruthLine[] = [];

  constructor(write: Write) {
    this.file = new ParquetWriter({ writer: new PassingWriter(write), schema: SCHEMA, createdBy: 'mailwright', statistics: false });
  }

  add(line: TruthLine): void {
    this.rows.push(line);
    if (this.rows.length === GROUP) this.writeGroup();
  }

  end(): void {
    if (this.rows.length > 0) this.writeGroup();
    void this.file.finish(); // at once: only a writer that waits has something to wait for
  }

  private writeGroup(): void {
    const columnData = FIELDS.map((name) => ({ name, data: this.rows.map((row) => row[name]) }));
    void this.file.write({ columnData, rowGroupSize: GROUP });
    this.rows = [];
  }
}

/** Passes on what has been written after every row group, instead of keeping the file. */
class PassingWriter extends ByteWriter {
  private readonly pass: Write;

  constructor(pass: Write) {
    super(1 << 20);
    this.pass = pass;
  }

  flush(): void {
    this.pass(this.getBytes());
    this.index = 0;
  }

  override finish(): void {
    this.flush();
  }
}

const text = (name: string, optional = false): Element => ({
  name,
  type: 'BYTE_ARRAY',
  converted_type: 'UTF8',
  repetition_type: optional ? 'OPTIONAL' : 'REQUIRED',
});

/** A list in the three levels that the format asks for (parquet-format, LogicalTypes.md, "Lists"). */
const list = (name: string, element: readonly Element[]): Element[] => [
  { name, repetition_type: 'REQUIRED', converted_type: 'LIST', num_children: 1 },
  { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
  ...element,
];

const entry: readonly Element[] = (Object.keys(EVIDENCE_FIELDS) as (keyof Evidence)[]).map((name) =>
  EVIDENCE_FIELDS[name] === 'text' ? text(name) : { name, type: 'INT32', repetition_type: 'OPTIONAL' },
);

const SCHEMA: Schema = [
  { name: 'truth', num_children: FIELDS.length },
  ...FIELDS.flatMap((name): Element[] => {
    switch (TRUTH_FIELDS[name]) {
      case 'texts':
        return list(name, [text('element')]);
      case 'evidence':
        return list(name, [{ name: 'element', repetition_type: 'REQUIRED', num_children: entry.length }, ...entry]);
      default:
        return [text(name, TRUTH_FIELDS[name] === 'text or null')];
    }
  }),
];
