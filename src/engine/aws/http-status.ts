/** The HTTP status of an answer that the SDK made an error of; undefined where there was no answer. */
export const httpStatusOf = (error: unknown): number | undefined =>
  (error as { readonly $metadata?: { readonly httpStatusCode?: number } } | undefined)?.$metadata?.httpStatusCode;
