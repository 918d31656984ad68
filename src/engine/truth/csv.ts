import type { TruthLine } from '../../corpus/truth/line.ts';
import { TRUTH_FIELDS } from '../../corpus/truth/text.ts';
import type { TruthTable, Write } from './table.ts';

const FIELDS = Object.keys(TRUTH_FIELDS) as (keyof TruthLine)[];

/** Truth as CSV (RFC 4180), in UTF-8: lists are joined by a space, evidence is JSON, what does not apply is empty. */
export class TruthCsv implements TruthTable {
  private readonly write: Write;

  constructor(write: Write) {
    this.write = write;
    this.row(FIELDS);
  }

  add(line: TruthLine): void {
    this.row(FIELDS.map((field) => cell(field, line)));
  }

  end(): void {}

  private row(cells: readonly string[]): void {
    this.write(Buffer.from(`${cells.map(quoted).join(',')}\r\n`));
  }
}

function cell(field: keyof TruthLine, line: TruthLine): string {
  switch (TRUTH_FIELDS[field]) {
    case 'texts':
      return (line[field] as readonly string[]).join(' ');
    case 'evidence':
      return JSON.stringify(line[field]);
    default:
      return (line[field] as string | null) ?? '';
  }
}

const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
