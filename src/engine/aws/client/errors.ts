import { EngineError, type EngineErrorCode } from '../../error.ts';
import { httpStatusOf } from '../http-status.ts';
import type { ProfileSummary } from './profiles.ts';

/** What was being done when AWS refused or could not be reached: what an error names. */
export interface Doing {
  /** The permission it takes: "lambda:InvokeFunction". */
  readonly action: string;
  /** What it was done to: the name of a function, "s3://bucket/key". */
  readonly resource: string;
  readonly profile?: string | undefined;
  /** The profile whose login is behind that one, where it is another; see ProfileFiles.root. */
  readonly login?: ProfileSummary | undefined;
  readonly region?: string | undefined;
  readonly endpoint?: string | undefined;
}

/** A failure as AWS, the SDK or Node told it. */
interface Failure extends Doing {
  /** AWS's own words. */
  readonly words: string;
}

interface Row {
  readonly names: readonly string[];
  readonly code: EngineErrorCode;
  readonly says: (failure: Failure) => string;
}

/** Every failure a user can mend, by the names that AWS, the SDK and Node have for it: services have names of their own for the same thing. */
const TABLE: readonly Row[] = [
  {
    names: ['ExpiredToken', 'ExpiredTokenException', 'RequestExpired', 'TokenRefreshRequired'],
    code: 'CREDENTIALS',
    says: (it) => `The login ${of(it)} has expired. ${renewal(it)}`,
  },
  {
    names: [
      'InvalidClientTokenId',
      'UnrecognizedClientException',
      'InvalidAccessKeyId',
      'InvalidToken',
      'AuthFailure',
      'MissingAuthenticationToken',
    ],
    code: 'CREDENTIALS',
    says: (it) =>
      `AWS does not know the access key ${of(it)} (${it.words}). ${renewal(it)} An account may also have to enable the region first.`,
  },
  {
    names: ['RequestTimeTooSkewed', 'RequestInTheFuture'],
    code: 'CREDENTIALS',
    says: (it) => `The clock of this machine is wrong by too much for AWS (${it.words}): set it right, then try again.`,
  },
  {
    names: ['SignatureDoesNotMatch', 'InvalidSignatureException', 'InvalidSignature'],
    code: 'CREDENTIALS',
    says: (it) =>
      `AWS refuses the signature made with the secret key ${of(it)} (${it.words}). Check the clock of this machine, and that the secret key belongs to the access key. A proxy that changes requests does this, too.`,
  },
  {
    names: ['AccountProblem', 'AllAccessDisabled', 'OptInRequired', 'NotSignedUp', 'SubscriptionRequired', 'SubscriptionRequiredException'],
    code: 'DENIED',
    says: (it) =>
      `AWS does not serve this account (${it.words}). It may be suspended, unpaid or not yet activated: its owner sees why in the AWS console.`,
  },
  {
    names: ['PermanentRedirect', 'AuthorizationHeaderMalformed', 'IllegalLocationConstraintException', 'MovedPermanently', '301'],
    code: 'NOT_FOUND',
    says: (it) =>
      `${it.resource} is in another region than ${it.region ?? 'the one asked'} (${it.words}). Name the region of the stack with --region.`,
  },
  {
    names: ['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation', 'NotAuthorized', 'ForbiddenException', 'Forbidden', '403'],
    code: 'DENIED',
    says: denied,
  },
  {
    names: ['ResourceNotFoundException'],
    code: 'NOT_FOUND',
    says: (it) =>
      `There is no ${it.resource} in region ${it.region ?? 'unknown'}${it.profile === undefined ? '' : `, in the account of profile ${it.profile}`} (${it.words}). Is it another --region, --profile or --stack? Not yet deployed: mailwright deploy. Deployed by somebody else: name the function with --function.`,
  },
  {
    names: ['NoSuchBucket'],
    code: 'NOT_FOUND',
    says: (it) => `There is no bucket for ${it.resource}: the stack has been destroyed, or it is another --region or --endpoint.`,
  },
  {
    names: ['NoSuchKey', 'NotFound', '404'],
    code: 'NOT_FOUND',
    says: (it) => `${it.resource} is not there. It may have been deleted, or have expired: a stack keeps corpora for a number of days.`,
  },
  {
    names: ['PreconditionFailed', '412', 'InvalidRange', '416'],
    code: 'CORRUPT',
    says: (it) => `${it.resource} was changed while it was being read. A job changes nothing that it has finished: somebody else did.`,
  },
  {
    names: [
      'TooManyRequestsException',
      'ThrottlingException',
      'Throttling',
      'ThrottledException',
      'EC2ThrottledException',
      'RequestLimitExceeded',
      'TooManyRequests',
      'BandwidthLimitExceeded',
      'SlowDown',
      '429',
    ],
    code: 'THROTTLED',
    says: (it) => `AWS asks for fewer requests (${it.action}: ${it.words}). Try again in a minute.`,
  },
  {
    names: ['RequestTooLargeException', 'RequestEntityTooLargeException', 'EntityTooLarge', '413'],
    code: 'REFUSED',
    says: () =>
      `The job spec and its packs are over the 6 MB that a call of a function may have. Leave out packs that the job does not need.`,
  },
  {
    names: ['InvalidParameterValueException', 'ValidationException', 'InvalidRequestContentException'],
    code: 'NOT_FOUND',
    says: (it) =>
      `AWS cannot make sense of ${it.resource} (${it.words}). Check --function and --stack: a function is named by its ARN, or as name:alias.`,
  },
  {
    names: [
      'ResourceNotReadyException',
      'ResourceConflictException',
      'InvalidRuntimeException',
      'InvalidZipFileException',
      'KMSAccessDeniedException',
      'KMSDisabledException',
      'KMSInvalidStateException',
      'KMSNotFoundException',
    ],
    code: 'STACK',
    says: (it) =>
      `${it.resource} cannot run now (${it.words}). It may still be being deployed: try again in a minute, or deploy the stack again.`,
  },
  {
    names: [
      'InternalError',
      'InternalFailure',
      'InternalServerError',
      'InternalServerException',
      'ServiceException',
      'ServiceUnavailable',
      'ServiceUnavailableException',
      'RequestTimeout',
      '5xx',
    ],
    code: 'NETWORK',
    says: (it) => `AWS has trouble of its own with ${it.action} (${it.words}). Try again in a minute.`,
  },
  {
    names: ['ECONNREFUSED'],
    code: 'NETWORK',
    says: (it) => `Nothing answers at ${place(it)} (${it.words}). ${ENDPOINT}`,
  },
  {
    names: ['ENOTFOUND', 'EAI_AGAIN'],
    code: 'NETWORK',
    says: (it) =>
      `${place(it)} has no address (${it.words}). Is this machine online, and is the region spelled right${it.region === undefined ? '' : ` ("${it.region}")`}? ${PROXY}`,
  },
  {
    names: ['ETIMEDOUT', 'TimeoutError', 'ECONNRESET', 'EPIPE', 'ECONNABORTED', 'EHOSTUNREACH', 'ENETUNREACH', 'ENETDOWN', 'EADDRNOTAVAIL'],
    code: 'NETWORK',
    says: (it) => `No connection with ${place(it)} (${it.words}). ${PROXY}`,
  },
  {
    names: [
      'SELF_SIGNED_CERT_IN_CHAIN',
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'UNABLE_TO_GET_ISSUER_CERT',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      'CERT_UNTRUSTED',
    ],
    code: 'NETWORK',
    says: (it) =>
      `The certificate of ${place(it)} is not from an authority that Node knows (${it.words}). Where a company's proxy reads along, name its certificate in NODE_EXTRA_CA_CERTS=<file.pem>; AWS_CA_BUNDLE is not read.`,
  },
  {
    names: ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID', 'ERR_TLS_CERT_ALTNAME_INVALID'],
    code: 'NETWORK',
    says: (it) => `The certificate of ${place(it)} will not do (${it.words}). Check the clock of this machine, and --endpoint.`,
  },
  {
    names: ['ERR_PROXY_TUNNEL', 'ERR_PROXY_INVALID_CONFIG'],
    code: 'NETWORK',
    says: (it) => `The proxy does not let us through to ${place(it)} (${it.words}). ${PROXY}`,
  },
  {
    names: ['EPROTO', 'HPE_INVALID_CONSTANT', 'SyntaxError', 'ERR_INVALID_URL', 'ERR_INVALID_PROTOCOL'],
    code: 'NETWORK',
    says: (it) =>
      `What answers at ${place(it)} does not speak as AWS does (${it.words}). ${ENDPOINT} Is it http where it should be https, or the login page of a network?`,
  },
];

