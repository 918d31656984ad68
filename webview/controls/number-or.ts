/** What was typed as a number where it is one ("1 000", "1,000" and "1_000" are, to people), else as it is, for a check to refuse. */
export function numberOr(text: string): number | string {
  const trimmed = text.trim();
  const plain = /^-?\d{1,3}([_, ]\d{3})+$/.test(trimmed) ? trimmed.replace(/[_, ]/g, '') : trimmed;
  return /^-?\d+(\.\d+)?$/.test(plain) && Number.isFinite(Number(plain)) ? Number(plain) : text;
}
