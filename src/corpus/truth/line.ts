import type { Evasion } from '../pack/scenario.ts';

/**
 * Ground truth, a line a message: what truth/<shard>.jsonl holds. Field names are those of the file. Lines are there for
 * messages that belong to an arc or to a near miss; with `truth: all` for every message.
 */
export interface TruthLine {
  /** Where the message is, relative to the corpus; a member of an archive behind its path: "messages/000004.zip/3703f6f201f6.eml". */
  readonly key: string;
  /** Of the message's bytes, in hexadecimal. */
  readonly sha256: string;
  /** With the angle brackets. */
  readonly message_id: string;
  /** The Message-ID of the first message of its thread. */
  readonly thread_id: string;
  /** RFC 3339, on the sender's clock. */
  readonly date: string;
  /** Bare addresses. */
  readonly sender: string;
  readonly recipients: readonly string[];
  readonly label: 'positive' | 'near_miss' | 'benign';
  /** The rest is null where the message belongs to no arc. */
  readonly scenario: string | null;
  readonly family: string | null;
  readonly language: string;
  readonly arc_id: string | null;
  readonly role: string | null;
  readonly phase: string | null;
  readonly evasion: Evasion | null;
  readonly severity: 'low' | 'medium' | 'high' | null;
  /** Where an alert is due: on this message, anywhere in the thread, or on the person. */
  readonly alert_unit: 'message' | 'thread' | 'person' | null;
  /** Message-IDs needed to see it, this message's own among them. */
  readonly context: readonly string[];
  /** Whether an alert is owed on this message. Allowed counts neither for nor against. */
  readonly due: 'required' | 'allowed' | 'none';
  /** One entry a part that shows it. */
  readonly evidence: readonly Evidence[];
  /** What the message looks like: "text", "text+html", "text+pdf" … */
  readonly shape: string;
  /** The near miss's own id within its scenario. */
  readonly near_miss: string | null;
}

/** Where the words are. Offsets are null in an image; raw offsets also in a compressed attachment. */
export interface Evidence {
  /** IMAP part path in the delivered file (RFC 9051 §6.4.5.1): "1", "1.2". */
  readonly part: string;
  /** Unicode code points in the part after transfer and charset decoding, CRLF as LF; in an attachment, in its extracted text. */
  readonly start: number | null;
  readonly end: number | null;
  /** Bytes in the delivered file. */
  readonly raw_start: number | null;
  readonly raw_end: number | null;
  /** The words, decoded. */
  readonly quote: string;
  readonly layer: 'authored' | 'quoted' | 'signature' | 'disclaimer' | 'attachment';
}

/** A line of truth/arcs.jsonl. */
export interface ArcLine {
  readonly arc_id: string;
  readonly label: 'positive' | 'near_miss';
  readonly scenario: string;
  readonly family: string;
  readonly near_miss: string | null;
  /** The positive arc a near miss is paired with. */
  readonly paired_with: string | null;
  readonly evasion: Evasion;
  readonly severity: 'low' | 'medium' | 'high';
  readonly alert_unit: 'message' | 'thread' | 'person';
  readonly language: string;
  readonly people: readonly { readonly role: string; readonly address: string }[];
  readonly first: string;
  readonly last: string;
  /** Message-IDs, in order. */
  readonly messages: readonly string[];
}
