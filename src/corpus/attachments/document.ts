/** A document before it takes a form: what every kind of attachment is made from. */
export interface Document {
  readonly title: string;
  readonly author: string;
  /** "Prepared by", "Date", "Page", in the document's language. */
  readonly labels: { readonly author: string; readonly date: string; readonly page: string; readonly total: string };
  /** As a reader sees it: "14 March 2025". */
  readonly date: string;
  /** "2025-03-14T09:12:07Z" */
  readonly created: string;
  readonly paragraphs: readonly string[];
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  /** The language's decimal mark is a comma: then a CSV separates by semicolons. */
  readonly decimalComma: boolean;
}

/** A table cell: the text as a reader sees it, and the plain number where it is one. */
export interface Cell {
  readonly text: string;
  readonly number: string | undefined;
}

export function escapeXml(text: string): string {
  if (!/[&<>"]/.test(text)) return text;
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
