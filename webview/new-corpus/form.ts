import { computed, inject, type InjectionKey, ref, shallowRef } from 'vue';
import type { SpecProblem } from '../../src/job/spec.ts';
import type { Estimated, NewCorpusCalls, NewCorpusEvents, Snapshot, Target } from '../../src/protocol/new-corpus.ts';
import type { Channel } from '../channel.ts';
import { t } from '../l10n.ts';
import { DEFAULTS, nodeAt, problemsOf } from './schema.ts';
import { isObject, type Key, keysOf, same, valueAt, within, withSetting } from './spec-path.ts';

/** The state of the form: the draft, what is wrong with it, what it will come to. The host owns the draft and is told of every change. */

/** What is known of what the draft will come to. `old` where the draft has changed since. */
export interface EstimateState {
  readonly of: Estimated | undefined;
  readonly old: boolean;
  /** Why there is none. */
  readonly trouble: string | undefined;
}

/** Everything that a control needs to know of its place in the spec. */
export interface Bound {
  readonly id: string;
  readonly description: string | undefined;
  readonly error: string | undefined;
  readonly modified: boolean;
  readonly onReset: () => void;
}

/** Milliseconds without a change after which the host is asked for an estimate. */
const PAUSE = 350;

export type Form = ReturnType<typeof createForm>;

