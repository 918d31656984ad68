/** Bytes that are kept. */
export const RECENT_BYTES = 32 << 20;
/** Milliseconds for which what may change is taken for unchanged: between its size and its content. */
export const UNCHANGED_MS = 3_000;

/** Files that were read lately: VS Code asks for the size of one, and then for the same once more. */
export class Recent {
  private readonly most: number;
  private readonly kept = new Map<string, { readonly bytes: Uint8Array; readonly until: number }>();
  private size = 0;

  /** `most` is a number of bytes. */
  constructor(most: number) {
    this.most = most;
  }

  /** `now` and `until` are milliseconds of one clock; Infinity where it never changes. */
  put(path: string, bytes: Uint8Array, until: number): void {
    this.drop(path);
    if (bytes.length > this.most) return;
    this.kept.set(path, { bytes, until });
    this.size += bytes.length;
    for (const oldest of this.kept.keys()) {
      if (this.size <= this.most) break;
      this.drop(oldest);
    }
  }

  get(path: string, now: number): Uint8Array | undefined {
    const found = this.kept.get(path);
    if (!found || found.until >= now) return found?.bytes;
    this.drop(path);
    return undefined;
  }

  private drop(path: string): void {
    this.size -= this.kept.get(path)?.bytes.length ?? 0;
    this.kept.delete(path);
  }
}
