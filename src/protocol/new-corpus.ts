import type { SpecProblem } from '../job/spec.ts';

/** The page New Corpus, and the host behind it. The host owns the draft: a page that is hidden or reloaded asks for it again. */

export type Target = 'local' | 'aws';

/** What the packs of this installation have, to choose from; packs of the user's own may have more. */
export interface Known {
  readonly scenarios: readonly { readonly id: string; readonly family: string; readonly title: string }[];
  readonly desks: readonly string[];
  readonly languages: readonly string[];
}

/** All that the page shows: sent whole, each time. */
export interface Snapshot {
  /** The job spec as it stands, with only what was set. */
  readonly draft: unknown;
  readonly target: Target;
  readonly known: Known;
  readonly aws: {
    readonly profile: string | undefined;
    readonly region: string | undefined;
    /** What the stack said last, or why it said nothing. */
    readonly stack: { readonly bucket: string; readonly expiryDays: number; readonly messages: number; readonly cost: number } | undefined;
    readonly trouble: string | undefined;
  };
}

export interface Estimated {
  readonly messages: number;
  readonly objects: number;
  readonly bytes: number;
  readonly seconds: number;
  /** US dollars; of a job in the cloud. */
  readonly usd: number | undefined;
  readonly positives: number;
  readonly nearMisses: number;
  readonly arcs: number;
  /** What only the host finds: packs, placement, limits. Then the figures are zero. */
  readonly problems: readonly SpecProblem[];
}

export interface NewCorpusCalls {
  readonly load: { readonly argument: undefined; readonly result: Snapshot };
  readonly draft: { readonly argument: { readonly draft: unknown; readonly target: Target }; readonly result: undefined };
  readonly estimate: { readonly argument: { readonly draft: unknown; readonly target: Target }; readonly result: Estimated };
  readonly preview: { readonly argument: { readonly draft: unknown; readonly index: number }; readonly result: undefined };
  readonly save: { readonly argument: { readonly draft: unknown }; readonly result: undefined };
  /** Undefined where the user thought better of it. */
  readonly run: {
    readonly argument: { readonly draft: unknown; readonly target: Target };
    readonly result: { readonly job: string } | undefined;
  };
  readonly pickProfile: { readonly argument: undefined; readonly result: undefined };
  readonly pickRegion: { readonly argument: undefined; readonly result: undefined };
  readonly deploy: { readonly argument: undefined; readonly result: undefined };
}

export interface NewCorpusEvents {
  readonly snapshot: Snapshot;
}
