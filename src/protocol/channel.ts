/** What travels between a webview's page and the extension host. The page asks, the host answers; the host tells. */

/** What a page may ask, as an interface here: for each call what it takes and what it answers. */
export type CallsOf<C> = { readonly [K in keyof C]: { readonly argument: unknown; readonly result: unknown } };

/** From the page. */
export interface Asked {
  readonly id: number;
  readonly call: string;
  readonly argument: unknown;
}

/** To the page. */
export type Sent =
  | { readonly id: number; readonly ok: true; readonly result: unknown }
  | { readonly id: number; readonly ok: false; readonly message: string }
  | { readonly event: string; readonly data: unknown };
