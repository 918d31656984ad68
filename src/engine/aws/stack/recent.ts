/** What a function keeps in memory of the jobs it last worked on, by their ids: a convenience, for it may be gone at any time. */
export class Recent<T> {
  private readonly most: number;
  private readonly kept = new Map<string, T>();

  constructor(most: number) {
    this.most = most;
  }

  get(job: string): T | undefined {
    return this.kept.get(job);
  }

  /** Keeps something of a job as the latest; of too many jobs the one that was kept longest ago is forgotten. */
  keep(job: string, value: T): void {
    this.kept.delete(job);
    this.kept.set(job, value);
    if (this.kept.size > this.most) this.kept.delete(this.kept.keys().next().value!);
  }
}
