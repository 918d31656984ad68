/** Does the same thing again and again, for others that ask faster than it can be done: one at a time, and of those that wait only the last. */
export class Latest {
  private asked = 0;
  private before: Promise<unknown> = Promise.resolve();

  /** Rejects with an AbortError where something newer was asked for before this was begun. */
  do<T>(what: () => Promise<T>): Promise<T> {
    const mine = ++this.asked;
    const made = this.before.then(() => {
      if (mine === this.asked) return what();
      throw new DOMException('Something newer was asked for.', 'AbortError');
    });
    this.before = made.catch(() => {});
    return made;
  }
}
