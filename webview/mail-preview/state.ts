/** What the page keeps for itself over hiding and reload. */
export interface PageState {
  readonly tab: 'message' | 'plain' | 'headers' | 'parts' | 'raw';
  /** Whether the evidence is marked. */
  readonly overlay: boolean;
}
