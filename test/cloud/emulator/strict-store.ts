import { S3Store, type Listing, type ListOptions, type ObjectStore, type StoredObject } from './fauxqs.ts';

/** The order of keys: that of their UTF-8 bytes. Plain comparison has it for all but surrogates. */
function compareKeys(a: string, b: string): number {
  if (a === b) return 0;
  if (/[\ud800-\udfff]/.test(a) || /[\ud800-\udfff]/.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a < b ? -1 : 1;
}

/**
 * fauxqs's store with a right listing: its own sorts by locale but pages by bytes, so that pages skip and repeat keys.
 * The sorted keys of a bucket are kept until a key comes or goes.
 */
export class StrictStore extends S3Store implements ObjectStore {
  private readonly sorted = new Map<string, string[]>();

  override putObject(bucket: string, key: string, body: Buffer, ...more: unknown[]): StoredObject {
    if (!this.buckets.get(bucket)?.has(key)) this.sorted.delete(bucket);
    return super.putObject(bucket, key, body, ...more);
  }

  override deleteObject(bucket: string, key: string): void {
    this.sorted.delete(bucket);
    super.deleteObject(bucket, key);
  }

  override completeMultipartUpload(uploadId: string, parts: unknown): StoredObject {
    this.sorted.delete(this.multipartUploads.get(uploadId)?.bucket ?? '');
    return super.completeMultipartUpload(uploadId, parts);
  }

  override deleteBucket(name: string): void {
    super.deleteBucket(name);
    this.sorted.delete(name);
  }

  override listObjects(bucket: string, options: ListOptions = {}): Listing {
    const map = this.buckets.get(bucket);
    if (!map) return super.listObjects(bucket, options);
    const { prefix = '', delimiter, maxKeys = 1000 } = options;
    const after = options.startAfter || options.marker || '';
    const keys = this.keysOf(bucket);
    const objects: StoredObject[] = [];
    const commonPrefixes: string[] = [];
    for (let i = firstFrom(keys, compareKeys(after, prefix) > 0 ? after : prefix); i < keys.length; i++) {
      const key = keys[i]!;
      if (!key.startsWith(prefix)) break;
      if (after !== '' && compareKeys(key, after) <= 0) continue;
      const end = delimiter ? key.indexOf(delimiter, prefix.length) : -1;
      const common = end < 0 ? undefined : key.slice(0, end + delimiter!.length);
      if (common !== undefined && (commonPrefixes.at(-1) === common || (after !== '' && compareKeys(common, after) <= 0))) continue;
      if (objects.length + commonPrefixes.length >= maxKeys) return { objects, commonPrefixes, isTruncated: true };
      if (common !== undefined) commonPrefixes.push(common);
      else objects.push(map.get(key)!);
    }
    return { objects, commonPrefixes, isTruncated: false };
  }

  private keysOf(bucket: string): string[] {
    let keys = this.sorted.get(bucket);
    if (!keys) this.sorted.set(bucket, (keys = [...this.buckets.get(bucket)!.keys()].sort(compareKeys)));
    return keys;
  }
}

/** The index of the first key that is not below `from`. */
function firstFrom(keys: readonly string[], from: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareKeys(keys[middle]!, from) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
