/** How many keys of each kind are kept: enough to act on, and no memory for a million. */
export const MOST_NAMED = 1000;

/** What verifying finds wrong, by name. */
export class Findings {
  readonly missing = new Names();
  readonly changed = new Names();
  readonly extra = new Names();

  get count(): number {
    return this.missing.count + this.changed.count + this.extra.count;
  }
}

/** Names, the first so many of them, and how many there were. */
class Names {
  readonly list: string[] = [];
  count = 0;

  add(name: string): void {
    if (this.list.at(-1) === name) return; // a receipt can be wrong in more than one way
    this.count++;
    if (this.count <= MOST_NAMED) this.list.push(name);
    else if (this.count === MOST_NAMED + 1) this.list.push('… and more');
  }
}
