import { closeSync, openSync, readSync } from 'node:fs';
import { extname } from 'node:path';
import type { Alert } from '../../job/scoring/alerts.ts';
import { type ColumnMap, Columns, type Field } from './columns.ts';
import { CsvLines } from './csv.ts';
import { chunksOf, encodingOf, LONGEST_LINE, readLines } from './lines.ts';
import { kindOf } from './paths.ts';
import { badInput, type Problems, reasonOf } from './problems.ts';

export interface AlertsOptions {
  /** --alerts or --baseline, for errors. */
  readonly option: string;
  readonly map: ColumnMap;
  /** Alerts with a score below it are left out. */
  readonly threshold: number | undefined;
}

export interface AlertReader {
  add(alert: Alert): void;
  leaveOut(): void;
}

/**
 * Reads a file of alerts, CSV or JSON lines, in whatever encoding; answers with the columns it used. What cannot be read is
 * told to `problems`; a file without the columns that are needed is refused.
 */
export async function readAlerts(
  file: string,
  options: AlertsOptions,
  reader: AlertReader,
  problems: Problems,
): Promise<Partial<Record<Field, string>>> {
  const { option, map, threshold } = options;
  if (kindOf(file) !== 'file')
    throw badInput(option, `${file}: no such file. It has to be the alerts of the system under test, as CSV or as JSON lines.`);
  const columns = new Columns(map);
  const broken = (line: number, reason: string): void => problems.add(file, line, reason);
  const tooLong = (line: number): void => broken(line, `a line of over ${LONGEST_LINE} characters`);
  const take = (row: Partial<Record<Field, string>>, line: number): void => {
    const message = row.message_id || row.key || '';
    if (message === '') return broken(line, 'it names no message');
    if (threshold !== undefined) {
      const score = numberOf(row.score ?? '');
      if (score === undefined) return broken(line, `'${row.score ?? ''}' is not a score`);
      if (score < threshold) return reader.leaveOut();
    }
    reader.add({ message, person: addressOf(row.person ?? ''), policy: row.policy ?? '' });
  };

  const json = isJsonLines(file, option);
  try {
    const encoding = await encodingOf(file);
    if (json) {
      const jsonRow = rowReader(columns, take, broken);
      await readLines(chunksOf(file), encoding, { line: jsonRow.line, tooLong });
      if (jsonRow.rows > 0) columns.check(option, file, threshold !== undefined);
    } else {
      let head: (Field | undefined)[] | undefined;
      const csv = new CsvLines(
        {
          record(cells, line) {
            if (head) return take(rowOf(head, cells), line);
            head = cells.map((name) => columns.fieldOf(name));
            columns.check(option, file, threshold !== undefined);
          },
          broken(line, reason) {
            if (!head)
              throw badInput(option, `${file}, line ${line}: the first line has to name the columns, and cannot be read: ${reason}`);
            broken(line, reason);
          },
        },
        extname(file).toLowerCase() === '.tsv' ? '\t' : undefined,
      );
      await readLines(chunksOf(file), encoding, { line: (text, number) => csv.line(text, number), tooLong });
      csv.end();
      if (!head)
        throw badInput(option, `${file} is empty: a CSV begins with a line that names its columns, such as message_id,score,policy`);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw badInput(option, `${file}: ${reasonOf(error)}`);
  }
  return columns.used;
}

/** A row of CSV; of two columns for one field the first counts. */
function rowOf(head: readonly (Field | undefined)[], cells: readonly string[]): Partial<Record<Field, string>> {
  const row: Partial<Record<Field, string>> = {};
  head.forEach((field, i) => {
    if (field) row[field] ??= cells[i] ?? '';
  });
  return row;
}

interface JsonRows {
  line(text: string, number: number): void;
  /** Objects read so far. */
  rows: number;
}

function rowReader(
  columns: Columns,
  take: (row: Partial<Record<Field, string>>, line: number) => void,
  broken: (line: number, reason: string) => void,
): JsonRows {
  const reader: JsonRows = {
    rows: 0,
    line(text, number) {
      if (text.trim() === '') return;
      let value: unknown;
      try {
        value = JSON.parse(text);
      } catch (error) {
        return broken(number, `not JSON: ${reasonOf(error)}`);
      }
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return broken(number, 'not a JSON object');
      reader.rows++;
      const row: Partial<Record<Field, string>> = {};
      for (const [name, content] of Object.entries(value)) {
        const field = columns.fieldOf(name);
        if (field && (typeof content === 'string' || typeof content === 'number')) row[field] ??= String(content).trim();
      }
      take(row, number);
    },
  };
  return reader;
}

/** By the file's name, or else by how it begins. */
function isJsonLines(file: string, option: string): boolean {
  const extension = extname(file).toLowerCase();
  if (extension === '.csv' || extension === '.tsv') return false;
  const start = startOf(file, option);
  if (start.startsWith('['))
    throw badInput(
      option,
      `${file} is one JSON list: give one object a line, as \`jq -c '.[]' ${file}\` writes them, in a file called .jsonl`,
    );
  return extension === '.jsonl' || extension === '.ndjson' || start.startsWith('{');
}

/** The first characters of a file, without byte order mark, zero bytes of UTF-16 and white space. */
function startOf(file: string, option: string): string {
  const bytes = Buffer.alloc(4096);
  try {
    const descriptor = openSync(file, 'r');
    try {
      const length = readSync(descriptor, bytes);
      return bytes
        .subarray(0, length)
        .toString('latin1')
        .replace(/^(\xef\xbb\xbf|\xff\xfe|\xfe\xff)/, '')
        .replaceAll('\0', '')
        .trimStart();
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw badInput(option, `${file}: ${reasonOf(error)}`);
  }
}

/** "Ann Lee <ann.lee@aldermoor.example>" is ann.lee@aldermoor.example. */
const addressOf = (text: string): string => /<([^<>]*)>\s*$/.exec(text)?.[1]?.trim() ?? text.trim();

/** A number as programs write it; some with a decimal comma. */
function numberOf(text: string): number | undefined {
  const plain = text.trim().replace(/^([-+]?\d+),(\d+)$/, '$1.$2');
  return plain !== '' && Number.isFinite(Number(plain)) ? Number(plain) : undefined;
}
