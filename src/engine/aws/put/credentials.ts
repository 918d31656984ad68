import { EngineError } from '../../error.ts';

export interface Identity {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
  readonly expiration?: Date | undefined;
}

/** Any of the SDK's credential providers is one. `forceRefresh` asks those that remember what they gave for another. */
export type IdentityProvider = (options?: { readonly forceRefresh?: boolean }) => Promise<Identity>;

/** Credentials are fetched anew this long before they expire, in ms. */
const EARLY = 300_000;
/** A provider that gives what is about to expire is not asked more often than this, in ms. */
const AGAIN = 30_000;

/** The credentials to sign with, held and renewed in time. */
export class Credentials {
  private readonly provider: IdentityProvider;
  private held: Identity | undefined;
  private renewAt = 0;
  private forced = false;
  private fetching: Promise<void> | undefined;

  constructor(provider: IdentityProvider) {
    this.provider = provider;
  }

  /** What to sign with; undefined where `fetch` has to be awaited first. */
  current(now: number): Identity | undefined {
    if (now >= this.renewAt && this.held !== undefined) {
      if (now >= expiry(this.held)) return undefined;
      this.fetch().catch(() => {}); // what is held is still good, and the next fetch may fare better
    }
    return this.held;
  }

  /** Asks the provider; rejects with an EngineError. Called again meanwhile, it asks once. */
  fetch(): Promise<void> {
    return (this.fetching ??= this.ask().finally(() => (this.fetching = undefined)));
  }

  /** S3 has refused these as expired: others are needed. */
  refused(identity: Identity): void {
    if (identity !== this.held) return;
    this.held = undefined;
    this.forced = true;
  }

  private async ask(): Promise<void> {
    this.renewAt = Date.now() + AGAIN;
    try {
      const identity = await this.provider(this.forced ? { forceRefresh: true } : undefined);
      this.held = identity;
      this.forced = false;
      this.renewAt = Math.max(this.renewAt, expiry(identity) - EARLY);
    } catch (error) {
      throw new EngineError(
        'CREDENTIALS',
        `no credentials to write to S3 with: ${(error as Error).message}. Sign in again, or check the role that this runs with.`,
      );
    }
  }
}

const expiry = ({ expiration }: Identity): number => expiration?.getTime() ?? Infinity;
