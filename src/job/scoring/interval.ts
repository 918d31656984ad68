/** A share of a hundred cases or so is known only so well: how well, by Wilson's interval. */

export interface Share {
  /** From 0 to 1. */
  readonly value: number;
  /** The bounds of its 95 % interval. */
  readonly low: number;
  readonly high: number;
}

/** The 97.5th percentile of the normal distribution. */
const Z = 1.959963984540054;

/**
 * `part` of `whole`, with its Wilson 95 % score interval (E. B. Wilson, 1927): unlike the plain ± of the normal distribution
 * it stays within 0 and 1, and says something where all or none were found. Null where there is no case.
 */
export function shareOf(part: number, whole: number): Share | null {
  if (whole === 0) return null;
  const value = part / whole;
  const spread = (Z * Z) / whole;
  const center = (value + spread / 2) / (1 + spread);
  const half = Math.sqrt(spread * (value * (1 - value) + spread / 4)) / (1 + spread);
  // The bounds are exact at the ends, where rounding would leave 2e-17 or 0.9999999999999999.
  return { value, low: part === 0 ? 0 : center - half, high: part === whole ? 1 : center + half };
}

/** The harmonic mean of precision and recall, from counts; null where nothing was due. */
export function f1Of(found: number, missed: number, wrong: number): number | null {
  return found + missed === 0 ? null : (2 * found) / (2 * found + missed + wrong);
}
