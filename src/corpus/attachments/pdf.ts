import { wrap } from '../body/plain.ts';
import { singleByte } from '../mime/charset.ts';
import { isAscii } from '../mime/words.ts';
import type { Document } from './document.ts';

/**
 * A PDF 1.4 (ISO 32000) of plain text: A4 pages, Helvetica in WinAnsiEncoding, uncompressed content streams. Characters
 * outside windows-1252 are written as question marks.
 */
export function pdf(document: Document): Uint8Array {
  const lines: Line[] = [
    { text: document.title, size: 16, gap: 10 },
    { text: `${document.labels.author}: ${document.author}`, size: 10, gap: 0 },
    { text: `${document.labels.date}: ${document.date}`, size: 10, gap: 12 },
  ];
  for (const paragraph of document.paragraphs) {
    const wrapped = wrap(paragraph, PDF_COLUMNS);
    wrapped.forEach((text, i) => lines.push({ text, size: 10, gap: i === wrapped.length - 1 ? 8 : 0 }));
  }
  if (document.rows.length > 0) {
    lines.push({ text: document.columns.join('   '), size: 10, gap: 2 });
    for (const row of document.rows) lines.push({ text: row.map((c) => c.text).join('   '), size: 10, gap: 0 });
  }

  const pages = paginate(lines, document.labels.page);
  const objects: string[] = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Count ${pages.length} /Kids [${pages.map((_, i) => `${5 + 2 * i} 0 R`).join(' ')}] >>`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>',
    `<< /Title ${textString(document.title)} /Author ${textString(document.author)} /CreationDate (D:${document.created.replace(/[-:TZ]/g, '')}Z) >>`,
  ];
  pages.forEach((content, i) => {
    objects.push(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents ${6 + 2 * i} 0 R >>`,
    );
    objects.push(`<< /Length ${content.length} >>\nstream\n${content}\nendstream`);
  });

  // Every character of the file is one byte, so string lengths are offsets.
  let out = '%PDF-1.4\n%\xe2\xe3\xcf\xd3\n';
  const offsets = objects.map((object, i) => {
    const at = out.length;
    out += `${i + 1} 0 obj\n${object}\nendobj\n`;
    return at;
  });
  const xref = out.length;
  out += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n`;
  for (const at of offsets) out += `${String(at).padStart(10, '0')} 00000 n \n`;
  out += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R /Info 4 0 R >>\nstartxref\n${xref}\n%%EOF\n`;
  return Buffer.from(out, 'latin1');
}

/** Characters on a line of a paragraph. */
export const PDF_COLUMNS = 92;

interface Line {
  readonly text: string;
  readonly size: number;
  /** Points left free below the line. */
  readonly gap: number;
}

const TOP = 780;
const BOTTOM = 60;

function paginate(lines: readonly Line[], page: string): string[] {
  const pages: string[] = [];
  let content = '';
  let y = TOP;
  const finish = (): void => {
    pages.push(`BT\n${content}/F1 8 Tf 1 0 0 1 280 30 Tm ${string(`${page} ${pages.length + 1}`)} Tj\nET`);
    content = '';
    y = TOP;
  };
  for (const line of lines) {
    if (y < BOTTOM) finish();
    content += `/F1 ${line.size} Tf 1 0 0 1 56 ${y} Tm ${string(line.text)} Tj\n`;
    y -= line.size + 4 + line.gap;
  }
  finish();
  return pages;
}

/** A literal string (ISO 32000-1 §7.3.4.2), one windows-1252 byte a character. */
function string(text: string): string {
  let out = '';
  for (const c of text) {
    const byte = c.length === 1 ? singleByte(c.charCodeAt(0), 'windows-1252') : -1;
    if (byte < 0) out += '?';
    else if (c === '(' || c === ')' || c === '\\') out += `\\${c}`;
    else out += String.fromCharCode(byte);
  }
  return `(${out})`;
}

/** A text string outside of pages (ISO 32000-1 §7.9.2.2): PDFDocEncoding has only ASCII in common with windows-1252. */
function textString(text: string): string {
  return isAscii(text) ? string(text) : `<${Buffer.from(`\ufeff${text}`, 'utf16le').swap16().toString('hex')}>`;
}
