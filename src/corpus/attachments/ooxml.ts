import { type Document, escapeXml } from './document.ts';
import { crc32, deflate, directoryHeader, endRecord, localHeader, type ZipEntry } from '../zip.ts';

/** Office Open XML (ECMA-376): the least that word processors and spreadsheets open without a word of complaint. */

const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';

interface Part extends ZipEntry {
  readonly data: Uint8Array;
}

function part(name: string, xml: string): Part {
  const bytes = Buffer.from(HEAD + xml, 'utf8');
  // Compressing a few hundred bytes takes longer than writing them.
  const deflated = bytes.length > 1000;
  const data = deflated ? deflate(bytes) : bytes;
  return { name, crc: crc32(bytes), length: bytes.length, packed: data.length, deflated, data };
}

/** A package of parts, in order: [Content_Types].xml first. */
function pack(parts: readonly Part[]): Uint8Array {
  const pieces: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const p of parts) {
    const header = localHeader(p);
    pieces.push(header, p.data);
    directory.push(directoryHeader(p, at));
    at += header.length + p.data.length;
  }
  const size = directory.reduce((sum, d) => sum + d.length, 0);
  return Buffer.concat([...pieces, ...directory, endRecord(parts.length, size, at)]);
}

function types(main: string, kind: string, more = ''): Part {
  return part(
    '[Content_Types].xml',
    `<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="${main}" ContentType="application/vnd.openxmlformats-officedocument.${kind}+xml"/>${more}<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>`,
  );
}

function rootRelations(main: string): Part {
  return part(
    '_rels/.rels',
    `<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${OFFICE}/relationships/officeDocument" Target="${main}"/><Relationship Id="rId2" Type="${PACKAGE}/relationships/metadata/core-properties" Target="docProps/core.xml"/></Relationships>`,
  );
}

function properties(document: Document): Part {
  return part(
    'docProps/core.xml',
    `<cp:coreProperties xmlns:cp="${PACKAGE}/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>${escapeXml(document.title)}</dc:title><dc:creator>${escapeXml(document.author)}</dc:creator><dcterms:created xsi:type="dcterms:W3CDTF">${document.created}</dcterms:created></cp:coreProperties>`,
  );
}

const WORD = [types('/word/document.xml', 'wordprocessingml.document.main'), rootRelations('word/document.xml')];

/** A word-processing document: title, author and date, paragraphs, a table where there is one. */
export function docx(document: Document): Uint8Array {
  const run = (text: string, style = ''): string =>
    `<w:r>${style === '' ? '' : `<w:rPr>${style}</w:rPr>`}<w:t xml:space="preserve">${escapeXml(text)}</w:t></w:r>`;
  const paragraph = (text: string, style = ''): string =>
    `<w:p>${text
      .split('\n')
      .map((line) => run(line, style))
      .join('<w:r><w:br/></w:r>')}</w:p>`;
  let body = paragraph(document.title, '<w:b/><w:sz w:val="32"/>');
  body += paragraph(`${document.labels.author}: ${document.author}`) + paragraph(`${document.labels.date}: ${document.date}`);
  for (const text of document.paragraphs) body += paragraph(text);
  if (document.rows.length > 0) {
    const row = (cells: readonly string[], style = ''): string =>
      `<w:tr>${cells.map((c) => `<w:tc><w:tcPr><w:tcW w:w="0" w:type="auto"/></w:tcPr>${paragraph(c, style)}</w:tc>`).join('')}</w:tr>`;
    const grid = `<w:tblGrid>${document.columns.map(() => '<w:gridCol w:w="1800"/>').join('')}</w:tblGrid>`;
    body += `<w:tbl><w:tblPr><w:tblW w:w="0" w:type="auto"/></w:tblPr>${grid}${row(document.columns, '<w:b/>')}${document.rows.map((r) => row(r.map((c) => c.text))).join('')}</w:tbl><w:p/>`;
  }
  const main = part(
    'word/document.xml',
    `<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>${body}<w:sectPr><w:pgSz w:w="11906" w:h="16838"/></w:sectPr></w:body></w:document>`,
  );
  return pack([...WORD, properties(document), main]);
}

const SHEET = [
  types(
    '/xl/workbook.xml',
    'spreadsheetml.sheet.main',
    '<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>',
  ),
  rootRelations('xl/workbook.xml'),
  part(
    'xl/_rels/workbook.xml.rels',
    `<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${OFFICE}/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
  ),
  part(
    'xl/workbook.xml',
    `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="${OFFICE}/relationships"><sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>`,
  ),
];

/** A spreadsheet of one sheet: a header row, numbers as numbers. */
export function xlsx(document: Document): Uint8Array {
  const text = (value: string): string => `<c t="inlineStr"><is><t xml:space="preserve">${escapeXml(value)}</t></is></c>`;
  let rows = `<row>${document.columns.map(text).join('')}</row>`;
  for (const row of document.rows)
    rows += `<row>${row.map((cell) => (cell.number === undefined ? text(cell.text) : `<c><v>${cell.number}</v></c>`)).join('')}</row>`;
  return pack([
    ...SHEET,
    properties(document),
    part(
      'xl/worksheets/sheet1.xml',
      `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>${rows}</sheetData></worksheet>`,
    ),
  ]);
}
