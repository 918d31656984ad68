/** What the harness and the extension host tell each other, by files: `plan.json` in, `results.jsonl` out. */

export interface HostPlan {
  /** Milliseconds a test may take. */
  readonly timeout: number;
  readonly grep?: string;
}

export type HostLine =
  | { readonly kind: 'pass'; readonly title: readonly string[]; readonly ms: number }
  | { readonly kind: 'pending'; readonly title: readonly string[] }
  | { readonly kind: 'fail'; readonly title: readonly string[]; readonly error: string }
  | {
      readonly kind: 'end';
      readonly vscode: string;
      readonly node: string;
      readonly passes: number;
      readonly failures: number;
      readonly pending: number;
      readonly duration: number;
    };
