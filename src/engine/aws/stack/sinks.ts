import type { Message } from '../../../corpus/generator.ts';
import { messageKey, type Plan } from '../../../job/plan.ts';
import { Archive } from '../../archive.ts';
import type { Put, Putter } from '../put/putter.ts';
import { Upload } from '../put/upload.ts';

/** Where the messages of a shard go, in the bucket. */
export interface Sink {
  /** Takes a message, whose bytes are good only until it returns. */
  take(message: Message, sha256: string): void;
  /** Sends what was taken; waits where too much is under way. */
  flush(): Promise<void>;
  /** All has arrived; the number of objects, or of archive members. */
  end(): Promise<number>;
}

/** `key` makes a key of the bucket of one of the job; `first` is the index of the shard's first message. */
export function sinkOf(plan: Plan, first: number, putter: Putter, key: (key: string) => string): Sink {
  switch (plan.layout) {
    case 'eml':
      return new ObjectSink(putter, (message) => key(messageKey(plan, message.id, message.index)));
    case 'zip':
      return new ArchiveSink('zip', new Upload(putter, key(messageKey(plan, '', first)), 'application/zip'));
    case 'mbox':
      return new ArchiveSink('mbox', new Upload(putter, key(messageKey(plan, '', first)), 'application/mbox'));
    case 'none':
      return new NoSink();
  }
}

class NoSink implements Sink {
  take(): void {}
  flush(): Promise<void> {
    return Promise.resolve();
  }
  end(): Promise<number> {
    return Promise.resolve(0);
  }
}

/** One object a message. */
class ObjectSink implements Sink {
  private readonly putter: Putter;
  private readonly keyOf: (message: Message) => string;
  private taken: Put[] = [];
  private objects = 0;

  constructor(putter: Putter, keyOf: (message: Message) => string) {
    this.putter = putter;
    this.keyOf = keyOf;
  }

  take(message: Message, sha256: string): void {
    this.taken.push({ key: this.keyOf(message), body: Uint8Array.from(message.bytes), sha256, contentType: 'message/rfc822' });
  }

  async flush(): Promise<void> {
    const { taken } = this;
    this.taken = [];
    this.objects += taken.length;
    for (const put of taken) await this.putter.put(put);
  }

  async end(): Promise<number> {
    await this.putter.drain();
    return this.objects;
  }
}

/** One zip or mbox a shard. An upload that is broken off is cleared away by the bucket's lifecycle rule. */
class ArchiveSink implements Sink {
  private readonly upload: Upload;
  private readonly archive: Archive;

  constructor(layout: 'zip' | 'mbox', upload: Upload) {
    this.upload = upload;
    this.archive = new Archive(layout, (bytes) => upload.write(bytes));
  }

  take({ id, bytes, letter }: Message): void {
    this.archive.put(id, bytes, letter.turn.instant, letter.turn.author.address);
  }

  flush(): Promise<void> {
    return this.upload.drain();
  }

  async end(): Promise<number> {
    const members = this.archive.end();
    await this.upload.end();
    return members;
  }
}
