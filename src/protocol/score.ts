/** The report of a score, and the host behind it. The host makes the page, report and all; the page only says what was pressed. */

export interface ScoreCalls {
  /** Opens a message in Mail Preview, by its key in the report. */
  readonly open: { readonly argument: { readonly key: string }; readonly result: undefined };
  /** Opens the file of a line that could not be read, by the line's place in the report. */
  readonly line: { readonly argument: { readonly number: number }; readonly result: undefined };
  /** Reads the files again. */
  readonly again: { readonly argument: undefined; readonly result: undefined };
  /** Asks for the alerts of another run. */
  readonly compare: { readonly argument: undefined; readonly result: undefined };
  /** Asks for the lowest score that counts. */
  readonly threshold: { readonly argument: undefined; readonly result: undefined };
}

/** What VS Code keeps of the page, over a reload of the window too. */
export interface ScoreState {
  /** The id of the report, by which the host finds it again. */
  readonly report: string;
  /** Which of the sections that fold are open. */
  readonly open: readonly number[];
  /** How far it is scrolled, in pixels. */
  readonly top: number;
}
