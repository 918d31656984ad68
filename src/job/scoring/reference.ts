import { Ids, indexOfMessageId } from '../../corpus/id.ts';
import { root } from '../../corpus/random.ts';
import { memberKey } from '../plan.ts';
import type { JobRecord } from '../records.ts';

/** What an alert calls a message: its Message-ID, or its object id, as a key or a file name has it. */
export interface Reference {
  readonly kind: 'message-id' | 'object-id' | 'other';
  /** A Message-ID without angle brackets, or twelve hexadecimal digits; in lower case, for some systems change it. */
  readonly text: string;
}

const KEY = /(?:^|[^0-9a-z])([0-9a-f]{12})\.eml$/;

/** Reads one, whichever of the two it is and whatever stands before the file's name. */
export function referenceOf(text: string): Reference {
  const plain = text.trim().toLowerCase();
  const id = KEY.exec(plain)?.[1] ?? (/^[0-9a-f]{12}$/.test(plain) ? plain : undefined);
  if (id !== undefined) return { kind: 'object-id', text: id };
  return { kind: plain.includes('@') ? 'message-id' : 'other', text: plain.replace(/^<|>$/g, '') };
}

/** What a message is like, as making it again shows. */
export interface Features {
  readonly messageId: string;
  readonly language: string;
  readonly shape: string;
}

/** The messages of a corpus, as its job.json knows them: by their indices, without the messages at hand. */
export class Corpus {
  readonly messages: number;
  /** Makes message `index` again; undefined where this program is not the one that made the corpus. */
  readonly regenerate: ((index: number) => Features) | undefined;
  private readonly record: JobRecord;
  private readonly messageIds: Ids;
  private readonly objectIds: Ids;

  constructor(record: JobRecord, regenerate?: (index: number) => Features) {
    const seed = root(String(record.spec.seed));
    this.record = record;
    this.regenerate = regenerate;
    this.messages = record.plan.messages;
    this.messageIds = new Ids(seed, 'message-id');
    this.objectIds = new Ids(seed, 'object');
  }

  /** Which message this is; undefined where it is none of this corpus. Of a Message-ID it reads the part that holds the index. */
  index({ kind, text }: Reference): number | undefined {
    if (kind === 'other') return undefined;
    return kind === 'object-id' ? this.objectIds.index(text, this.messages) : indexOfMessageId(this.messageIds, text, this.messages);
  }

  /** The key of a message, as truth writes it. */
  key(index: number): string {
    return memberKey(this.record.plan, this.objectIds.id(index), index);
  }
}
