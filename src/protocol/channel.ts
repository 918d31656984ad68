/** What travels between a webview's page and the extension host. The page asks, the host answers; the host tells. */

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

/** What a page may ask: by its name, the argument and the result. */
export type Calls = Readonly<Record<string, { readonly argument: unknown; readonly result: unknown }>>;

/** What the host tells a page unasked: by its name, the data. */
export type Events = Readonly<Record<string, unknown>>;
