/** What a person can still look through before they say yes. */
const LONGEST = 4000;

/** A link that may be opened, in the form in which it would be (names of other scripts as xn--): or undefined. */
export function linkOf(url: string): string | undefined {
  try {
    const { protocol, href } = new URL(url);
    return ['http:', 'https:', 'mailto:'].includes(protocol) && href.length <= LONGEST ? href : undefined;
  } catch {
    return undefined;
  }
}
