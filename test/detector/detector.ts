import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import PostalMime from 'postal-mime';
import { type Lexicon, Matcher } from './lexicon.ts';

/** A system under test, as small as one can be: reads mail, looks for the terms of a lexicon, raises alerts. */

/** An alert as `mailwright score` reads it. */
export interface Alert {
  readonly message_id: string;
  readonly person: string;
  readonly policy: string;
  /** How many terms were found. */
  readonly score: number;
}

export class Detector {
  private readonly matcher: Matcher;

  constructor(lexicon: Lexicon) {
    this.matcher = new Matcher(lexicon);
  }

  /** An alert for each policy that a message meets: by its subject and by what its reader sees, quotations too. It does not open attachments. */
  async alerts(message: Uint8Array): Promise<Alert[]> {
    const { subject = '', text = '', html = '', messageId = '', from } = await PostalMime.parse(message);
    return this.matcher.hits(`${subject}\n${text || textOf(html)}`).map(({ policy, terms }) => ({
      message_id: messageId,
      person: from?.address ?? '',
      policy,
      score: terms.length,
    }));
  }
}

const textOf = (html: string): string => html.replace(/<[^>]*>/g, ' ').replace(/&\w+;/g, ' ');

/** The messages of a corpus, a file each. */
export function* messagesIn(corpus: string): Iterable<Uint8Array> {
  for (const entry of readdirSync(join(corpus, 'messages'), { recursive: true, withFileTypes: true }))
    if (entry.name.endsWith('.eml')) yield readFileSync(join(entry.parentPath, entry.name));
}
