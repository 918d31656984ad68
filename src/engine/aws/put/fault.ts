import { EngineError, type EngineErrorCode } from '../../error.ts';

/** Why a request did not do what it was sent for. */
export interface Fault {
  /**
   * `throttled`: S3 asks for less. `transient`: the network, or S3 for a moment. `stubborn`: may pass, or may not. `expired`: the
   * credentials. `skewed`: the clock. `refused`: would be so again.
   */
  readonly kind: 'throttled' | 'transient' | 'stubborn' | 'expired' | 'skewed' | 'refused';
  /** HTTP's; 0 where there was no answer. */
  readonly status: number;
  /** S3's, or the system's: "SlowDown", "ECONNRESET". */
  readonly code: string;
  readonly message: string;
}

/** The bucket and region that requests go to, and what the one at hand is for. */
export interface Aim {
  readonly bucket: string;
  readonly region: string;
  readonly key: string;
  /** "s3:PutObject" */
  readonly permission: string;
}

const EXPIRED = ['ExpiredToken', 'InvalidToken', 'RequestExpired', 'TokenRefreshRequired'];
const STUBBORN = ['InternalError', 'OperationAborted'];
const BAD_CREDENTIALS = ['InvalidAccessKeyId', 'SignatureDoesNotMatch'];
const OTHER_REGION = ['AuthorizationHeaderMalformed', 'PermanentRedirect', 'TemporaryRedirect'];

/** Of an answer, from its status and what it says in XML. */
export function faultOfAnswer(status: number, xml: string): Fault {
  const element = (name: string): string => new RegExp(`<${name}>([^<]{1,300})`).exec(xml)?.[1] ?? '';
  const code = element('Code');
  return { kind: kindOf(status, code), status, code, message: element('Message').replaceAll('&quot;', '"').replaceAll('&amp;', '&') };
}

function kindOf(status: number, code: string): Fault['kind'] {
  if (status === 503 || status === 429) return 'throttled';
  if (status === 408 || code === 'RequestTimeout') return 'transient';
  if (status >= 500 || STUBBORN.includes(code)) return 'stubborn';
  if (EXPIRED.includes(code)) return 'expired';
  if (code === 'RequestTimeTooSkewed') return 'skewed';
  return 'refused';
}

/** What the network does to requests that arrive when they are sent again; others may mean a wrong host or certificate. */
const TRANSIENT =
  /^(E(CONNRESET|CONNREFUSED|CONNABORTED|PIPE|TIMEDOUT|HOSTUNREACH|NETUNREACH|AI_AGAIN)|UND_ERR_(SOCKET|\w+_TIMEOUT|RES_CONTENT_LENGTH_MISMATCH)|HPE_\w+)$/;

/** Of a request without an answer. */
export function faultOfError(error: Error): Fault {
  const code = (error as NodeJS.ErrnoException).code ?? error.name;
  return { kind: TRANSIENT.test(code) ? 'transient' : 'stubborn', status: 0, code, message: error.message };
}

/** A fault that stands as the error that ends the work: what, where, the way out. It holds nothing of the request but its key. */
export function errorOf(fault: Fault, aim: Aim): EngineError {
  const [code, wayOut] = wayOutOf(fault, aim);
  return new EngineError(code, `${aim.key}: ${words(fault)}. ${wayOut}`);
}

/** The same for what the deadline ended. */
export function lateError(fault: Fault | undefined, aim: Aim): EngineError {
  if (fault === undefined) return new EngineError('STORAGE', `${aim.key}: not written, the time was up`);
  return new EngineError(codeOf(fault), `${aim.key}: not written before the time was up: ${words(fault)}`);
}

function words({ status, code, message }: Fault): string {
  if (status === 0) return `no answer from S3: ${[message, `(${code})`].join(' ').trim()}`;
  return `S3 answers ${[status, code].join(' ').trim()}${message === '' ? '' : ` (${message})`}`;
}

function codeOf({ kind, status }: Fault): EngineErrorCode {
  if (status === 0) return 'NETWORK';
  return kind === 'throttled' ? 'THROTTLED' : 'STORAGE';
}

function wayOutOf(fault: Fault, { bucket, region, key, permission }: Aim): [EngineErrorCode, string] {
  const { kind, status, code } = fault;
  if (status === 0) return ['NETWORK', 'Check the endpoint, and that this machine reaches it.'];
  if (kind === 'expired' || BAD_CREDENTIALS.includes(code)) return ['CREDENTIALS', 'Sign in again, or check the role that this runs with.'];
  if (kind === 'skewed') return ['STORAGE', 'Set the clock of this machine.'];
  if ((status >= 300 && status < 400) || OTHER_REGION.includes(code))
    return ['NOT_FOUND', `The bucket ${bucket} is not in ${region}: name its region, or another bucket.`];
  if (status === 404 && code !== 'NoSuchUpload') return ['NOT_FOUND', `There is no bucket ${bucket} in ${region}: name another.`];
  if (status === 401 || status === 403) return ['DENIED', `It takes ${permission} on arn:aws:s3:::${bucket}/${key}.`];
  return [codeOf(fault), 'Start again; if it stays, look S3’s code up.'];
}
