/** The documents of the scheme `mailwright`, by their paths. */

export const SCHEME = 'mailwright';

export type Place =
  /** A message made on the spot, of the spec with a digest; or what it really is. */
  | { readonly kind: 'preview'; readonly digest: string; readonly index: number; readonly part: 'message' | 'truth' }
  /** A file of a job; `key` is relative to the job. */
  | { readonly kind: 'job'; readonly job: string; readonly key: string }
  /** Something above these. */
  | { readonly kind: 'folder' };

export const previewPath = (digest: string, index: number, part: 'message' | 'truth' = 'message'): string =>
  `/preview/${digest}/${index}.${part === 'message' ? 'eml' : 'truth.json'}`;

export const jobPath = (job: string, key: string): string => `/job/${job}/${key}`;

/** Undefined where nothing can be. */
export function placeOf(path: string): Place | undefined {
  const preview = /^\/preview\/([0-9a-f]{64})\/(0|[1-9]\d{0,8})\.(eml|truth\.json)$/.exec(path);
  if (preview) return { kind: 'preview', digest: preview[1]!, index: Number(preview[2]), part: preview[3] === 'eml' ? 'message' : 'truth' };
  const job = /^\/job\/([0-7][0-9A-HJKMNP-TV-Z]{25})\/(.+)$/.exec(path);
  if (job) {
    const key = job[2]!;
    const plain = key.split('/').every((name) => /^[\w-][\w.-]*$/.test(name));
    return plain ? { kind: 'job', job: job[1]!, key } : undefined;
  }
  return /^\/(|preview(\/[0-9a-f]{64})?|job(\/[0-7][0-9A-HJKMNP-TV-Z]{25})?)\/?$/.test(path) ? { kind: 'folder' } : undefined;
}

/** The key of an archive and of a member in it, where that is what a key is: "messages/000004.zip/3703f6f201f6.eml". */
export function memberOf(key: string): { readonly archive: string; readonly id: string; readonly layout: 'zip' | 'mbox' } | undefined {
  const found = /^(messages\/\d{6}\.(zip|mbox))\/([0-9a-f]{12})\.eml$/.exec(key);
  return found ? { archive: found[1]!, layout: found[2] as 'zip' | 'mbox', id: found[3]! } : undefined;
}

/** The id of a message of a job that keeps none. */
export const unkeptOf = (key: string): string | undefined => /^([0-9a-f]{12})\.eml$/.exec(key)?.[1];
