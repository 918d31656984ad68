import { AwsError } from './aws-error.ts';
import type { Random } from './random.ts';

/** Rates from 0 to 1. */
export interface ServiceFaults {
  /** 503: S3's SlowDown. */
  readonly slowDown?: number;
  /** 500. */
  readonly internalError?: number;
  /** Of S3: keys that every request for fails with 500. */
  readonly broken?: (key: string) => boolean;
  /** The connection is reset: before the service has seen the request, or after it has done it but before its answer. */
  readonly resetBefore?: number;
  readonly resetAfter?: number;
  /** The request is held up to this long before the service sees it. */
  readonly delay?: { readonly rate: number; readonly milliseconds: number };
}

/** What goes wrong, for calls of the deployed functions. */
export interface Faults {
  readonly s3?: ServiceFaults;
  readonly sqs?: ServiceFaults;
  /** Messages that the queue delivers to a function twice. */
  readonly duplicates?: number;
}

export interface Fault {
  readonly error?: AwsError;
  readonly reset?: 'before' | 'after';
  readonly milliseconds?: number;
}

/** Draws what happens to one request; `key` is that of an object. */
export function drawFault(service: 's3' | 'sqs', faults: ServiceFaults, key: string, random: Random): Fault {
  const milliseconds = random() < (faults.delay?.rate ?? 0) ? Math.ceil(random() * faults.delay!.milliseconds) : undefined;
  const delay = milliseconds === undefined ? {} : { milliseconds };
  let draw = random();
  const drawn = (rate = 0): boolean => (draw -= rate) < 0;
  if (drawn(faults.slowDown))
    return {
      ...delay,
      error:
        service === 's3'
          ? new AwsError(503, 'SlowDown', 'Please reduce your request rate.')
          : new AwsError(503, 'ServiceUnavailable', 'Service is unable to handle request.'),
    };
  if (drawn(faults.internalError) || (key !== '' && faults.broken?.(key)))
    return {
      ...delay,
      error: new AwsError(
        500,
        service === 's3' ? 'InternalError' : 'InternalFailure',
        'We encountered an internal error. Please try again.',
      ),
    };
  if (drawn(faults.resetBefore)) return { ...delay, reset: 'before' };
  if (drawn(faults.resetAfter)) return { ...delay, reset: 'after' };
  return delay;
}