const ENDPOINT = 'Check --endpoint, AWS_ENDPOINT_URL and the endpoint_url of the profile.';
const PROXY = 'Behind a proxy: HTTPS_PROXY names it, NO_PROXY what goes past it.';

/** Any failure of a call to AWS as one error: a stable code, what is missing, the way out. What is an EngineError already stays as it is. */
export function awsError(error: unknown, doing: Doing): EngineError {
  if (error instanceof EngineError) return error;
  const failure: Failure = { ...doing, words: wordsOf(error) };
  const names = namesOf(error);
  const row = names.map((name) => TABLE.find((row) => row.names.includes(name))).find((row) => row !== undefined);
  if (row) return new EngineError(row.code, row.says(failure), { cause: error });
  return new EngineError('STACK', `${doing.action} on ${doing.resource} failed: ${failure.words}`, { cause: error });
}

/** The fields that errors of AWS, the SDK and Node have between them. */
interface Told {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly Code?: unknown;
  readonly message?: unknown;
  readonly errors?: readonly unknown[];
  readonly cause?: unknown;
}

/** What an error may be known by, the most telling first. */
function namesOf(error: unknown): string[] {
  const { name, code, Code, errors, cause } = toldBy(error);
  const status = httpStatusOf(error);
  const own = [name, Code, code].filter((text) => typeof text === 'string');
  const inner = [...(errors ?? []), ...(cause === undefined ? [] : [cause])].flatMap(namesOf);
  const byStatus = status === undefined ? [] : [String(status), ...(status >= 500 ? ['5xx'] : [])];
  // A page of some proxy in the place of an answer is no JSON, and its status says no more than that.
  return [...own.filter((text) => text !== 'SyntaxError' || status === undefined || status < 500), ...inner, ...byStatus];
}

