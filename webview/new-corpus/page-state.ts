/** What the page keeps by itself: how it is looked at. The draft is the host's. */
export interface PageState {
  readonly open: Readonly<Record<string, boolean>>;
  readonly scroll: number;
  /** Of the message to preview. */
  readonly index: unknown;
}
