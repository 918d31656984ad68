import { httpStatusOf } from '../http-status.ts';

/** What the functions write to their log: JSON lines, and metrics among them in CloudWatch's embedded metric format. */

type Fields = Readonly<Record<string, unknown>>;

export function log(level: 'info' | 'warn' | 'error', message: string, fields: Fields = {}): void {
  process.stdout.write(`${JSON.stringify({ level, message, ...fields })}\n`);
}

/** An error as a log and a record show it: its name, code and words, without what it holds besides. */
export function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const status = httpStatusOf(error);
  if (error.message === 'UnknownError' && status !== undefined) return `HTTP status ${status}, without a word of why`; // an answer to HEAD has none
  const code = (error as { code?: unknown }).code;
  return `${error.name}${typeof code === 'string' ? ` ${code}` : ''}: ${error.message}`;
}

/** Metric name to value, with its unit. */
export type Metrics = Readonly<Record<string, readonly [value: number, unit: 'Count' | 'Bytes' | 'Seconds']>>;

/** Counts for CloudWatch (Embedded Metric Format); `fields` stand beside them in the line. */
export function metrics(values: Metrics, now: Date, fields: Fields = {}): void {
  const line = {
    _aws: {
      Timestamp: now.getTime(),
      CloudWatchMetrics: [
        {
          Namespace: 'Mailwright',
          Dimensions: [['Function']],
          Metrics: Object.entries(values).map(([Name, [, Unit]]) => ({ Name, Unit })),
        },
      ],
    },
    Function: process.env['AWS_LAMBDA_FUNCTION_NAME'],
    ...fields,
    ...Object.fromEntries(Object.entries(values).map(([metric, [value]]) => [metric, value])),
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