/** AWS's own words, on one line. */
function wordsOf(error: unknown): string {
  const { name, message, errors } = toldBy(error);
  const text = typeof message === 'string' ? message : '';
  if (text === '' && errors && errors.length > 0) return wordsOf(errors[0]);
  const status = httpStatusOf(error);
  // The SDK says this where an answer has no body.
  if (text === '' || text === 'UnknownError')
    return status === undefined ? (typeof name === 'string' ? name : String(error)) : `status ${status}`;
  return text
    .replace(/\s*\n\s*Deserialization error:.*$/s, '')
    .replace(/\s*\n\s*/g, ' ')
    .trim();
}

const toldBy = (error: unknown): Told => (typeof error === 'object' && error !== null ? (error as Told) : {});

/** "of profile x" */
const of = ({ profile }: Doing): string => (profile === undefined ? 'in the environment' : `of profile ${profile}`);

/** Where a call went, as far as it is known. */
const place = ({ endpoint, action, region }: Doing): string =>
  endpoint ?? `AWS (${action.split(':')[0]}${region === undefined ? '' : ` in ${region}`})`;

/** How a login is renewed, by where it comes from. */
export function renewal({ profile, login }: Pick<Doing, 'profile' | 'login'>): string {
  const name = login?.name ?? profile;
  switch (login?.kind) {
    case 'sso':
      return `Sign in again: aws sso login --profile ${name}`;
    case 'login':
      return `Sign in again: aws login --profile ${name}`;
    case 'process':
      return `They come from the credential_process of profile ${name}: sign in where that program says so.`;
    case 'web identity':
      return `They come from the web_identity_token_file of profile ${name}: it needs a fresh token.`;
    case 'keys':
      return `Put current keys into the profile: aws configure --profile ${name}`;
    default:
      return name === undefined
        ? 'Set fresh ones (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN), or name a profile with --profile.'
        : `Renew the login of profile ${name}.`;
  }
}

/** The missing permission, from AWS's own words, or from what was being done. */
function denied(it: Failure): string {
  const told =
    /(?:User: (\S+) is )?not authorized to perform: ([\w-]+:\w+)(?: on resource: "?([^\s"]+)"?)?(?: (because|with) ([^.]*))?/.exec(
      it.words,
    );
  const [, user, action = it.action, resource = it.resource, how, why] = told ?? [];
  const who = user ?? (it.profile === undefined ? 'This login' : `The login of profile ${it.profile}`);
  const reason = how === undefined ? '' : ` (${how} ${why})`;
  const absent = action === 's3:GetObject' ? ' S3 says the same of an object that is not there, to those who may not list the bucket.' : '';
  return `${who} has no permission for ${action} on ${resource}${reason}. Whoever runs the account can give it: the stack has a policy for its users.${absent}`;
}
