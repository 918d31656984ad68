import type { Document } from './document.ts';

/** Comma-separated values (RFC 4180), or by semicolons where the decimal mark is a comma; UTF-8, CRLF, a header row. */
export function csv(document: Document): Uint8Array {
  const separator = document.decimalComma ? ';' : ',';
  const quote = (text: string): string => (text.includes(separator) || /["\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const lines = [
    document.columns,
    ...document.rows.map((row) => row.map((cell) => (document.decimalComma ? cell.text : (cell.number ?? cell.text)))),
  ];
  return Buffer.from(lines.map((line) => line.map(quote).join(separator) + '\r\n').join(''), 'utf8');
}
