import { parse } from 'csv-parse/sync';
import { reasonOf } from './problems.ts';

/** How many lines are parsed at once, and how many a record may go on for. */
const BATCH = 500;
const MOST_LINES = 100;

interface Line {
  readonly text: string;
  readonly number: number;
}

export interface RecordReader {
  /** The cells of a record, and the number of its first line. */
  record(cells: readonly string[], line: number): void;
  /** A line that could not be read as CSV. */
  broken(line: number, reason: string): void;
}

/**
 * Reads CSV (RFC 4180) line by line. csv-parse reads the records; what is done here is to find where they end, so that a
 * quotation mark that is never closed costs the line it is in and not the rest of the file.
 */
export class CsvLines {
  private readonly reader: RecordReader;
  private delimiter: string | undefined;
  /** Records of one line each, whole as far as quotation marks go. */
  private batch: Line[] = [];
  /** The lines of a record that has a quotation mark open. */
  private open: Line[] = [];

  constructor(reader: RecordReader, delimiter?: string) {
    this.reader = reader;
    this.delimiter = delimiter;
  }

  line(text: string, number: number): void {
    const odd = countOf(text, '"') % 2 === 1;
    if (this.open.length === 0) {
      if (text.trim() === '') return;
      this.delimiter ??= delimiterOf(text);
      if (odd) this.open.push({ text, number });
      else this.batch.push({ text, number });
      if (this.batch.length >= BATCH) this.flush();
      return;
    }
    this.open.push({ text, number });
    if (odd) this.closeRecord();
    else if (this.open.length >= MOST_LINES) this.giveUp('a quotation mark is opened and never closed');
  }

  end(): void {
    while (this.open.length > 0) this.giveUp('a quotation mark is opened and never closed');
    this.flush();
  }

  private flush(): void {
    const lines = this.batch;
    this.batch = [];
    if (lines.length === 0) return;
    const records = this.parse(lines);
    if (typeof records !== 'string' && records.length === lines.length)
      return lines.forEach(({ number }, i) => this.reader.record(records[i]!, number));
    for (const line of lines) {
      const one = this.parse([line]);
      if (typeof one === 'string') this.reader.broken(line.number, one);
      else for (const record of one) this.reader.record(record, line.number);
    }
  }

  private closeRecord(): void {
    this.flush();
    const records = this.parse(this.open);
    if (typeof records === 'string') return this.giveUp(records);
    const { number } = this.open[0]!;
    this.open = [];
    for (const record of records) this.reader.record(record, number);
  }

  /** Drops the first line of the record that is open, and begins again with the next. */
  private giveUp(reason: string): void {
    const [first, ...rest] = this.open as [Line, ...Line[]];
    this.open = [];
    this.flush();
    this.reader.broken(first.number, reason);
    for (const { text, number } of rest) this.line(text, number);
  }

  /** The records of some lines; or why they have none. */
  private parse(lines: readonly Line[]): string[][] | string {
    try {
      return parse(lines.map(({ text }) => text).join('\n'), {
        delimiter: this.delimiter!,
        record_delimiter: '\n',
        relax_column_count: true,
        trim: true,
      });
    } catch (error) {
      // The line numbers csv-parse gives are those of the piece it saw.
      return reasonOf(error).replace(/ at line \d+/, '');
    }
  }
}

function countOf(text: string, character: string): number {
  let count = 0;
  for (let at = text.indexOf(character); at !== -1; at = text.indexOf(character, at + 1)) count++;
  return count;
}

/** What stands between the columns of a head line: programs in many countries write semicolons. */
function delimiterOf(head: string): string {
  const unquoted = head.replace(/"[^"]*"/g, '');
  const counts = [',', ';', '\t', '|'].map((delimiter) => ({ delimiter, count: countOf(unquoted, delimiter) }));
  return counts.sort((a, b) => b.count - a.count)[0]!.delimiter;
}
