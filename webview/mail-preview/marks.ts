import type { Numbered } from './spans.ts';

/**
 * Marks words in an HTML body by looking for them: offsets point into the source, which is not what the body was made from.
 * Of several places the one whose share of the way is nearest to the offset's is taken. Answers with the numbers that were found.
 */
export function markBody(body: HTMLElement, marks: readonly Numbered[], sourceLength: number): Set<number> {
  const found = new Set<number>();
  for (const { number, mark } of marks) {
    const { text, places } = textOf(body);
    const words = even(mark.quote);
    if (words === '') continue;
    const wanted = ((mark.start ?? 0) / Math.max(sourceLength, 1)) * text.length;
    let best = -1;
    for (let at = text.indexOf(words); at >= 0; at = text.indexOf(words, at + 1))
      if (best < 0 || Math.abs(at - wanted) < Math.abs(best - wanted)) best = at;
    if (best < 0) continue;
    found.add(number);
    wrap(places.slice(best, best + words.length), number);
  }
  return found;
}

interface Place {
  readonly node: globalThis.Text;
  readonly offset: number;
}

const even = (text: string): string => text.replace(/[\s\u00a0]+/g, ' ').trim();

/** The words of a body, spaces evened out, and where each character stands. */
function textOf(body: HTMLElement): { readonly text: string; readonly places: readonly Place[] } {
  const walker = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
  const places: Place[] = [];
  let text = '';
  while (walker.nextNode()) {
    const node = walker.currentNode as globalThis.Text;
    if (node.parentElement?.closest('style')) continue;
    for (let offset = 0; offset < node.data.length; offset++) {
      const c = node.data[offset]!;
      const space = /[\s\u00a0]/.test(c);
      if (space && (text === '' || text.endsWith(' '))) continue;
      text += space ? ' ' : c;
      places.push({ node, offset });
    }
  }
  return { text, places };
}

/** Puts <mark> around some characters, one for each text node they stand in; the last first, so that offsets hold. */
function wrap(places: readonly Place[], number: number): void {
  const runs: { readonly node: globalThis.Text; readonly from: number; to: number }[] = [];
  for (const { node, offset } of places) {
    const last = runs.at(-1);
    if (last?.node === node) last.to = offset + 1;
    else runs.push({ node, from: offset, to: offset + 1 });
  }
  for (const { node, from, to } of runs.reverse()) {
    const words = node.splitText(from);
    words.splitText(to - from);
    const mark = document.createElement('mark');
    mark.setAttribute('data-mark', String(number));
    words.replaceWith(mark);
    mark.append(words);
  }
}
