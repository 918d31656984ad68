/** Does something with each item, so many at once. Rejects with the first error, begins nothing more then, and waits for what is under way. */
export async function inParallel<T>(items: Iterable<T> | AsyncIterable<T>, width: number, does: (item: T) => Promise<void>): Promise<void> {
  const running = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  try {
    for await (const item of items) {
      if (failure) break;
      const one: Promise<void> = does(item)
        .catch((error: unknown) => {
          failure ??= { error };
        })
        .finally(() => running.delete(one));
      running.add(one);
      if (running.size >= width) await Promise.race(running);
    }
  } finally {
    await Promise.all(running);
  }
  if (failure) throw failure.error;
}

/** Reads 0 … count − 1, up to `ahead` at once; gives them in their order. */
export async function* inOrder<T>(count: number, ahead: number, read: (i: number) => Promise<T>): AsyncGenerator<T, void> {
  const coming: Promise<T>[] = [];
  for (let next = 0; next < count || coming.length > 0;) {
    for (; next < count && coming.length < ahead; next++) {
      const one = read(next);
      one.catch(() => {}); // told when its turn comes
      coming.push(one);
    }
    yield await coming.shift()!;
  }
}
