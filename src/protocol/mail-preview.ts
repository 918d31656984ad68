/**
 * Mail Preview: the page that shows a message, and the host behind it. Whatever stands in a Mail comes from a file nobody
 * vouches for: text to show, never markup to put into the page and never a name to trust.
 */

export interface Mail {
  /** Bytes of the file, and how many of them were read. */
  readonly size: number;
  readonly read: number;
  readonly summary: Summary;
  /** In their order, decoded; what was cut is told in the problems. */
  readonly headers: readonly Header[];
  readonly tree: Part;
  /** The texts that make up the body, each part once. */
  readonly texts: readonly Text[];
  /** Paths of the texts to show, in order: where a part has alternatives, the richest of them, or the plainest. */
  readonly rich: readonly string[];
  readonly plain: readonly string[];
  readonly attachments: readonly Attachment[];
  /** Pictures that a text may show, by Content-ID without brackets, as data URLs. */
  readonly images: Readonly<Record<string, string>>;
  readonly problems: readonly Problem[];
}

export interface Summary {
  readonly subject: string;
  readonly from: readonly Address[];
  readonly sender: readonly Address[];
  readonly replyTo: readonly Address[];
  readonly to: readonly Address[];
  readonly cc: readonly Address[];
  readonly bcc: readonly Address[];
  /** As the header has it. */
  readonly date: string;
}

export interface Address {
  readonly name: string;
  /** Empty for the name of a group. */
  readonly address: string;
}

export interface Header {
  readonly name: string;
  readonly value: string;
}

/** A part of the message. `path` is IMAP's (RFC 9051 §6.4.5.1): "1", "1.2"; empty for the message where it has parts. */
export interface Part {
  readonly path: string;
  readonly type: string;
  readonly charset: string | undefined;
  readonly encoding: string;
  readonly disposition: string | undefined;
  readonly name: string | undefined;
  /** Bytes in the file: where its headers begin, where its body begins and ends. */
  readonly start: number;
  readonly bodyStart: number;
  readonly end: number;
  readonly parts: readonly Part[];
}

export interface Text {
  readonly part: string;
  readonly type: 'text/plain' | 'text/html';
  /** After transfer and charset decoding, CRLF as LF. */
  readonly text: string;
  /** Subject and sender of the attached message it is the body of. */
  readonly of: string | undefined;
}

export interface Attachment {
  readonly part: string;
  /** Fit to be a file's name. */
  readonly name: string;
  readonly type: string;
  /** Bytes, as they stand in the file. */
  readonly size: number;
  readonly inline: boolean;
}

export const PROBLEMS = [
  'fileCut',
  'empty',
  'headerLine',
  'headersCut',
  'headerCut',
  'noHeaderEnd',
  'duplicate',
  'date',
  'noBoundary',
  'noParts',
  'unclosed',
  'depth',
  'parts',
  'encoding',
  'base64',
  'quotedPrintable',
  'charset',
  'charsetBytes',
  'nul',
  'textCut',
  'textsCut',
  'markupCut',
  'imageCut',
  'digest',
] as const;

/** What is wrong with a message, or was left out of it. The host puts it into words. */
export interface Problem {
  readonly code: (typeof PROBLEMS)[number];
  /** The path of the part it is about. */
  readonly part: string;
  /** What it is about: a name, a number. */
  readonly value: string | number;
}

/** What the ground truth says of a message. */
export interface Truth {
  readonly label: 'positive' | 'near_miss' | 'benign';
  /** Whether an alert is owed on it. */
  readonly due: string;
  /** What it is part of: scenario, phase, role … by the names of the truth's fields. */
  readonly facts: readonly { readonly name: string; readonly value: string }[];
  readonly marks: readonly Mark[];
}

/** Words that show it. Where offsets are null, only the words are known. */
export interface Mark {
  readonly part: string;
  /** Code points in the text of the part; in HTML, in its source. */
  readonly start: number | null;
  readonly end: number | null;
  readonly quote: string;
  readonly layer: string;
}

/** The message's place among those of its thread that are at hand. */
export interface Thread {
  /** From 1. */
  readonly number: number;
  readonly count: number;
}

/** All that the page shows, but what it asks for. */
export interface Shown {
  readonly mail: Mail | undefined;
  /** Why there is no mail: then there is the raw text. */
  readonly trouble: string | undefined;
  /** The problems, in words. */
  readonly problems: readonly string[];
  readonly truth: Truth | undefined;
}

export interface RawSlice {
  readonly from: number;
  readonly to: number;
  readonly size: number;
  /** The text, in pieces; some of them are what the truth marks. */
  readonly pieces: readonly { readonly text: string; readonly marked: boolean }[];
}

export interface MailPreviewCalls {
  readonly load: { readonly argument: undefined; readonly result: Shown };
  readonly thread: { readonly argument: undefined; readonly result: Thread | undefined };
  readonly raw: { readonly argument: { readonly from: number }; readonly result: RawSlice };
  readonly go: { readonly argument: { readonly to: 'previous' | 'next' }; readonly result: undefined };
  readonly save: { readonly argument: { readonly part: string }; readonly result: undefined };
  readonly open: { readonly argument: { readonly part: string }; readonly result: undefined };
  /** Asks the user, with the whole URL before their eyes. */
  readonly link: { readonly argument: { readonly url: string }; readonly result: undefined };
  readonly openText: { readonly argument: undefined; readonly result: undefined };
}

export interface MailPreviewEvents {
  /** The file has changed: load again. */
  readonly changed: null;
}
