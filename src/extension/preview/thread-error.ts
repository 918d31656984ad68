/** An error as it crosses from a thread: classes do not. The other side makes one of it again (errorOf). */
export interface ThreadError {
  readonly name: string;
  readonly message: string;
  readonly code: unknown;
  readonly problems: unknown;
}

export function threadErrorOf(error: unknown): ThreadError {
  const { name, message, code, problems } = error as Error & { readonly code?: unknown; readonly problems?: unknown };
  return { name, message, code, problems };
}
