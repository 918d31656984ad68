/** Values of a job spec by their paths, written as its problems write them: "organisation.offices[2].zone". */

export type Key = string | number;

export const keysOf = (path: string): Key[] =>
  [...path.matchAll(/\[(\d+)\]|[^.[\]]+/g)].map(([text, index]) => (index === undefined ? text : Number(index)));

export const valueAt = (value: unknown, keys: readonly Key[]): unknown =>
  keys.reduce<unknown>((at, key) => (typeof at === 'object' && at !== null ? (at as Record<Key, unknown>)[key] : undefined), value);

/**
 * A draft with one more setting, or one less where `setting` is undefined or what the defaults say. A list that the draft
 * has not is the default one first. What is empty by then goes as well.
 */
export function withSetting(draft: unknown, defaults: unknown, keys: readonly Key[], setting: unknown): unknown {
  if (keys.length === 0) return same(setting, defaults) ? undefined : setting;
  const [key, ...rest] = keys as [Key, ...Key[]];
  if (typeof key === 'number') {
    const list = [...((Array.isArray(draft) ? draft : Array.isArray(defaults) ? defaults : []) as unknown[])];
    list[key] = withSetting(list[key], undefined, rest, setting) ?? (rest.length > 0 ? {} : undefined);
    return same(list, defaults) ? undefined : list;
  }
  const { [key]: old, ...others } = isObject(draft) ? draft : {};
  const made = withSetting(old, isObject(defaults) ? defaults[key] : undefined, rest, setting);
  const all = made === undefined ? others : isObject(draft) && key in draft ? { ...draft, [key]: made } : { ...others, [key]: made };
  return Object.keys(all).length === 0 ? undefined : all;
}

export const same = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A path of `path` itself or of something in it. */
export const within = (inner: string, path: string): boolean =>
  inner === path || (inner.startsWith(path) && (path === '' || '.['.includes(inner[path.length]!)));
