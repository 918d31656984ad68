import { TRUTH } from '../job/plan.ts';
import type { Manifest } from '../job/records.ts';
import { bytes, count, duration, truthText } from './output.ts';

export interface CorpusSummary {
  readonly manifest: Manifest;
  /** It had been complete before. */
  readonly already: boolean;
  /** How much was made, and in what time, where that can be told. */
  readonly made?: { readonly messages: number; readonly seconds: number };
  /** Where it is, and what kind of place that is: ["Folder", "corpora/…"]. */
  readonly place: readonly [kind: string, place: string];
  /** Some messages, as paths or addresses. */
  readonly samples: readonly string[];
  /** More lines, each with a word for what it is. */
  readonly next?: readonly (readonly [what: string, text: string])[];
}

/** What to say of a complete corpus. */
export function corpusText({ manifest, already, made, place, samples, next = [] }: CorpusSummary): string {
  const kept = manifest.layout !== 'none' && manifest.truth.lines > 0;
  const lines: (readonly [string, string])[] = [
    ['Messages', count(manifest.messages)],
    ['Bytes', `${bytes(manifest.bytes)} (${count(manifest.bytes / manifest.messages)} a message)`],
    ...(made
      ? [['Rate', `${count(made.messages / Math.max(0.001, made.seconds))} messages/s, ${duration(made.seconds)} in all`] as const]
      : []),
    ['Truth', `${truthText(manifest.truth)}${kept ? `, ${TRUTH}/` : ''}`],
    ['Digest', manifest.digest],
    place,
    ...next,
  ];
  return [
    '',
    already ? 'This corpus was complete already.' : 'Done.',
    ...lines.map(([what, text]) => `${what.padEnd(10)} ${text}`),
    ...(samples.length === 0 ? [] : ['For example', ...samples.map((sample) => `  ${sample}`)]),
    '',
  ].join('\n');
}
