import { createReadStream } from 'node:fs';

/** Reading text files of any size, a line at a time. */

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';

/** A file in pieces of a megabyte. */
export const chunksOf = (path: string): AsyncIterable<Uint8Array> => createReadStream(path, { highWaterMark: 1 << 20 });

/** The longest line that is read, in UTF-16 units; longer ones are passed over, so that memory stays flat. */
export const LONGEST_LINE = 1 << 23;

/**
 * How a file is encoded, by its byte order mark; without one it is UTF-8, or, where its bytes are not, Windows-1252, which
 * has all of Latin-1.
 */
export async function encodingOf(path: string): Promise<Encoding> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let first = true;
  try {
    for await (const chunk of chunksOf(path)) {
      if (first && chunk[0] === 0xff && chunk[1] === 0xfe) return 'utf-16le';
      if (first && chunk[0] === 0xfe && chunk[1] === 0xff) return 'utf-16be';
      first = false;
      decoder.decode(chunk, { stream: true });
    }
    decoder.decode();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return 'windows-1252';
  }
  return 'utf-8';
}

export interface LineReader {
  /** A line without its end, and its number, from 1. */
  line(text: string, number: number): void;
  /** One over LONGEST_LINE. */
  tooLong(number: number): void;
  /** Bytes read since the last call. */
  read?(bytes: number): void;
}

/** Reads a file, piece by piece, to its end; a byte order mark is no part of the text. */
export async function readLines(chunks: AsyncIterable<Uint8Array>, encoding: Encoding, reader: LineReader): Promise<void> {
  const decoder = new TextDecoder(encoding);
  let number = 1;
  let begun = '';
  let tooLong = false;

  const take = (text: string): void => {
    let from = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', from)) {
      finish(text.slice(from, end));
      from = end + 1;
    }
    begin(text.slice(from));
  };
  const begin = (part: string): void => {
    if (tooLong) return;
    begun += part;
    if (begun.length <= LONGEST_LINE) return;
    tooLong = true;
    begun = '';
  };
  const finish = (part: string): void => {
    begin(part);
    if (tooLong) reader.tooLong(number);
    else reader.line(begun.endsWith('\r') ? begun.slice(0, -1) : begun, number);
    number++;
    begun = '';
    tooLong = false;
  };

  for await (const chunk of chunks) {
    take(decoder.decode(chunk, { stream: true }));
    reader.read?.(chunk.length);
  }
  take(decoder.decode());
  if (begun !== '' || tooLong) finish('');
}
