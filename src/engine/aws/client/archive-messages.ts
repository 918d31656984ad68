import { createReadStream } from 'node:fs';
import { Unzip, UnzipInflate } from 'fflate';
import { readMbox } from '../../local/verify.ts';

/** The messages of an archive of a shard, in its order, a few in memory at a time. */
export async function* messagesIn(path: string, layout: 'zip' | 'mbox'): AsyncGenerator<Uint8Array> {
  if (layout === 'mbox') yield* readMbox(path);
  else yield* unzipped(path);
}

async function* unzipped(path: string): AsyncGenerator<Uint8Array> {
  const whole: Uint8Array[] = [];
  const unzip = new Unzip((member) => {
    const parts: Uint8Array[] = [];
    member.ondata = (error, data, final) => {
      if (error) throw error;
      parts.push(data);
      if (final) whole.push(Buffer.concat(parts));
    };
    member.start();
  });
  unzip.register(UnzipInflate);
  for await (const chunk of createReadStream(path)) {
    unzip.push(chunk as Buffer);
    yield* whole.splice(0);
  }
  unzip.push(new Uint8Array(), true);
  yield* whole.splice(0);
}
