import type { Quantiles, Weights } from '../random.ts';

/** How a kind of mail client writes: header set, ids, encodings, quoting. */
export const CLIENTS = ['outlook', 'phone', 'apple', 'webmail', 'thunderbird', 'notes'] as const;
export type Client = (typeof CLIENTS)[number];

/** The distributions of one kind of traffic. docs/profiles.md gives the source of each number. */
export interface Profile {
  /** Percent of messages that are in conversations of two or more. */
  readonly threaded: number;
  /** Sizes of conversations, given two or more: [size, weight]. */
  readonly threadSizes: readonly (readonly [number, number])[];
  /** Percent of people's messages exchanged with other firms. */
  readonly external: number;
  /** Percent of people's messages that are not business, half of them to private addresses. */
  readonly private: number;
  /** Percent of single messages that machines send. */
  readonly machine: number;
  /** Seconds from a message to its reply. */
  readonly replyDelay: Quantiles;
  /** Words a person writes in a reply, and in a message that starts a conversation. */
  readonly replyWords: Quantiles;
  readonly openingWords: Quantiles;
  /** How many people a conversation is addressed to at first: weights of 1, 2, 3 … */
  readonly recipients: Weights;
  /** How many are copied: weights of 0, 1, 2 … */
  readonly copied: Weights;
  /** Percent of messages with a blind copy. */
  readonly blind: number;
  /** Percent of replies that go to all where there is a choice; that bring somebody in; that are forwards. */
  readonly replyAll: number;
  readonly forwards: number;
  /** Percent of replies that quote what they answer. */
  readonly quoting: number;
  /** Percent of people's messages with HTML beside the text. */
  readonly html: number;
  /** Percent of attachments the packs offer that are sent. */
  readonly attachments: number;
  /** Percent of non-ASCII messages in a legacy charset instead of UTF-8. */
  readonly legacyCharset: number;
  /** Weights of the hours of a working day, local time, and of Monday to Sunday. */
  readonly hours: Weights;
  readonly weekdays: readonly number[];
  /** Percent of replies due at night or at the weekend that wait for the next working morning. */
  readonly waits: number;
  /** Mail clients inside the firm and outside it, weights in the order of CLIENTS. */
  readonly clients: Weights;
  readonly outsideClients: Weights;
}
