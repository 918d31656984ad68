import type { Source } from './corpora.ts';

/** Where specs are kept over a reload: the workspace's memento of VS Code. */
export interface Keep {
  get(key: string): unknown;
  update(key: string, value: unknown): PromiseLike<void>;
}

const KEY = 'mailwright.previews';
/** Previews that can be opened again. */
const MOST = 20;

interface Kept {
  readonly digest: string;
  readonly base: string;
  readonly spec: unknown;
}

const isKept = (one: Partial<Kept> | null): one is Kept => typeof one?.digest === 'string' && typeof one.base === 'string';

/** The specs that messages were previewed of, by the digest of what the messages depend on: the latest ones, over a reload too. */
export class Specs {
  private readonly keep: Keep;
  private readonly known = new Map<string, Source>();

  constructor(keep: Keep) {
    this.keep = keep;
  }

  remember(digest: string, source: Source): void {
    this.known.delete(digest);
    this.known.set(digest, source);
    const before = this.stored().filter((one) => one.digest !== digest);
    void this.keep.update(KEY, [...before, { digest, ...source }].slice(-MOST));
  }

  async get(digest: string): Promise<Source | undefined> {
    const known = this.known.get(digest);
    if (known) return known;
    const found = this.stored().find((one) => one.digest === digest);
    if (!found) return undefined;
    const { jobSpecSchema } = await import('../../job/spec.ts');
    const spec = jobSpecSchema.safeParse(found.spec); // another version of the extension may have kept it
    if (!spec.success) return undefined;
    const source = { spec: spec.data, base: found.base };
    this.known.set(digest, source);
    return source;
  }

  private stored(): Kept[] {
    const found = this.keep.get(KEY);
    return Array.isArray(found) ? found.filter(isKept) : [];
  }
}