export function createForm({ host, on }: Channel<NewCorpusCalls, NewCorpusEvents>) {
  const ready = ref(false);
  const draft = shallowRef<unknown>({});
  const target = ref<Target>('local');
  const known = shallowRef<Snapshot['known']>({ scenarios: [], desks: [], languages: [] });
  const aws = shallowRef<Snapshot['aws']>({ profile: undefined, region: undefined, stack: undefined, trouble: undefined });
  const estimate = shallowRef<EstimateState>({ of: undefined, old: true, trouble: undefined });
  /** Changes that the host has not confirmed: until it has, what it tells is older than what stands here. */
  let unconfirmed = 0;

  const own = computed(() => problemsOf(draft.value));
  const problems = computed<readonly SpecProblem[]>(() => (own.value.length > 0 ? own.value : (estimate.value.of?.problems ?? [])));
  const effective = computed(() => laidOver(draft.value, DEFAULTS, []));

  /** The draft as it can be sent: without what Vue has put around it. */
  const sent = (): unknown => JSON.parse(JSON.stringify(draft.value)) as unknown;

  function adopt(snapshot: Snapshot): void {
    known.value = snapshot.known;
    const awsChanged = !same(aws.value, snapshot.aws);
    aws.value = snapshot.aws;
    if (unconfirmed > 0) return;
    const changed = !ready.value || awsChanged || !same([draft.value, target.value], [snapshot.draft, snapshot.target]);
    if (!same(draft.value, snapshot.draft)) draft.value = snapshot.draft;
    target.value = snapshot.target;
    ready.value = true;
    if (changed) askForEstimate();
  }

  function tell(): void {
    unconfirmed++;
    const confirmed = (): void => void unconfirmed--;
    host.draft({ draft: sent(), target: target.value }).then(confirmed, confirmed);
    askForEstimate();
  }

  function replace(made: unknown): void {
    if (same(made ?? {}, draft.value)) return;
    draft.value = made ?? {};
    tell();
  }

  let timer: ReturnType<typeof setTimeout> | undefined;
  let latest = 0;

  function askForEstimate(): void {
    clearTimeout(timer);
    const asked = ++latest;
    const broken = own.value.length > 0;
    // What the host found is of the draft as it was: it stays until it says otherwise, or the form has problems of its own.
    estimate.value = { of: broken ? undefined : estimate.value.of, old: true, trouble: undefined };
    if (broken) return;
    timer = setTimeout(() => {
      host.estimate({ draft: sent(), target: target.value }).then(
        (of) => asked === latest && (estimate.value = { of, old: false, trouble: undefined }),
        (error: Error) => asked === latest && (estimate.value = { of: undefined, old: false, trouble: error.message }),
      );
    }, PAUSE);
  }

  const setting = (keys: readonly Key[]): unknown => valueAt(effective.value, keys);
  const set = (path: string, value: unknown): void => replace(withSetting(draft.value, DEFAULTS, keysOf(path), value));

  /** For the control of a place; `others` are places whose problems it shows as well. */
  function at(path: string, ...others: readonly string[]): Bound {
    const keys = keysOf(path);
    const { description } = nodeAt(keys);
    return {
      id: path,
      description: description === undefined ? undefined : t(description),
      error: errorAt(path, ...others),
      modified: !keys.some((key) => typeof key === 'number') && valueAt(draft.value, keys) !== undefined,
      onReset: () => set(path, undefined),
    };
  }

  const errorAt = (...paths: readonly string[]): string | undefined =>
    problems.value
      .filter((problem) => paths.includes(problem.path))
      .map(({ message }) => message)
      .join('\n') || undefined;

  function textAt(path: string, ...others: readonly string[]) {
    const value = setting(keysOf(path));
    return {
      ...at(path, ...others),
      modelValue: typeof value === 'string' ? value : value === undefined ? '' : String(value),
      'onUpdate:modelValue': (text: string | undefined): void => set(path, text === '' && !path.includes('[') ? undefined : text),
    };
  }

  /** Half a date is an empty text, and no setting is undefined: unlike in a line of text. */
  const dateAt = (path: string, ...others: readonly string[]) => ({
    ...textAt(path, ...others),
    'onUpdate:modelValue': (date: string | undefined): void => set(path, date),
  });

  function numberAt(path: string) {
    const { minimum: min, maximum: max } = nodeAt(keysOf(path));
    return { ...at(path), min, max, modelValue: setting(keysOf(path)), 'onUpdate:modelValue': (value: unknown): void => set(path, value) };
  }

  /** What a list has; nothing where the draft has something else in its place. */
  const list = (path: string): readonly unknown[] => {
    const value = setting(keysOf(path));
    return Array.isArray(value) ? value : [];
  };

  /** For an ItemList; what it adds, its part of the form says. */
  function listAt(path: string) {
    const items = list(path);
    return {
      ...at(path),
      length: items.length,
      full: items.length >= (nodeAt(keysOf(path)).maxItems ?? Infinity),
      onRemove: (index: number): void => set(path, items.toSpliced(index, 1)),
    };
  }

  const problemsIn = (...sections: readonly string[]): string | undefined => {
    const found = problems.value.filter(({ path }) => sections.some((section) => within(path, section)));
    return found.length === 0 ? undefined : found.length === 1 ? t('1 problem') : t('{0} problems', found.length);
  };

  on('snapshot', adopt);

  return {
    host,
    ready,
    draft,
    target,
    aws,
    known,
    estimate,
    problems,
    sent,
    load: async (): Promise<void> => adopt(await host.load()),
    replace,
    setTarget(chosen: Target): void {
      target.value = chosen;
      tell();
    },
    setting: (path: string): unknown => setting(keysOf(path)),
    list,
    set,
    at,
    errorAt,
    textAt,
    dateAt,
    numberAt,
    listAt,
    problemsIn,
  };
}

/** A draft with the defaults where it says nothing. What it says of a list or of a table of weights is all there is. */
function laidOver(draft: unknown, defaults: unknown, keys: readonly Key[]): unknown {
  if (draft === undefined) return defaults;
  const { properties } = nodeAt(keys);
  if (!properties || !isObject(draft) || !isObject(defaults)) return draft;
  const names = new Set([...Object.keys(defaults), ...Object.keys(draft)]);
  return Object.fromEntries([...names].map((name) => [name, laidOver(draft[name], defaults[name], [...keys, name])]));
}

export const FORM: InjectionKey<Form> = Symbol('form');

/** The form of the page that a component is in. */
export function useForm(): Form {
  const form = inject(FORM);
  if (!form) throw new Error('this component belongs into the page New Corpus');
  return form;
}
