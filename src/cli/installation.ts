/** Where this program's own parts are: found by main.ts, beside itself. */
export interface Installation {
  /** Built-in packs, one JSON a pack. */
  readonly packs: string;
  /** The module of a worker thread. */
  readonly worker: URL;
  /** This program, as a file that Node runs. */
  readonly command: string;
}
