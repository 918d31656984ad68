import { unzipSync } from 'fflate';

/** A message out of an archive that holds a shard; undefined where it is not in it. `position` is its place among the shard's messages. */
export function memberIn(archive: Uint8Array, layout: 'zip' | 'mbox', id: string, position: number): Uint8Array | undefined {
  if (layout === 'mbox') return mboxMessage(archive, position);
  const name = `${id}.eml`;
  return unzipSync(archive, { filter: (member) => member.name === name })[name];
}

/** Undoes what the mboxrd format does to a message: LF for CRLF, ">From " for "From ", an empty line behind it. */
function mboxMessage(archive: Uint8Array, position: number): Uint8Array | undefined {
  const bytes = Buffer.from(archive.buffer, archive.byteOffset, archive.length);
  const next = (after: number): number => {
    const found = bytes.indexOf('\nFrom ', after, 'latin1');
    return found < 0 ? -1 : found + 1;
  };
  let start = bytes.indexOf('From ', 0, 'latin1') === 0 ? 0 : -1;
  for (let i = 0; i < position && start >= 0; i++) start = next(start);
  if (start < 0) return undefined;
  const end = next(start);
  const text = bytes.toString('latin1', bytes.indexOf(10, start) + 1, end < 0 ? bytes.length : end);
  return Buffer.from(
    text
      .replace(/\n$/, '')
      .replace(/^>(>*From )/gm, '$1')
      .replaceAll('\n', '\r\n'),
    'latin1',
  );
}
