import { DAY, isoDate } from '../calendar.ts';
import type { Conversation } from '../conversation/conversation.ts';
import type { AttachmentPlan } from '../conversation/dialogue.ts';
import { drawFact, drawNumber, formatNumber } from '../conversation/facts.ts';
import { dayAndMonth } from '../pack/dates.ts';
import { wrap } from '../body/plain.ts';
import { Bytes } from '../mime/bytes.ts';
import type { FilePart } from '../mime/part.ts';
import type { CompiledFact } from '../pack/compile.ts';
import { below, label, Stream } from '../random.ts';
import { csv } from './csv.ts';
import type { Cell, Document } from './document.ts';
import { docx, xlsx } from './ooxml.ts';
import { pdf, PDF_COLUMNS } from './pdf.ts';
import { png } from './png.ts';
import { textPng } from './text-image.ts';

const DOCUMENT = label('document');

const TYPES = {
  pdf: 'application/pdf',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  csv: 'text/csv',
  png: 'image/png',
} as const;

const CELL = new Bytes(256);

/** Numbers in a spreadsheet: a point, and nothing between thousands. */
const PLAIN = { decimal: '.', thousands: '' };

/** Makes the attachment that was planned for a message; a forward makes the same again. */
export function attachmentOf(plan: AttachmentPlan, conversation: Conversation): FilePart {
  const stream = new Stream(below(plan.turn.path, DOCUMENT));
  return { kind: 'file', type: TYPES[plan.kind], name: plan.fileName, bytes: make(plan, conversation, stream) };
}

function make(plan: AttachmentPlan, conversation: Conversation, stream: Stream): Uint8Array {
  if (plan.kind === 'png' && plan.paragraphs.length > 0) return textPng(plan.title, plan.paragraphs);
  if (plan.kind === 'png')
    return png(
      plan.title,
      Array.from({ length: stream.between(6, 14) }, () => stream.between(80, 1000)),
    );
  const document = documentOf(plan, conversation, stream);
  switch (plan.kind) {
    case 'pdf':
      return pdf(document);
    case 'docx':
      return docx(document);
    case 'xlsx':
      return xlsx(document);
    case 'csv':
      return csv(document);
  }
}

/**
 * Where the words of a scenario are in the text of an attachment, and how they read there: in code points of its lines, one
 * below the other, as a reader of the format gets them. In a picture they are nowhere but in its pixels.
 */
export function evidencePlace(
  plan: AttachmentPlan,
  conversation: Conversation,
): { start: number | null; end: number | null; quote: string } {
  const words = plan.paragraphs[plan.planted]!;
  if (plan.kind === 'png') return { start: null, end: null, quote: words };
  const document = documentOf(plan, conversation, new Stream(below(plan.turn.path, DOCUMENT)));
  const laid = (text: string): string => (plan.kind === 'pdf' ? wrap(text, PDF_COLUMNS).join('\n') : text);
  const { author, date } = document.labels;
  const before = [
    document.title,
    `${author}: ${document.author}`,
    `${date}: ${document.date}`,
    ...plan.paragraphs.slice(0, plan.planted).map(laid),
  ];
  const start = before.reduce((sum, line) => sum + [...line].length + 1, 0);
  const quote = laid(words);
  return { start, end: start + [...quote].length, quote };
}

function documentOf(plan: AttachmentPlan, { factContext, language }: Conversation, stream: Stream): Document {
  const { turn } = plan;
  const { calendar, labels } = language.common;
  const columns = plan.columns.length > 0 ? plan.columns : DEFAULT_COLUMNS;
  const cell = (fact: CompiledFact): Cell => {
    if (fact.kind !== 'number') {
      CELL.length = 0;
      drawFact(CELL, fact, factContext, stream);
      return { text: CELL.text(), number: undefined };
    }
    const units = drawNumber(fact, stream);
    return { text: formatNumber(units, fact.digits, calendar), number: formatNumber(units, fact.digits, { ...calendar, ...PLAIN }) };
  };
  const tabular = plan.kind === 'xlsx' || plan.kind === 'csv' || (plan.columns.length > 0 && stream.percent(40));
  const rows = tabular
    ? Array.from({ length: plan.kind === 'xlsx' || plan.kind === 'csv' ? stream.between(8, 60) : stream.between(4, 12) }, () =>
        columns.map(([, fact]) => cell(fact)),
      )
    : [];
  const local = turn.instant + turn.offset;
  return {
    title: plan.title,
    author: turn.author.name,
    labels,
    date: `${dayAndMonth(Math.floor(local / DAY), calendar)} ${isoDate(local, 0).slice(0, 4)}`,
    created: isoDate(turn.instant, 0),
    paragraphs: plan.paragraphs,
    columns: columns.map(([name]) => name),
    rows,
    decimalComma: calendar.decimal === ',',
  };
}

/** Where a pack gives a spreadsheet no columns. */
const DEFAULT_COLUMNS: readonly (readonly [string, CompiledFact])[] = [
  ['Ref', { kind: 'code', pattern: '@@-#####' }],
  ['Name', { kind: 'named', name: 'company' }],
  ['Date', { kind: 'named', name: 'pastdate' }],
  ['Value', { kind: 'number', min: 1000, max: 900000, step: 250, digits: 0 }],
];
