import { t } from '../l10n.ts';
import { DEFAULTS } from './schema.ts';
import { type Key, keysOf, same, valueAt, withSetting } from './spec-path.ts';

/** Where most people begin. A preset sets the size, what is planted and how it is delivered; the rest stays as it is. */
export interface Preset {
  readonly id: string;
  readonly title: string;
  readonly text: string;
  readonly settings: Readonly<Record<string, unknown>>;
}

/** What every preset sets, to the default where it names nothing else. */
const PARTS = ['messages', 'scenarios', 'delivery'].map((path): Key[] => keysOf(path));

export const presets = (): readonly Preset[] => [
  {
    id: 'smoke',
    title: t('Smoke test'),
    text: t('1,000 messages: does the mail arrive?'),
    settings: { messages: 1_000, scenarios: [{ scenario: 'all', rate: 1, nearMisses: 1 }] },
  },
  {
    id: 'functional',
    title: t('Functional'),
    text: t('50,000 messages: does each rule work?'),
    settings: { messages: 50_000, scenarios: [{ scenario: 'all', rate: 0.5, nearMisses: 1 }] },
  },
  {
    id: 'load',
    title: t('Load'),
    text: t('1,000,000 messages in zip archives: how fast?'),
    settings: { messages: 1_000_000, delivery: { layout: 'zip' } },
  },
  {
    id: 'benchmark',
    title: t('Detection benchmark'),
    text: t('100,000 messages: what is found, what is raised in vain?'),
    settings: {
      messages: 100_000,
      scenarios: [{ scenario: 'all', rate: 1, nearMisses: 2 }],
      delivery: { truth: { lines: 'all', formats: ['jsonl', 'csv'] } },
    },
  },
];

export const withPreset = (draft: unknown, { settings }: Preset): unknown =>
  PARTS.reduce<unknown>(
    (made, keys) => withSetting(withSetting(made, DEFAULTS, keys, undefined), DEFAULTS, keys, valueAt(settings, keys)),
    draft,
  );

export const isPreset = (draft: unknown, preset: Preset): boolean =>
  PARTS.every((keys) => same(valueAt(draft, keys), valueAt(withPreset({}, preset), keys)));
