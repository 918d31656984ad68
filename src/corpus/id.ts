import { type Bytes, HEX, hex, type Run, runOf } from './mime/bytes.ts';
import type { Client } from './profiles/profile.ts';
import { below, label, type Path, Permutation, root } from './random.ts';

/** Ids are drawn from 2⁴⁸: twelve hexadecimal digits, whatever the number of messages. */
const DOMAIN = 0x1000000000000;
const DIGITS = Array.from({ length: 4096 }, (_, i) => i.toString(16).padStart(3, '0'));

/**
 * Ids of messages: a keyed, invertible permutation of the index. They carry no order and no label; with the seed at hand
 * an id is turned back into its index, and one that is not of this corpus is known as such.
 */
export class Ids {
  private readonly permutation: Permutation;

  constructor(seed: Path, purpose: 'object' | 'message-id' | 'arc') {
    this.permutation = new Permutation(DOMAIN, below(below(seed, label('ids')), label(purpose)));
  }

  /** Twelve lower-case hexadecimal digits. */
  id(index: number): string {
    const [high, low] = this.halves(index);
    return DIGITS[high >>> 12]! + DIGITS[high & 4095]! + DIGITS[low >>> 12]! + DIGITS[low & 4095]!;
  }

  /** The same as two numbers of 24 bits. */
  halves(index: number): readonly [high: number, low: number] {
    const x = this.permutation.at(index);
    const high = Math.floor(x / 0x1000000);
    return [high, x - high * 0x1000000];
  }

  /** The index an id stands for, or undefined where it is not one of the first `messages`. */
  index(id: string, messages: number): number | undefined {
    if (!/^[0-9a-f]{12}$/.test(id)) return undefined;
    const index = this.permutation.inverse(parseInt(id, 16));
    return index < messages ? index : undefined;
  }
}

/** The ids that a corpus's messages are kept under, by its job spec alone. */
export const objectIdsOf = ({ seed }: { readonly seed: string | number }): Ids => new Ids(root(String(seed)), 'object');

/**
 * Writes a Message-ID in the manner of its author's client. The first twelve hexadecimal digits of its left side, whatever
 * stands before and between them, are the message's id under the message-id permutation; the others come from its path.
 */
export function writeMessageId(out: Bytes, ids: Ids, index: number, path: Path, client: Client, domain: Run): void {
  const [high, low] = ids.halves(index);
  const first = (high << 8) | (low >>> 16) | 0;
  const { hi, lo } = path;
  out.byte(60);
  switch (client) {
    case 'outlook':
      out.hex(first, 8, HEX);
      out.hex(low, 4, HEX);
      out.hex(hi, 8, HEX);
      out.hex(lo, 8, HEX);
      break;
    case 'apple':
    case 'phone':
    case 'thunderbird': {
      const digits = client === 'thunderbird' ? hex : HEX;
      out.hex(first, 8, digits);
      out.byte(45);
      out.hex(low, 4, digits);
      out.byte(45);
      out.hex(0x4000 | (hi & 0xfff), 4, digits);
      out.byte(45);
      out.hex(0x8000 | ((hi >>> 12) & 0x3fff), 4, digits);
      out.byte(45);
      out.hex(lo, 8, digits);
      out.hex(hi >>> 16, 4, digits);
      break;
    }
    case 'webmail':
      out.hex(first, 8, hex);
      out.hex(low, 4, hex);
      out.byte(46);
      out.hex(hi, 8, hex);
      out.hex(lo, 8, hex);
      out.byte(64);
      out.put(MAIL);
      out.put(domain);
      out.byte(62);
      return;
    case 'notes':
      out.ascii('OF');
      out.hex(first, 8, HEX);
      out.hex(low, 4, HEX);
      out.byte(46);
      out.hex(hi, 8, HEX);
      out.ascii('-ON');
      out.hex(lo, 8, HEX);
  }
  out.byte(64);
  out.put(domain);
  out.byte(62);
}

const MAIL = runOf('mail.');

/** The index a Message-ID stands for, or undefined where no message of the corpus could have it. */
export function indexOfMessageId(ids: Ids, messageId: string, messages: number): number | undefined {
  const match = /^<?(?:OF)?([0-9a-f]{8})-?([0-9a-f]{4})/i.exec(messageId);
  return match ? ids.index((match[1]! + match[2]!).toLowerCase(), messages) : undefined;
}
