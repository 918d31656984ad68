/** How much of a message is read and shown: enough for any mail, and little enough for any machine. */
export interface MailLimits {
  /** Bytes of a file. */
  readonly file: number;
  /** Bytes of the headers of one part. */
  readonly headers: number;
  /** Header fields of one part, and characters of one. */
  readonly fields: number;
  readonly value: number;
  /** Parts within parts, and parts in all. */
  readonly depth: number;
  readonly parts: number;
  /** Characters of one text, and of all. */
  readonly text: number;
  readonly texts: number;
  /** Tags of one HTML text: each costs the page far more than its characters. */
  readonly tags: number;
  /** Bytes of one picture, and of all. */
  readonly image: number;
  readonly images: number;
}

const KB = 1024;
const MB = 1024 * KB;

export const MAIL_LIMITS: MailLimits = {
  file: 32 * MB,
  headers: 256 * KB,
  fields: 500,
  value: 16 * KB,
  depth: 100,
  parts: 1000,
  text: 512 * KB,
  texts: 2 * MB,
  tags: 20_000,
  image: 2 * MB,
  images: 8 * MB,
};
