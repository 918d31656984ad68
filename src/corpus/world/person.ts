import type { Run } from '../mime/bytes.ts';
import type { Client } from '../profiles/profile.ts';

/** Somebody who writes or receives mail, inside the firm or outside it. */
export interface Person {
  /** Unique in the world; employees are their persona number, everybody else is above them. */
  readonly key: number;
  readonly first: string;
  readonly last: string;
  /** Display name; "" for a bare address. */
  readonly name: string;
  readonly female: boolean;
  /** The left side of an address, made of the name. */
  readonly local: string;
  readonly address: string;
  /** The name of the firm they write for; "" for private people. */
  readonly firm: string;
  readonly domain: string;
  /** Persona number, or −1 outside the firm. */
  readonly employee: number;
  /** Index into the spec's desks, or −1. */
  readonly desk: number;
  readonly deskName: string;
  /** Index into the spec's offices: whose clock and country they live by. */
  readonly office: number;
  readonly city: string;
  readonly title: string;
  readonly phone: string;
  readonly mobile: string;
  readonly language: string;
  readonly client: Client;
  /** Ends first messages with a signature block, of one of several layouts. */
  readonly signs: boolean;
  readonly layout: number;
  /** The `name <address>` form for headers, encoded and ready (RFC 5322 §3.4, RFC 2047). */
  readonly mailbox: Run;
  /** What phrases say of them, in UTF-8, in the order of the slots {me.…}: first, last, name, title, desk, phone, city; then the firm. */
  readonly said: readonly Run[];
  /** As a client shows them: the name alone, and with the address, in UTF-8. */
  readonly shown: Run;
  readonly shownInFull: Run;
  /** Address and domain. */
  readonly at: Run;
  readonly host: Run;
  /** The server their mail comes from, as the next one records it (RFC 5321 §4.4), up to the domain of that one. */
  readonly hop: Run;
  /** The block they signed with last, kept for the next time. */
  signature: Signature | undefined;
}

/** A signature block with its lines: of each, where it ends and what is on it, see Lines. */
export interface Signature {
  /** It is in the language of these. */
  readonly labels: object;
  readonly run: Run;
  readonly ends: readonly number[];
  readonly marks: readonly number[];
}
