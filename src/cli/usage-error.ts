/** A command line that cannot be carried out as it stands: the message says why, and what would do. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}
